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
use crate::registry::Purpose;
use crate::tagging::{PROMOTED, STARTED};
use crate::{identity, tagging};

/// The note on the first look: whether the database followed another one, or a recovery made it take over, this one or a
/// recent one. That recovery may have ended, and its manifest may have been corrected since.
pub(super) fn mark(follows: bool, tags: Option<&Tags>, setting: &Setting) -> Value {
    let took_over = |tags: &Tags| {
        let is_recent = |at: Instant| setting.recovery.started - at < identity::lasts(Purpose::Failover);
        let is_its = tags.has(tagging::RESOURCE, &tagging::value(&setting.resource));
        tagging::are_ours(tags, setting) || is_its && promoted(tags).is_some_and(is_recent)
    };
    json!({ "followed": follows || tags.is_some_and(took_over), "led": false, "lost": 0 })
}

/// True if the database followed another one at the first look. The notes of version 0.1.0 do not say that it did not.
pub(super) fn followed(mark: &Value) -> bool {
    mark["followed"] != false
}

/// The looks in a row that show another primary before it counts. AWS's lists may be late.
const LOOKS: u64 = 2;

/// The note on whether the database leads, and in how many looks in a row it has led no longer.
pub(super) fn sees(mark: &Value, leads: bool) -> Option<Value> {
    let lost = mark["lost"].as_u64().unwrap_or_default();
    let (is_known, lost) = match (leads, mark["led"] == true) {
        (true, led) => (led && lost == 0, 0),
        (false, true) => (lost >= LOOKS, lost + 1),
        (false, false) => (true, 0),
    };
    let mut mark = if mark.is_object() { mark.clone() } else { json!({}) };
    mark["led"] = json!(true);
    mark["lost"] = json!(lost);
    (!is_known).then_some(mark)
}

/// The end of a database that led during this execution and leads no longer. Whoever made another one lead is not fought: two
/// recoveries that want different primaries would take the role from each other for ever.
pub(super) fn lost(mark: &Value, name: &str) -> Option<Next> {
    if mark["led"] != true {
        return None;
    }
    if mark["lost"].as_u64().unwrap_or_default() < LOOKS {
        return Some(Next::Wait(format!("'{name}' seems to lead no longer; a second look confirms it")));
    }
    Some(Next::Failed(format!(
        "'{name}' led during this recovery, and something else has made another one the primary since; find out which one is live; if it is to be '{name}', start the manifest again"
    )))
}

/// The reason to refuse a database that never followed another one. It may be the live primary: the recovery was started in
/// its Region.
pub(super) fn never_followed(what: &str) -> String {
    format!(
        "{what}, and this recovery did not make it take over; if it is the live primary, start the recovery in the other Region; otherwise leave it out of the manifest"
    )
}

/// Requests a change at the time `now`, after which the database of this Region has taken over. Its tags show that before AWS
/// shows the change. A later takeover overwrites the tags of an earlier one.
pub(super) fn take_over(
    database: &DatabaseArn,
    change: Change,
    then: String,
    (now, setting): (Instant, &Setting),
) -> Next {
    let mut tags = tagging::ours(setting);
    tags.insert(tagging::PROMOTED, tagging::time(now));
    let first = Change::TagDatabase { database: database.clone(), tags };
    Next::AskInOrder { region: setting.region.clone(), first, change, then }
}

/// The time at which a recovery requested that a database with these tags takes over.
pub(super) fn promoted(tags: &Tags) -> Option<Instant> {
    tags.get(tagging::PROMOTED)?.parse().ok()
}

