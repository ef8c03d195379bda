//! The upgrade of a frozen installation of 0.1.0 to this version, in process and in virtual time.
//!
//! The workers of this version run on the frozen worlds. The rules of 0.1.0 are written down in `rules`, and `checks`
//! compares.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]

mod checks;
mod forms;
mod frozen;
mod installation;
mod point;
mod rules;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde_json::{Value, json};

use self::checks::{counts, findings};
use self::frozen::Frozen;
use self::installation::{Installation, What};
use self::point::Point;

const WAYS: [&str; 2] = ["one-step", "two-hop"];

/// The time for which the workers run after a correct upgrade, and the time in which a planted error shows.
const LONG: TimeDelta = TimeDelta::days(2);
const SHORT: TimeDelta = TimeDelta::hours(3);

/// True if every value of `part` is in `whole`. `whole` may have more fields.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            let is_in = |(name, value): (&String, &Value)| match whole.get(name) {
                Some(found) => contains(found, value),
                None => value.is_null(),
            };
            part.iter().all(is_in)
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| contains(whole, part))
        }
        _ => whole == part,
    }
}

#[test]
fn a_frozen_world_is_loaded_and_saved_without_loss() {
    for way in WAYS {
        let frozen = Frozen::of_0_1_0(way);
        let saved = serde_json::to_value(frozen.world().save()).unwrap();
        assert!(contains(&saved, &frozen.saved()), "{way}");
    }
}

#[test]
fn a_frozen_installation_names_its_version() {
    for way in WAYS {
        let frozen = Frozen::of_0_1_0(way);
        assert_eq!((frozen.note("version"), frozen.note("copy_mode")), (&json!("0.1.0"), &json!(way)));
    }
}

#[test]
fn the_first_runs_after_an_upgrade_plan_what_the_earlier_version_planned() {
    for way in WAYS {
        let frozen = Frozen::of_0_1_0(way);
        for run in Installation::upgraded(&frozen, &[]).dry_runs() {
            let report = run.outcome.unwrap();
            let actions = report.actions.into_iter();
            let planned: BTreeSet<_> = actions.map(|entry| (entry.what, entry.subject)).collect();
            assert_eq!(planned, frozen.planned(run.worker), "{way}: {}", run.worker);
        }
    }
}

/// Requires that the workers of this version keep every promise of 0.1.0 for two days.
fn assert_correct(way: &str) {
    let frozen = Frozen::of_0_1_0(way);
    let history = Installation::upgraded(&frozen, &[]).run_for(LONG);
    assert_eq!(findings(&frozen, &history), Vec::<String>::new());
    let counts = counts(&history);
    let count = |what, place| counts.get(&(what, place)).copied().unwrap_or_default();
    // Two days have 96 intervals. Five databases are selected, and three of them can be copied.
    assert_eq!(count(What::Taken, "source"), 5 * 96, "{counts:?}");
    assert!(count(What::Copied, "destination") > 3 * 85, "{counts:?}");
    assert!(count(What::Gone, "source") > 400, "{counts:?}");
    assert!(count(What::Gone, "destination") > 200, "{counts:?}");
    assert_eq!(count(What::Copied, "between") > 3 * 80, way == "two-hop", "{counts:?}");
}

#[test]
fn an_upgrade_deletes_nothing_early_copies_nothing_twice_and_raises_no_alarm() {
    assert_correct("one-step");
}

#[test]
fn an_upgrade_in_the_middle_of_copies_over_two_hops_loses_and_repeats_none() {
    assert_correct("two-hop");
}

