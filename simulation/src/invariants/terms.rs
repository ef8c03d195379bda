//! The terms of a simulation that the invariants apply: the policies of both accounts, the bound of the ages, and the
//! time from which the bound holds.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::AccountId;
use pilot_light_domain::policy::{DestinationPolicy, SourcePolicy};

use crate::homes::Homes;

/// The terms of one simulation.
#[derive(Debug)]
pub(crate) struct Terms {
    pub(crate) homes: Homes,
    pub(crate) source: SourcePolicy,
    pub(crate) destination: DestinationPolicy,
    /// `RpoTarget`.
    pub(crate) rpo: TimeDelta,
    /// The worst age that the schedule allows.
    pub(crate) bound: TimeDelta,
    /// The time from which the bound holds. By then the faults have been over for long enough.
    pub(crate) holds_from: Instant,
}

/// The part of the world that AWS's lists show to a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Visibility {
    /// AWS lists everything, with its tags.
    Complete,
    /// AWS does not list something yet.
    Incomplete,
}

impl Terms {
    /// True if snapshots of this account may be copied.
    pub(super) fn is_listed(&self, account: &AccountId) -> bool {
        self.destination.sources.accounts.contains(account)
    }
}
