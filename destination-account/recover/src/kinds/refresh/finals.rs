//! The final snapshots that refreshes of y left. The newest stays. Older ones are deleted, because they would fill the quota.
//!
//! A snapshot is one of ours if its name is the one that a refresh derives from the resource id that AWS reports for it. It is
//! deleted only if it also has our tag. The tag is set on the finished snapshot. It therefore needs no setting of y, and no
//! snapshot that people take of y can inherit it.

use std::sync::Arc;

use pilot_light_domain::model::ids::DatabaseName;
use pilot_light_domain::model::snapshot::{Snapshot, SnapshotStatus};
use pilot_light_domain::model::tags;
use pilot_light_domain::recovery::Change;

use crate::facts::{Facts, Setting};
use crate::kinds::Next;
use crate::{names, tagging};

/// A y whose final snapshot AWS does not finish in time.
const UNTIDY: &str = "with final snapshots that are not tidied up";

/// The next action once y is up and the old y is gone, or stays for the reasons `but`.
pub(super) fn tidy(y: &DatabaseName, but: Option<String>, facts: &Facts, setting: &Setting) -> Next {
    let finals: Vec<&Snapshot> =
        facts.snapshots.iter().map(Arc::as_ref).filter(|found| is_final(found, y)).collect();
    let writing = finals.iter().find(|found| found.status.in_progress());
    if let Some(writing) = writing.filter(|_| !setting.lacks.contains(UNTIDY)) {
        let what = format!("the final snapshot '{}' is '{}'", writing.arn.id, writing.status);
        return Next::Adjusting { what, without: UNTIDY.to_owned() };
    }
    match (changes(y, &finals), but) {
        (changes, None) if changes.is_empty() => Next::Done,
        (changes, Some(but)) if changes.is_empty() => Next::UpBut(but),
        (changes, but) => Next::Tidy { changes, but },
    }
}

/// True if a refresh of y left the snapshot, and it is not being deleted.
fn is_final(found: &Snapshot, y: &DatabaseName) -> bool {
    let name = found.resource_id.as_ref().map(|of| names::refreshed(y, of));
    name.is_some_and(|name| name.as_ref() == Ok(&found.arn.id))
        && found.copied_from.is_none()
        && found.status != SnapshotStatus::Deleting
}

/// Tags the snapshots without the tag, and deletes the tagged ones that are older than the newest usable one.
fn changes(y: &DatabaseName, finals: &[&Snapshot]) -> Vec<(Change, String)> {
    let newest =
        finals.iter().filter(|found| found.is_available()).filter_map(|found| found.taken_at()).max();
    let is_older = |found: &Snapshot| found.taken_at().is_some_and(|taken| Some(taken) < newest);
    let change = |found: &Snapshot| {
        let id = &found.arn.id;
        if !found.tags.has(tagging::REFRESHED, y.as_str()) {
            let (snapshot, tags) = (found.arn.clone(), tags::of([(tagging::REFRESHED, y.as_str())]));
            let left = format!("'{id}' may stay untagged until the next refresh");
            return Some((Change::TagSnapshot { snapshot, tags }, left));
        }
        let left = format!("the older '{id}' may stay until the next refresh");
        is_older(found).then(|| (Change::DeleteSnapshot(id.clone()), left))
    };
    finals.iter().filter_map(|found| change(found)).collect()
}

#[cfg(test)]
mod tests;
