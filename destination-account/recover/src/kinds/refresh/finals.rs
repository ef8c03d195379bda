//! The final snapshots that refreshes of y left: the newest stays, older ones go, for they would fill the quota.
//!
//! Which are ours follows from AWS's own word on what they are of, and from the name that this gave. Deleted is only
//! what is tagged besides; the tag is put on the finished snapshot, so that it takes no setting of y, and no snapshot
//! that people take of y can inherit it.

use std::sync::Arc;

use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::snapshot::{Snapshot, SnapshotStatus};
use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::Change;

use crate::facts::Facts;
use crate::kinds::Next;
use crate::{names, tagging};

/// What is left to do once y is up and the old one is gone.
pub(super) fn tidy(y: &DatabaseName, facts: &Facts) -> Next {
    let finals: Vec<&Snapshot> =
        facts.snapshots.iter().map(Arc::as_ref).filter(|found| is_final(found, y)).collect();
    if let Some(writing) = finals.iter().find(|found| found.status.in_progress()) {
        return Next::Wait(format!("the final snapshot '{}' is {}", writing.arn.id, writing.status));
    }
    let changes = changes(y, &finals);
    if changes.is_empty() { Next::Done } else { Next::Tidy(changes) }
}

/// True if a refresh of y left it, and it is not on its way out.
fn is_final(found: &Snapshot, y: &DatabaseName) -> bool {
    let name = found.resource_id.as_ref().map(|of| names::refreshed(y, of));
    name.is_some_and(|name| name.as_ref() == Ok(&found.arn.id))
        && found.copied_from.is_none()
        && found.status != SnapshotStatus::Deleting
}

/// Tags what is not tagged yet, and deletes what is tagged and older than the newest that is usable.
fn changes(y: &DatabaseName, finals: &[&Snapshot]) -> Vec<(Change, String)> {
    let newest =
        finals.iter().filter(|found| found.is_available()).filter_map(|found| found.taken_at()).max();
    let is_older = |found: &Snapshot| found.taken_at().is_some_and(|taken| Some(taken) < newest);
    let change = |found: &Snapshot| {
        let id = &found.arn.id;
        if !found.tags.has(tagging::REFRESHED, y.as_str()) {
            let (snapshot, tags) = (found.arn.clone(), tags::of([(tagging::REFRESHED, y.as_str())]));
            let left = format!("'{id}' may be untagged until the next refresh");
            return Some((Change::TagSnapshot { snapshot, tags }, left));
        }
        let left = format!("the older '{id}' may stay until the next refresh");
        is_older(found).then(|| (Change::DeleteSnapshot(id.clone()), left))
    };
    finals.iter().filter_map(|found| change(found)).collect()
}

#[cfg(test)]
mod tests;
