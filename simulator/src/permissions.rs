//! The record of what callers had to be allowed: each permission once, by who asked for it.

use std::collections::BTreeSet;

use pilot_light_domain::model::ids::AccountId;
use serde::Serialize;

use crate::world::Permission;

/// Who asks where no client has named itself: somebody at a terminal.
pub(crate) const PERSON: &str = "person";

/// Permissions that are kept: names with times in them come anew with every pass, and a server runs for long.
const KEPT: usize = 50_000;

/// One permission that somebody needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Needed {
    /// Who: the application that the client named, or `person`.
    pub principal: String,
    /// The caller's account.
    pub account: AccountId,
    /// What.
    #[serde(flatten)]
    pub permission: Permission,
}

/// All permissions so far.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Permissions {
    permissions: BTreeSet<Needed>,
    /// How many found no place any more.
    left_out: u64,
}

impl Permissions {
    /// Enters what one request asked for.
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
