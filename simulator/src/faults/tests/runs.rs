//! Faults of calls and of schedules.

use super::*;
use pilot_light_domain::aws::error::GatewayErrorKind;
use pilot_light_domain::aws::gateway::{CreateSnapshot, RdsGateway};
use pilot_light_domain::model::ids::SnapshotId;
use pilot_light_domain::model::tags::Tags;

fn draws(kind: Kind, rate: f64) -> Draws {
    Draws::new(FaultPlan::none().with_rate(kind, rate).unwrap(), 7, days(1))
}

fn always(kind: Kind) -> FaultPlan {
    FaultPlan::none().with_rate(kind, 1.0).unwrap()
}

fn snapshot(id: &str) -> CreateSnapshot {
    let database = DatabaseName::new("orders").unwrap();
    CreateSnapshot { database, id: SnapshotId::new(id).unwrap(), tags: Tags::new() }
}

#[test]
fn every_fault_of_calls_strikes_before_or_after_the_effect() {
    for (kind, answer, effects, attempts) in [
        (Kind::Throttled, Some(GatewayErrorKind::Throttled), 0, 30),
        (Kind::ServerError, Some(GatewayErrorKind::Unavailable), 0, 3),
        (Kind::LostAnswer, Some(GatewayErrorKind::Unavailable), 1, 3),
        (Kind::KilledBefore, None, 0, 1),
        (Kind::KilledAfter, None, 1, 1),
    ] {
        let simulation = under(always(kind));
        let answered = rds(&simulation, SOURCE, EAST).create_snapshot(&snapshot("a")).now_or_never();
        assert_eq!(answered.map(|result| result.unwrap_err().kind), answer, "{kind}");
        assert_eq!(simulation.was_killed(), answer.is_none());
        assert_eq!(simulation.with_world(|world| world.dump().snapshots.len()), effects, "{kind}");
        assert_eq!(simulation.faults_injected(), [(kind, attempts)].into(), "{kind}");
    }
}

#[test]
fn rare_faults_of_calls_are_made_good_by_the_gateway_in_virtual_time() {
    for kind in [Kind::Throttled, Kind::ServerError, Kind::LostAnswer] {
        let simulation = under(FaultPlan::none().with_rate(kind, 0.03).unwrap());
        let (rds, begin) = (rds(&simulation, SOURCE, EAST), simulation.now());
        for _ in 0..300 {
            assert_eq!(rds.own_snapshots().now_or_never().unwrap(), Ok(vec![].into()), "{kind}");
        }
        let struck = simulation.faults_injected()[&kind];
        assert!((3..30).contains(&struck), "{kind}: {struck}");
        assert_eq!(simulation.total_calls(), 300 + struck, "{kind}");
        assert!(simulation.now() - begin >= TimeDelta::milliseconds(500) * struck.try_into().unwrap());
    }
}

#[test]
fn a_stepping_run_rests_until_its_pause_is_over_while_others_continue() {
    let simulation = under(always(Kind::Throttled)).run(1).stepping();
    let rds = rds(&simulation, SOURCE, EAST);
    let (begin, mut call) = (simulation.now(), Box::pin(rds.own_snapshots()));
    let mut sent = |milliseconds| {
        simulation.advance_to(begin + TimeDelta::milliseconds(milliseconds));
        assert_eq!((&mut call).now_or_never(), None);
        simulation.total_calls()
    };
    // The first poll is the rest before a step. The pauses are 0.5 s and 1 s, each followed by such a rest.
    assert_eq!([0, 0, 499, 500, 500, 1499, 1500, 1500].map(&mut sent), [0, 1, 1, 1, 2, 2, 2, 3]);
}

#[test]
fn faults_of_calls_strike_at_their_rate_and_only_within_the_window() {
    let draws = draws(Kind::Throttled, 0.1);
    let struck = (0..10_000).filter(|n| draws.call(*n, start()).is_some()).count();
    assert!((900..1100).contains(&struck), "{struck}");
    for outside in [start() - TimeDelta::seconds(1), days(1).end] {
        assert_eq!((0..1000).find_map(|n| draws.call(n, outside)), None);
    }
}

