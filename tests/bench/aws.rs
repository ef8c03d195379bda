//! AWS for a measured worker: the simulator's RDS and KMS, and stand-ins for SSM and CloudWatch.
//!
//! Every answer has a latency, RDS can have a limit of calls a second, and all calls are counted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming as Body};
use hyper::{Request, Response};
use pilot_light_simulator::http::{Front, Incoming};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::process::wall_clock;

/// The number of parameters that SSM gives in one page.
const PARAMETERS: usize = 10;

/// A limit on RDS calls: tokens that come back at a rate, up to a burst.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limit {
    pub(crate) calls_a_second: f64,
    pub(crate) burst: f64,
}

/// The calls since the start of a case or of a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    /// Calls by action, throttled calls included.
    pub(crate) actions: BTreeMap<String, usize>,
    pub(crate) throttled: usize,
    pub(crate) connections: usize,
    /// Bytes of the bodies of all requests and answers.
    pub(crate) bytes: usize,
    pub(crate) first_at: Option<Instant>,
}

/// The AWS that workers call.
#[derive(Debug, Default)]
pub(crate) struct Aws {
    scene: Mutex<Option<Scene>>,
    answers: Mutex<Answers>,
}

#[derive(Debug)]
struct Scene {
    front: Front,
    parameters: Vec<(String, String)>,
    latency: Duration,
    bucket: Option<Bucket>,
    seen: Seen,
}

/// The number of answers, and the time that computing them took.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Answers {
    pub(crate) calls: u32,
    pub(crate) time: Duration,
}

#[derive(Debug)]
struct Bucket {
    limit: Limit,
    tokens: f64,
    at: Instant,
}

