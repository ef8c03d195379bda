//! The two parts of the Lambda runtime API that a custom runtime needs: the next event, and its outcome.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming as Body};
use hyper::{Request, Response};
use serde_json::Value;
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

use super::process::wall_clock;

const NEXT: &str = "/2018-06-01/runtime/invocation/next";

/// The outcome of an event.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// The time from the delivery of the event to the arrival of its outcome.
    pub(crate) took: Duration,
    /// The report, or the error object.
    pub(crate) body: Value,
    pub(crate) is_error: bool,
}

/// The platform of one process. Each process has its own address, so that no process gets the event of another.
#[derive(Debug, Default)]
pub(crate) struct Lambda {
    state: Mutex<State>,
    waiting: Notify,
}

#[derive(Debug, Default)]
struct State {
    event: Option<Event>,
    running: Option<(Instant, oneshot::Sender<Outcome>)>,
}

#[derive(Debug)]
struct Event {
    function_arn: String,
    limit: Duration,
    outcome: oneshot::Sender<Outcome>,
}

impl Lambda {
    /// Gives the function one scheduled event with a time limit, and waits for the outcome.
    ///
    /// Returns `None` if no outcome arrives within the time limit and five seconds.
    pub(crate) async fn invoke(&self, function_arn: &str, limit: Duration) -> Option<Outcome> {
        let (outcome, arrived) = oneshot::channel();
        self.lock().event = Some(Event { function_arn: function_arn.to_owned(), limit, outcome });
        self.waiting.notify_waiters();
        tokio::time::timeout(limit + Duration::from_secs(5), arrived).await.ok()?.ok()
    }

    pub(crate) async fn answer(self: Arc<Self>, request: Request<Body>) -> Response<Full<Bytes>> {
        let path = request.uri().path().to_owned();
        if path == NEXT {
            return self.next().await;
        }
        let body = request.into_body().collect().await.map(|whole| whole.to_bytes()).unwrap_or_default();
        if let Some((started, outcome)) = self.lock().running.take() {
            let took = started.elapsed();
            let body = serde_json::from_slice(&body).unwrap_or_default();
            // The receiver is gone if the time limit has passed.
            let _ = outcome.send(Outcome { took, body, is_error: path.ends_with("/error") });
        }
        Response::builder().status(202).body(Full::default()).unwrap_or_default()
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        loop {
            let come = self.waiting.notified();
            let event = self.lock().event.take();
            match event {
                Some(event) => return self.deliver(event),
                None => come.await,
            }
        }
    }

    fn deliver(&self, event: Event) -> Response<Full<Bytes>> {
        let mut state = self.lock();
        state.running = Some((Instant::now(), event.outcome));
        let deadline = wall_clock() + event.limit;
        let response = Response::builder()
            .header("lambda-runtime-aws-request-id", "request")
            .header("lambda-runtime-deadline-ms", deadline.timestamp_millis())
            .header("lambda-runtime-invoked-function-arn", event.function_arn)
            .header("lambda-runtime-trace-id", "Root=1-0-0")
            .header("content-type", "application/json");
        response.body(Full::from("{}")).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
