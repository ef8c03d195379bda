//! The invariant that the published age of the oldest database neither hides a breach of the RPO nor raises a false
//! alarm.

use chrono::TimeDelta;
use pilot_light_domain::Instant;
use pilot_light_domain::aws::metrics::{Metric, MetricName};

use super::ledger::Ledger;
use super::runs::Run;
use super::terms::Terms;

/// The time by which a published age may be too low or too high.
const TOLERANCE: TimeDelta = TimeDelta::minutes(4);

/// The alarm on the age is raised this long before the target: it leaves room for the duration of one snapshot.
const SNAPSHOT_ROOM: TimeDelta = TimeDelta::minutes(4);

/// A metric at the time at which it was published.
pub(super) struct Published<'a> {
    pub(super) metric: &'a Metric,
    /// The run that published it.
    pub(super) run: Option<&'a Run>,
    pub(super) at: Instant,
}

/// Returns the violation of a published metric, if any.
pub(super) fn check(terms: &Terms, ledger: &Ledger, published: &Published<'_>) -> Option<String> {
    let Published { metric, run, at } = *published;
    if metric.name != MetricName::OldestRecoveryPointAge {
        return None;
    }
    let actual = ledger.oldest_age(at)?;
    // A run publishes the state that it read, by its clock at the beginning. Copies may have arrived since then.
    let at_begin = run.and_then(|run| run.oldest).unwrap_or(actual);
    let least = actual - run.map_or(TimeDelta::zero(), |run| at - run.began);
    #[expect(clippy::cast_possible_truncation, reason = "whole seconds, as they were published")]
    let stated = TimeDelta::seconds(metric.value as i64);
    let consequence = if least > terms.rpo + TOLERANCE && stated <= terms.rpo - SNAPSHOT_ROOM {
        "no alarm would fire"
    } else if at > terms.holds_from && stated > at_begin.max(actual) + TOLERANCE {
        "a false alarm would fire"
    } else {
        return None;
    };
    let (stated, actual) = (stated.num_minutes(), actual.num_minutes());
    let name = metric.name.as_str();
    Some(format!("{name} was published as {stated} min, but it is {actual} min: {consequence}"))
}
