//! Stand-ins for Lambda's runtime API, SSM and CloudWatch, on loopback.
//!
//! They have only the parts that the bootstrap needs.

#![expect(clippy::unwrap_used, reason = "helpers of a test fail by panicking, like the test")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// Longer than any answer takes on a busy machine. Only a process that hangs takes this long.
const PATIENCE: Duration = Duration::from_secs(60);
const ARN: &str = "arn:aws:lambda:us-east-1:111111111111:function:probe";

/// The function's answer to one event.
#[derive(Debug)]
pub(crate) struct Answer {
    /// `response` or `error`.
    pub(crate) outcome: String,
    pub(crate) body: Value,
}

/// The process of a function, and the stand-ins around it.
pub(crate) struct Platform {
    function: Child,
    events: Sender<String>,
    answers: Receiver<Answer>,
    lines: Receiver<Value>,
    world: Arc<Mutex<World>>,
}

#[derive(Default)]
struct World {
    parameters: BTreeMap<String, String>,
    deny_parameters: bool,
    deny_metrics: bool,
    metrics: Vec<String>,
    paths: Vec<String>,
    agents: Vec<String>,
    calls: usize,
}

impl Platform {
    /// Starts this program again for the test `function` alone, with the environment of a Lambda function.
    pub(crate) fn start(function: &str) -> Self {
        // A worker without any parameter does not run.
        let parameters = BTreeMap::from([("Behaviour".to_owned(), "working".to_owned())]);
        let world = Arc::new(Mutex::new(World { parameters, ..World::default() }));
        let (events, queue) = channel();
        let (answered, answers) = channel();
        let aws = Aws(Arc::clone(&world));
        let aws = serve_on_loopback(move |request| aws.answer(request));
        let runtime = Arc::new(RuntimeApi { queue: Mutex::new(queue), answered, served: Mutex::new(0) });
        let runtime = serve_on_loopback(move |request| runtime.answer(request));
        let mut function = Command::new(std::env::current_exe().unwrap())
            .args([function, "--exact", "--nocapture"])
            .env_clear()
            .envs([("AWS_LAMBDA_RUNTIME_API", runtime.as_str()), ("AWS_LAMBDA_FUNCTION_NAME", "probe")])
            .envs([("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"), ("AWS_LAMBDA_FUNCTION_VERSION", "1")])
            .envs([
                ("AWS_REGION", "us-east-1"),
                ("AWS_ACCESS_KEY_ID", "AKID"),
                ("AWS_SECRET_ACCESS_KEY", "s"),
            ])
            .env("AWS_ENDPOINT_URL", format!("http://{aws}"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (logged, lines) = channel();
        let output = BufReader::new(function.stdout.take().unwrap()).lines();
        std::thread::spawn(move || {
            let lines = output.map_while(Result::ok).filter_map(|line| serde_json::from_str(&line).ok());
            lines.for_each(|line| drop(logged.send(line)));
        });
        Self { function, events, answers, lines, world }
    }

    /// Invokes the function and waits for its answer.
    pub(crate) fn invoke(&self, body: &str) -> Answer {
        self.events.send(body.to_owned()).unwrap();
        self.answers.recv_timeout(PATIENCE).unwrap()
    }

    pub(crate) fn parameter(&self, name: &str, value: &str) {
        self.world.lock().unwrap().parameters.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn deny_parameters(&self) {
        self.world.lock().unwrap().deny_parameters = true;
    }

    pub(crate) fn deny_metrics(&self) {
        self.world.lock().unwrap().deny_metrics = true;
    }

    /// The bodies of all `PutMetricData` calls.
    pub(crate) fn metrics(&self) -> Vec<String> {
        self.world.lock().unwrap().metrics.clone()
    }

    /// The paths below which parameters were requested.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.world.lock().unwrap().paths.clone()
    }

    /// The user agent of every call to AWS.
    pub(crate) fn agents(&self) -> Vec<String> {
        self.world.lock().unwrap().agents.clone()
    }

    /// The number of calls to AWS.
    pub(crate) fn calls(&self) -> usize {
        self.world.lock().unwrap().calls
    }

    /// The function's next lines of JSON up to the one with this message.
    pub(crate) fn log_until(&self, message: &str) -> Vec<Value> {
        let mut lines: Vec<Value> = Vec::new();
        while lines.last().is_none_or(|line| line["message"] != message) {
            lines.push(self.lines.recv_timeout(PATIENCE).unwrap());
        }
        lines
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = self.function.kill();
        let _ = self.function.wait();
    }
}

struct Request {
    path: String,
    target: String,
    agent: String,
    body: Vec<u8>,
}

struct Response {
    status: u16,
    headers: String,
    body: Vec<u8>,
}

/// Answers one request per connection; returns the address.
fn serve_on_loopback(answer: impl Fn(&Request) -> Response + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || converse(stream, &*answer));
        }
    });
    address
}

