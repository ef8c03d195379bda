//! The record of API calls: the number of each, and the latest ones in order.

use std::collections::{BTreeMap, VecDeque};

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::{AccountId, Region};
use serde::Serialize;

/// Calls that the ordered record keeps, so that memory does not grow over months of virtual time.
const KEPT: usize = 10_000;

/// One call that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// The instant.
    pub at: Instant,
    /// The caller's account.
    pub account: AccountId,
    /// The Region that was called.
    pub region: Region,
    /// The API action.
    pub action: &'static str,
    /// The error code of the answer; absent when the call was accepted.
    pub error: Option<String>,
}

/// The number of calls of an action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The caller's account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The API action.
    pub action: &'static str,
    /// The number of calls.
    pub calls: u64,
}

/// All calls so far.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    total: u64,
    counts: BTreeMap<(AccountId, Region, &'static str), u64>,
    latest: VecDeque<Call>,
}

impl Calls {
    /// Records a call.
    pub fn record(&mut self, call: Call) {
        self.total += 1;
        let key = (call.account.clone(), call.region.clone(), call.action);
        *self.counts.entry(key).or_default() += 1;
        if self.latest.len() == KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(call);
    }

    /// The number of calls.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The number of calls of one action, in all accounts and Regions.
    #[must_use]
    pub fn of(&self, action: &str) -> u64 {
        self.counts.iter().filter(|((_, _, name), _)| *name == action).map(|(_, count)| count).sum()
    }

    /// Counts by account, Region and action.
    #[must_use]
    pub fn counts(&self) -> Vec<Count> {
        let counts = self.counts.iter();
        counts
            .map(|((account, region, action), calls)| Count {
                account: account.clone(),
                region: region.clone(),
                action,
                calls: *calls,
            })
            .collect()
    }

    /// The latest calls, oldest first; at most 10,000.
    pub fn latest(&self) -> impl Iterator<Item = &Call> {
        self.latest.iter()
    }
}
