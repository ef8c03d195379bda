//! The databases that a text means, the refusals, and the tags.

use super::*;
use crate::rules::lateness;
use crate::testing::{arn, at, snapshot};

const NOW: &str = "2026-01-10T12:00:00Z";
const LIMIT: TimeDelta = TimeDelta::minutes(56);

/// A database with copies of so many minutes ago. Only those younger than a day are offered, if any is.
fn known(name: &str, copies: &[(i64, &str)], offered: Option<i64>) -> Known {
    let copies: Vec<_> = copies.iter().map(|(minutes, mark)| copy(name, *minutes, mark)).collect();
    let offer = offered
        .map(|minutes| RecoveryPoint::of(copy(name, minutes, "").origin, original(name, minutes).into()));
    let (all, offers): (Vec<_>, Vec<_>) = (copies.iter().collect(), offer.iter().collect());
    let facts = lateness::Facts {
        copies: &all,
        offers: &offers,
        is_offered: offered.is_some(),
        odd_offer: None,
        first_offer: None,
        is_left_out: false,
    };
    let state = lateness::state(facts, TimeDelta::hours(1), at(NOW));
    let newest_offer = offer.as_ref().and_then(RecoveryPoint::usable_since);
    let database = copies[0].database();
    Known { database, state, copies, newest_offer, is_under_way: false, stuck: Vec::new() }
}

