//! The world behind HTTP, with the record of its calls, and the form of requests and answers.
//!
//! The parent module chooses the protocol that answers a request.

use chrono::TimeDelta;
use hyper::{Method, StatusCode};
use pilot_light_domain::Instant;

use super::credentials::Scope;
use crate::calls::{Call, Calls};
use crate::permissions::{PERSON, Permissions};
use crate::world::{ApiError, Caller, Request, Response, Settings, World};

/// The world behind HTTP.
#[derive(Debug)]
pub struct Front {
    pub(super) world: World,
    pub(super) calls: Calls,
    pub(super) permissions: Permissions,
    /// The settings that a reset restores.
    pub(super) settings: Settings,
    pub(super) requests: u64,
    /// The time by which the world is ahead of the caller's clock.
    pub(super) ahead: TimeDelta,
}

/// A request as it was received.
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

/// The answer to send.
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
        let (calls, permissions) = (Calls::default(), Permissions::default());
        Self { world, calls, permissions, settings, requests: 0, ahead: TimeDelta::zero() }
    }

    /// Answers one API call by the world, and records it.
    pub(super) fn call(
        &mut self,
        scope: Scope,
        request: Request,
        now: Instant,
    ) -> Result<Response, ApiError> {
        let Scope { account, region, principal } = scope;
        let action = request.action();
        let caller = Caller { account: account.clone() };
        let asked = self.world.permissions(&caller, &region, &request);
        let answer = self.world.request(&caller, &region, request, now);
        // A resource that does not exist has no tags, and no permission for it is recorded.
        if !answer.as_ref().is_err_and(|error| error.http_status == 404) {
            self.permissions.record(principal.as_deref().unwrap_or(PERSON), &account, asked);
        }
        let error = answer.as_ref().err().map(|error| error.code.to_owned());
        self.calls.record(Call { at: self.world.now(), account, region, action, error });
        answer
    }

    /// Lets `time` pass for the world at once.
    pub(super) fn advance(&mut self, time: TimeDelta, now: Instant) {
        self.ahead += time;
        self.world.advance(now + time);
    }

    pub(super) fn reset(&mut self, now: Instant) {
        self.world = World::new(self.settings.clone(), now);
        self.calls = Calls::default();
        self.permissions = Permissions::default();
    }
}

pub(super) fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
