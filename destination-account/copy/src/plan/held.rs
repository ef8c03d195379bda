//! The snapshots that this account holds already: copies in the destination, and intermediates between two hops.
//!
//! A snapshot without our tag counts too while AWS may not list its tags yet. Snapshots that others offer are sorted
//! in [`offers`](super::offers).

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::recovery_point::RecoveryPoint;
use pilot_light_domain::model::snapshot::Snapshot;
use pilot_light_domain::model::tags;
use pilot_light_domain::policy::DestinationPolicy;

use super::Facts;

/// The snapshots held in both Regions, as recovery points.
#[derive(Debug)]
pub(super) struct Held {
    /// Copies in the destination Region.
    pub(super) copies: Vec<RecoveryPoint>,
    /// Copies in the source Region, after the first of two hops.
    pub(super) intermediates: Vec<RecoveryPoint>,
    /// Our own intermediates for another Region: that of an earlier `DestinationRegion`, or of another installation.
    pub(super) strays: Vec<RecoveryPoint>,
}

/// Picks this tool's snapshots from the account's own.
pub(super) fn sort(facts: &Facts, policy: &DestinationPolicy, now: Instant) -> Held {
    let intermediates = intermediates(&facts.between, policy, now);
    let copies = copies(&facts.here, &intermediates, policy, now);
    Held { copies, intermediates, strays: strays(&facts.between, policy) }
}

/// Our own snapshots in the destination, and new copies of `intermediates` whose tags AWS may not list yet.
fn copies(
    here: &[Arc<Snapshot>],
    intermediates: &[RecoveryPoint],
    policy: &DestinationPolicy,
    now: Instant,
) -> Vec<RecoveryPoint> {
    let place = |snapshot: &Arc<Snapshot>| {
        if policy.sources.is_copy(snapshot) || may_be_ours(snapshot, policy, now) {
            return Some(policy.sources.recovery_point(Arc::clone(snapshot)));
        }
        let from = snapshot.copied_from.as_ref().filter(|_| snapshot.is_new(now))?;
        let between = intermediates.iter().find(|point| point.snapshot.arn == *from)?;
        Some(RecoveryPoint { snapshot: Arc::clone(snapshot), ..between.clone() })
    };
    here.iter().filter_map(place).collect()
}

/// Our own snapshots between two hops.
///
/// Those of the older tool do not name the Region that they are for. They are brought to the destination all the
/// same, and [`leftovers`](super::leftovers) removes them more cautiously.
fn intermediates(between: &[Arc<Snapshot>], policy: &DestinationPolicy, now: Instant) -> Vec<RecoveryPoint> {
    let is_ours = |snapshot: &&Arc<Snapshot>| {
        snapshot.is_copied_by_us()
            && match snapshot.tags.get(tags::INTERMEDIATE_FOR) {
                Some(region) => region == policy.region.as_str(),
                None => !snapshot.tags.contains_key(tags::SOURCE_SNAPSHOT_ARN),
            }
    };
    between
        .iter()
        .filter(|snapshot| is_ours(snapshot) || may_be_ours(snapshot, policy, now))
        .map(|snapshot| policy.sources.recovery_point(Arc::clone(snapshot)))
        .collect()
}

fn strays(between: &[Arc<Snapshot>], policy: &DestinationPolicy) -> Vec<RecoveryPoint> {
    let is_for_another = |snapshot: &Snapshot| {
        snapshot.tags.get(tags::INTERMEDIATE_FOR).is_some_and(|region| region != policy.region.as_str())
    };
    let strays = between.iter().filter(|snapshot| snapshot.is_copied_by_us() && is_for_another(snapshot));
    strays.map(|snapshot| policy.sources.recovery_point(Arc::clone(snapshot))).collect()
}

/// True for a new copy of a source account's snapshot without our tag.
///
/// AWS may list the tags late, so the copy may be our own. A second copy would only queue behind it.
fn may_be_ours(snapshot: &Snapshot, policy: &DestinationPolicy, now: Instant) -> bool {
    let is_source = |arn: &SnapshotArn| {
        policy.sources.accounts.contains(&arn.account) && arn.region == policy.sources.region
    };
    !snapshot.is_copied_by_us()
        && snapshot.is_new(now)
        && snapshot.copied_from.as_ref().is_some_and(is_source)
}