fn converse(stream: TcpStream, answer: &dyn Fn(&Request) -> Response) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let (mut target, mut agent, mut length) = (String::new(), String::new(), 0);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "x-amz-target" => target = value.to_owned(),
            "x-amz-user-agent" => agent = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let Response { status, headers, body } = answer(&Request { path, target, agent, body });
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n",
        body.len()
    );
    let mut stream = stream;
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(&body).ok()
}

struct RuntimeApi {
    queue: Mutex<Receiver<String>>,
    answered: Sender<Answer>,
    served: Mutex<usize>,
}

impl RuntimeApi {
    fn answer(&self, request: &Request) -> Response {
        if request.path.ends_with("/invocation/next") {
            // After the last event the queue stays empty. The function then waits until the test kills it.
            let event = self.queue.lock().unwrap().recv().unwrap_or_default();
            let mut served = self.served.lock().unwrap();
            *served += 1;
            let headers = format!(
                "Lambda-Runtime-Aws-Request-Id: request-{served}\r\nLambda-Runtime-Deadline-Ms: 4102444800000\r\n\
                 Lambda-Runtime-Invoked-Function-Arn: {ARN}\r\n"
            );
            return Response { status: 200, headers, body: event.into_bytes() };
        }
        let outcome = request.path.rsplit('/').next().unwrap_or_default().to_owned();
        let body = serde_json::from_slice(&request.body).unwrap_or_default();
        let _ = self.answered.send(Answer { outcome, body });
        Response { status: 202, headers: String::new(), body: Vec::new() }
    }
}

struct Aws(Arc<Mutex<World>>);

impl Aws {
    fn answer(&self, request: &Request) -> Response {
        let mut world = self.0.lock().unwrap();
        world.calls += 1;
        world.agents.push(request.agent.clone());
        if request.target == "AmazonSSM.GetParametersByPath" {
            let request: Value = serde_json::from_slice(&request.body).unwrap();
            let path = request["Path"].as_str().unwrap().to_owned();
            world.paths.push(path.clone());
            return world.parameters(&path);
        }
        assert!(request.path.ends_with("/operation/PutMetricData"), "{}", request.path);
        if world.deny_metrics {
            // {"__type": "AccessDenied"}
            return cbor(400, b"\xa1\x66__type\x6cAccessDenied");
        }
        world.metrics.push(String::from_utf8_lossy(&request.body).into_owned());
        cbor(200, b"\xa0")
    }
}

impl World {
    fn parameters(&self, path: &str) -> Response {
        let parameter = |(name, value)| json!({"Name": format!("{path}/{name}"), "Value": value});
        let (status, body) = match self.deny_parameters {
            true => (400, json!({"__type": "AccessDeniedException", "Message": "no"})),
            false => (200, json!({"Parameters": self.parameters.iter().map(parameter).collect::<Vec<_>>()})),
        };
        Response { status, headers: String::new(), body: body.to_string().into_bytes() }
    }
}

fn cbor(status: u16, body: &[u8]) -> Response {
    let headers = "smithy-protocol: rpc-v2-cbor\r\nContent-Type: application/cbor\r\n".to_owned();
    Response { status, headers, body: body.to_vec() }
}
