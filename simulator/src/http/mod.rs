//! The world over HTTP, as AWS's SDKs speak to RDS, ElastiCache, EC2 and KMS, with an admin interface under `/_simulator/`.
//!
//! [`Front::answer`] is the whole protocol without a socket. [`serve`] puts it behind a socket.
//! The program supplies the clock.

mod admin;
mod credentials;
mod decode;
mod ec2;
mod encode;
mod front;
mod kms;
mod params;
mod query;
mod server;
mod service;
mod xml;

pub use self::front::{Front, Incoming, Outgoing};
pub use self::server::serve;

use crate::world::{hash, uuid};

impl Front {
    /// Answers one HTTP request.
    pub fn answer(&mut self, incoming: Incoming<'_>) -> Outgoing {
        self.requests += 1;
        let request_id = uuid(hash(self.requests, &["high"]), hash(self.requests, &["low"]));
        let incoming = Incoming { now: incoming.now + self.ahead, ..incoming };
        self.world.advance(incoming.now);
        if let Some(path) = incoming.uri.path().strip_prefix("/_simulator/") {
            return admin::answer(self, path, incoming, request_id);
        }
        if incoming.headers.contains_key("x-amz-target") {
            return kms::answer(self, incoming, request_id);
        }
        query::answer(self, incoming, request_id)
    }
}
