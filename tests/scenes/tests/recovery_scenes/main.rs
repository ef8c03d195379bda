//! The scenes of recovery with the real worker on the simulator, without faults and with a fault at every call.
//!
//! A worker that is killed, refused or left without an answer at any call reaches the same end, and makes no change
//! twice. The crate's `recovery::scenes` defines the scenes.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

mod clean;

use std::collections::BTreeSet;

use chrono::TimeDelta;
use destination_recover::{DestinationRecover, Verdict};
use pilot_light_domain::recovery::Operator;
use pilot_light_simulator::world::Settings;
use pilot_light_tests::recovery::planted::NamesAfterExecution;
use pilot_light_tests::recovery::scenes::{SCENES, Scene};

use self::clean::{AGAIN, Change, Clean, Place, count, sets};

/// The worker, on the simulated AWS as it is.
fn usual() -> (DestinationRecover, fn(&mut Settings)) {
    (DestinationRecover, as_usual)
}

fn as_usual(_: &mut Settings) {}

/// `Describe…` shows a new resource as late as any other change.
fn shown_late(settings: &mut Settings) {
    settings.new_lag_seconds = settings.lag_seconds;
}

/// The differences at every place of these scenes.
fn at_every_place<W: Operator + Copy>(
    scenes: impl Iterator<Item = &'static Scene>,
    (worker, settings): (W, fn(&mut Settings)),
    differs: impl Fn(&Clean<W>, Place) -> Option<String>,
) -> Vec<String> {
    let mut all = Vec::new();
    for scene in scenes {
        let clean = Clean::of(scene, worker, settings);
        all.extend(clean.boundaries().filter_map(|at| differs(&clean, at)));
    }
    all
}

/// The scenes that every execution does anew, or the scenes that are done only once.
fn scenes(is_anew: bool) -> impl Iterator<Item = &'static Scene> {
    SCENES.iter().filter(move |scene| scene.is_anew == is_anew)
}

fn assert_none(differing: &[String]) {
    assert!(differing.is_empty(), "{} differ:\n{}", differing.len(), differing.join("\n"));
}

#[test]
fn every_scene_ends_in_its_expected_state() {
    for scene in SCENES {
        let estate = scene.estate();
        let end = scene.execution(&estate).run(&scene.manifest()).unwrap();
        assert_eq!(end.verdict, Verdict::Recovered, "{}: {}", scene.name, end.message);
        assert_eq!(estate.lines(), scene.end, "{}", scene.name);
    }
}

#[test]
fn every_type_of_resource_has_a_scene_in_which_it_changes_something() {
    let alone = SCENES.iter().filter(|scene| (scene.layers)().len() == 1);
    let kinds: BTreeSet<&str> = alone
        .filter(|scene| Clean::of(scene, DestinationRecover, as_usual).calls.iter().any(Option::is_some))
        .map(|scene| (scene.layers)()[0].0)
        .collect();
    let all = [
        "CreateAuroraSecondaryDBCluster",
        "CreateRDSReadReplica",
        "FailoverElastiCacheCluster",
        "PlannedFailoverAurora",
        "PromoteRDSReadReplica",
        "RefreshFromSnapshot",
        "RestoreDrill",
        "RestoreFromSnapshot",
        "UnPlannedFailoverAurora",
    ];
    assert_eq!(kinds, BTreeSet::from(all));
}

#[test]
fn a_recovery_killed_at_any_call_and_started_again_ends_the_same_and_does_nothing_twice() {
    assert_none(&at_every_place(scenes(false), usual(), Clean::started_again));
    assert_none(&at_every_place(scenes(false), usual(), Clean::started_again_at_once));
}

#[test]
fn a_drill_or_refresh_killed_at_any_call_is_done_anew_and_leaves_nothing_behind() {
    for pause in [TimeDelta::zero(), AGAIN] {
        assert_none(&at_every_place(scenes(true), usual(), |clean, at| clean.done_anew(at, pause)));
    }
}

#[test]
fn a_recovery_killed_at_any_call_and_retried_ends_the_same_and_does_nothing_twice() {
    assert_none(&at_every_place(SCENES.iter(), usual(), |clean, at| clean.retried(at, at.killed())));
}

#[test]
fn a_killed_worker_does_nothing_twice_even_if_lists_show_new_resources_late() {
    let late = || (DestinationRecover, shown_late as fn(&mut Settings));
    assert_none(&at_every_place(SCENES.iter(), late(), |clean, at| clean.retried(at, at.killed())));
    assert_none(&at_every_place(scenes(false), late(), Clean::started_again_at_once));
}

#[test]
fn calls_that_are_all_repeated_do_nothing_twice() {
    for settings in [as_usual as fn(&mut Settings), shown_late] {
        for scene in SCENES {
            let clean = Clean::of(scene, DestinationRecover, settings);
            let estate = scene.estate_with(settings);
            let mut twice = scene.execution(&estate);
            twice.calls_for_each_step = 2;
            let end = twice.run(&scene.manifest()).unwrap();
            assert_eq!(end.verdict, Verdict::Recovered, "{}: {}", scene.name, end.message);
            let but_settings =
                |calls: &[Option<Change>]| count(calls.iter().flatten().filter(|(_, action)| !sets(action)));
            let made = but_settings(&estate.changes_by_call());
            assert_eq!(made, but_settings(&clean.calls), "{}", scene.name);
            assert_eq!(estate.lines(), scene.end, "{}", scene.name);
        }
    }
}

#[test]
fn a_retry_makes_good_a_refusal_or_a_lost_answer_at_any_call_and_does_nothing_twice() {
    assert_none(&at_every_place(SCENES.iter(), usual(), |clean, at| clean.retried(at, at.failed())));
}

#[test]
fn the_checks_detect_a_worker_that_starts_a_restore_twice() {
    let restore = || SCENES.iter().take(1);
    let names = || (NamesAfterExecution { name: "orders-2", separator: '-' }, as_usual as fn(&mut Settings));
    let found = at_every_place(restore(), names(), Clean::started_again);
    let twice = |difference: &&String| difference.contains(r#""RestoreDBInstanceFromDBSnapshot"): 2"#);
    assert!(found.iter().any(|difference| twice(&difference)), "{found:#?}");
    assert_none(&at_every_place(restore(), names(), |clean, at| clean.retried(at, at.killed())));
}
