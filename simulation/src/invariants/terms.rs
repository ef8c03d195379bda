//! The terms that invariants are judged by: the policies of both accounts, the bound, and the time from which it holds.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::AccountId;
use pilot_light_domain::policy::{DestinationPolicy, SourcePolicy};

use crate::homes::Homes;

/// What is to hold.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) homes: Homes,
    pub(crate) source: SourcePolicy,
    pub(crate) destination: DestinationPolicy,
    /// `RpoTarget`.
    pub(crate) rpo: TimeDelta,
    /// The worst age that the schedule allows.
    pub(crate) bound: TimeDelta,
    /// From then on the bound holds; faults are over long enough.
    pub(crate) holds_from: Instant,
}

/// What a run could not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    /// Everything is listed with its tags.
    Clear,
    /// AWS does not list something yet.
    Clouded,
}

impl Terms {
    /// True if snapshots of this account may be copied.
    pub(super) fn is_listed(&self, account: &AccountId) -> bool {
        self.destination.sources.accounts.contains(account)
    }
}
