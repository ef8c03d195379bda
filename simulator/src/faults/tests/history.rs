//! Whole histories: the same from the same seed, and quiet after the end.

use std::collections::BTreeMap;

use super::*;
use crate::world::{Dump, KeyState};
use pilot_light_domain::aws::gateway::{CopySnapshot, CreateSnapshot, GroupOfCopy, RdsGateway};
use pilot_light_domain::model::ids::SnapshotId;
use pilot_light_domain::model::tags;

/// Takes, shares, copies and deletes without any checks, in one run every half hour.
async fn pass(simulation: &Simulation, database: &str, at: Instant) {
    let (source, east) = (rds(simulation, SOURCE, EAST), rds(simulation, DESTINATION, EAST));
    let tags = tags::of([(tags::CREATED_BY, tags::TOOL)]);
    let id = SnapshotId::new(&format!("{database}-{}", at.timestamp())).unwrap();
    let database = DatabaseName::new(database).unwrap();
    source.create_snapshot(&CreateSnapshot { database, id, tags: tags.clone() }).await.ok();
    for snapshot in source.own_snapshots().await.unwrap_or_default() {
        source.change_sharing(&snapshot.arn.id, &[account(DESTINATION)].into(), &[].into()).await.ok();
    }
    if let Some(shared) = east.shared_snapshots().await.unwrap_or_default().last() {
        let (source, target) =
            (shared.arn.clone(), SnapshotId::new(&format!("c{}", at.timestamp())).unwrap());
        let copy = CopySnapshot { source, target, kms_key: None, option_group: GroupOfCopy::Default, tags };
        rds(simulation, DESTINATION, WEST).copy_snapshot(&copy).await.ok();
    }
    for snapshot in source.own_snapshots().await.unwrap_or_default().iter().rev().skip(4) {
        source.delete_snapshot(&snapshot.arn.id).await.ok();
    }
}

struct History {
    simulation: Simulation,
    dump: Dump,
    faults: BTreeMap<Kind, u64>,
    calls: u64,
}

/// 12 days under hostile faults, and then 2 without.
fn history(seed: u64) -> History {
    let simulation = simulation();
    simulation.meet(Adversity::new(FaultPlan::hostile(), seed, days(12), cast()));
    let mut faults = BTreeMap::new();
    for n in 0..14 * 48 {
        let due = start() + TimeDelta::minutes(30 * n);
        if due == days(12).end {
            simulation.advance_to(due);
            faults = simulation.faults_injected();
        }
        for at in simulation.fires("pass", due) {
            simulation.advance_to(at + simulation.skew("pass", at).max(TimeDelta::zero()));
            simulation.advance_by(simulation.slow("pass", at).unwrap_or_default());
            pass(&simulation, if n % 2 == 0 { "orders" } else { "billing" }, at).now_or_never();
            simulation.revive();
        }
    }
    let dump = simulation.with_world(|world| world.dump());
    let calls = simulation.total_calls();
    History { simulation, dump, faults, calls }
}

#[test]
fn the_same_seed_gives_the_same_history_and_another_seed_another() {
    let (one, again, other) = (history(3), history(3), history(4));
    assert!(one.dump == again.dump && one.faults == again.faults && one.calls == again.calls);
    assert!(one.dump != other.dump && one.faults != other.faults);
}

#[test]
fn every_kind_strikes_under_hostile_faults_and_none_after_the_end() {
    let seeds = [1, 2, 3].map(history);
    let mut kinds: Vec<Kind> = seeds.iter().flat_map(|history| history.faults.keys().copied()).collect();
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds, Kind::ALL);
    for History { simulation, dump, faults, .. } in seeds {
        assert_eq!(simulation.faults_injected(), faults);
        assert_eq!(dump.databases.len(), 2);
        assert_eq!(simulation.with_world(|world| world.mishaps_under_way()), 0);
        assert!(
            dump.databases.iter().all(|found| ["available", "backing-up"].contains(&found.status.as_str()))
        );
        assert!(dump.keys.iter().all(|key| key.state == KeyState::Enabled));
        assert!(!dump.snapshots.iter().any(|found| found.id.starts_with("strangers-")));
        assert!(!dump.snapshots.iter().any(|found| found.tags.contains_key(tags::COPIED_BY)));
    }
}
