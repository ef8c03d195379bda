//! The common part of promotions, switchovers and failovers: a database of this Region takes over from the one it follows.
//!
//! A tag shows afterwards that a recovery made it take over, and when. Without the tag, the live primary of a Region looks
//! like the result of a recovery, and so does an old primary that another database has replaced.

use pilot_light_domain::Instant;
use pilot_light_domain::model::arn::DatabaseArn;
use pilot_light_domain::model::tags::Tags;
use pilot_light_domain::recovery::Change;
use serde_json::{Value, json};

use super::Next;
use crate::facts::Setting;
use crate::{identity, tagging};

/// The note on the first look: whether the database followed another one, or a recent recovery made it take over.
pub(super) fn mark(follows: bool, tags: Option<&Tags>, setting: &Setting) -> Value {
    json!({ "followed": follows || tags.is_some_and(|tags| identity::is_recent(tags, setting)) })
}

/// True if the database followed another one at the first look. The notes of version 0.1.0 do not say that it did not.
pub(super) fn followed(mark: &Value) -> bool {
    mark["followed"] != false
}

/// The reason to refuse a database that never followed another one. It may be the live primary: the recovery was started in
/// its Region.
pub(super) fn never_followed(what: &str) -> String {
    format!(
        "{what}, and this recovery did not make it take over; if it is the live primary, start the recovery in the other Region; otherwise leave it out of the manifest"
    )
}

/// Requests a change after which the database of this Region has taken over. Its tags show that before AWS shows the change.
pub(super) fn take_over(
    (database, tags): (&DatabaseArn, &Tags),
    change: Change,
    then: String,
    setting: &Setting,
) -> Next {
    let region = setting.region.clone();
    if tagging::are_ours(tags, setting) && tags.get(tagging::PROMOTED).is_some() {
        return Next::Ask { region, change, then };
    }
    let mut tags = tagging::ours(setting);
    tags.insert(tagging::PROMOTED, tagging::time(setting.recovery.started));
    Next::AskInOrder { region, first: Change::TagDatabase { database: database.clone(), tags }, change, then }
}

/// The start of the recovery in which a database with these tags took over or was restored.
fn leads_since(tags: &Tags) -> Option<Instant> {
    let restored = tags.get(tagging::RESTORED_FROM).and_then(|_| tagging::started(tags));
    let promoted = tags.get(tagging::PROMOTED).and_then(|at| at.parse().ok());
    restored.max(promoted)
}

/// The reason not to replace the database `old` by a follower of `new`: a recovery made `old` the primary, and none has made
/// `new` the primary since. The failback was most likely started in the wrong Region.
pub(super) fn is_live(
    (old, tags): (&DatabaseArn, &Tags),
    (new, new_tags): (&DatabaseArn, &Tags),
) -> Option<String> {
    let since = leads_since(tags)?;
    if leads_since(new_tags).is_some_and(|later| later >= since) {
        return None;
    }
    Some(format!(
        "'{name}' in {region} became the primary in the recovery of {since}, and no later recovery made '{new}' the primary, so '{name}' is most likely live and is not changed; if it is the old one, remove its tags first: aws rds remove-tags-from-resource --region {region} --resource-name {old} --tag-keys {promoted} {restored}",
        name = old.id.name,
        region = old.id.region,
        since = tagging::time(since),
        promoted = tagging::PROMOTED,
        restored = tagging::RESTORED_FROM,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{EAST, WEST, instance, setting};

    /// The reason not to replace the instance in the east, with these tags there and in the west.
    fn verdict(east: &[(&str, &str)], west: &[(&str, &str)]) -> Option<String> {
        let (old, new) = (instance(EAST, "orders"), instance(WEST, "orders"));
        let [here, there] = [east, west].map(|pairs| pairs.iter().copied().collect::<Tags>());
        is_live((&old.arn, &here), (&new.arn, &there))
    }

    #[test]
    fn a_database_is_live_if_it_was_the_last_to_become_the_primary() {
        let early = (tagging::PROMOTED, "2026-01-01T00:00:00Z");
        let late = (tagging::PROMOTED, "2026-01-02T00:00:00Z");
        let restored = [(tagging::RESTORED_FROM, "x"), ("PilotLightStarted", "2026-01-02T00:00:00Z")];
        assert_eq!(verdict(&[], &[]), None, "nobody knows");
        assert_eq!(verdict(&[], &[late]), None);
        assert_eq!(verdict(&[early], &[late]), None);
        assert_eq!(verdict(&[early], &restored), None);
        assert_eq!(verdict(&[("PilotLightStarted", "2026-01-02T00:00:00Z")], &[]), None, "a replica");
        for (east, west) in [(&[late][..], &[early][..]), (&[late], &[]), (&restored, &[early])] {
            let said = verdict(east, west).unwrap();
            assert!(said.contains(
                "'orders' in us-east-1 became the primary in the recovery of 2026-01-02T00:00:00Z"
            ));
        }
    }

    #[test]
    fn a_change_is_tagged_once() {
        let setting = setting(WEST, "one");
        let found = instance(WEST, "orders");
        let change = || Change::PromoteReplica("orders".parse().unwrap());
        let first = take_over((&found.arn, &found.tags), change(), "promoting".to_owned(), &setting);
        let Next::AskInOrder { first: Change::TagDatabase { tags, .. }, .. } = first else {
            panic!("{first:?}")
        };
        let again = take_over((&found.arn, &tags), change(), "promoting".to_owned(), &setting);
        assert!(matches!(again, Next::Ask { .. }), "{again:?}");
    }
}
