//! The world over HTTP, as AWS's SDKs speak to RDS, ElastiCache and KMS, with an admin interface under `/_simulator/`.
//!
//! [`Front::answer`] is the whole protocol without a socket; [`serve`] puts it behind one. Time enters as a clock
//! that the program gives.

mod admin;
mod credentials;
mod decode;
mod decode_cache;
mod decode_clusters;
mod decode_instances;
mod encode;
mod encode_cache;
mod encode_clusters;
mod encode_instances;
mod kms;
mod params;
mod query;
mod server;
mod service;
mod xml;

use hyper::{Method, StatusCode};
use pilot_light_domain::Instant;

use crate::calls::{Call, Calls};
use crate::permissions::{PERSON, Permissions};
use crate::world::{ApiError, Caller, Request, Response, Settings, World, hash, uuid};

pub use self::server::serve;

use self::credentials::Scope;

/// The world behind HTTP.
#[derive(Debug)]
pub struct Front {
    world: World,
    calls: Calls,
    permissions: Permissions,
    /// What a reset goes back to.
    settings: Settings,
    requests: u64,
}

/// What came over the wire.
#[derive(Debug, Clone, Copy)]
pub struct Incoming<'a> {
    /// The HTTP method.
    pub method: &'a Method,
    /// Path and query.
    pub uri: &'a hyper::Uri,
    /// All headers.
    pub headers: &'a hyper::HeaderMap,
    /// The whole body.
    pub body: &'a [u8],
    /// The instant of the request.
    pub now: Instant,
}

/// What goes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// The HTTP status.
    pub status: StatusCode,
    /// The `Content-Type`.
    pub content_type: &'static str,
    /// `x-amzn-RequestId`.
    pub request_id: String,
    /// The body.
    pub body: String,
}

impl Front {
    /// An empty world.
    #[must_use]
    pub fn new(settings: Settings, now: Instant) -> Self {
        Self::over(World::new(settings, now))
    }

    /// A world that has been made already.
    #[must_use]
    pub fn over(world: World) -> Self {
        let settings = world.settings().clone();
        Self { world, calls: Calls::default(), permissions: Permissions::default(), settings, requests: 0 }
    }

    /// Answers one HTTP request.
    pub fn answer(&mut self, incoming: Incoming<'_>) -> Outgoing {
        self.requests += 1;
        let request_id = uuid(hash(self.requests, &["high"]), hash(self.requests, &["low"]));
        self.world.advance(incoming.now);
        if let Some(path) = incoming.uri.path().strip_prefix("/_simulator/") {
            return admin::answer(self, path, incoming, request_id);
        }
        if incoming.headers.contains_key("x-amz-target") {
            return kms::answer(self, incoming, request_id);
        }
        query::answer(self, incoming, request_id)
    }

    /// One API call: recorded, then given to the world.
    fn call(&mut self, scope: Scope, request: Request, now: Instant) -> Result<Response, ApiError> {
        let Scope { account, region, principal } = scope;
        let action = request.action();
        let caller = Caller { account: account.clone() };
        let asked = self.world.permissions(&caller, &region, &request);
        let answer = self.world.request(&caller, &region, request, now);
        // What is not there bears no tags and is not asked for.
        if !answer.as_ref().is_err_and(|error| error.http_status == 404) {
            self.permissions.record(principal.as_deref().unwrap_or(PERSON), &account, asked);
        }
        let error = answer.as_ref().err().map(|error| error.code.to_owned());
        self.calls.record(Call { at: self.world.now(), account, region, action, error });
        answer
    }

    fn reset(&mut self, now: Instant) {
        self.world = World::new(self.settings.clone(), now);
        self.calls = Calls::default();
        self.permissions = Permissions::default();
    }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
