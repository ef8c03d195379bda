//! A server in place of AWS, for the real program: one account and Region with parameters in SSM and executions of Step Functions.
//! It refuses everything else.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// One account and Region.
pub(crate) struct Aws {
    account: &'static str,
    region: &'static str,
    parameters: BTreeMap<String, Vec<Value>>,
    /// The answers to `DescribeExecution`.
    executions: BTreeMap<String, Value>,
}

/// The exit code, the outputs, and the actions that the program requested.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) actions: Vec<String>,
}

impl Aws {
    pub(crate) fn new(account: &'static str, region: &'static str) -> Self {
        Self { account, region, parameters: BTreeMap::new(), executions: BTreeMap::new() }
    }

    /// With these parameters at a path.
    pub(crate) fn parameters(mut self, path: &str, given: &[(&str, &str)]) -> Self {
        let parameter =
            |(name, value): &(&str, &str)| json!({"Name": format!("{path}/{name}"), "Value": value});
        self.parameters.insert(path.to_owned(), given.iter().map(parameter).collect());
        self
    }

    /// With an execution that failed with this error and cause.
    pub(crate) fn failed(mut self, arn: &str, error: &str, cause: &str) -> Self {
        let described = json!({
            "executionArn": arn, "stateMachineArn": "m", "status": "FAILED", "input": "{}",
            "startDate": 1_767_225_600, "stopDate": 1_767_225_603, "error": error, "cause": cause,
        });
        self.executions.insert(arn.to_owned(), described);
        self
    }

    /// Runs the program with credentials of this account.
    pub(crate) fn run(self, arguments: &[&str]) -> Ran {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let actions = Arc::new(Mutex::new(Vec::new()));
        let (account, region, seen) = (self.account, self.region, Arc::clone(&actions));
        // The thread ends with the process of the test.
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                self.serve(&stream.unwrap(), &seen);
            }
        });
        let mut program = Command::new(env!("CARGO_BIN_EXE_pilot-light"));
        program
            .env_clear()
            .env("AWS_ENDPOINT_URL", url)
            .env("AWS_REGION", region)
            .env("HOME", "/nonexistent");
        program.env("AWS_ACCESS_KEY_ID", account).env("AWS_SECRET_ACCESS_KEY", "secret").args(arguments);
        let Output { status, stdout, stderr } = program.output().unwrap();
        let [stdout, stderr] = [stdout, stderr].map(|text| String::from_utf8(text).unwrap());
        let actions = actions.lock().unwrap().clone();
        Ran { code: status.code(), stdout, stderr, actions }
    }

    fn serve(&self, stream: &TcpStream, seen: &Mutex<Vec<String>>) {
        let (head, body) = request(stream);
        let target = head.iter().find_map(|line| line.strip_prefix("x-amz-target: "));
        let action = target.map_or_else(
            || body.split('&').find_map(|part| part.strip_prefix("Action=")).unwrap_or("none").to_owned(),
            |target| target.rsplit('.').next().unwrap_or_default().to_owned(),
        );
        let (status, answer) = self.answer(&action, &serde_json::from_str(&body).unwrap_or_default());
        seen.lock().unwrap().push(action);
        let head =
            format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", answer.len());
        let mut stream = stream;
        stream.write_all(format!("{head}{answer}").as_bytes()).unwrap();
    }

    fn answer(&self, action: &str, body: &Value) -> (u16, String) {
        match action {
            "GetCallerIdentity" => {
                let account = self.account;
                let result = format!(
                    "<GetCallerIdentityResult><Account>{account}</Account></GetCallerIdentityResult>"
                );
                (200, format!("<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>"))
            }
            "GetParametersByPath" => {
                let found = self.parameters.get(body["Path"].as_str().unwrap_or_default());
                (200, json!({"Parameters": found.cloned().unwrap_or_default()}).to_string())
            }
            "DescribeExecution" => {
                let found = self.executions.get(body["executionArn"].as_str().unwrap_or_default());
                let missing = || {
                    (
                        400,
                        json!({"__type": "ExecutionDoesNotExist", "message": "Execution Does Not Exist"})
                            .to_string(),
                    )
                };
                found.map_or_else(missing, |found| (200, found.to_string()))
            }
            "GetExecutionHistory" => (200, json!({"events": []}).to_string()),
            _ => (403, json!({"__type": "AccessDeniedException", "message": "no"}).to_string()),
        }
    }
}

/// The lines of the head in lower case, and the body.
fn request(stream: &TcpStream) -> (Vec<String>, String) {
    let mut reader = BufReader::new(stream);
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        // Header names have any case. The name of an action keeps its case.
        let (name, value) = line.split_once(": ").unwrap_or((line, ""));
        head.push(format!("{}: {value}", name.to_ascii_lowercase()));
    }
    let length = head.iter().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
    reader.read_exact(&mut body).unwrap();
    (head, String::from_utf8(body).unwrap())
}
