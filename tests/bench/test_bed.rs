//! Test bed of the workers: AWS on a loopback port, and the Lambda runtime API on another port for each process.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming as Body};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::aws::Aws;
use super::lambda::Lambda;

/// The servers of the benchmark. All workers use the same AWS, one after the other.
#[derive(Debug)]
pub(crate) struct TestBed {
    pub(crate) aws: Arc<Aws>,
    pub(crate) address: SocketAddr,
}

impl TestBed {
    pub(crate) async fn start() -> io::Result<Self> {
        let aws = Arc::new(Aws::default());
        let (counted, answering) = (Arc::clone(&aws), Arc::clone(&aws));
        let answer = move |request| Arc::clone(&answering).answer(request);
        let address = listen(move || counted.count_connection(), answer).await?;
        Ok(Self { aws, address })
    }

    /// Starts the Lambda runtime API for one process.
    pub(crate) async fn lambda(&self) -> io::Result<(Arc<Lambda>, SocketAddr)> {
        let lambda = Arc::new(Lambda::default());
        let platform = Arc::clone(&lambda);
        let address = listen(|| (), move |request| Arc::clone(&platform).answer(request)).await?;
        Ok((lambda, address))
    }
}

async fn listen<A, F>(accepted: impl Fn() + Send + 'static, answer: A) -> io::Result<SocketAddr>
where
    A: Fn(Request<Body>) -> F + Clone + Send + 'static,
    F: Future<Output = Response<Full<Bytes>>> + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            accepted();
            stream.set_nodelay(true).ok();
            let answer = answer.clone();
            let service = service_fn(move |request| {
                let answered = answer(request);
                async move { Ok::<_, Infallible>(answered.await) }
            });
            let connection = hyper::server::conn::http1::Builder::new();
            let connection = connection.serve_connection(TokioIo::new(stream), service);
            // A broken connection concerns only its client.
            tokio::spawn(async move { connection.await.ok() });
        }
    });
    Ok(address)
}
