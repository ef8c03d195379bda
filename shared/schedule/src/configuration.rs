//! The configuration of both accounts, as far as it concerns time and retention: a preset, or given parameters.
//!
//! The workers' own policies check the values. The caller reads the files.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::cloud::Parameters;
use pilot_light_domain::model::duration::{BareUnit, parse_duration};
use pilot_light_domain::model::retention::Retention;
use pilot_light_domain::policy::{DestinationPolicy, SourcePolicy};
use pilot_light_domain::run::context::{Context, Mode};

use pilot_light_domain::run::worker_name::WorkerName;

use crate::conditions::{Cadence, Conditions, LATE, Phase};
use crate::expression::Schedule;
use crate::proposal;

/// The parameters of both accounts, checked, with the schedules of the workers.
#[derive(Debug, Clone, PartialEq)]
pub struct Configuration {
    source: Account<SourcePolicy>,
    destination: Account<DestinationPolicy>,
}

#[derive(Debug, Clone, PartialEq)]
struct Account<Policy> {
    /// The place of the values, for messages; empty for a preset.
    place: String,
    given: Parameters,
    policy: Policy,
}

/// The source's parameters that matter here.
pub const SOURCE: [&str; 9] = [
    "BackupInterval",
    "BackupSchedule",
    "ShareSchedule",
    "DeleteSchedule",
    "RetentionDays",
    "KeepLast",
    "RpoTarget",
    "DeleteOldSnapshots",
    "ShareSnapshots",
];

/// The destination's parameters that matter here.
pub const DESTINATION: [&str; 8] = [
    "CopySchedule",
    "DeleteSchedule",
    "RetentionDays",
    "KeepLast",
    "KeepDaily",
    "CopyRetentionDays",
    "RpoTarget",
    "DeleteOldSnapshots",
];

/// The defaults of the templates. The policies contain the defaults of the other parameters.
const EVERY_FIVE: &str = "cron(0/5 * * * ? *)";
const HOURLY: &str = "rate(1 hour)";
const RPO: &str = "1h";

/// The accounts of the two policies. Any two different accounts would do.
const ACCOUNTS: [&str; 2] = ["111111111111", "222222222222"];
const REGION: &str = "us-east-1";

/// A time before any configuration, and a span that reaches the last years that EventBridge supports.
const FIRST: Instant = Instant::UNIX_EPOCH;
const LAST: TimeDelta = TimeDelta::days(80_000);

impl Configuration {
    /// The shipped configuration.
    pub fn usual() -> Result<Self, String> {
        Self::preset(&[("RetentionDays", "12h")], &[("RetentionDays", "12h"), ("KeepDaily", "7")])
    }

    /// The shipped configuration with a snapshot every hour.
    pub fn hourly() -> Result<Self, String> {
        let source = [("BackupInterval", "1h"), ("RetentionDays", "12h")];
        Self::preset(&source, &[("RetentionDays", "12h"), ("KeepDaily", "7")])
    }

    /// The schedules of the older tools: they take every 60 minutes, share every 90 and copy every 100.
    pub fn legacy() -> Result<Self, String> {
        let source = [
            ("BackupInterval", "1h"),
            ("BackupSchedule", "rate(60 minutes)"),
            ("ShareSchedule", "rate(90 minutes)"),
            ("DeleteSchedule", "rate(1 day)"),
            ("RetentionDays", "1d"),
        ];
        let destination = [
            ("CopySchedule", "rate(100 minutes)"),
            ("DeleteSchedule", "rate(1 day)"),
            ("RetentionDays", "2d"),
        ];
        Self::preset(&source, &destination)
    }

    /// The configuration that keeps `rpo` at the least cost under these conditions, or else comes closest to it.
    ///
    /// # Errors
    /// An error if no schedule has a bound.
    pub fn proposed(rpo: TimeDelta, conditions: &Conditions) -> Result<Self, String> {
        let best =
            proposal::cheapest(rpo, TimeDelta::hours(1), conditions).ok_or("no schedule has a bound")?;
        let values = proposal::values(&best.cadence);
        let mut source = vec![("RetentionDays", "12h")];
        let mut destination = vec![("RetentionDays", "12h"), ("KeepDaily", "7")];
        for (name, value) in &values {
            let account = if *name == "CopySchedule" { &mut destination } else { &mut source };
            account.push((name, value));
        }
        Self::preset(&source, &destination)
    }

