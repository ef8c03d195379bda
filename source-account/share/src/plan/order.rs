//! The order of the actions: the newest snapshot of every database, then the second newest of each, and so on.
//!
//! A run that has no time for a backlog thus protects every database as far as possible. Shares that only end come last.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use pilot_light_domain::Instant;
use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::run::plan::Action;

use super::{Decided, Facts, Share, is_shareable};

/// The actions in their order. Within one rank, the newest snapshot comes first. A snapshot without a time is the oldest.
pub(super) fn sorted(mut decided: Vec<Decided<'_>>, facts: &Facts) -> Vec<Share> {
    let ranks = ranks(&decided, facts);
    decided.sort_by_cached_key(|(snapshot, share)| {
        let rank = ranks.get(&(&snapshot.database, snapshot.taken_at())).copied().unwrap_or_default();
        (is_only_an_end(share), rank, Reverse(snapshot.taken_at()), share.subject())
    });
    decided.into_iter().map(|(_, share)| share).collect()
}

fn is_only_an_end(share: &Share) -> bool {
    matches!(share, Share::Change(sharing) if sharing.add.is_empty())
}

/// The rank of each time at which snapshots of a database were taken: the number of later times.
///
/// Snapshots that are shared already count. Of two databases, the one whose newest snapshot is not yet shared goes first.
fn ranks<'a>(
    decided: &[Decided<'a>],
    facts: &'a Facts,
) -> BTreeMap<(&'a DatabaseName, Option<Instant>), usize> {
    let mut times: BTreeMap<&DatabaseName, BTreeSet<Reverse<Option<Instant>>>> = BTreeMap::new();
    for (snapshot, _) in decided {
        times.entry(&snapshot.database).or_default().insert(Reverse(snapshot.taken_at()));
    }
    if !times.is_empty() {
        for snapshot in facts.snapshots.iter().filter(|snapshot| is_shareable(snapshot, facts)) {
            if let Some(times) = times.get_mut(&snapshot.database) {
                times.insert(Reverse(snapshot.taken_at()));
            }
        }
    }
    let ranked = |(database, times): (&'a DatabaseName, BTreeSet<Reverse<Option<Instant>>>)| {
        times.into_iter().enumerate().map(move |(rank, Reverse(time))| ((database, time), rank))
    };
    times.into_iter().flat_map(ranked).collect()
}
