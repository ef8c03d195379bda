//! The snapshots whose record cannot be read: whose they are, and the snapshots that they may be copies of.
//!
//! Such a copy exists, so it is not made again, and nothing that it may read from is removed.

use std::collections::BTreeSet;

use pilot_light_domain::model::arn::SnapshotArn;
use pilot_light_domain::model::listing::OddRecord;
use pilot_light_domain::model::snapshot::Phase;
use pilot_light_domain::model::tags;
use pilot_light_domain::policy::DestinationPolicy;
use pilot_light_domain::run::plan::Skip;

use super::Odd;

/// The decisions on the snapshots that cannot be read.
#[derive(Debug)]
pub(super) struct Sorted {
    /// Each with its reason.
    pub(super) skips: Vec<Skip>,
    /// Our own copies.
    pub(super) copies: OddCopies,
}

/// The snapshots of which our own copies that cannot be read are made, and their originals.
#[derive(Debug, Default)]
pub(super) struct OddCopies {
    /// Those of all copies that are not known to have failed.
    pub(super) of: BTreeSet<SnapshotArn>,
    /// Those of the copies that may be in progress.
    pub(super) reading: BTreeSet<SnapshotArn>,
}

/// Decides on the snapshots that cannot be read.
pub(super) fn sort(odd: &Odd, policy: &DestinationPolicy) -> Sorted {
    let is_copy = |record: &OddRecord| {
        let is_of_source = |arn: SnapshotArn| policy.sources.accounts.contains(&arn.account);
        record.is_copied_by_us() || record.sources().any(is_of_source)
    };
    let is_intermediate = |record: &OddRecord| {
        let region = record.tags.get(tags::INTERMEDIATE_FOR);
        is_copy(record) && region.is_none_or(|region| region == policy.region.as_str())
    };
    let offered = odd.offered.iter().map(|record| Skip::of_odd(record, is_offer(record, policy)));
    let between = odd.between.iter().map(|record| Skip::of_odd(record, is_intermediate(record)));
    let here = odd.here.iter().map(|record| Skip::of_odd(record, is_copy(record)));
    let ours = odd.between.iter().filter(|record| is_intermediate(record));
    let ours = ours.chain(odd.here.iter().filter(|record| is_copy(record)));
    let mut copies = OddCopies::default();
    for record in ours {
        if !record.status.as_ref().is_some_and(|status| status.phase() == Phase::Lost) {
            copies.of.extend(record.sources());
        }
        if record.may_be_in_progress() {
            copies.reading.extend(record.sources());
        }
    }
    Sorted { skips: offered.chain(between).chain(here).collect(), copies }
}

/// True for a snapshot that should be copied, as far as it can be read. Nobody can forge the owner in an ARN.
pub(super) fn is_offer(record: &OddRecord, policy: &DestinationPolicy) -> bool {
    let is_shared_by_source = || record.owner().is_some_and(|owner| policy.sources.accounts.contains(&owner));
    let is_offered = if policy.cross_account { is_shared_by_source() } else { record.is_taken_by_us() };
    is_offered && policy.selection.may_select_snapshot(record)
}
