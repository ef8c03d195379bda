//! The answer for people: yes or no first, then the sum, what it takes, and values to paste.

use std::fmt::Write;

use pilot_light_schedule::age::Sum;
use pilot_light_schedule::cost;
use pilot_light_schedule::proposal::{self, Proposal, Verdict};
use pilot_light_schedule::quota::Held;

use super::{Answer, Asked, span};

/// The answer as it is printed.
pub(crate) fn text(answer: &Answer) -> String {
    let mut out = String::new();
    judged(&mut out, answer);
    out.push('\n');
    match &answer.asked {
        Asked::Weighed(asked) if asked.cadence == answer.best.cadence => {
            out.push_str(match answer.best.verdict {
                Verdict::Keeps => "It is the cheapest that does.\n",
                Verdict::Exceeds => "Nothing does, with these times: it is the best there is.\n",
            });
        }
        _ => proposed(&mut out, answer),
    }
    notes(&mut out, answer);
    out
}

fn judged(out: &mut String, answer: &Answer) {
    let Answer { whose, rpo, asked, .. } = answer;
    let _ = write!(out, "Does {whose} keep {}? ", span(*rpo));
    let said = match asked {
        Asked::Endless(why) => {
            let _ = writeln!(out, "No: {why}.");
            return;
        }
        Asked::Weighed(_) if asked.keeps() => "Yes",
        Asked::Weighed(_) => "No",
    };
    if let Asked::Weighed(proposal) = asked {
        let _ = writeln!(out, "{said}: {} at worst.\n", span(proposal.age.total()));
        weighed(out, proposal);
    }
}

fn proposed(out: &mut String, answer: &Answer) {
    let Answer { rpo, asked, best, floor, .. } = answer;
    let rpo = span(*rpo);
    let age = span(best.age.total());
    let _ = match (asked, best.verdict) {
        (_, Verdict::Exceeds) => writeln!(
            out,
            "Nothing keeps {rpo}: snapshot and copy alone take {}. The best there is: {age} at worst.\n",
            span(*floor)
        ),
        (Asked::Weighed(asked), Verdict::Keeps) if asked.verdict == Verdict::Keeps => {
            writeln!(out, "{} keeps {rpo} as well: {age} at worst.\n", advantage(asked, best))
        }
        (_, Verdict::Keeps) => writeln!(out, "The cheapest that keeps {rpo}: {age} at worst.\n"),
    };
    weighed(out, best);
    for (name, value) in proposal::values(&best.cadence) {
        match name {
            "BackupInterval" => out.push_str("\n  source/parameters.yaml\n"),
            "CopySchedule" => out.push_str("  destination/parameters.yaml\n"),
            _ => {}
        }
        let _ = writeln!(out, "    {name}: {value}");
    }
}

/// What speaks for another schedule that keeps the RPO.
fn advantage(asked: &Proposal, best: &Proposal) -> String {
    let (now, then) = (asked.cost.total(), best.cost.total());
    if then < now {
        return format!("One that costs {} a month less", now.less(then));
    }
    if best.fits() && !asked.fits() {
        return format!("One that fits the quotas, for {} a month more,", then.less(now));
    }
    "One that costs the same and holds fewer snapshots".to_owned()
}

fn weighed(out: &mut String, proposal: &Proposal) {
    sum(out, &proposal.age);
    held(out, "source account", &proposal.source);
    held(out, "destination account", &proposal.destination);
    if let Some(between) = &proposal.between {
        held(out, "between two hops", between);
    }
    let cost = proposal.cost;
    let _ = writeln!(
        out,
        "  {:<20} {} a month (Step Functions {}, Lambda {}, CloudWatch {}), and storage",
        "cost",
        cost.total(),
        cost.state_machines,
        cost.lambda,
        cost.metering
    );
}

fn sum(out: &mut String, sum: &Sum) {
    for term in &sum.terms {
        let _ = writeln!(out, "  {:>11}  {}", span(term.time), term.name);
    }
    let _ = writeln!(out, "  {:>11}  in all\n", span(sum.total()));
}

fn held(out: &mut String, place: &str, held: &Held) {
    let (each, databases, total, quota) = (held.each, held.databases, held.total(), held.quota);
    let _ = write!(out, "  {place:<20} {each} x {databases} = {total} snapshots, quota {quota}");
    let _ = match held.ask() {
        Some(ask) => writeln!(out, ": ask AWS for {ask}"),
        None => writeln!(out, ": enough"),
    };
}

fn notes(out: &mut String, answer: &Answer) {
    let asked = if let Asked::Weighed(asked) = &answer.asked { Some(asked.as_ref()) } else { None };
    out.push('\n');
    if asked.into_iter().chain([&answer.best]).any(|proposal| !proposal.fits()) {
        out.push_str(
            "Quotas: Service Quotas, Amazon RDS, Manual DB instance snapshots; per account and Region.\n",
        );
    }
    for account in &answer.never_deleting {
        let _ = writeln!(
            out,
            "DeleteOldSnapshots is FALSE in the {account}: its snapshots become more and more."
        );
    }
    let _ = writeln!(out, "Storage: {}.", cost::STORAGE);
}
