//! The monthly cost of a schedule in Step Functions, Lambda and CloudWatch. Storage depends on the data and is a formula.
//!
//! The free amounts of a new or small account are not deducted, except for Step Functions' transitions.

use std::fmt;
use std::iter::Sum;

use chrono::TimeDelta;

use crate::conditions::{Cadence, Lambda};

/// A month, as long as in AWS's own calculator.
pub const MONTH: TimeDelta = TimeDelta::hours(730);

/// Step Functions, standard: 0.025 USD for 1,000 transitions.
pub const PER_TRANSITION: Usd = Usd::nano(25_000);

/// The free transitions of a month. Accounts of one organisation share them, so they count once.
pub const FREE_TRANSITIONS: u64 = 4_000;

/// Transitions of one run: it enters its state, and it ends. *Unverified*: AWS may count only the first.
pub const TRANSITIONS_PER_RUN: u64 = 2;

/// Lambda: 0.0000166667 USD for a GB-second on x86. *Unverified.*
pub const PER_GB_SECOND: Usd = Usd::nano(16_667);

/// Lambda: 0.20 USD for a million requests. *Unverified.*
pub const PER_REQUEST: Usd = Usd::nano(200);

/// CloudWatch: 0.30 USD a month for a custom metric, up to the 10,000th. *Unverified.*
pub const PER_METRIC: Usd = Usd::nano(300_000_000);

/// CloudWatch: 0.01 USD for 1,000 `PutMetricData`. A run sends one. *Unverified.*
pub const PER_PUT: Usd = Usd::nano(10_000);

/// The metrics that do not grow with the fleet: the oldest recovery point, the use of the quota in both Regions, and
/// three for each of five workers (pending, failed and blocked). Each database adds one, `RecoveryPointAge`.
pub const METRICS: u64 = 1 + 2 + 3 * 5;

/// The calculation of storage. The price is *unverified*. AWS grants an allowance of the databases' own size in each
/// Region that has any.
pub const STORAGE: &str = "in each account, GB of the databases once plus GB changed within the retention, \
    x 0.095 USD a month, less the size of the databases in that Region";

/// The cost of a month with its factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Runs of all workers in both accounts.
    pub runs: u64,
    /// Snapshots taken.
    pub snapshots: u64,
    /// State transitions, including the free ones.
    pub transitions: u64,
    /// Milliseconds in Lambda.
    pub milliseconds: u64,
    /// Metrics of our own.
    pub metrics: u64,
    /// The price of the transitions beyond the free ones.
    pub state_machines: Usd,
    /// The price of the requests and the time.
    pub lambda: Usd,
    /// The price of the metrics and their data.
    pub metering: Usd,
}

/// The cost of a month without failures. Every retry would add a transition.
#[must_use]
pub fn monthly(cadence: &Cadence, databases: u64, lambda: Lambda) -> Cost {
    let Cadence { interval, take, share, copy, delete } = *cadence;
    let runs = [take, share, copy, delete, delete].into_iter().map(a_month).sum();
    let snapshots = a_month(interval.max(take)).saturating_mul(databases);
    let transitions = TRANSITIONS_PER_RUN.saturating_mul(runs);
    let metrics = databases.saturating_add(METRICS);
    let of = |each: TimeDelta, count| {
        u64::try_from(each.num_milliseconds()).unwrap_or_default().saturating_mul(count)
    };
    let Lambda { memory_mib, per_run, per_snapshot } = lambda;
    let milliseconds = of(per_run, runs).saturating_add(of(per_snapshot, snapshots));
    let gb_seconds = milliseconds.saturating_mul(memory_mib) / (1024 * 1000);
    Cost {
        runs,
        snapshots,
        transitions,
        milliseconds,
        metrics,
        state_machines: PER_TRANSITION.times(transitions.saturating_sub(FREE_TRANSITIONS)),
        lambda: [PER_REQUEST.times(runs), PER_GB_SECOND.times(gb_seconds)].into_iter().sum(),
        metering: [PER_METRIC.times(metrics), PER_PUT.times(runs)].into_iter().sum(),
    }
}

impl Cost {
    /// The total.
    #[must_use]
    pub fn total(&self) -> Usd {
        [self.state_machines, self.lambda, self.metering].into_iter().sum()
    }
}

fn a_month(period: TimeDelta) -> u64 {
    let period = u64::try_from(period.num_seconds()).unwrap_or_default().max(1);
    u64::try_from(MONTH.num_seconds()).unwrap_or_default().div_ceil(period)
}

/// An amount of US dollars, exact to the billionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Usd(u64);

impl Usd {
    /// An amount in billionths of a dollar.
    #[must_use]
    pub const fn nano(billionths: u64) -> Self {
        Self(billionths)
    }

    /// The amount multiplied by `count`.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self(self.0.saturating_mul(count))
    }

    /// The amount without `other`, and at least zero.
    #[must_use]
    pub const fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// In whole cents, rounded up.
    #[must_use]
    pub const fn cents(self) -> u64 {
        self.0.div_ceil(10_000_000)
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        Self(amounts.fold(0, |sum, amount| sum.saturating_add(amount.0)))
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02} USD", self.cents() / 100, self.cents() % 100)
    }
}
