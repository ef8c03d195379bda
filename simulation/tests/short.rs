//! Short simulations of the whole system. `make simulate` runs long ones.

#![expect(clippy::unwrap_used, reason = "a panic fails the test")]

use pilot_light_schedule::conditions::CopyMode;
use pilot_light_schedule::configuration::Configuration;
use pilot_light_simulation::Summary;
use pilot_light_simulation::measure::shortfall::shortfalls;
use pilot_light_simulation::scenario::{Faults, Minutes, Scenario};
use pilot_light_simulator::faults::{FaultPlan, Kind};

/// Seeds that failed once, each with the error that it found in the product or in an invariant.
fn regressions() -> [(&'static str, Scenario); 5] {
    let two_hop = Scenario { copy_mode: CopyMode::TwoHop, ..scenario(3, 3) };
    [
        (
            "a slow run with a slow clock published an age minutes after it had read it; the invariant reported it as false",
            Scenario { seed: 89, faults: without_new_kinds(FaultPlan::hostile()), ..scenario(3, 3) },
        ),
        (
            "AWS listed the tags of a copy late, so the copy was made twice and its intermediate was deleted under the second",
            Scenario { seed: 709, faults: without_new_kinds(FaultPlan::default_faults()), ..two_hop.clone() },
        ),
        (
            "an intermediate was deleted for a newer one while a copy that AWS did not list yet still read it",
            Scenario { seed: 664, faults: without_new_kinds(FaultPlan::default_faults()), ..two_hop.clone() },
        ),
        (
            "a new snapshot under the name of an older one was mistaken for the one that had arrived",
            Scenario { seed: 136, faults: without_new_kinds(FaultPlan::hostile()), ..two_hop.clone() },
        ),
        (
            "the published age of a database without a copy was compared with those that had one; the invariant reported it as false",
            Scenario { databases: 21, days: 1, copy: Minutes { from: 40, to: 50 }, ..two_hop },
        ),
    ]
}

/// A plan without the kinds of faults that are newer than the seeds that failed, so that their histories stay the same.
fn without_new_kinds(plan: FaultPlan) -> Faults {
    let newer = [Kind::RenamedInstance, Kind::SwitchedOverInstance];
    Faults::Plan(newer.into_iter().fold(plan, |plan, kind| plan.with_rate(kind, 0.0).unwrap()))
}

fn scenario(databases: usize, days: u32) -> Scenario {
    Scenario { databases, days, ..Scenario::default() }
}

fn default_faults() -> Faults {
    Faults::Plan(FaultPlan::default_faults())
}

fn hostile() -> Faults {
    Faults::Plan(FaultPlan::hostile())
}

fn simulated(scenario: &Scenario, configuration: &Configuration) -> Summary {
    pilot_light_simulation::run(scenario, configuration).unwrap()
}

fn usual(scenario: &Scenario) -> Summary {
    simulated(scenario, &Configuration::usual().unwrap())
}

fn assert_no_violation(scenario: &Scenario, configuration: &Configuration) -> Summary {
    let summary = simulated(scenario, configuration);
    assert_eq!(summary.violations, [], "{scenario:?}");
    summary
}

#[test]
fn without_faults_every_schedule_keeps_its_bound_and_comes_close_to_it() {
    let usual = Configuration::usual().unwrap();
    let two = Scenario { seed: 7, ..scenario(5, 2) };
    for (scenario, configuration) in [
        (two.clone(), usual.clone()),
        (Scenario { copy_mode: CopyMode::TwoHop, ..two.clone() }, usual),
        (two.clone(), Configuration::hourly().unwrap()),
        (Scenario { days: 4, ..two }, Configuration::legacy().unwrap()),
    ] {
        let summary = assert_no_violation(&scenario, &configuration);
        assert!(summary.worst_age() <= summary.bound, "{summary:?}");
        assert!(summary.worst_age() > summary.bound * 8 / 10, "{summary:?}");
        assert_eq!((summary.failed_runs, summary.without_copy.len()), (0, 0), "{summary:?}");
    }
}

#[test]
fn the_default_keeps_an_hour_and_the_legacy_schedule_falls_short_of_it() {
    let default = assert_no_violation(&scenario(5, 2), &Configuration::usual().unwrap());
    let legacy = assert_no_violation(&scenario(5, 4), &Configuration::legacy().unwrap());
    assert_eq!(shortfalls(&default), []);
    assert!(legacy.worst_minutes() > 200.0, "{legacy:?}");
    let texts: Vec<_> = shortfalls(&legacy).iter().map(ToString::to_string).collect();
    assert!(texts[0].contains("which exceeds the RpoTarget of 60 min by "), "{texts:?}");
    assert_eq!(texts.len(), 1);
}

#[test]
fn a_seed_gives_the_same_history_also_when_other_seeds_run_beside_it() {
    let seven = Scenario { copy_mode: CopyMode::TwoHop, seed: 7, faults: hostile(), ..scenario(2, 2) };
    let alone = usual(&seven);
    assert_eq!(alone, usual(&seven));
    let other = usual(&Scenario { seed: 8, ..seven.clone() });
    assert_ne!(alone, other);
    let both = usual(&Scenario { seeds: 2, ..seven });
    assert_eq!(both, alone.with(other));
}

/// A sample of the seeds of `make simulate`, which runs them at 3, 20 and 60 databases.
#[test]
fn no_invariant_is_violated_under_any_kind_of_faults() {
    let two_hop = CopyMode::TwoHop;
    for scenario in [
        Scenario { faults: default_faults(), seeds: 4, ..scenario(2, 2) },
        Scenario { faults: default_faults(), copy_mode: two_hop, seed: 10, seeds: 2, ..scenario(2, 2) },
        Scenario { faults: hostile(), seed: 20, seeds: 2, ..scenario(2, 2) },
        Scenario { faults: hostile(), copy_mode: two_hop, seed: 30, ..scenario(2, 2) },
        Scenario { faults: Faults::Crash, seed: 100, seeds: 6, ..scenario(2, 2) },
        Scenario { faults: default_faults(), seed: 40, ..scenario(12, 2) },
    ] {
        let summary = assert_no_violation(&scenario, &Configuration::usual().unwrap());
        assert!(summary.arrived > 0, "{summary:?}");
        assert_eq!(summary.without_copy, []);
    }
}

#[test]
fn seeds_that_failed_once_violate_no_invariant() {
    for (error, scenario) in regressions() {
        assert_eq!(usual(&scenario).violations, [], "{error}");
    }
}

#[test]
fn a_simulation_that_is_too_short_for_a_copy_falls_short() {
    let slow = Scenario { snapshot: Minutes { from: 2000, to: 2000 }, ..scenario(2, 1) };
    let texts: Vec<_> = shortfalls(&usual(&slow)).iter().map(ToString::to_string).collect();
    assert_eq!(texts.len(), 3, "{texts:?}");
    assert!(texts[0].starts_with("nothing was copied in 1 day:"), "{texts:?}");
    assert!(
        texts[1].starts_with("db-0000 (and 1 other database) had no usable copy at the end"),
        "{texts:?}"
    );
    assert!(texts[2].contains("exceeds the RpoTarget of 60 min by 1380 min"), "{texts:?}");
}

#[test]
fn spans_of_minutes_are_parsed_and_invalid_ones_are_rejected() {
    assert_eq!("3..6".parse(), Ok(Minutes { from: 3, to: 6 }));
    assert_eq!("4".parse(), Ok(Minutes { from: 4, to: 4 }));
    for text in ["", "6..3", "-1..3", "0", "a..b", "1..2..3"] {
        assert!(text.parse::<Minutes>().is_err(), "{text}");
    }
}
