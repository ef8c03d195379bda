//! Each worker run twice in a row, and killed at any call and run again, leaves the world of one clean run.
//!
//! The script is in the crate's `cycle`.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a panic fails the test")]

use pilot_light_simulator::in_process::{Effect, Fault};
use pilot_light_simulator::world::Dump;
use pilot_light_tests::cycle::cycle;
use pilot_light_tests::{Scene, Way};

fn clean(way: Way) -> (Dump, u64) {
    let scene = scene(way);
    cycle(&scene, &|scene, attempt| assert!(attempt(scene), "a clean run goes through"));
    (scene.simulation.with_world(|world| world.dump()), scene.simulation.total_calls())
}

fn scene(way: Way) -> Scene {
    let mut scene = Scene::new(way);
    // The default key's database travels too, by the re-encrypted copy.
    if way != Way::SameAccount {
        scene.set_source("KmsKeyShare", pilot_light_tests::ORDERS_KEY);
    }
    scene
}

#[test]
fn the_clean_cycle_does_what_it_is_for() {
    for way in Way::ALL {
        let scene = scene(way);
        cycle(&scene, &|scene, attempt| assert!(attempt(scene)));
        let copies = scene.copies();
        let kept: Vec<_> = copies.iter().map(|copy| copy.database.as_str()).collect();
        assert_eq!(
            kept,
            ["archive", "billing", "orders", "plain"],
            "{way:?}: the newest of each outlives its retention"
        );
        for copy in &copies {
            assert_eq!(
                (copy.status.as_str(), copy.kms_key.as_ref().map(ToString::to_string)),
                ("available", Some(way.key()))
            );
        }
        if way == Way::TwoHops {
            let between = scene.snapshots(&way.keeper(), &pilot_light_tests::region("us-east-1"));
            assert_eq!(between, [], "no intermediate outlives its copy");
        }
    }
}

#[test]
fn running_every_worker_twice_in_a_row_changes_nothing() {
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
fn killed_at_any_call_and_run_again_it_ends_the_same() {
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
fn a_lost_answer_or_a_refusal_at_any_call_is_made_good_by_the_next_run() {
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
