//! The record of the permissions that callers needed, each once for each principal.

use std::collections::BTreeSet;

use pilot_light_domain::model::ids::AccountId;
use serde::Serialize;

use crate::world::Permission;

/// The principal of a client that gives no name: a person at a terminal.
pub(crate) const PERSON: &str = "person";

/// The most permissions kept. Names that contain times are new in every run, and a server runs for a long time.
const KEPT: usize = 50_000;

/// One permission that a caller needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Needed {
    /// The application that the client named, or `person`.
    pub principal: String,
    /// The caller's account.
    pub account: AccountId,
    /// The permission.
    #[serde(flatten)]
    pub permission: Permission,
}

/// All permissions so far.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Permissions {
    permissions: BTreeSet<Needed>,
    /// The number that found no more space.
    left_out: u64,
}

impl Permissions {
    /// Records the permissions of one request.
    pub fn record(&mut self, principal: &str, account: &AccountId, asked: Vec<Permission>) {
        for permission in asked {
            let needed = Needed { principal: principal.to_owned(), account: account.clone(), permission };
            if self.permissions.len() < KEPT {
                self.permissions.insert(needed);
            } else if !self.permissions.contains(&needed) {
                self.left_out += 1;
            }
        }
    }

    /// Each permission once, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Needed> {
        self.permissions.iter()
    }
}
