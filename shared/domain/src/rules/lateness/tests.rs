//! The states of one database, from its copies and offers.

use super::*;
use crate::testing::{arn, at, snapshot};

const NOW: &str = "2026-01-10T12:00:00Z";
const HOUR: TimeDelta = TimeDelta::hours(1);
const BY_JANE: &str = "2026-01-10T00:00:00Z by jane";

/// A snapshot of `orders` that a source account offers, so many minutes old, of the instance `id`.
fn offer(minutes: i64, id: &str) -> RecoveryPoint {
    let name = format!("arn:aws:rds:us-east-1:111111111111:snapshot:orders-{id}-{minutes}");
    let mut offered = snapshot(&name, "orders");
    offered.original_created_at = Some(at(NOW) - TimeDelta::minutes(minutes));
    offered.resource_id = Some(id.into());
    RecoveryPoint::original(offered)
}

/// Our own copy of that snapshot, with the mark if it is not empty.
fn copy(minutes: i64, id: &str, mark: &str) -> RecoveryPoint {
    let offered = offer(minutes, id);
    let mut copied = (*offered.snapshot).clone();
    copied.arn = arn(&format!("arn:aws:rds:us-west-2:222222222222:snapshot:{}", offered.origin.id));
    copied.copied_from = Some(offered.origin.clone());
    copied.tags =
        tags::of([(tags::COPIED_BY, tags::TOOL), (tags::SOURCE_SNAPSHOT_ARN, &offered.origin.to_string())]);
    if !mark.is_empty() {
        copied.tags.insert(tags::RETIRED, mark);
    }
    RecoveryPoint::of(offered.origin, copied.into())
}

fn of(copies: &[RecoveryPoint], offers: &[RecoveryPoint]) -> State {
    of_at(copies, offers, NOW)
}

fn of_at(copies: &[RecoveryPoint], offers: &[RecoveryPoint], now: &str) -> State {
    let (copies, offers): (Vec<_>, Vec<_>) = (copies.iter().collect(), offers.iter().collect());
    let first_offer = offers.iter().filter_map(|offer| offer.usable_since()).min();
    let facts = Facts {
        copies: &copies,
        offers: &offers,
        odd_offer: None,
        is_offered: !offers.is_empty(),
        first_offer,
        is_left_out: false,
    };
    state(facts, HOUR, at(now))
}

fn age(state: &State) -> Option<i64> {
    state.age(at(NOW)).map(|age| age.num_minutes())
}

#[test]
fn a_database_is_late_once_its_newest_copy_is_older_than_the_target_less_the_room_for_a_snapshot() {
    for (minutes, kind) in [(56, Kind::Protected), (57, Kind::Late)] {
        let state = of(&[copy(minutes, "a", ""), copy(300, "a", "")], &[offer(minutes, "a")]);
        assert_eq!((&state.kind, age(&state)), (&kind, Some(minutes)));
    }
    assert_eq!(limit(TimeDelta::minutes(30)), TimeDelta::minutes(28));
}

#[test]
fn an_offer_that_was_not_copied_does_not_end_lateness_however_new_it_is() {
    assert_eq!(of(&[copy(90, "a", "")], &[offer(1, "a")]).kind, Kind::Late);
    // Nor does another instance under the same name.
    assert_eq!(of(&[copy(90, "a", "")], &[offer(1, "b")]).kind, Kind::Late);
}

#[test]
fn a_database_of_which_nothing_is_offered_is_no_longer_offered_and_late_in_time() {
    assert_eq!(of(&[copy(30, "a", "")], &[]).kind, Kind::NoLongerOffered { is_late: false });
    let gone = of(&[copy(90, "a", "")], &[]);
    assert_eq!(
        (gone.kind.clone(), gone.is_late(), age(&gone)),
        (Kind::NoLongerOffered { is_late: true }, true, Some(90))
    );
}

#[test]
fn a_database_that_was_never_copied_is_late_by_its_first_offer() {
    assert_eq!(of(&[], &[offer(30, "a"), offer(1, "a")]).kind, Kind::Protected);
    let late = of(&[], &[offer(90, "a"), offer(1, "a")]);
    assert_eq!((late.kind.clone(), late.newest, age(&late)), (Kind::Late, None, Some(90)));
}