    fn preset(source: &[(&str, &str)], destination: &[(&str, &str)]) -> Result<Self, String> {
        let given = |pairs: &[(&str, &str)]| {
            Ok(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
        };
        Self::checked((String::new(), given(source)), (String::new(), given(destination)))
    }

    /// Checks the parameters of both accounts.
    ///
    /// # Errors
    /// Every problem, with its place and its parameter.
    pub fn checked(source: Given, destination: Given) -> Result<Self, String> {
        let [account, copier] = ACCOUNTS;
        let source = check(source, account, ("DestinationAccount", copier), SourcePolicy::parse_strictly);
        let destination =
            check(destination, copier, ("SourceAccounts", account), DestinationPolicy::parse_strictly);
        let (source, destination) = match (source, destination) {
            (Ok(source), Ok(destination)) => (source, destination),
            (source, destination) => {
                let problems = [source.err(), destination.err()];
                return Err(problems.into_iter().flatten().flatten().collect::<Vec<_>>().join("\n"));
            }
        };
        Ok(Self { source, destination })
    }

    /// The checked parameters of both accounts.
    #[must_use]
    pub fn policies(&self) -> (&SourcePolicy, &DestinationPolicy) {
        (&self.source.policy, &self.destination.policy)
    }

    /// The given parameters of a worker's account.
    pub fn parameters(&self, worker: WorkerName) -> &Parameters {
        if worker.is_source() { &self.source.given } else { &self.destination.given }
    }

    /// The schedule of a worker.
    pub fn schedule(&self, worker: WorkerName) -> Result<Schedule, String> {
        let name = schedule_name(worker);
        if worker.is_source() {
            schedule(&self.source.given, name)
        } else {
            schedule(&self.destination.given, name)
        }
    }

    /// The period of every activity. Of the two deletions, the rarer one counts.
    pub fn cadence(&self) -> Result<Cadence, String> {
        let period = |worker| {
            let schedule = self.schedule(worker)?;
            schedule.longest_gap(FIRST).ok_or_else(|| format!("{schedule} does not repeat"))
        };
        Ok(Cadence {
            interval: self.source.policy.interval,
            take: period(WorkerName::SourceTake)?,
            share: period(WorkerName::SourceShare)?,
            copy: period(WorkerName::DestinationCopy)?,
            delete: period(WorkerName::SourceDelete)?.max(period(WorkerName::DestinationDelete)?),
        })
    }

    /// The phase of its times, as far as the schedules determine it. A rate counts from the creation of its rule.
    pub fn phase(&self) -> Result<Phase, String> {
        let cadence = self.cadence()?;
        let take = self.schedule(WorkerName::SourceTake)?;
        let runs = [
            (&take, cadence.take),
            (&self.schedule(WorkerName::SourceShare)?, cadence.share),
            (&self.schedule(WorkerName::DestinationCopy)?, cadence.copy),
        ];
        if runs.into_iter().all(|(schedule, period)| is_on_the_clock(schedule, period)) {
            return Ok(Phase::OnTheClock);
        }
        let first = take.next_after(FIRST, FIRST).filter(|_| is_even(&take, cadence.take));
        Ok(first.map_or(Phase::Anywhere, |run| Phase::of_even_runs(run, &cadence, LATE)))
    }

    /// The retention of the source and of the destination.
    pub fn retentions(&self) -> [Retention; 2] {
        [self.source.policy.retention, self.destination.policy.retention]
    }

    /// The age that the newest copy may reach. The destination's alarm uses it.
    pub fn rpo(&self) -> Result<TimeDelta, String> {
        let text = self.destination.given.get("RpoTarget").map_or(RPO, String::as_str);
        parse_duration(text, BareUnit::Hours).map_err(|why| format!("RpoTarget is '{text}': {why}"))
    }

    /// The obstacle, if any, that stops a snapshot which takes `way` from its start to the end of its copy.
    pub fn obstacle(&self, way: TimeDelta) -> Option<String> {
        let Account { policy: source, .. } = &self.source;
        let too_short = |name: &str, time: TimeDelta| {
            format!(
                "{name} of {} min is shorter than the {} min that a snapshot may take until its copy is finished",
                time.num_minutes(),
                way.num_minutes()
            )
        };
        if !source.share && self.destination.policy.cross_account {
            return Some("ShareSnapshots is FALSE, so nothing reaches the destination".to_owned());
        }
        if source.delete && source.retention.keep_for < way {
            return Some(too_short("the source's RetentionDays", source.retention.keep_for));
        }
        let younger = self.destination.policy.copy_younger_than.filter(|younger| *younger < way);
        younger.map(|younger| too_short("CopyRetentionDays", younger))
    }

    /// The accounts whose delete worker may not delete.
    pub fn never_deleting(&self) -> Vec<&'static str> {
        let source = (!self.source.policy.delete).then_some("source");
        let destination = (!self.destination.policy.delete).then_some("destination");
        source.into_iter().chain(destination).collect()
    }
}