fn original(name: &str, minutes: i64) -> crate::model::snapshot::Snapshot {
    let mut taken = snapshot(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:{name}-{minutes}"), name);
    taken.original_created_at = Some(at(NOW) - TimeDelta::minutes(minutes));
    taken
}

fn copy(name: &str, minutes: i64, mark: &str) -> RecoveryPoint {
    let original = original(name, minutes);
    let mut copy = original.clone();
    copy.arn = arn(&format!("arn:aws:rds:us-west-2:222222222222:snapshot:{name}-{minutes}"));
    copy.copied_from = Some(original.arn.clone());
    copy.tags =
        tags::of([(tags::COPIED_BY, tags::TOOL), (tags::SOURCE_SNAPSHOT_ARN, &original.arn.to_string())]);
    if !mark.is_empty() {
        copy.tags.insert(tags::RETIRED, mark);
    }
    RecoveryPoint::of(original.arn, copy.into())
}

fn decided(all: &[Known], of: &str, change: Change) -> Result<Vec<String>, String> {
    let wish = Wish { of: of.to_owned(), change, by: "assumed-role/Admin/jane".to_owned() };
    let plan = decide(all, &wish, LIMIT, at(NOW)).map_err(|error| error.to_string())?;
    Ok(plan.actions.iter().map(|tag| format!("{} {} {}", tag.verb(), tag.arn.id, tag.value)).collect())
}

#[test]
fn the_newest_copy_gets_the_tag_with_the_person_and_the_end() {
    let gone = [known("orders", &[(90, ""), (300, "")], None)];
    let value = "2026-01-10T12:00:00Z by assumed-role/Admin/jane";
    for of in ["orders", "111111111111/us-east-1/orders", "ord.*"] {
        assert_eq!(
            decided(&gone, of, Change::Retire(None)),
            Ok(vec![format!("retire orders-90 {value}")]),
            "{of}"
        );
    }
    let until = Change::Retire(Some(at("2026-01-12T00:00:00Z")));
    assert_eq!(
        decided(&gone, "orders", until),
        Ok(vec![format!("retire orders-90 {value} until 2026-01-12T00:00:00Z")])
    );
    let passed = decided(&gone, "orders", Change::Retire(Some(at(NOW)))).unwrap_err();
    assert!(passed.contains("has passed") && passed.ends_with("nothing was changed"), "{passed}");
}

#[test]
fn an_unknown_name_is_refused_with_the_most_similar_ones() {
    let all = [known("orders", &[(90, "")], None), known("billing", &[(90, "")], None)];
    let error = decided(&all, "ordres", Change::Retire(None)).unwrap_err();
    let said = "no copy of a database 'ordres' here; the most similar ones are 111111111111/us-east-1/orders, 111111111111/us-east-1/billing";
    assert!(error.contains(said), "{error}");
    // A pattern matches whole names, so that a short one means nothing else.
    assert!(decided(&all, "ord.", Change::Retire(None)).unwrap_err().contains("most similar"));
    assert!(decided(&all, "ord(", Change::Retire(None)).unwrap_err().contains("not a regular expression"));
    assert!(decided(&[], "orders", Change::Retire(None)).unwrap_err().contains("copies of none"));
}

#[test]
fn a_database_that_is_still_offered_is_refused_with_the_exclusions() {
    let mut hopping = known("hopping", &[(90, "")], None);
    hopping.is_under_way = true;
    for (case, all) in [
        ("protected", known("orders", &[(30, "")], Some(30))),
        ("a newer one waits", known("orders", &[(90, "")], Some(5))),
        ("under way", Known { database: copy("orders", 90, "").database(), ..hopping }),
        ("retired and offered again", known("orders", &[(90, "2026-01-09T00:00:00Z by jim")], Some(70))),
    ] {
        let error = decided(&[all], "orders", Change::Retire(None)).unwrap_err();
        assert!(
            error.contains("it is still offered") && error.contains("SnapshotExclusion"),
            "{case}: {error}"
        );
    }
    // The last snapshot of a database that was stopped or deleted stays shared.
    assert!(decided(&[known("orders", &[(57, "")], Some(57))], "orders", Change::Retire(None)).is_ok());
    assert!(decided(&[known("orders", &[(5, "")], None)], "orders", Change::Retire(None)).is_ok());
}

#[test]
fn a_database_whose_offers_cannot_be_copied_is_still_offered_unless_they_are_as_old_as_its_copies() {
    let decided_with = |newest_copy: i64, minutes: Option<i64>| {
        let time = minutes.map(|minutes| at(NOW) - TimeDelta::minutes(minutes));
        let stuck = Stuck { name: "orders-x".to_owned(), time, problem: "no Engine".to_owned() };
        let known = Known { stuck: vec![stuck], ..known("orders", &[(newest_copy, "")], None) };
        decided(&[known], "orders", Change::Retire(None))
    };
    for (case, newest_copy, minutes) in
        [("no time", 90, None), ("newer than the copies", 90, Some(89)), ("young", 10, Some(55))]
    {
        let error = decided_with(newest_copy, minutes).unwrap_err();
        assert!(error.contains("the snapshot orders-x cannot be copied (no Engine)"), "{case}: {error}");
        assert!(error.contains("stop sharing it") && error.contains("SnapshotExclusion"), "{case}: {error}");
    }
    // The last snapshot of a database that is gone.
    for (newest_copy, minutes) in [(90, 90), (56, 56), (10, 56)] {
        assert!(decided_with(newest_copy, Some(minutes)).is_ok(), "{newest_copy} {minutes}");
    }
}

#[test]
fn of_several_databases_one_that_may_not_be_retired_keeps_all_from_it() {
    let gone = [
        known("ci-1", &[(90, "")], None),
        known("ci-2", &[(90, "")], None),
        known("orders", &[(9, "")], Some(9)),
    ];
    assert_eq!(decided(&gone, "ci-.*", Change::Retire(None)).map(|tags| tags.len()), Ok(2));
    let error = decided(&gone, ".*", Change::Retire(None)).unwrap_err();
    assert!(error.contains("us-east-1/orders: it is still offered") && !error.contains("ci-1"), "{error}");
}

#[test]
fn an_undo_replaces_every_mark_and_needs_one() {
    let marks = [
        (90, "2026-01-09T00:00:00Z by jim"),
        (100, "yes"),
        (110, "undone 2026-01-01T00:00:00Z by jim"),
        (120, ""),
    ];
    let undone = "undone 2026-01-10T12:00:00Z by assumed-role/Admin/jane";
    let expected = vec![format!("undo orders-90 {undone}"), format!("undo orders-100 {undone}")];
    assert_eq!(decided(&[known("orders", &marks, Some(5))], "orders", Change::Undo), Ok(expected));
    let error = decided(&[known("orders", &marks[2..], None)], "orders", Change::Undo).unwrap_err();
    assert!(error.contains("it is not retired; nothing was changed"), "{error}");
}

#[test]
fn an_undo_that_stopped_halfway_goes_on_with_the_databases_that_are_still_retired() {
    let undone = known("ci-1", &[(90, "undone 2026-01-09T00:00:00Z by jim")], None);
    let rest = known("ci-2", &[(90, "2026-01-09T00:00:00Z by jim")], None);
    let expected = "undo ci-2-90 undone 2026-01-10T12:00:00Z by assumed-role/Admin/jane".to_owned();
    assert_eq!(decided(&[undone, rest], "ci-.*", Change::Undo), Ok(vec![expected]));
}

#[test]
fn a_mark_that_cannot_be_read_is_replaced_with_the_new_one() {
    let all = [known("orders", &[(90, ""), (100, "yes")], None)];
    let tags = decided(&all, "orders", Change::Retire(None)).unwrap();
    assert!(tags.len() == 2 && tags[1].starts_with("retire orders-100 2026-01-10T12:00:00Z by"), "{tags:?}");
}

#[test]
fn a_database_without_a_usable_copy_of_our_own_cannot_be_retired() {
    let mut by_others = known("orders", &[(90, "")], None);
    std::sync::Arc::make_mut(&mut by_others.copies[0].snapshot).tags.remove(tags::COPIED_BY);
    assert!(
        decided(&[by_others], "orders", Change::Retire(None))
            .unwrap_err()
            .contains("no copy that Pilot Light made")
    );
    let mut failed = known("orders", &[(90, "")], None);
    std::sync::Arc::make_mut(&mut failed.copies[0].snapshot).status = "failed".to_owned().into();
    assert!(decided(&[failed], "orders", Change::Retire(None)).unwrap_err().contains("no usable copy"));
}
