//! `pilot-light schedule`: judges whether a schedule keeps an RPO, and proposes the cheapest that does.
//!
//! The crate [`pilot_light_schedule`] computes the sums. `text` and `json` write the answer.

mod json;
mod text;

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Args;
use pilot_light_domain::model::duration::{BareUnit, parse_duration};
use pilot_light_domain::model::retention::Retention;
use pilot_light_schedule::age;
use pilot_light_schedule::conditions::{Cadence, Conditions, CopyMode, Holding, usual_conditions};
use pilot_light_schedule::configuration::Configuration;
use pilot_light_schedule::proposal::{self, Proposal, Verdict};

pub(crate) use self::json::values_of;
pub(crate) use self::text::text;
use crate::exit::CommandError;
use crate::parameters_yaml;
use crate::simulate::copy_modes;

/// The arguments of `pilot-light schedule`.
#[derive(Debug, Clone, Args)]
pub(crate) struct Question {
    /// A sceptre/config directory whose schedule is judged instead of the default schedule.
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
    /// The greatest age that the newest copy of a database may reach, such as 60m, if it is not the configured RpoTarget.
    #[arg(long, value_parser = duration)]
    rpo: Option<TimeDelta>,
    /// The number of databases, from 1 to 100000.
    #[arg(long, default_value_t = 20, value_parser = whole::<1, 100_000>)]
    databases: u64,
    /// The longest time that AWS takes for a snapshot, such as 6m.
    #[arg(long, default_value = "6m", value_parser = duration)]
    snapshot: TimeDelta,
    /// The longest time that AWS takes for one copy, such as 12m.
    #[arg(long, default_value = "12m", value_parser = duration)]
    copy: TimeDelta,
    /// The way in which a copy crosses to the other account and Region.
    #[arg(long, default_value_t = CopyMode::OneStep, value_parser = copy_modes())]
    copy_mode: CopyMode,
    /// The time for which the source keeps snapshots, such as 7d, if it is not the configured RetentionDays.
    #[arg(long, value_parser = days)]
    source_retention: Option<TimeDelta>,
    /// The time for which the destination keeps copies, such as 7d, if it is not the configured RetentionDays.
    #[arg(long, value_parser = days)]
    destination_retention: Option<TimeDelta>,
    /// The number of days for which the destination keeps a daily copy, if it is not the configured KeepDaily.
    #[arg(long, value_parser = whole::<0, 3660>)]
    keep_daily: Option<u64>,
    /// The longest time for which snapshots were promised to be kept, such as 30d, after RetentionDays has been shortened.
    #[arg(long, value_name = "RETENTION", value_parser = days)]
    promised: Option<TimeDelta>,
    /// The number of earlier databases of each name, replaced within the last 30 days, whose last snapshots are kept, from 0 to 7.
    #[arg(long, default_value_t = 0, value_parser = whole::<0, 7>)]
    replaced: u64,
    /// The quota of manual snapshots in each account and Region.
    #[arg(long, default_value_t = 100, value_parser = whole::<1, 1_000_000>)]
    quota: u64,
}

/// The answer: the judged schedule, and the best one.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The name of the judged schedule.
    schedule: String,
    rpo: TimeDelta,
    judged: Judged,
    /// Accounts that delete nothing. The numbers of snapshots are not valid for them.
    never_deleting: Vec<&'static str>,
    /// The cheapest schedule that keeps the RPO. If none keeps it, the best there is.
    best: Proposal,
    /// The least age that any schedule could reach under these conditions.
    floor: TimeDelta,
}

/// The schedule that the arguments name.
#[derive(Debug)]
enum Judged {
    /// Its age has a limit.
    Limited(Box<Proposal>),
    /// Its age has no limit, for this reason.
    Unlimited(String),
}

impl Judged {
    fn keeps(&self) -> bool {
        matches!(self, Self::Limited(proposal) if proposal.verdict == Verdict::Keeps)
    }
}

