//! The answer of `pilot-light schedule` as JSON, for programs.

use chrono::TimeDelta;
use pilot_light_schedule::proposal::{self, Proposal, Verdict};
use pilot_light_schedule::quota::Held;
use serde_json::{Map, Value, json};

use super::{Answer, Judged};

/// The answer as one JSON value.
pub(crate) fn values_of(answer: &Answer) -> Value {
    let judged = match &answer.judged {
        Judged::Limited(proposal) => shown(proposal),
        Judged::Unlimited(why) => json!({ "keeps": false, "why": why }),
    };
    json!({
        "keeps": answer.judged.keeps(),
        "rpo_minutes": minutes(answer.rpo),
        "schedule": answer.schedule,
        "asked": judged,
        "proposal": shown(&answer.best),
        "least_possible_minutes": minutes(answer.floor),
        "never_deleting": answer.never_deleting,
    })
}

fn shown(proposal: &Proposal) -> Value {
    let terms = proposal.age.terms.iter();
    let terms = terms.map(|term| json!({ "name": term.name, "minutes": minutes(term.time) }));
    let parameters = proposal::values(&proposal.cadence).into_iter();
    json!({
        "keeps": proposal.verdict == Verdict::Keeps,
        "worst_age_minutes": minutes(proposal.age.total()),
        "terms": terms.collect::<Vec<_>>(),
        "parameters": parameters.map(|(name, value)| (name.to_owned(), json!(value))).collect::<Map<_, _>>(),
        "source": held(&proposal.source),
        "destination": held(&proposal.destination),
        "between": proposal.between.as_ref().map(held),
        "cost_cents_a_month": proposal.cost.total().cents(),
    })
}

fn held(held: &Held) -> Value {
    json!({ "snapshots": held.total(), "quota": held.quota, "quota_to_ask_for": held.ask() })
}

/// A time in minutes, written as an integer if it is whole.
fn minutes(time: TimeDelta) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "seconds stay far below 2^52")]
    let exact = time.num_seconds() as f64 / 60.0;
    if time.num_seconds() % 60 == 0 { json!(time.num_minutes()) } else { json!(exact) }
}