/// Points of 0.1.0 carry no promised retention. A retention that is cut by mistake does not take them, and nobody writes a promise to
/// them afterwards.
#[test]
fn points_without_the_new_tags_keep_what_they_had_although_the_retention_is_cut_by_mistake() {
    const PROMISE: &str = "PromisedRetention";
    for way in WAYS {
        let frozen = Frozen::of_0_1_0(way);
        let before = frozen.points();
        let copies: Vec<_> = before
            .values()
            .filter(|point| point.place() == frozen::DESTINATION && point.is_usable())
            .collect();
        assert!(copies.len() > 60 && copies.iter().all(|point| point.tag(PROMISE).is_none()), "{way}");
        let cut = [("RetentionDays", "1h"), ("KeepDaily", "0")];
        let history = Installation::upgraded(&frozen, &[]).with(&cut).run_for(SHORT);
        let end: std::collections::BTreeMap<_, _> =
            history.end.iter().map(|point| (point.arn.as_str(), point)).collect();
        for copy in copies {
            let found = end.get(copy.arn.as_str());
            assert!(found.is_some_and(|found| found.tags == copy.tags), "{way}: {}", copy.arn);
        }
        let new = history.end.iter().filter(|point| !before.contains_key(&point.arn));
        let mut new = new.filter(|point| point.place() == frozen::DESTINATION);
        assert!(new.all(|point| point.tag(PROMISE) == Some("for 1h last 1 daily 0")), "{way}");
        let reports = history.runs.iter().filter(|run| run.worker == "destination-delete");
        let mut blocked = reports.flat_map(|run| run.outcome.as_ref().map(|it| it.blockers.clone()).unwrap());
        assert!(blocked.any(|entry| entry.what == "MassDeletion"), "{way}");
    }
}

#[test]
fn a_parameter_that_is_no_longer_read_is_found() {
    for (parameter, expected) in [
        ("KeepDaily", "deleted too early: "),
        ("RetentionDays", "deleted nothing in "),
        ("InstanceNamePattern", "not left alone: scratch"),
        ("KmsKeyDestination", "blocked: billing by destination-copy"),
        ("SourceAccounts", "failed run: destination-copy"),
    ] {
        let frozen = Frozen::of_0_1_0("one-step");
        let history = Installation::upgraded(&frozen, &[parameter]).run_for(SHORT);
        let found = findings(&frozen, &history);
        assert!(found.iter().any(|finding| finding.starts_with(expected)), "{parameter}: {found:#?}");
    }
}

#[test]
fn a_tag_that_is_no_longer_read_is_found() {
    for (way, key, expected) in [
        ("one-step", "CreatedBy", "taken twice: orders"),
        ("one-step", "CopiedBy", "copied twice: "),
        ("two-hop", "CopiedBy", "copied twice: "),
    ] {
        let frozen = Frozen::of_0_1_0(way);
        let history = Installation::upgraded(&frozen.clone().without_tag(key), &[]).run_for(SHORT);
        let found = findings(&frozen, &history);
        assert!(found.iter().any(|finding| finding.starts_with(expected)), "{way}, {key}: {found:#?}");
    }
}

#[test]
fn a_tag_or_a_name_that_is_written_in_another_way_is_found() {
    type Change = fn(&mut Point);
    let frozen = Frozen::of_0_1_0("one-step");
    let history = Installation::upgraded(&frozen, &[]).run_for(SHORT);
    let before = frozen.points();
    for (planted, change, expected) in [
        ("another key", rekeyed as Change, "form unknown to 0.1.0, in 222222222222"),
        ("another form of a time", retimed, "form unknown to 0.1.0, in 111111111111"),
        ("an additional tag", tagged, "form unknown to 0.1.0, in "),
        ("another name", renamed, "form unknown to 0.1.0, in "),
        ("no tag of the tool", untagged, "not recognised by 0.1.0: "),
    ] {
        let mut history = history.clone();
        let points = history.events.iter_mut().map(|event| &mut event.point).chain(&mut history.end);
        points.filter(|point| !before.contains_key(&point.arn)).for_each(change);
        let found = findings(&frozen, &history);
        assert!(found.iter().any(|finding| finding.starts_with(expected)), "{planted}: {found:#?}");
    }
}

fn rekeyed(point: &mut Point) {
    let origin = point.tags.remove("SourceSnapshotArn");
    point.tags.extend(origin.map(|arn| ("Origin".to_owned(), arn)));
}

fn retimed(point: &mut Point) {
    if let Some(time) = point.tags.get_mut("CreatedOn") {
        *time = time.replacen('-', "/", 2);
    }
}

fn tagged(point: &mut Point) {
    point.tags.insert("Promise".to_owned(), "12h".to_owned());
}

fn renamed(point: &mut Point) {
    point.arn = point.arn.replacen(":snapshot:", ":snapshot:pilot-light-", 1);
}

fn untagged(point: &mut Point) {
    point.tags.clear();
}
