//! A server around [`Front`]: it accepts connections, reads whole requests, answers them, and stops on request.

use std::convert::Infallible;
use std::future::Future;
use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming as Body};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use pilot_light_domain::Instant;
use tokio::net::TcpListener;

use super::front::{Front, Incoming, Outgoing};

/// The largest body that is read. Requests to RDS and KMS are far smaller. A saved world of some 20,000 snapshots fits.
const MAX_BODY: usize = 1 << 25;

/// Answers connections until `stop` resolves; `clock` gives the instant of each request.
///
/// # Errors
/// The listener's error, when it can accept no more connections.
pub async fn serve(
    listener: TcpListener,
    front: Front,
    clock: fn() -> Instant,
    stop: impl Future<Output = ()>,
) -> std::io::Result<()> {
    let front = Arc::new(Mutex::new(front));
    tokio::pin!(stop);
    loop {
        let stream = tokio::select! {
            () = &mut stop => return Ok(()),
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                // The client closed the connection before its turn. The listener still works.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => continue,
                Err(error) => return Err(error),
            },
        };
        // Answers are small and complete, so waiting to fill a packet would only delay them. If this setting fails,
        // answers still arrive.
        stream.set_nodelay(true).ok();
        let front = Arc::clone(&front);
        let service = service_fn(move |request| answer(Arc::clone(&front), request, clock));
        let connection = hyper::server::conn::http1::Builder::new();
        let connection = connection.serve_connection(TokioIo::new(stream), service);
        // A broken connection concerns its client only.
        tokio::spawn(async move { connection.await.ok() });
    }
}

async fn answer(
    front: Arc<Mutex<Front>>,
    request: Request<Body>,
    clock: fn() -> Instant,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = Limited::new(body, MAX_BODY).collect().await else {
        let mut refusal = Response::new(Full::default());
        *refusal.status_mut() = StatusCode::PAYLOAD_TOO_LARGE;
        return Ok(refusal);
    };
    let body = body.to_bytes();
    let incoming =
        Incoming { method: &head.method, uri: &head.uri, headers: &head.headers, body: &body, now: clock() };
    let outgoing = front.lock().unwrap_or_else(PoisonError::into_inner).answer(incoming);
    Ok(written(outgoing))
}

fn written(outgoing: Outgoing) -> Response<Full<Bytes>> {
    let Outgoing { status, content_type, request_id, body } = outgoing;
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", hyper::header::HeaderValue::from_static(content_type));
    if let Ok(id) = request_id.parse() {
        headers.insert("x-amzn-requestid", id);
    }
    response
}
