//! The conditions of a schedule: how often each worker runs, how long AWS takes, and what the accounts may hold.

use chrono::TimeDelta;

use pilot_light_domain::Instant;
use pilot_light_domain::rules::retention::Retention;

/// How late a run may start: the precision of EventBridge's schedules is one minute.
pub const LATE: TimeDelta = TimeDelta::minutes(1);

/// How often what is done: what a configuration sets and a proposal changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cadence {
    /// `BackupInterval`: a snapshot is due once in each slot of this length.
    pub interval: TimeDelta,
    /// The period of source-take's passes.
    pub take: TimeDelta,
    /// The period of source-share's passes.
    pub share: TimeDelta,
    /// The period of destination-copy's passes.
    pub copy: TimeDelta,
    /// The period of both delete workers' passes.
    pub delete: TimeDelta,
}

/// What a schedule has to live with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conditions {
    /// How many databases are protected.
    pub databases: u64,
    /// The longest that a snapshot takes.
    pub snapshot: TimeDelta,
    /// The longest that one copy takes, from its start.
    pub copying: TimeDelta,
    /// By how many copies a snapshot reaches the destination.
    pub hops: Hops,
    /// Copies that may be in progress to one Region: 20, less those of others.
    pub slots: u64,
    /// What becomes of snapshots that newer ones have overtaken before they were copied.
    pub backlog: Backlog,
    /// How late a run may start after its schedule's time; EventBridge keeps to the minute.
    pub late: TimeDelta,
    /// Where take's passes fall within the slots of the interval.
    pub phase: Phase,
    /// What the source account keeps and may hold.
    pub source: Holding,
    /// What the destination account keeps and may hold.
    pub destination: Holding,
    /// What a run costs in Lambda.
    pub lambda: Lambda,
}

/// What a run takes in Lambda: settings, since they differ with memory and the number of databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lambda {
    /// The functions' memory.
    pub memory_mib: u64,
    /// A pass that finds nothing to do.
    pub per_run: TimeDelta,
    /// All workers together, for taking, sharing, copying and deleting one snapshot.
    pub per_snapshot: TimeDelta,
}

impl Default for Lambda {
    fn default() -> Self {
        Self { memory_mib: 256, per_run: TimeDelta::seconds(2), per_snapshot: TimeDelta::seconds(3) }
    }
}

/// How many copies a snapshot needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hops {
    /// One step across account and Region, or within one of them.
    One,
    /// Into the account first, then across Regions; each hop has its own Region's slots.
    Two,
}

/// What is done about snapshots older than the newest one offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backlog {
    /// They are skipped, as destination-copy does.
    Skipped,
    /// Every one is copied in turn, as older tools did.
    Copied,
}

/// Where a schedule's times fall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Anywhere, as with a rate, which counts from when its rule was made: perhaps just before a slot begins.
    Anywhere,
    /// Anywhere, but take's passes are known to fall clear of the slots' beginnings, late ones included.
    Clear,
    /// Take, share and copy on full minutes of the clock from the full hour on, as with `cron(0/5 * * * ? *)`.
    OnTheClock,
}

/// What one account keeps in one Region, and how much it may hold there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// What its delete worker keeps.
    pub retention: Retention,
    /// The quota of manual snapshots.
    pub quota: u64,
    /// Manual snapshots there that are not ours.
    pub others: u64,
}

/// The conditions in an account with AWS's default quotas.
#[must_use]
pub fn usual_conditions(databases: u64, snapshot: TimeDelta, copying: TimeDelta, hops: Hops) -> Conditions {
    let retention = Retention { keep_for: TimeDelta::hours(12), keep_last: 1, keep_daily: 0 };
    let holding = Holding { retention, quota: 100, others: 0 };
    Conditions {
        databases,
        snapshot,
        copying,
        hops,
        slots: 20,
        backlog: Backlog::Skipped,
        late: LATE,
        phase: Phase::OnTheClock,
        source: holding,
        destination: holding,
        lambda: Lambda::default(),
    }
}

/// The longest snapshot, copy or delay: beyond it something is mistyped.
const LONGEST: TimeDelta = TimeDelta::days(30);

/// Far more than the quotas of one account and Region allow.
const MOST_DATABASES: u64 = 100_000;

impl Hops {
    /// As a number.
    #[must_use]
    pub const fn count(self) -> i32 {
        match self {
            Self::One => 1,
            Self::Two => 2,
        }
    }
}

impl Conditions {
    /// Says what makes no sense before any sum is made.
    ///
    /// # Errors
    /// The first such value, and what is allowed.
    pub fn check(&self) -> Result<(), String> {
        let durations = TimeDelta::seconds(1)..=LONGEST;
        if !(1..=MOST_DATABASES).contains(&self.databases) {
            return Err(format!("give from 1 to {MOST_DATABASES} databases"));
        }
        if self.slots == 0 {
            return Err("give at least 1 copy slot: without one nothing is ever copied".to_owned());
        }
        if !durations.contains(&self.snapshot) || !durations.contains(&self.copying) {
            return Err(
                "give the times of a snapshot and of a copy as durations from 1 second to 30 days".to_owned()
            );
        }
        if !(TimeDelta::zero()..=LONGEST).contains(&self.late) {
            return Err("a run starts at its time or up to 30 days late".to_owned());
        }
        Ok(())
    }
}

impl Phase {
    /// The schedule expression for passes of this period.
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

    /// The phase of take's passes, evenly spaced, of which one is due at `pass`: where a rate counts from.
    #[must_use]
    pub fn of_even_passes(pass: Instant, cadence: &Cadence, late: TimeDelta) -> Self {
        let (_, rest) = steps(cadence.interval, cadence.take);
        let (_, after) = steps(TimeDelta::seconds(pass.timestamp()), cadence.take);
        let before = cadence.take - after;
        if rest.is_zero() && before > late { Self::Clear } else { Self::Anywhere }
    }
}

/// How many whole `step`s fit into `length`, and what remains.
pub(crate) fn steps(length: TimeDelta, step: TimeDelta) -> (i32, TimeDelta) {
    let (length, step) = (length.num_seconds(), step.num_seconds().max(1));
    let whole = i32::try_from(length.div_euclid(step)).unwrap_or(i32::MAX);
    (whole, TimeDelta::seconds(length.rem_euclid(step)))
}
