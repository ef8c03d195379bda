//! `pilot-light schedule`: can a schedule keep an RPO, what is the cheapest that does, and why.
//!
//! The sums are [`pilot_light_domain::capacity`]'s; here they are asked for and written out.

use std::fmt::Write;

use chrono::TimeDelta;
use clap::Args;
use pilot_light_domain::capacity::age::{self, Sum};
use pilot_light_domain::capacity::cost::{self, Lambda};
use pilot_light_domain::capacity::proposal::{self, Proposal, Verdict};
use pilot_light_domain::capacity::quota::Held;
use pilot_light_domain::capacity::{Backlog, Cadence, Conditions, Holding, Hops, Phase};
use pilot_light_domain::policy::{BareUnit, parse_duration};
use pilot_light_domain::retention::Retention;
use serde_json::{Value, json};

use crate::simulate::CopyMode;

/// What is asked.
#[derive(Debug, Clone, Args)]
pub(crate) struct Question {
    /// The age that the newest copy of a database may reach.
    #[arg(long, default_value = "60m", value_parser = duration)]
    rpo: TimeDelta,
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
    #[arg(long, value_enum, default_value_t = CopyMode::OneStep)]
    copy_mode: CopyMode,
    /// RetentionDays of the source.
    #[arg(long, default_value = "12h", value_parser = duration)]
    source_retention: TimeDelta,
    /// RetentionDays of the destination.
    #[arg(long, default_value = "12h", value_parser = duration)]
    destination_retention: TimeDelta,
    /// KeepDaily of the destination.
    #[arg(long, default_value_t = 7, value_parser = |text: &str| whole::<0, 3660>(text).map(|days| days as usize))]
    keep_daily: usize,
    /// The quota of manual snapshots per account and Region.
    #[arg(long, default_value_t = 100, value_parser = whole::<1, 1_000_000>)]
    quota: u64,
}

/// What is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    question: Question,
    /// The default schedule; none if it has no bound.
    default: Option<Proposal>,
    /// The cheapest that keeps the RPO, else the best there is.
    best: Proposal,
    floor: TimeDelta,
}

const DELETE_EVERY: TimeDelta = TimeDelta::hours(1);

/// Weighs the default schedule and looks for the cheapest.
pub(crate) fn answer(question: &Question) -> Result<Answer, String> {
    let conditions = asked(question);
    conditions.check()?;
    let five = TimeDelta::minutes(5);
    let usual = Cadence {
        interval: TimeDelta::minutes(30),
        take: five,
        share: five,
        copy: five,
        delete: DELETE_EVERY,
    };
    let best =
        proposal::cheapest(question.rpo, DELETE_EVERY, &conditions).ok_or("no schedule has a bound")?;
    Ok(Answer {
        question: question.clone(),
        default: proposal::weigh(usual, question.rpo, &conditions),
        best,
        floor: age::floor(&conditions),
    })
}

fn asked(question: &Question) -> Conditions {
    let holding = |keep_for, keep_daily| Holding {
        retention: Retention { keep_for, keep_last: 1, keep_daily },
        quota: question.quota,
        others: 0,
    };
    Conditions {
        source: holding(question.source_retention, 0),
        destination: holding(question.destination_retention, question.keep_daily),
        ..conditions(question.databases, question.snapshot, question.copy, question.copy_mode)
    }
}

/// What a schedule has to live with on AWS as it is by default.
pub(crate) fn conditions(
    databases: u64,
    snapshot: TimeDelta,
    copying: TimeDelta,
    mode: CopyMode,
) -> Conditions {
    let retention = Retention { keep_for: TimeDelta::hours(12), keep_last: 1, keep_daily: 0 };
    let holding = Holding { retention, quota: 100, others: 0 };
    Conditions {
        databases,
        snapshot,
        copying,
        hops: if mode == CopyMode::OneStep { Hops::One } else { Hops::Two },
        slots: 20,
        backlog: Backlog::Skipped,
        late: TimeDelta::zero(),
        phase: Phase::OnTheClock,
        source: holding,
        destination: holding,
        lambda: Lambda {
            memory_mib: 256,
            per_run: TimeDelta::seconds(2),
            per_snapshot: TimeDelta::seconds(3),
        },
    }
}

