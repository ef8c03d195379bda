//! The snapshots that this account holds already: copies in the destination, and intermediates between two hops.
//!
//! A snapshot without our tag counts too while AWS may not list its tags yet. Snapshots that others offer are sorted
//! in [`offers`](super::offers).

use std::sync::Arc;

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::copy_name;
use pilot_light_domain::model::naming::Agreement;
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
    /// New snapshots in the source Region that may be intermediates. A person may have made them just as well, so they are
    /// waited for. They are never copied on and never removed.
    pub(super) unconfirmed: Vec<RecoveryPoint>,
    /// Our own intermediates for another Region: that of an earlier `DestinationRegion`, or of another installation.
    pub(super) strays: Vec<RecoveryPoint>,
}

impl Held {
    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &RecoveryPoint> {
        self.copies.iter().chain(&self.intermediates).chain(&self.unconfirmed).chain(&self.strays)
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut RecoveryPoint> {
        let between = self.intermediates.iter_mut().chain(&mut self.unconfirmed);
        self.copies.iter_mut().chain(between).chain(&mut self.strays)
    }
}

/// Picks this tool's snapshots from the account's own.
pub(super) fn sort(facts: &Facts, policy: &DestinationPolicy, now: Instant) -> Held {
    let between = |is_picked: &dyn Fn(&Snapshot) -> bool| -> Vec<RecoveryPoint> {
        let picked = facts.between.iter().filter(|snapshot| is_picked(snapshot));
        picked.map(|snapshot| policy.sources.recovery_point(Arc::clone(snapshot))).collect()
    };
    let intermediates = between(&|snapshot| is_intermediate(snapshot, policy));
    let unconfirmed = between(&|snapshot| may_be_ours(snapshot, policy, now));
    let strays = between(&|snapshot| is_stray(snapshot, policy));
    let copies = copies(&facts.here, [&intermediates, &unconfirmed], policy, now);
    Held { copies, intermediates, unconfirmed, strays }
}

/// Our own snapshots in the destination, and new copies of a snapshot in `between` whose tags AWS may not list yet.
fn copies(
    here: &[Arc<Snapshot>],
    between: [&[RecoveryPoint]; 2],
    policy: &DestinationPolicy,
    now: Instant,
) -> Vec<RecoveryPoint> {
    let place = |snapshot: &Arc<Snapshot>| {
        if policy.sources.is_copy(snapshot) || may_be_ours(snapshot, policy, now) {
            return Some(policy.sources.recovery_point(Arc::clone(snapshot)));
        }
        let from = snapshot.copied_from.as_ref().filter(|_| snapshot.is_new(now))?;
        let source = between.into_iter().flatten().find(|point| point.snapshot.arn == *from)?;
        let is_named = has_name_of_copy(snapshot, &source.origin);
        is_named.then(|| RecoveryPoint { snapshot: Arc::clone(snapshot), ..source.clone() })
    };
    here.iter().filter_map(place).collect()
}

/// True for one of our own snapshots between two hops.
///
/// Those of the older tool do not name the Region that they are for. They are brought to the destination all the
/// same, and [`leftovers`](super::leftovers) removes them more cautiously. A copy that AWS says came from elsewhere is none: the
/// older tool may have served the other direction as well, and it is a final copy there.
fn is_intermediate(snapshot: &Snapshot, policy: &DestinationPolicy) -> bool {
    snapshot.is_copied_by_us()
        && match snapshot.tags.get(tags::INTERMEDIATE_FOR) {
            Some(region) => region == policy.region.as_str(),
            None => {
                !snapshot.tags.contains_key(tags::SOURCE_SNAPSHOT_ARN)
                    && snapshot.copied_from.as_ref().is_none_or(|from| policy.sources.contain(from))
            }
        }
}

fn is_stray(snapshot: &Snapshot, policy: &DestinationPolicy) -> bool {
    let is_for_another = |region: &str| region != policy.region.as_str();
    snapshot.is_copied_by_us() && snapshot.tags.get(tags::INTERMEDIATE_FOR).is_some_and(is_for_another)
}

/// True for a new copy of a source account's snapshot without our tag, under a name that we give to its copies.
///
/// AWS may list the tags late, so the copy may be our own. A second copy would only queue behind it.
fn may_be_ours(snapshot: &Snapshot, policy: &DestinationPolicy, now: Instant) -> bool {
    let is_its = |from: &SnapshotArn| policy.sources.contain(from) && has_name_of_copy(snapshot, from);
    !snapshot.is_copied_by_us() && snapshot.is_new(now) && snapshot.copied_from.as_ref().is_some_and(is_its)
}

fn has_name_of_copy(snapshot: &Snapshot, origin: &SnapshotArn) -> bool {
    copy_name::agreement(&snapshot.arn.id, origin) != Agreement::None
}
