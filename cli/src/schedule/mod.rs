//! `pilot-light schedule`: does a schedule keep an RPO, what is the cheapest that does, and why.
//!
//! The sums are [`pilot_light_schedule`]'s; here they are asked for. How the answer reads is for `text`
//! and `json`.

mod json;
mod text;

use std::path::PathBuf;

use chrono::TimeDelta;
use clap::Args;
use pilot_light_domain::policy::{BareUnit, parse_duration};
use pilot_light_domain::rules::retention::Retention;
use pilot_light_schedule::age;
use pilot_light_schedule::conditions::{Cadence, Conditions, CopyMode, Holding, usual_conditions};
use pilot_light_schedule::configuration::Configuration;
use pilot_light_schedule::proposal::{self, Proposal, Verdict};

pub(crate) use self::json::values_of;
pub(crate) use self::text::text;
use crate::exit::CommandError;
use crate::parameters_yaml;
use crate::simulate::copy_modes;

/// What is asked.
#[derive(Debug, Clone, Args)]
pub(crate) struct Question {
    /// Judge the schedule of this sceptre/config directory, and not the default one.
    #[arg(long, value_name = "DIR")]
    config: Option<PathBuf>,
    /// The age that the newest copy of a database may reach, if not RpoTarget.
    #[arg(long, value_parser = duration)]
    rpo: Option<TimeDelta>,
    /// How many databases.
    #[arg(long, default_value_t = 20, value_parser = whole::<1, 100_000>)]
    databases: u64,
    /// The longest that a snapshot takes.
    #[arg(long, default_value = "6m", value_parser = duration)]
    snapshot: TimeDelta,
    /// The longest that one copy takes.
    #[arg(long, default_value = "12m", value_parser = duration)]
    copy: TimeDelta,
    /// Whether AWS copies across account and Region at once.
    #[arg(long, default_value_t = CopyMode::OneStep, value_parser = copy_modes())]
    copy_mode: CopyMode,
    /// RetentionDays of the source, if not the configured one.
    #[arg(long, value_parser = days)]
    source_retention: Option<TimeDelta>,
    /// RetentionDays of the destination, if not the configured one.
    #[arg(long, value_parser = days)]
    destination_retention: Option<TimeDelta>,
    /// KeepDaily of the destination, if not the configured one.
    #[arg(long, value_parser = whole::<0, 3660>)]
    keep_daily: Option<u64>,
    /// The quota of manual snapshots per account and Region.
    #[arg(long, default_value_t = 100, value_parser = whole::<1, 1_000_000>)]
    quota: u64,
}

/// What is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Whose schedule was asked about.
    whose: String,
    rpo: TimeDelta,
    asked: Asked,
    /// Accounts that delete nothing, for which the numbers of snapshots do not hold.
    never_deleting: Vec<&'static str>,
    /// The cheapest that keeps the RPO, else the best there is.
    best: Proposal,
    floor: TimeDelta,
}

/// The schedule that was asked about.
#[derive(Debug)]
enum Asked {
    /// It has a worst age.
    Weighed(Box<Proposal>),
    /// It has none, and why.
    Endless(String),
}

impl Asked {
    fn keeps(&self) -> bool {
        matches!(self, Self::Weighed(proposal) if proposal.verdict == Verdict::Keeps)
    }
}

/// Weighs the schedule and looks for the cheapest.
pub(crate) fn answer(question: &Question) -> Result<Answer, CommandError> {
    let configuration = match &question.config {
        Some(directory) => parameters_yaml::configuration(directory),
        None => Configuration::usual(),
    };
    weighed(question, &configuration.map_err(CommandError::WrongUse)?)
}

fn weighed(question: &Question, configuration: &Configuration) -> Result<Answer, CommandError> {
    let rpo = question.rpo.map_or_else(|| configuration.rpo(), Ok).map_err(CommandError::WrongUse)?;
    let cadence = configuration.cadence().map_err(CommandError::WrongUse)?;
    let conditions = live_with(question, configuration);
    conditions.check().map_err(CommandError::WrongUse)?;
    let phase = configuration.phase().map_err(CommandError::WrongUse)?;
    let best = proposal::cheapest(rpo, cadence.delete, &conditions)
        .ok_or_else(|| CommandError::Failure("no schedule has a bound".to_owned()))?;
    Ok(Answer {
        whose: match &question.config {
            Some(directory) => format!("your schedule ({})", directory.display()),
            None => "the default schedule".to_owned(),
        },
        rpo,
        asked: asked(cadence, rpo, &Conditions { phase, ..conditions }, configuration),
        never_deleting: configuration.never_deleting(),
        best,
        floor: age::floor(&conditions),
    })
}

fn asked(cadence: Cadence, rpo: TimeDelta, conditions: &Conditions, configuration: &Configuration) -> Asked {
    let sum = match age::worst(&cadence, conditions) {
        Ok(sum) => sum,
        Err(unbounded) => return Asked::Endless(unbounded.to_string()),
    };
    // From the beginning of a snapshot on: without the interval before it.
    let interval = sum.terms.first().map_or(TimeDelta::zero(), |term| term.time);
    match (configuration.obstacle(sum.total() - interval), proposal::evaluate(cadence, rpo, conditions)) {
        (Some(obstacle), _) => Asked::Endless(obstacle),
        (None, Some(proposal)) => Asked::Weighed(Box::new(proposal)),
        (None, None) => Asked::Endless("copies pile up without bound".to_owned()),
    }
}

fn live_with(question: &Question, configuration: &Configuration) -> Conditions {
    let [source, destination] = configuration.retentions();
    let holding = |retention| Holding { retention, quota: question.quota, others: 0 };
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

/// Minutes, and seconds where there are any.
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