/// The reason not to replace the independent database `old` by a follower of `new`: a recovery made or promoted `old`, and
/// none has promoted `new` since. The failback was most likely started in the wrong Region.
///
/// A database that a recovery created follows or holds other data first. It may have become the primary at any time since,
/// without a recovery. Only a promotion by a recovery shows that `new` is the primary.
pub(super) fn is_live(
    (old, tags): (&DatabaseArn, &Tags),
    (new, new_tags): (&DatabaseArn, &Tags),
) -> Option<String> {
    let since = promoted(tags).max(tagging::started(tags))?;
    if promoted(new_tags).is_some_and(|later| later >= since) {
        return None;
    }
    Some(format!(
        "a recovery made '{name}' in {region} the primary at {since} or later, and no recovery has made '{new}' the primary since, so '{name}' is most likely live and is not changed; if it is the old one, remove its tags first: aws rds remove-tags-from-resource --region {region} --resource-name {old} --tag-keys {PROMOTED} {STARTED}",
        name = old.id.name,
        region = old.id.region,
        since = tagging::time(since),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;
    use pilot_light_domain::testing::at;

    use crate::testing::{EAST, WEST, instance, setting};

    /// The reason not to replace the instance in the east, with these tags there and in the west.
    fn verdict(east: &[(&str, &str)], west: &[(&str, &str)]) -> Option<String> {
        let (old, new) = (instance(EAST, "orders"), instance(WEST, "orders"));
        let [here, there] = [east, west].map(|pairs| pairs.iter().copied().collect::<Tags>());
        is_live((&old.arn, &here), (&new.arn, &there))
    }

    #[test]
    fn a_database_is_live_if_it_was_the_last_to_become_the_primary() {
        let early = (PROMOTED, "2026-01-01T00:00:00Z");
        let late = (PROMOTED, "2026-01-02T00:00:00Z");
        let created = (STARTED, "2026-01-02T00:00:00Z");
        assert_eq!(verdict(&[], &[]), None, "nobody knows");
        assert_eq!(verdict(&[], &[late]), None);
        assert_eq!(verdict(&[early], &[late]), None);
        for (east, west) in [
            (&[late][..], &[early][..]),
            (&[late], &[]),
            (&[created], &[early]),
            // A restore for an inspection is no promotion.
            (&[early], &[created, (tagging::RESTORED_FROM, "x")]),
        ] {
            let said = verdict(east, west).unwrap();
            assert!(
                said.contains("a recovery made 'orders' in us-east-1 the primary at 2026-01-0"),
                "{said}"
            );
        }
    }

    #[test]
    fn a_takeover_counts_if_it_is_of_this_recovery_or_a_recent_one_of_the_same_resource() {
        let now = setting(WEST, "one");
        let hours = |ago: i64| tagging::time(now.recovery.started - TimeDelta::hours(ago));
        let tagged = |pairs: &[(&str, &str)]| pairs.iter().copied().collect::<Tags>();
        let follows = |tags: &Tags| followed(&mark(false, Some(tags), &now));
        assert!(follows(&tagging::ours(&now)));
        let its = (tagging::RESOURCE, "orders");
        assert!(follows(&tagged(&[its, (PROMOTED, &hours(23))])));
        for other in [
            tagged(&[its, (PROMOTED, &hours(24))]),
            tagged(&[(PROMOTED, &hours(1))]),
            // The replica of a failback, which a person promoted.
            tagged(&[its, (STARTED, &hours(1)), (tagging::RECOVERY, "failback")]),
            Tags::new(),
        ] {
            assert!(!follows(&other), "{other:?}");
        }
        assert!(!followed(&mark(false, None, &now)));
    }

    #[test]
    fn a_role_that_was_lost_is_not_taken_back_after_a_second_look() {
        let looks = |leads: &[bool]| {
            let mark = json!({"followed": true});
            leads.iter().fold(mark, |mark, leads| sees(&mark, *leads).unwrap_or(mark))
        };
        let verdict = |leads: &[bool]| lost(&looks(leads), "orders").map(|next| crate::testing::words(&next));
        assert_eq!((verdict(&[]), verdict(&[false, false])), (None, None), "it never led");
        assert!(verdict(&[true, false]).unwrap().starts_with("wait: 'orders' seems to lead no longer"));
        assert!(verdict(&[true, false, true, false]).unwrap().starts_with("wait: "), "a late list");
        let said = verdict(&[false, true, false, false, false]).unwrap();
        assert!(said.starts_with("failed: 'orders' led during this recovery"), "{said}");
        assert!(followed(&looks(&[true, false])));
    }

    #[test]
    fn every_takeover_is_tagged_with_its_own_time() {
        let (setting, found) = (setting(WEST, "one"), instance(WEST, "orders"));
        let change = Change::PromoteReplica("orders".parse().unwrap());
        let now = at("2026-01-02T09:00:00Z");
        let first = take_over(&found.arn, change, "promoting".to_owned(), (now, &setting));
        let Next::AskInOrder { first: Change::TagDatabase { tags, .. }, .. } = first else {
            panic!("{first:?}")
        };
        assert_eq!(promoted(&tags), Some(now));
    }
}
