//! The answer of `pilot-light schedule` as text, for people: yes or no, the sum, snapshots and cost, and values to paste.

use std::fmt::Write;

use pilot_light_schedule::age::Sum;
use pilot_light_schedule::cost;
use pilot_light_schedule::proposal::{self, Proposal, Verdict};
use pilot_light_schedule::quota::Held;

use super::{Answer, Judged, span};

/// The answer as it is printed.
pub(crate) fn text(answer: &Answer) -> String {
    let mut out = String::new();
    verdict(&mut out, answer);
    out.push('\n');
    match &answer.judged {
        Judged::Limited(judged) if judged.cadence == answer.best.cadence => {
            out.push_str(match answer.best.verdict {
                Verdict::Keeps => "It is the cheapest schedule that does.\n",
                Verdict::Exceeds => "No schedule does with these times. This one is the best.\n",
            });
        }
        _ => proposed(&mut out, answer),
    }
    notes(&mut out, answer);
    out
}

fn verdict(out: &mut String, answer: &Answer) {
    let Answer { schedule, rpo, judged, .. } = answer;
    let _ = write!(out, "Does {schedule} keep an RPO of {}? ", span(*rpo));
    let keeps = match judged {
        Judged::Unlimited(why) => {
            let _ = writeln!(out, "No: {why}.");
            return;
        }
        Judged::Limited(_) if judged.keeps() => "Yes",
        Judged::Limited(_) => "No",
    };
    if let Judged::Limited(proposal) = judged {
        let _ = writeln!(out, "{keeps}: the greatest age is {}.\n", span(proposal.age.total()));
        details(out, proposal);
    }
}

fn proposed(out: &mut String, answer: &Answer) {
    let Answer { rpo, judged, best, floor, .. } = answer;
    let rpo = span(*rpo);
    let age = span(best.age.total());
    let _ = match (judged, best.verdict) {
        (_, Verdict::Exceeds) => writeln!(
            out,
            "No schedule keeps {rpo}: a snapshot and a copy alone take {}. The best schedule reaches {age}.\n",
            span(*floor)
        ),
        (Judged::Limited(judged), Verdict::Keeps) if judged.verdict == Verdict::Keeps => {
            writeln!(out, "{} also keeps {rpo}: the greatest age is {age}.\n", advantage(judged, best))
        }
        (_, Verdict::Keeps) => {
            writeln!(out, "The cheapest schedule that keeps {rpo} has a greatest age of {age}.\n")
        }
    };
    details(out, best);
    for (name, value) in proposal::values(&best.cadence) {
        match name {
            "BackupInterval" => out.push_str("\n  source/parameters.yaml\n"),
            "CopySchedule" => out.push_str("  destination/parameters.yaml\n"),
            _ => {}
        }
        let _ = writeln!(out, "    {name}: {value}");
    }
}

/// The advantage of the best schedule over the judged one, if both keep the RPO.
fn advantage(judged: &Proposal, best: &Proposal) -> String {
    let (now, then) = (judged.cost.total(), best.cost.total());
    if then < now {
        return format!("A schedule that costs {} a month less", now.less(then));
    }
    if best.fits() && !judged.fits() {
        return format!("A schedule that fits the quotas, for {} a month more,", then.less(now));
    }
    "A schedule that costs the same and needs fewer snapshots".to_owned()
}

fn details(out: &mut String, proposal: &Proposal) {
    sum(out, &proposal.age);
    held(out, "source account", &proposal.source);
    held(out, "destination account", &proposal.destination);
    if let Some(between) = &proposal.between {
        held(out, "between two hops", between);
    }
    let cost = proposal.cost;
    let _ = writeln!(
        out,
        "  {:<20} {} a month (Step Functions {}, Lambda {}, CloudWatch {}), plus storage",
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
    let _ = writeln!(out, "  {:>11}  in total\n", span(sum.total()));
}

fn held(out: &mut String, place: &str, held: &Held) {
    let (each, databases, total, quota) = (held.each, held.databases, held.total(), held.quota);
    let _ = write!(out, "  {place:<20} {each} x {databases} = {total} snapshots");
    if held.earlier > 0 {
        let _ = write!(out, " ({} x {databases} of replaced databases)", held.earlier);
    }
    let _ = write!(out, ", quota {quota}");
    let _ = match held.ask() {
        Some(ask) => writeln!(out, ": request {ask} from AWS"),
        None => writeln!(out, ": enough"),
    };
}

fn notes(out: &mut String, answer: &Answer) {
    let judged = if let Judged::Limited(judged) = &answer.judged { Some(judged.as_ref()) } else { None };
    out.push('\n');
    if judged.into_iter().chain([&answer.best]).any(|proposal| !proposal.fits()) {
        out.push_str(
            "Quotas: request them in Service Quotas, under Amazon RDS, Manual DB instance snapshots, for each account and Region.\n",
        );
    }
    for account in &answer.never_deleting {
        let _ = writeln!(
            out,
            "DeleteOldSnapshots is FALSE in the {account}: its number of snapshots grows without limit."
        );
    }
    let _ = writeln!(out, "Storage: {}.", cost::STORAGE);
}