/// The answer for people: the sums written out, and values to paste.
pub(crate) fn text(answer: &Answer) -> String {
    let Answer { question, default, best, floor } = answer;
    let mut out = String::new();
    let rpo = minutes(question.rpo);
    match default {
        Some(default) => {
            let keeps = if default.verdict == Verdict::Keeps { "yes" } else { "no" };
            let _ = writeln!(
                out,
                "Does the default schedule keep {rpo} min? {keeps}: {} min at worst",
                minutes(default.age.total())
            );
            sum(&mut out, &default.age);
        }
        None => out.push_str("Does the default schedule keep it? no: copies pile up without bound\n"),
    }
    out.push('\n');
    if best.verdict == Verdict::Keeps {
        let _ = writeln!(
            out,
            "The cheapest schedule that keeps {rpo} min: {} min at worst",
            minutes(best.age.total())
        );
    } else {
        let _ = writeln!(
            out,
            "Nothing keeps {rpo} min with these times; the best there is: {} min at worst (no schedule is below {} min)",
            minutes(best.age.total()),
            minutes(*floor)
        );
    }
    sum(&mut out, &best.age);
    let _ = writeln!(out, "\nsceptre/config/source/parameters.yaml");
    for (name, value) in values(&best.cadence) {
        if name == "CopySchedule" {
            let _ = writeln!(out, "sceptre/config/destination/parameters.yaml");
        }
        let _ = writeln!(out, "  {name}: {value}");
    }
    out.push('\n');
    held(&mut out, "source", &best.source);
    held(&mut out, "destination", &best.destination);
    let _ = writeln!(
        out,
        "cost a month: {} (Step Functions {}, Lambda {}), and storage: {}",
        best.cost.total(),
        best.cost.state_machines,
        best.cost.lambda,
        cost::STORAGE
    );
    out
}

/// The answer for programs.
pub(crate) fn values_of(answer: &Answer) -> Value {
    let shown = |proposal: &Proposal| {
        json!({
            "keeps": proposal.verdict == Verdict::Keeps,
            "worst_age_minutes": minutes(proposal.age.total()),
            "terms": proposal.age.terms.iter().map(|term| json!({"name": term.name, "minutes": minutes(term.time)})).collect::<Vec<_>>(),
            "parameters": values(&proposal.cadence).into_iter().map(|(name, value)| (name.to_owned(), json!(value))).collect::<serde_json::Map<_, _>>(),
            "source_snapshots": proposal.source.total(),
            "source_quota_to_ask_for": proposal.source.ask(),
            "destination_snapshots": proposal.destination.total(),
            "destination_quota_to_ask_for": proposal.destination.ask(),
            "cost_cents_a_month": proposal.cost.total().cents(),
        })
    };
    json!({
        "rpo_minutes": minutes(answer.question.rpo),
        "default": answer.default.as_ref().map(shown),
        "proposal": shown(&answer.best),
        "least_possible_minutes": minutes(answer.floor),
    })
}

/// The parameters of a cadence, to paste.
fn values(cadence: &Cadence) -> [(&'static str, String); 4] {
    let on_the_clock = |period| Phase::OnTheClock.expression(period);
    [
        ("BackupInterval", format!("{}m", cadence.interval.num_minutes())),
        ("BackupSchedule", on_the_clock(cadence.take)),
        ("ShareSchedule", on_the_clock(cadence.share)),
        ("CopySchedule", on_the_clock(cadence.copy)),
    ]
}

fn sum(out: &mut String, sum: &Sum) {
    for term in &sum.terms {
        let _ = writeln!(out, "  {:>5} min  {}", minutes(term.time), term.name);
    }
}

fn held(out: &mut String, account: &str, held: &Held) {
    let _ = write!(out, "{account}: {} snapshots of a quota of {}", held.total(), held.quota);
    match held.ask() {
        Some(ask) => {
            let _ = writeln!(
                out,
                "; ask AWS for {ask} (Service Quotas, Amazon RDS, Manual DB instance snapshots)"
            );
        }
        None => out.push('\n'),
    }
}

/// Minutes, rounded up: a bound is never told too small.
fn minutes(time: TimeDelta) -> i64 {
    (time.num_seconds() + 59).div_euclid(60)
}

fn duration(text: &str) -> Result<TimeDelta, String> {
    parse_duration(text, BareUnit::Hours)
}

fn whole<const FROM: u64, const TO: u64>(text: &str) -> Result<u64, String> {
    let number = text.parse().ok().filter(|number| (FROM..=TO).contains(number));
    number.ok_or(format!("give a whole number from {FROM} to {TO}"))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Asked {
        #[command(flatten)]
        question: Question,
    }

    fn answered(arguments: &[&str]) -> Answer {
        answer(&Asked::parse_from([&["test"], arguments].concat()).question).unwrap()
    }

    #[test]
    fn the_sum_is_written_out_and_adds_up() {
        let answer = answered(&["--snapshot", "6m", "--copy", "12m"]);
        let default = answer.default.as_ref().unwrap();
        let total: TimeDelta = default.age.terms.iter().map(|term| term.time).sum();
        assert_eq!((default.verdict, minutes(total)), (Verdict::Keeps, 58));
        let text = text(&answer);
        for said in ["yes: 58 min at worst", "BackupInterval: ", "CopySchedule: cron(", "ask AWS for"] {
            assert!(text.contains(said), "{said}: {text}");
        }
    }

    #[test]
    fn what_cannot_be_kept_is_said_with_the_best_there_is() {
        let answer = answered(&["--rpo", "30m", "--copy", "25m"]);
        assert_eq!(answer.best.verdict, Verdict::Exceeds);
        assert!(text(&answer).contains("Nothing keeps 30 min with these times; the best there is: "));
        assert_eq!(values_of(&answer)["proposal"]["keeps"], json!(false));
    }
}
