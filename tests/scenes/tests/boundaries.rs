//! Repeated and interrupted runs of the scheduled workers.
//!
//! A worker that runs twice in a row, or that is killed at any call and runs again, leaves the same world as one run
//! without faults. The crate's `cycle` contains the order of the runs.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]

use pilot_light_simulator::in_process::{Effect, Fault};
use pilot_light_simulator::world::Dump;
use pilot_light_tests::cycle::cycle;
use pilot_light_tests::{Scene, Way};

fn clean(way: Way) -> (Dump, u64) {
    let scene = scene(way);
    cycle(&scene, &|scene, attempt| assert!(attempt(scene), "a run without faults succeeds"));
    (scene.simulation.with_world(|world| world.dump()), scene.simulation.total_calls())
}

fn scene(way: Way) -> Scene {
    let mut scene = Scene::new(way);
    // With this key the database under the default key is shared too, as a re-encrypted copy.
    if way != Way::SameAccount {
        scene.set_source("KmsKeyShare", pilot_light_tests::ORDERS_KEY);
    }
    scene
}

#[test]
fn a_cycle_without_faults_keeps_the_newest_copy_of_each_database() {
    for way in Way::ALL {
        let scene = scene(way);
        cycle(&scene, &|scene, attempt| assert!(attempt(scene)));
        let copies = scene.copies();
        let kept: Vec<_> = copies.iter().map(|copy| copy.database.as_str()).collect();
        assert_eq!(
            kept,
            ["archive", "billing", "orders", "plain"],
            "{way:?}: the newest copy of each database is kept after its retention has ended"
        );
        for copy in &copies {
            assert_eq!(
                (copy.status.as_str(), copy.kms_key.as_ref().map(ToString::to_string)),
                ("available", Some(way.key()))
            );
        }
        if way == Way::TwoHops {
            let between = scene.snapshots(&way.keeper(), &pilot_light_tests::region("us-east-1"));
            assert_eq!(between, [], "no intermediate copy remains after its final copy");
        }
    }
}

#[test]
fn a_second_run_right_after_the_first_changes_nothing() {
    for way in Way::ALL {
        let scene = scene(way);
        cycle(&scene, &|scene, attempt| {
            assert!(attempt(scene));
            let once = scene.simulation.with_world(|world| world.dump());
            assert!(attempt(scene));
            assert_eq!(scene.simulation.with_world(|world| world.dump()), once, "{way:?}");
        });
    }
}

#[test]
fn a_worker_killed_at_any_call_and_run_again_leaves_the_same_world() {
    for way in Way::ALL {
        let (expected, calls) = clean(way);
        for effect in [Effect::Before, Effect::After] {
            for call in 1..=calls {
                let scene = scene(way);
                scene.simulation.inject(Fault::Kill { call, effect });
                cycle(&scene, &|scene, attempt| {
                    if !attempt(scene) {
                        assert!(scene.simulation.was_killed());
                        scene.simulation.clear_faults();
                        assert!(attempt(scene));
                    }
                });
                let ended = scene.simulation.with_world(|world| world.dump());
                assert_eq!(
                    ended, expected,
                    "{way:?}, killed {effect:?} the effect of call {call} of {calls}"
                );
            }
        }
    }
}

#[test]
fn the_next_run_makes_good_a_lost_answer_or_a_refusal_at_any_call() {
    for way in Way::ALL {
        let (expected, calls) = clean(way);
        for (effect, code) in [(Effect::After, "RequestTimeout"), (Effect::Before, "Throttling")] {
            for call in 1..=calls {
                let scene = scene(way);
                let (code, message) = (code.to_owned(), "injected".to_owned());
                scene.simulation.inject(Fault::Fail { call, effect, code, message });
                cycle(&scene, &|scene, attempt| assert!(attempt(scene) || attempt(scene)));
                let ended = scene.simulation.with_world(|world| world.dump());
                assert_eq!(ended, expected, "{way:?}, call {call} of {calls} failed {effect:?} its effect");
            }
        }
    }
}