#[test]
fn a_retired_database_has_no_age_and_is_never_late() {
    let retired = of(&[copy(90, "a", BY_JANE), copy(300, "a", "")], &[]);
    assert!(
        matches!(&retired.kind, Kind::Retired { retirement, offered_again: None } if retirement.by == "jane")
    );
    assert_eq!((age(&retired), retired.is_late()), (None, false));
    // A copy that was under way arrived after the retirement.
    assert!(of(&[copy(30, "a", ""), copy(90, "a", BY_JANE)], &[offer(90, "a")]).is_retired());
}

#[test]
fn a_retired_database_that_is_offered_again_shows_it() {
    let again = of(&[copy(90, "a", BY_JANE)], &[offer(5, "a"), offer(90, "a")]);
    let Kind::Retired { offered_again, .. } = again.kind else { panic!("{again:?}") };
    assert_eq!(offered_again, Some(at(NOW) - TimeDelta::minutes(5)));
}

#[test]
fn another_instance_under_the_name_is_not_retired_and_its_age_is_its_own() {
    let new = of(&[copy(9000, "a", BY_JANE)], &[offer(20, "b"), offer(5, "b")]);
    assert_eq!((new.kind.clone(), age(&new)), (Kind::Protected, Some(20)));
    let copied = of(&[copy(9000, "a", BY_JANE), copy(100, "b", "")], &[offer(5, "b")]);
    assert_eq!((copied.kind.clone(), age(&copied)), (Kind::Late, Some(100)));
}

#[test]
fn a_retired_instance_that_gets_its_name_back_does_not_end_the_lateness_of_the_one_after_it() {
    let copies = [copy(9000, "x", BY_JANE), copy(300, "a", "")];
    let back = of(&copies, &[offer(5, "x")]);
    assert_eq!((back.kind.clone(), age(&back)), (Kind::Late, Some(300)));
}

#[test]
fn after_the_end_of_a_retirement_the_age_counts_from_that_end() {
    let until = format!("{BY_JANE} until 2026-01-10T11:30:00Z");
    let ended = of(&[copy(9000, "a", &until)], &[]);
    assert_eq!((ended.kind.clone(), age(&ended)), (Kind::NoLongerOffered { is_late: false }, Some(30)));
    let late = of_at(&[copy(9000, "a", &until)], &[], "2026-01-10T12:30:00Z");
    assert_eq!(late.kind, Kind::NoLongerOffered { is_late: true });
    assert!(of_at(&[copy(9000, "a", &until)], &[], "2026-01-10T11:29:59Z").is_retired());
}

#[test]
fn a_mark_that_cannot_be_read_is_named_and_ends_no_lateness() {
    let odd = of(&[copy(90, "a", "yes")], &[]);
    assert_eq!(
        (odd.kind.clone(), odd.unreadable),
        (Kind::NoLongerOffered { is_late: true }, Some("yes".to_owned()))
    );
}

#[test]
fn no_tag_of_an_offered_snapshot_ends_lateness() {
    let mut offered = (*offer(90, "a").snapshot).clone();
    offered.tags = tags::of([(tags::COPIED_BY, tags::TOOL), (tags::RETIRED, BY_JANE)]);
    let offers = [RecoveryPoint::original(offered)];
    assert_eq!(of(&[copy(90, "a", "")], &offers).kind, Kind::Late);
    assert_eq!(
        of(&[copy(90, "a", ""), copy(200, "a", "undone 2026-01-10T00:00:00Z by jane")], &offers).kind,
        Kind::Late
    );
}

#[test]
fn a_database_that_the_destination_leaves_out_and_a_copy_of_unknown_origin_have_no_age() {
    let copies = [copy(90, "a", "")];
    let copies: Vec<_> = copies.iter().collect();
    let facts = Facts {
        copies: &copies,
        offers: &[],
        is_offered: false,
        odd_offer: None,
        first_offer: None,
        is_left_out: true,
    };
    assert_eq!(state(facts, HOUR, at(NOW)).age(at(NOW)), None);
    let mut stray = snapshot("arn:aws:rds:us-west-2:222222222222:snapshot:orders-2026-01-01-05-00", "orders");
    stray.database_time = Some(at("2026-01-01T05:00:00Z"));
    assert_eq!(
        of(&[RecoveryPoint::original(stray.clone())], &[]).kind,
        Kind::NoLongerOffered { is_late: true }
    );
    stray.tags = tags::of([(tags::COPIED_BY, tags::TOOL)]);
    assert_eq!(of(&[RecoveryPoint::original(stray)], &[]).kind, Kind::LeftOut);
}
