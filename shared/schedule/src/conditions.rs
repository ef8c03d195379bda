//! The conditions of a schedule: the periods of the workers, the durations in AWS, and the limits of the accounts.

use std::fmt;

use chrono::TimeDelta;

use pilot_light_domain::Instant;
use pilot_light_domain::model::retention::Retention;

/// The longest delay of a run: EventBridge's schedules have a precision of one minute.
pub const LATE: TimeDelta = TimeDelta::minutes(1);

/// The period of every activity. A configuration sets it, and a proposal changes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// `BackupInterval`: one snapshot is due in each interval of this length.
    pub interval: TimeDelta,
    /// The period of source-take's runs.
    pub take: TimeDelta,
    /// The period of source-share's runs.
    pub share: TimeDelta,
    /// The period of destination-copy's runs.
    pub copy: TimeDelta,
    /// The period of both delete workers' runs.
    pub delete: TimeDelta,
}

/// The conditions under which a schedule works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conditions {
    /// The number of protected databases.
    pub databases: u64,
    /// The longest time that a snapshot takes.
    pub snapshot: TimeDelta,
    /// The longest time that one copy takes, from its start.
    pub copying: TimeDelta,
    /// The way in which a snapshot reaches the destination.
    pub copy_mode: CopyMode,
    /// The copy slots of one Region: 20, less those that other users take.
    pub slots: u64,
    /// The treatment of snapshots that a newer one overtakes before they are copied.
    pub backlog: Backlog,
    /// The longest delay of a run after its schedule's time. EventBridge's precision is one minute.
    pub late: TimeDelta,
    /// The position of take's runs within the intervals.
    pub phase: Phase,
    /// The snapshots that the source account keeps, and its quota.
    pub source: Holding,
    /// The snapshots that the destination account keeps, and its quota.
    pub destination: Holding,
    /// The use of Lambda by the runs.
    pub lambda: Lambda,
}

/// The use of Lambda by the runs. These are settings, since they depend on the memory and the number of databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lambda {
    /// The functions' memory.
    pub memory_mib: u64,
    /// The time of a run that finds nothing to do.
    pub per_run: TimeDelta,
    /// The time of all workers together for taking, sharing, copying and deleting one snapshot.
    pub per_snapshot: TimeDelta,
}

impl Default for Lambda {
    fn default() -> Self {
        Self { memory_mib: 256, per_run: TimeDelta::seconds(2), per_snapshot: TimeDelta::seconds(3) }
    }
}

/// The way in which a copy crosses account and Region.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyMode {
    /// At once: one copy across account and Region, or within one of them.
    OneStep,
    /// Two copies: into the destination account first, then across Regions. Each Region has copy slots of its own.
    TwoHop,
}

/// The treatment of snapshots that are older than the newest one offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backlog {
    /// They are skipped, as destination-copy does.
    Skipped,
    /// Every one is copied in turn, as older tools do.
    Copied,
}

/// The position of a schedule's times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// At any time. A rate counts from the creation of its rule, so a run may be just before the start of an interval.
    Anywhere,
    /// At any time, but take's runs are known not to cross the start of an interval, even if they are late.
    Clear,
    /// Take, share and copy run on full minutes of the clock from the full hour on, as with `cron(0/5 * * * ? *)`.
    OnTheClock,
}

/// The snapshots that one account keeps in one Region, and its quota there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// The retention of its delete worker.
    pub retention: Retention,
    /// The longest time for which points were promised to be kept under an earlier `RetentionDays`. They are kept for that time.
    pub promised: TimeDelta,
    /// The earlier databases of each name, replaced by another one, whose last points are kept besides.
    pub earlier: u64,
    /// The quota of manual snapshots.
    pub quota: u64,
    /// Manual snapshots there that Pilot Light did not make.
    pub others: u64,
}

impl Holding {
    /// The snapshots under a retention that has always been in force, of databases that were never replaced.
    #[must_use]
    pub fn of(retention: Retention, quota: u64) -> Self {
        Self { retention, promised: TimeDelta::zero(), earlier: 0, quota, others: 0 }
    }
}

