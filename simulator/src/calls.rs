//! The record of API calls: how many of each, and the latest in order.

use std::collections::{BTreeMap, VecDeque};

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::{AccountId, Region};
use serde::Serialize;

/// Calls that the ordered record keeps, so that months of virtual time stay flat in memory.
const KEPT: usize = 10_000;

/// One call that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Call {
    /// When.
    pub at: Instant,
    /// The caller's account.
    pub account: AccountId,
    /// The Region it spoke to.
    pub region: Region,
    /// The API action.
    pub action: &'static str,
    /// The error code it was answered with; absent when it was accepted.
    pub error: Option<String>,
}

/// How often an action was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The caller's account.
    pub account: AccountId,
    /// The Region.
    pub region: Region,
    /// The API action.
    pub action: &'static str,
    /// How often.
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
    /// Enters a call.
    pub fn record(&mut self, call: Call) {
        self.total += 1;
        let key = (call.account.clone(), call.region.clone(), call.action);
        *self.counts.entry(key).or_default() += 1;
        if self.latest.len() == KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(call);
    }

    /// How many there were.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many there were of one action, in all accounts and Regions.
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