#[test]
fn a_schedule_does_not_fire_or_fires_late_or_twice() {
    let at = start() + TimeDelta::minutes(5);
    let (none, kinds) = draws(Kind::NotFired, 1.0).fires("take", at);
    assert_eq!((none, kinds), (vec![], vec![Kind::NotFired]));
    let (late, kinds) = draws(Kind::FiredLate, 1.0).fires("take", at);
    assert!(late.len() == 1 && late[0] > at && late[0] <= at + TimeDelta::minutes(10));
    assert_eq!(kinds, [Kind::FiredLate]);
    let (twice, kinds) = draws(Kind::FiredTwice, 1.0).fires("take", at);
    assert!(twice.len() == 2 && twice[0] == at && twice[1] <= at + TimeDelta::seconds(90));
    assert_eq!(kinds, [Kind::FiredTwice]);
    assert_eq!(draws(Kind::NotFired, 1.0).fires("take", days(1).end), (vec![days(1).end], vec![]));
    let last = days(1).end - TimeDelta::seconds(1);
    assert_eq!(draws(Kind::FiredLate, 1.0).fires("take", last).0, [days(1).end]);
}

#[test]
fn draws_for_different_workers_and_instants_are_independent() {
    let draws = draws(Kind::NotFired, 0.5);
    let history = |worker: &str| {
        let minutes = (0..200).map(|n| draws.fires(worker, start() + TimeDelta::minutes(n)).0.len());
        minutes.collect::<Vec<_>>()
    };
    assert_eq!(history("take"), history("take"));
    assert_ne!(history("take"), history("copy"));
}

#[test]
fn clock_errors_have_both_signs_and_stay_within_bounds() {
    let draws = draws(Kind::ClockSkew, 1.0);
    let skews: Vec<i64> =
        (0..100).map(|n| draws.skew("take", start() + TimeDelta::minutes(n)).num_seconds()).collect();
    assert!(skews.iter().any(|skew| *skew > 0) && skews.iter().any(|skew| *skew < 0));
    assert!(skews.iter().all(|skew| (1..=120).contains(&skew.abs())));
    let simulation = under(always(Kind::ClockSkew));
    assert_ne!(simulation.skew("take", start()), TimeDelta::zero());
    assert_eq!(simulation.faults_injected(), [(Kind::ClockSkew, 1)].into());
}

#[test]
fn stepping_runs_overlap_and_a_killed_run_spares_the_other() {
    use crate::in_process::{Effect, Fault};
    let simulation = simulation();
    let (first, second) = (simulation.run(1).stepping(), simulation.run(2).stepping());
    simulation.inject(Fault::Kill { call: 2, effect: Effect::After });
    let run = |of: &Simulation, id: &'static str| {
        let rds = rds(of, SOURCE, EAST);
        Box::pin(async move {
            rds.instances().await?;
            rds.create_snapshot(&snapshot(id)).await
        })
    };
    let (mut a, mut b) = (run(&first, "a"), run(&second, "b"));
    let mut ended = Vec::new();
    for _ in 0..5 {
        ended.push(((&mut a).now_or_never().is_some(), (&mut b).now_or_never().is_some()));
        if ended.last() == Some(&(true, false)) {
            break;
        }
    }
    // Both wait, then both read. The fault kills the second run at its read, and the first continues alone.
    assert_eq!(ended, [(false, false), (false, false), (true, false)]);
    assert_eq!((first.was_killed(), second.was_killed(), simulation.was_killed()), (false, true, false));
    second.revive();
    assert!(!second.was_killed());
    assert_eq!(simulation.with_world(|world| world.dump().snapshots.len()), 1);
}

#[test]
fn slow_runs_are_counted_and_take_seconds_for_each_call() {
    let slow: Vec<_> = (0..100)
        .filter_map(|n| draws(Kind::SlowRun, 0.5).slow("take", start() + TimeDelta::minutes(n)))
        .map(|takes| takes.num_seconds())
        .collect();
    assert!((30..70).contains(&slow.len()) && slow.iter().all(|takes| (1..=20).contains(takes)), "{slow:?}");
    let simulation = under(always(Kind::SlowRun));
    assert!(simulation.slow("take", start()).is_some());
    assert_eq!(simulation.faults_injected(), [(Kind::SlowRun, 1)].into());
}