/// The conditions in an account with AWS's default quotas.
#[must_use]
pub fn usual_conditions(
    databases: u64,
    snapshot: TimeDelta,
    copying: TimeDelta,
    copy_mode: CopyMode,
) -> Conditions {
    let retention = Retention { keep_for: TimeDelta::hours(12), keep_last: 1, keep_daily: 0 };
    let holding = Holding::of(retention, 100);
    Conditions {
        databases,
        snapshot,
        copying,
        copy_mode,
        slots: 20,
        backlog: Backlog::Skipped,
        late: LATE,
        phase: Phase::OnTheClock,
        source: holding,
        destination: holding,
        lambda: Lambda::default(),
    }
}

/// The longest snapshot, copy or delay. A longer one is a typing error.
const LONGEST: TimeDelta = TimeDelta::days(30);

/// The most databases, far more than the quotas of one account and Region allow.
const MOST_DATABASES: u64 = 100_000;

impl CopyMode {
    /// Both, in the order in which they are offered.
    pub const ALL: [Self; 2] = [Self::OneStep, Self::TwoHop];

    /// The number of copies on this way.
    #[must_use]
    pub const fn hops(self) -> i32 {
        match self {
            Self::OneStep => 1,
            Self::TwoHop => 2,
        }
    }

    /// The name, as in `one-step`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OneStep => "one-step",
            Self::TwoHop => "two-hop",
        }
    }
}

impl fmt::Display for CopyMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Conditions {
    /// Checks the values before any sum is made.
    ///
    /// # Errors
    /// The first unusable value, and the allowed ones.
    pub fn check(&self) -> Result<(), String> {
        let durations = TimeDelta::seconds(1)..=LONGEST;
        if !(1..=MOST_DATABASES).contains(&self.databases) {
            return Err(format!("give from 1 to {MOST_DATABASES} databases"));
        }
        if self.slots == 0 {
            return Err("give at least 1 copy slot; without one nothing is ever copied".to_owned());
        }
        if !durations.contains(&self.snapshot) || !durations.contains(&self.copying) {
            return Err(
                "give the times of a snapshot and of a copy as durations from 1 second to 30 days".to_owned()
            );
        }
        if !(TimeDelta::zero()..=LONGEST).contains(&self.late) {
            return Err("give a delay of runs from 0 seconds to 30 days".to_owned());
        }
        Ok(())
    }
}

impl Phase {
    /// The schedule expression for runs of this period.
    #[must_use]
    pub fn expression(self, period: TimeDelta) -> String {
        match (self, period.num_minutes().max(1)) {
            (Self::OnTheClock, 1) => "cron(* * * * ? *)".to_owned(),
            (Self::OnTheClock, 60) => "cron(0 * * * ? *)".to_owned(),
            (Self::OnTheClock, minutes) if 60 % minutes == 0 => format!("cron(0/{minutes} * * * ? *)"),
            (_, 1) => "rate(1 minute)".to_owned(),
            (_, 60) => "rate(1 hour)".to_owned(),
            (_, minutes) => format!("rate({minutes} minutes)"),
        }
    }

    /// The phase of take's evenly spaced runs, one of which is due at `run`. A rate counts from `run`.
    #[must_use]
    pub fn of_even_runs(run: Instant, cadence: &Cadence, late: TimeDelta) -> Self {
        let (_, rest) = steps(cadence.interval, cadence.take);
        let (_, after) = steps(TimeDelta::seconds(run.timestamp()), cadence.take);
        let before = cadence.take - after;
        if rest.is_zero() && before > late { Self::Clear } else { Self::Anywhere }
    }
}

/// The number of whole `step`s in `length`, and the remainder.
pub(crate) fn steps(length: TimeDelta, step: TimeDelta) -> (i32, TimeDelta) {
    let (length, step) = (length.num_seconds(), step.num_seconds().max(1));
    let whole = i32::try_from(length.div_euclid(step)).unwrap_or(i32::MAX);
    (whole, TimeDelta::seconds(length.rem_euclid(step)))
}