/// Judges the schedule and finds the cheapest one.
pub(crate) fn answer(question: &Question) -> Result<Answer, CommandError> {
    let configuration = match &question.config {
        Some(directory) => parameters_yaml::configuration(directory),
        None => Configuration::usual(),
    };
    answer_for(question, &configuration.map_err(CommandError::WrongUse)?)
}

fn answer_for(question: &Question, configuration: &Configuration) -> Result<Answer, CommandError> {
    let rpo = question.rpo.map_or_else(|| configuration.rpo(), Ok).map_err(CommandError::WrongUse)?;
    let cadence = configuration.cadence().map_err(CommandError::WrongUse)?;
    let conditions = conditions(question, configuration);
    conditions.check().map_err(CommandError::WrongUse)?;
    let phase = configuration.phase().map_err(CommandError::WrongUse)?;
    let best = proposal::cheapest(rpo, cadence.delete, &conditions).ok_or_else(|| {
        CommandError::Failure(
            "no schedule limits the age; give a shorter --snapshot or --copy, or fewer --databases"
                .to_owned(),
        )
    })?;
    Ok(Answer {
        schedule: match &question.config {
            Some(directory) => format!("your schedule ({})", directory.display()),
            None => "the default schedule".to_owned(),
        },
        rpo,
        judged: judged(cadence, rpo, &Conditions { phase, ..conditions }, configuration),
        never_deleting: configuration.never_deleting(),
        best,
        floor: age::floor(&conditions),
    })
}

fn judged(
    cadence: Cadence,
    rpo: TimeDelta,
    conditions: &Conditions,
    configuration: &Configuration,
) -> Judged {
    let sum = match age::worst(&cadence, conditions) {
        Ok(sum) => sum,
        Err(unbounded) => return Judged::Unlimited(unbounded.to_string()),
    };
    // The first term is the interval before the snapshot. Only the time from the snapshot's beginning on counts here.
    let interval = sum.terms.first().map_or(TimeDelta::zero(), |term| term.time);
    match (configuration.obstacle(sum.total() - interval), proposal::evaluate(cadence, rpo, conditions)) {
        (Some(obstacle), _) => Judged::Unlimited(obstacle),
        (None, Some(proposal)) => Judged::Limited(Box::new(proposal)),
        (None, None) => Judged::Unlimited("copies accumulate without limit".to_owned()),
    }
}

fn conditions(question: &Question, configuration: &Configuration) -> Conditions {
    let [source, destination] = configuration.retentions();
    let holding = |retention| Holding {
        promised: question.promised.unwrap_or_default(),
        earlier: question.replaced,
        ..Holding::of(retention, question.quota)
    };
    let keep_daily =
        question.keep_daily.and_then(|days| usize::try_from(days).ok()).unwrap_or(destination.keep_daily);
    Conditions {
        source: holding(Retention {
            keep_for: question.source_retention.unwrap_or(source.keep_for),
            ..source
        }),
        destination: holding(Retention {
            keep_for: question.destination_retention.unwrap_or(destination.keep_for),
            keep_daily,
            ..destination
        }),
        ..usual_conditions(question.databases, question.snapshot, question.copy, question.copy_mode)
    }
}

/// A time in minutes, with seconds if it has any.
fn span(time: TimeDelta) -> String {
    match time.num_seconds() % 60 {
        0 => format!("{} min", time.num_minutes()),
        seconds => format!("{} min {seconds} s", time.num_minutes()),
    }
}

fn duration(text: &str) -> Result<TimeDelta, String> {
    parse_duration(text, BareUnit::Hours)
}

fn days(text: &str) -> Result<TimeDelta, String> {
    parse_duration(text, BareUnit::Days)
}

fn whole<const FROM: u64, const TO: u64>(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| (FROM..=TO).contains(number));
    number.ok_or(format!("give a whole number from {FROM} to {TO}"))
}

#[cfg(test)]
mod tests;
