//! The last look before a deletion: a database is deleted only while the one that replaces it can be created.
//!
//! The validation made the same check. An approval may have come hours later, and AWS may not have given every list.

use std::collections::BTreeSet;

use pilot_light_domain::recovery::{Call, RecoveryCloud};

use crate::apply::{Ask, Weight};
use crate::entry::Entry;
use crate::examine::{Examination, examine};
use crate::manifest::Layer;
use crate::progress::{Progress, ResourceProgress};
use crate::read::Reading;
use crate::readiness::{Finding, Level};

/// The changes that may be requested now. The others are left out, and their resources wait or fail.
pub(super) async fn passed<C: RecoveryCloud>(
    cloud: &C,
    call: &Call,
    (entries, layers): (&[Entry], &[Layer]),
    (asks, reading): (Vec<Ask>, &mut Reading),
    progress: &mut Progress,
) -> Vec<Ask> {
    let replacing = replacing(entries, &asks);
    if replacing.is_empty() {
        return asks;
    }
    let examined = examine(cloud, call, (&replacing, layers), reading).await;
    let mut held_back = BTreeSet::new();
    for entry in &replacing {
        if hold_back(entry, &examined, &mut progress.resources[entry.index]) {
            held_back.insert(entry.index);
        }
    }
    asks.into_iter().filter(|ask| !held_back.contains(&ask.resource)).collect()
}

/// The resources that would delete a database now, or prepare that, to create another one in its place. The new one is not up yet.
fn replacing(entries: &[Entry], asks: &[Ask]) -> Vec<Entry> {
    let makes_room = |ask: &&Ask| ask.weight == Weight::Needed && ask.change.removes();
    let removes = |entry: &Entry| asks.iter().filter(makes_room).any(|ask| ask.resource == entry.index);
    entries.iter().filter(|entry| entry.kind.replaces() && removes(entry)).cloned().collect()
}

/// True if the resource must not delete anything now. Its state then gives the reason.
fn hold_back(entry: &Entry, examined: &Examination, state: &mut ResourceProgress) -> bool {
    let blocking = examined.findings.iter().filter(|finding| finding.level == Level::Blocking);
    let concerns = |index: Option<usize>| index.is_none_or(|index| index == entry.index);
    let whats: Vec<String> =
        blocking.filter(|finding| concerns(finding.index)).map(Finding::in_short).collect();
    if !whats.is_empty() {
        let whats = whats.join("; ");
        state.fails(&format!(
            "nothing more is deleted, because AWS would not create the new database: {whats}"
        ));
        return true;
    }
    let gap = examined.gaps.iter().find(|gap| gap.index == entry.index);
    if let Some(gap) = gap {
        let said = format!("nothing is deleted until AWS lists {}: {}", gap.need, gap.error);
        state.waits_or_fails(&said, entry.kind.limit());
    }
    gap.is_some()
}