/// The place of an account's values, for messages, and the values themselves or the problems of their file.
pub type Given = (String, Result<Parameters, Vec<String>>);

/// Checks the values with a policy, and checks the schedules, which no policy checks.
fn check<Policy, Error: std::fmt::Display>(
    (place, given): Given,
    account: &str,
    partner: (&str, &str),
    parse: impl FnOnce(&Parameters, &Context) -> Result<Policy, Error>,
) -> Result<Account<Policy>, Vec<String>> {
    let at = |problem: String| if place.is_empty() { problem } else { format!("{place}: {problem}") };
    let given = given.map_err(|problems| problems.into_iter().map(at).collect::<Vec<_>>())?;
    let invalid = |error: pilot_light_domain::model::ids::InvalidId| vec![error.to_string()];
    let context = Context {
        account: account.parse().map_err(invalid)?,
        region: REGION.parse().map_err(invalid)?,
        now: FIRST,
        mode: Mode::DryRun,
        confirmation: None,
    };
    let mut whole = given.clone();
    whole.insert(partner.0.to_owned(), partner.1.to_owned());
    if account == ACCOUNTS[1] {
        whole.insert("DestinationRegion".to_owned(), "us-west-2".to_owned());
    }
    let names = if account == ACCOUNTS[0] { &SOURCE[..] } else { &DESTINATION[..] };
    let schedules = names.iter().filter(|name| name.ends_with("Schedule"));
    let mut problems: Vec<_> = schedules.filter_map(|name| schedule(&given, name).err()).map(at).collect();
    match parse(&whole, &context) {
        Ok(policy) if problems.is_empty() => Ok(Account { place, given, policy }),
        Ok(_) => Err(problems),
        Err(error) => {
            problems.push(at(error.to_string()));
            Err(problems)
        }
    }
}

fn schedule_name(worker: WorkerName) -> &'static str {
    match worker {
        WorkerName::SourceTake => "BackupSchedule",
        WorkerName::SourceShare => "ShareSchedule",
        WorkerName::DestinationCopy => "CopySchedule",
        WorkerName::SourceDelete | WorkerName::DestinationDelete => "DeleteSchedule",
    }
}

/// A schedule that never ends, as the deployment requires.
fn schedule(given: &Parameters, name: &str) -> Result<Schedule, String> {
    let default = if name == "DeleteSchedule" { HOURLY } else { EVERY_FIVE };
    let text = given.get(name).map_or(default, String::as_str);
    let problem = |why: String| format!("{name} is '{text}': {why}");
    let schedule = Schedule::parse(text).map_err(problem)?;
    schedule.ensure_fires_after(FIRST).map_err(|_| {
        problem(
            "the schedule never fires: its day does not exist; check its day and month (* for every one)"
                .to_owned(),
        )
    })?;
    match schedule.next_after(FIRST + LAST, FIRST) {
        Some(_) => Ok(schedule),
        None => Err(problem(
            "the schedule stops firing for good after its last year; use * as the year".to_owned(),
        )),
    }
}

/// True for a cron expression that fires at the full hour and every `period` from there, which divides the hour.
fn is_on_the_clock(schedule: &Schedule, period: TimeDelta) -> bool {
    let expression = Phase::OnTheClock.expression(period);
    let usual = Schedule::parse(&expression).ok().filter(|_| expression.starts_with("cron"));
    is_even(schedule, period)
        && usual.is_some_and(|usual| usual.next_after(FIRST, FIRST) == schedule.next_after(FIRST, FIRST))
}

/// True for a cron expression that fires every `period` and at no other time.
fn is_even(schedule: &Schedule, period: TimeDelta) -> bool {
    let mut at = schedule.next_after(FIRST, FIRST);
    let end = FIRST + TimeDelta::days(2).max(period * 2);
    while let Some(now) = at.filter(|at| *at < end) {
        at = schedule.next_after(now, FIRST);
        if at != Some(now + period) {
            return false;
        }
    }
    schedule.to_string().starts_with("cron(")
}

#[cfg(test)]
mod tests;
