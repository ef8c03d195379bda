//! The points of retired databases under retention, promises and safety.

use std::collections::BTreeMap;

use super::*;
use crate::model::retention::Retention;
use crate::rules::deletion::{Facts, Rules, plan};
use crate::run::plan::SkipReason;
use crate::run::unknown_parameters::UnknownParameters;
use crate::testing::{arn, at, snapshot};

const NOW: &str = "2026-03-01T00:00:00Z";
const RETENTION: Retention = Retention { keep_for: TimeDelta::days(7), keep_last: 2, keep_daily: 3 };
const JANUARY: &str = "2026-01-10T00:00:00Z by jane";

/// Our own copy of a snapshot taken so many days ago of the instance `id`, with a promise and the mark if it is not empty.
fn copy(days: i64, id: &str, mark: &str) -> RecoveryPoint {
    let original = arn(&format!("arn:aws:rds:us-east-1:111111111111:snapshot:orders-{id}-{days}"));
    let mut copy =
        snapshot(&format!("arn:aws:rds:us-west-2:222222222222:snapshot:orders-{id}-{days}"), "orders");
    copy.original_created_at = Some(at(NOW) - TimeDelta::days(days));
    copy.resource_id = Some(id.into());
    copy.copied_from = Some(original.clone());
    copy.tags = tags::of([
        (tags::COPIED_BY, tags::TOOL),
        (tags::SOURCE_SNAPSHOT_ARN, &original.to_string()),
        (tags::RETENTION, &RETENTION.to_string()),
    ]);
    if !mark.is_empty() {
        copy.tags.insert(tags::RETIRED, mark);
    }
    RecoveryPoint::of(original, copy.into())
}

/// The reason to keep each point, by its name. Those that go have none.
fn kept(points: &[RecoveryPoint], keep_retired: Option<TimeDelta>) -> BTreeMap<String, String> {
    kept_under(points, RETENTION, keep_retired)
}

fn kept_under(
    points: &[RecoveryPoint],
    retention: Retention,
    keep_retired: Option<TimeDelta>,
) -> BTreeMap<String, String> {
    // Another database has a new point, so that time goes on.
    let mut fresh = copy(0, "z", "");
    fresh.name = "billing".parse().unwrap();
    let points = points.iter().cloned().chain([fresh]).collect();
    let facts = Facts { points, ..Facts::default() };
    let unknown = UnknownParameters::NONE;
    let rules = Rules { delete: true, unknown: &unknown, retention, keep_retired, confirmation: None };
    let plan = plan(&facts, rules, at(NOW)).unwrap();
    let name = |text: &str| text.rsplit(':').next().unwrap().to_owned();
    let going = plan.actions.iter().map(|delete| (delete.arn.id.to_string(), String::new()));
    let left = plan.skips.iter().map(|skip| (name(&skip.subject.to_string()), skip.reason.key()));
    let is_of_orders = |(name, _): &(String, String)| name.starts_with("orders-") && name != "orders-z-0";
    going.chain(left).filter(is_of_orders).collect()
}

fn names(kept: &BTreeMap<String, String>) -> Vec<&str> {
    kept.iter().filter(|(_, reason)| !reason.is_empty()).map(|(name, _)| name.as_str()).collect()
}

#[test]
fn the_last_points_of_a_retired_database_stay_for_ever_without_keep_retired_and_until_it_has_passed() {
    let points = [copy(50, "a", JANUARY), copy(51, "a", ""), copy(90, "a", "")];
    for keep_retired in [None, Some(TimeDelta::days(365))] {
        assert_eq!(names(&kept(&points, keep_retired)), ["orders-a-50", "orders-a-51", "orders-a-90"]);
    }
}

#[test]
fn after_keep_retired_the_mark_goes_last() {
    let month = Some(TimeDelta::days(30));
    let points = [copy(50, "a", JANUARY), copy(51, "a", ""), copy(90, "a", "")];
    let first = kept(&points, month);
    assert_eq!(names(&first), ["orders-a-50"]);
    assert_eq!(first["orders-a-50"], "KeepRetired");
    assert_eq!(names(&kept(&points[..1], month)), Vec::<&str>::new());
}

#[test]
fn after_keep_retired_the_times_of_both_retentions_still_keep_points() {
    let hour = Some(TimeDelta::hours(1));
    let recent = "2026-02-28T00:00:00Z by jane";
    let points = [copy(2, "a", recent), copy(9, "a", "")];
    let all = kept(&points, hour);
    assert_eq!((all["orders-a-2"].as_str(), all["orders-a-9"].as_str()), ("Retained", ""));
    // Today's retention is shorter than the one under which they were made.
    let short = Retention { keep_for: TimeDelta::hours(12), keep_last: 1, keep_daily: 0 };
    let all = kept_under(&points, short, hour);
    assert_eq!(all["orders-a-2"], "KeepRetired", "the mark stays with the point of which it is promised");
    let unmarked = [copy(2, "a", ""), copy(9, "a", recent)];
    let all = kept_under(&unmarked, short, hour);
    assert_eq!((all["orders-a-2"].as_str(), all["orders-a-9"].as_str()), ("Promised", "KeepRetired"));
}

#[test]
fn the_copies_of_a_database_that_is_expected_back_stay_whatever_keep_retired_says() {
    let planned = format!("{JANUARY} until 2026-09-01");
    let points = [copy(50, "a", &planned), copy(51, "a", "")];
    assert_eq!(names(&kept(&points, Some(TimeDelta::hours(1)))), ["orders-a-50", "orders-a-51"]);
}

#[test]
fn a_new_database_of_the_name_pushes_out_no_last_point_of_a_retired_one_before_keep_retired() {
    let new: Vec<_> = (0..40).map(|days| copy(days, "b", "")).collect();
    let points = [&[copy(50, "a", JANUARY), copy(51, "a", ""), copy(52, "a", "")], new.as_slice()].concat();
    let forever = kept(&points, None);
    assert_eq!(
        (forever["orders-a-50"].as_str(), forever["orders-a-51"].as_str()),
        ("KeepRetired", "KeepRetired")
    );
    assert_eq!(forever["orders-a-52"], "");
    // Then the ordinary rules decide, and never that of an earlier database that was replaced.
    let passed = kept(&points, Some(TimeDelta::days(30)));
    assert_eq!((passed["orders-a-50"].as_str(), passed["orders-b-0"].as_str()), ("", "Retained"));
    let just_replaced = [copy(50, "a", JANUARY), copy(8, "b", ""), copy(0, "b", "")];
    assert_eq!(kept(&just_replaced, Some(TimeDelta::days(30)))["orders-a-50"], "KeepDaily");
}

#[test]
fn a_mark_that_was_undone_or_cannot_be_read_lets_nothing_go() {
    for mark in ["yes", "undone 2026-01-11T00:00:00Z by jane", "2026-01-10T00:00:00Z by jane until soon"] {
        let points = [copy(50, "a", mark)];
        let all = kept(&points, Some(TimeDelta::hours(1)));
        assert_eq!(all["orders-a-50"], "NewestUsable", "{mark}");
    }
}

#[test]
fn points_without_a_promise_are_still_a_mass_deletion_that_a_person_must_confirm() {
    let mut points = [copy(50, "a", JANUARY)];
    std::sync::Arc::make_mut(&mut points[0].snapshot).tags.remove(tags::RETENTION);
    let all = kept(&points, Some(TimeDelta::days(1)));
    assert_eq!(all["orders-a-50"], SkipReason::AwaitsConfirmation.key());
}