struct Answer {
    status: u16,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Aws {
    /// Sets a scene and forgets the one before.
    pub(crate) fn set(
        &self,
        front: Front,
        parameters: BTreeMap<String, String>,
        latency: Duration,
        limit: Option<Limit>,
    ) {
        let bucket = limit.map(|limit| Bucket { limit, tokens: limit.burst, at: Instant::now() });
        let parameters = parameters.into_iter().collect();
        *self.lock() = Some(Scene { front, parameters, latency, bucket, seen: Seen::default() });
    }

    /// Takes the calls since the last use of this function.
    pub(crate) fn take_seen(&self) -> Seen {
        self.lock().as_mut().map(|scene| std::mem::take(&mut scene.seen)).unwrap_or_default()
    }

    pub(crate) fn count_connection(&self) {
        if let Some(scene) = self.lock().as_mut() {
            scene.seen.connections += 1;
        }
    }

    pub(crate) async fn answer(self: Arc<Self>, request: Request<Body>) -> Response<Full<Bytes>> {
        let come = Instant::now();
        let (head, body) = request.into_parts();
        let body = body.collect().await.map(|whole| whole.to_bytes()).unwrap_or_default();
        let (answer, latency) = match self.lock().as_mut() {
            Some(scene) => (self.timed(|| scene.answer(&head, &body)), scene.latency),
            None => (Answer { status: 503, content_type: "text/plain", body: Vec::new() }, Duration::ZERO),
        };
        until(come + latency).await;
        let response = Response::builder()
            .status(answer.status)
            .header("content-type", answer.content_type)
            .header("smithy-protocol", "rpc-v2-cbor");
        response.body(Full::from(answer.body)).unwrap_or_default()
    }

    /// All answers so far.
    pub(crate) fn answers(&self) -> Answers {
        *self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn timed<T>(&self, answer: impl FnOnce() -> T) -> T {
        let began = Instant::now();
        let answer = answer();
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.calls += 1;
        answers.time += began.elapsed();
        answer
    }

    fn lock(&self) -> MutexGuard<'_, Option<Scene>> {
        self.scene.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Scene {
    fn answer(&mut self, head: &hyper::http::request::Parts, body: &[u8]) -> Answer {
        self.seen.first_at.get_or_insert_with(Instant::now);
        let action = action(head, body);
        *self.seen.actions.entry(action.clone()).or_default() += 1;
        let answer = match service(head) {
            Some("ssm") => self.parameters(body),
            Some("monitoring") => Answer { status: 200, content_type: "application/cbor", body: vec![0xa0] },
            Some("rds") if self.is_throttled() => throttling(),
            _ => self.front(head, body),
        };
        self.seen.bytes += body.len() + answer.body.len();
        answer
    }

    fn is_throttled(&mut self) -> bool {
        let Some(bucket) = &mut self.bucket else { return false };
        let is_refused = !bucket.take(Instant::now());
        self.seen.throttled += usize::from(is_refused);
        is_refused
    }

    fn front(&mut self, head: &hyper::http::request::Parts, body: &[u8]) -> Answer {
        let (method, uri, headers) = (&head.method, &head.uri, &head.headers);
        let outgoing = self.front.answer(Incoming { method, uri, headers, body, now: wall_clock() });
        Answer {
            status: outgoing.status.as_u16(),
            content_type: outgoing.content_type,
            body: outgoing.body.into_bytes(),
        }
    }

    fn parameters(&self, body: &[u8]) -> Answer {
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let path = request["Path"].as_str().unwrap_or_default();
        let begin: usize =
            request["NextToken"].as_str().and_then(|token| token.parse().ok()).unwrap_or_default();
        let page = self.parameters.iter().skip(begin).take(PARAMETERS);
        let page: Vec<_> =
            page.map(|(name, value)| json!({"Name": format!("{path}/{name}"), "Value": value})).collect();
        let next = begin + page.len();
        let mut answer = json!({"Parameters": page});
        if next < self.parameters.len() {
            answer["NextToken"] = next.to_string().into();
        }
        Answer {
            status: 200,
            content_type: "application/x-amz-json-1.1",
            body: answer.to_string().into_bytes(),
        }
    }
}

impl Bucket {
    fn take(&mut self, now: Instant) -> bool {
        let come = (now - self.at).as_secs_f64() * self.limit.calls_a_second;
        self.tokens = (self.tokens + come).min(self.limit.burst);
        self.at = now;
        let is_enough = self.tokens >= 1.0;
        if is_enough {
            self.tokens -= 1.0;
        }
        is_enough
    }
}

/// Waits until exactly `then`. The runtime's own timer counts in whole milliseconds, too coarse for a run of many calls.
async fn until(then: Instant) {
    let wait = then.saturating_duration_since(Instant::now());
    if !wait.is_zero() {
        #[expect(clippy::disallowed_methods, reason = "the latency is to be exact")]
        let exactly = tokio::task::spawn_blocking(move || std::thread::sleep(wait));
        // The task cannot fail: nothing cancels it, and it does not panic.
        exactly.await.ok();
    }
}

/// The answer of RDS to a call above the limit.
fn throttling() -> Answer {
    let body = "<ErrorResponse xmlns=\"http://rds.amazonaws.com/doc/2014-10-31/\"><Error><Type>Sender</Type>\
                <Code>Throttling</Code><Message>Rate exceeded</Message></Error><RequestId>0</RequestId></ErrorResponse>";
    Answer { status: 400, content_type: "text/xml", body: body.as_bytes().to_vec() }
}

/// The service that the credential scope names.
fn service(head: &hyper::http::request::Parts) -> Option<&str> {
    let header = head.headers.get("authorization")?.to_str().ok()?;
    header.split("Credential=").nth(1)?.split('/').nth(3)
}

fn action(head: &hyper::http::request::Parts, body: &[u8]) -> String {
    if let Some(target) = head.headers.get("x-amz-target").and_then(|value| value.to_str().ok()) {
        return target.rsplit('.').next().unwrap_or(target).to_owned();
    }
    let form = std::str::from_utf8(body).unwrap_or_default();
    let named = form.split('&').find_map(|field| field.strip_prefix("Action="));
    let path = head.uri.path();
    named.unwrap_or_else(|| path.rsplit('/').next().unwrap_or(path)).to_owned()
}
