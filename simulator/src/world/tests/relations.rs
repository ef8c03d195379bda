//! Relations of replicas, members and global clusters under many requests in any order: both sides always agree.

use std::collections::BTreeMap;

use super::clusters::{about, cluster, create, member, remove};
use super::*;

/// Numbers that look random and are the same every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 += 1;
        hash(self.0, &["relations"]) % limit
    }

    fn of(&mut self, some: &[&str]) -> String {
        some[usize::try_from(self.below(some.len() as u64)).unwrap()].to_owned()
    }
}

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

fn arn_of(numbers: &mut Numbers, kind: &str) -> String {
    let region = numbers.of(&[EAST, WEST]);
    format!("arn:aws:rds:{region}:{OURS}:{kind}:{}", numbers.of(&NAMES))
}

fn about_instances(numbers: &mut Numbers) -> Request {
    let name = numbers.of(&NAMES);
    match numbers.below(10) {
        0..2 => {
            let options = InstanceOptions { backup_retention_days: Some(1), ..Default::default() };
            Request::CreateDbInstance(CreateDbInstance { options, ..instance(&name) })
        }
        2..5 => Request::CreateDbInstanceReadReplica(CreateDbInstanceReadReplica {
            name,
            source: arn_of(numbers, "db"),
            ..Default::default()
        }),
        5 => Request::PromoteReadReplica(name, None),
        6..8 => Request::ModifyDbInstance(ModifyDbInstance {
            name,
            new_name: Some(numbers.of(&NAMES)),
            apply_immediately: true,
            ..Default::default()
        }),
        _ => {
            let skip_final_snapshot = true;
            Request::DeleteDbInstance(DeleteDbInstance { name, skip_final_snapshot, final_snapshot: None })
        }
    }
}

fn about_clusters(numbers: &mut Numbers) -> Request {
    let name = numbers.of(&NAMES);
    let id = "world".to_owned();
    match numbers.below(12) {
        0 => create(cluster(&name)),
        1..3 => create(CreateDbCluster { global: Some(id), ..cluster(&name) }),
        3..5 => member(&numbers.of(&NAMES), &name),
        5 => remove(&name, None),
        6 => about(ClusterRequest::CreateGlobalCluster(CreateGlobalCluster {
            id,
            source: Some(arn_of(numbers, "cluster")),
            ..Default::default()
        })),
        7 => about(ClusterRequest::DeleteGlobalCluster(id)),
        8..10 => about(ClusterRequest::RemoveFromGlobalCluster(id, arn_of(numbers, "cluster"))),
        10 => about(ClusterRequest::SwitchoverGlobalCluster(id, arn_of(numbers, "cluster"))),
        _ => about(ClusterRequest::FailoverGlobalCluster(FailoverGlobalCluster {
            id,
            target: arn_of(numbers, "cluster"),
            allow_data_loss: Some(true),
            switchover: None,
        })),
    }
}

#[test]
fn both_sides_of_every_relation_agree_after_any_requests() {
    let mut scene = Scene::new();
    scene.configure(|settings| {
        settings.instance_seconds = SecondsRange::of(0, 20);
        settings.snapshot_seconds = SecondsRange::of(1, 1);
        settings.lag_seconds = 3;
    });
    let mut numbers = Numbers(0);
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    for _ in 0..20_000 {
        let region = numbers.of(&[EAST, WEST]);
        let asked =
            if numbers.below(2) == 0 { about_instances(&mut numbers) } else { about_clusters(&mut numbers) };
        let action = asked.action();
        if scene.code_of(OURS, &region, asked) == "ok" {
            *done.entry(action).or_default() += 1;
        }
        scene.pass(i64::try_from(numbers.below(8)).unwrap());
        check(&scene.world.dump());
    }
    assert_eq!(done.len(), 12, "{done:?}");
    assert!(done.values().all(|count| *count > 20), "{done:?}");
    while let Some(next) = scene.world.next_event() {
        scene.world.advance(next);
    }
    let dump = scene.world.dump();
    check(&dump);
    assert!(dump.databases.iter().all(|found| found.status == "available"), "{dump:?}");
    assert!(dump.clusters.iter().all(|found| found.status == "available"), "{dump:?}");
    assert!(dump.global_clusters.iter().all(|found| found.status == "available"), "{dump:?}");
}

fn check(dump: &Dump) {
    let instances: BTreeMap<_, _> = dump.databases.iter().map(|found| (&found.arn, found)).collect();
    for found in &dump.databases {
        for replica in &found.replicas {
            assert_eq!(instances[replica].replica_of.as_ref(), Some(&found.arn), "{dump:?}");
        }
        // A source that is gone may still be named from another Region, and its name be used again.
        if let Some(source) = found.replica_of.as_ref().filter(|arn| arn.id.region == found.region) {
            assert!(instances[source].replicas.contains(&found.arn), "{dump:?}");
        }
    }
    check_clusters(dump);
}

fn check_clusters(dump: &Dump) {
    let clusters: BTreeMap<_, _> = dump.clusters.iter().map(|found| (&found.arn, found)).collect();
    for found in &dump.clusters {
        let beside = dump.databases.iter().filter(|instance| instance.region == found.arn.id.region);
        let members: BTreeSet<_> = beside
            .filter(|instance| instance.cluster.as_ref() == Some(&found.arn.id.name))
            .map(|instance| &instance.id)
            .collect();
        assert_eq!(members, found.members.iter().collect(), "{dump:?}");
    }
    for global in &dump.global_clusters {
        assert_eq!(global.writer.is_some(), !global.members.is_empty(), "{dump:?}");
        for member in &global.members {
            let cluster = clusters[member];
            assert_eq!(cluster.global.as_ref(), Some(&global.id), "{dump:?}");
            assert_eq!(cluster.is_secondary, global.writer.as_ref() != Some(member), "{dump:?}");
        }
    }
    let joined = dump.clusters.iter().filter(|found| found.global.is_some()).count();
    assert_eq!(joined, dump.global_clusters.iter().map(|found| found.members.len()).sum::<usize>());
}
