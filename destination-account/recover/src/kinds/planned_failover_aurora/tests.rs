//! Each state of a switchover, including the state before it, and each guard.

use pilot_light_domain::recovery::Change;

use super::*;
use crate::tagging;
use crate::testing::{
    EAST, WEST, cluster, cluster_arn, fields, global, member, names_of, nothing, region, setting, with,
};

const GIVEN: [(&str, &str); 2] = [
    ("GlobalClusterIdentifier", "shop"),
    ("DBClusterIdentifier", "arn:aws:rds:us-west-2:222222222222:cluster:shop-west"),
];

fn kind() -> PlannedFailoverAurora {
    PlannedFailoverAurora::read(&mut fields(&GIVEN), &setting(WEST, "one")).unwrap()
}

/// The cluster in the east is the writer, and the cluster in the west follows it.
fn before() -> Facts {
    nothing(WEST)
        .add_cluster(cluster(WEST, "shop-west", &["shop-west-1"]))
        .add_instance(member(WEST, "shop-west-1", "shop-west"))
        .add_global(global("shop", &[cluster_arn(EAST, "shop-east"), cluster_arn(WEST, "shop-west")]))
}

/// The cluster in the west is the writer.
fn after() -> Facts {
    let mut facts = before();
    facts.global_mut("shop").members.reverse();
    facts.global_mut("shop").members[0].is_writer = true;
    facts.global_mut("shop").members[1].is_writer = false;
    facts
}

/// The next action for a cluster that followed the writer at the first look.
fn next(facts: &Facts) -> Next {
    kind().next(facts, &kind().mark(&before(), &setting(WEST, "one")), &setting(WEST, "one"))
}

fn changed(mut facts: Facts, change: impl FnOnce(&mut Facts)) -> Facts {
    change(&mut facts);
    facts
}

#[test]
fn every_state_of_a_switchover_leads_to_the_right_action() {
    let mut tags = tagging::ours(&setting(WEST, "one"));
    tags.insert(tagging::PROMOTED, "2026-01-02T00:10:00Z");
    let switch = Next::AskInOrder {
        region: region(WEST),
        first: Change::TagDatabase { database: cluster_arn(WEST, "shop-west"), tags },
        change: Change::SwitchoverGlobalCluster {
            id: "shop".to_owned(),
            target: cluster_arn(WEST, "shop-west"),
        },
        then: "switching over global cluster 'shop' to 'shop-west'".to_owned(),
    };
    let moving = Next::Wait("global cluster 'shop' is 'switching-over'".to_owned());
    let modifying = Next::Wait("cluster 'shop-west' is 'modifying'".to_owned());
    let is_moving = |facts: &mut Facts| facts.global_mut("shop").status = "switching-over".to_owned();
    let restarts =
        |facts: &mut Facts| facts.instance_mut(WEST, "shop-west-1").status = "rebooting".to_owned();
    let waits = Next::Wait("instance 'shop-west-1' is 'rebooting'".to_owned());
    let is_modifying =
        |facts: &mut Facts| facts.cluster_mut(WEST, "shop-west").status = "modifying".to_owned();
    for (what, facts, expected) in [
        ("before, and right after the call", before(), switch),
        ("begun, the old writer still shown", changed(before(), is_moving), moving.clone()),
        ("the new writer, not settled", changed(after(), is_moving), moving),
        ("the target is busy", changed(before(), is_modifying), modifying.clone()),
        ("the new writer is busy", changed(after(), is_modifying), modifying),
        ("after", after(), Next::Done),
        ("after, its instance restarts", changed(after(), restarts), waits),
    ] {
        assert_eq!(next(&facts), expected, "{what}");
    }
}

#[test]
fn an_obstacle_to_a_switchover_is_reported_with_its_parameter() {
    let stopped = |facts: &mut Facts| facts.cluster_mut(WEST, "shop-west").status = "stopped".to_owned();
    let headless = |facts: &mut Facts| facts.cluster_mut(WEST, "shop-west").members.clear();
    let deleting = |facts: &mut Facts| facts.global_mut("shop").status = "deleting".to_owned();
    for (facts, parameter) in [
        (changed(before(), |facts| facts.globals().clear()), GLOBAL),
        (changed(before(), deleting), GLOBAL),
        (changed(before(), |facts| drop(facts.global_mut("shop").members.pop())), CLUSTER),
        (changed(before(), |facts| facts.clusters.get_mut(&region(WEST)).unwrap().clear()), CLUSTER),
        (changed(before(), stopped), CLUSTER),
        (changed(before(), headless), CLUSTER),
    ] {
        let obstacles = kind().obstacles(&facts, &setting(WEST, "one"));
        assert_eq!(obstacles.iter().map(|(name, _)| *name).collect::<Vec<_>>(), [parameter], "{obstacles:?}");
        assert_eq!(next(&facts), Next::Failed(obstacles[0].1.clone()));
    }
    for facts in [before(), changed(before(), |facts| facts.global_mut("shop").status.clear())] {
        assert_eq!(kind().obstacles(&facts, &setting(WEST, "one")), []);
    }
}

#[test]
fn a_writer_counts_as_recovered_only_if_it_followed_another_one() {
    let first =
        |facts: &Facts| kind().next(facts, &kind().mark(facts, &setting(WEST, "one")), &setting(WEST, "one"));
    let obstacles = kind().obstacles(&after(), &setting(WEST, "one"));
    assert!(obstacles[0].1.contains("is the writer of global cluster 'shop' already"), "{obstacles:?}");
    assert_eq!(first(&after()), Next::Failed(obstacles[0].1.clone()));
    let tags = tagging::ours(&setting(WEST, "one"));
    assert_eq!(
        first(&changed(after(), |facts| facts.cluster_mut(WEST, "shop-west").tags = tags)),
        Next::Done
    );
}

#[test]
fn the_cluster_must_be_in_this_region_and_account() {
    for (given, problems) in [
        (with(&GIVEN, &[]), vec![]),
        (with(&GIVEN, &[("DBClusterIdentifier", "Shop-West"), ("GlobalClusterIdentifier", "Shop")]), vec![]),
        (vec![], vec!["GlobalClusterIdentifier", "DBClusterIdentifier"]),
        (
            with(&GIVEN, &[("DBClusterIdentifier", "arn:aws:rds:us-east-1:222222222222:cluster:a")]),
            vec![CLUSTER],
        ),
        (
            with(&GIVEN, &[("DBClusterIdentifier", "arn:aws:rds:us-west-2:111111111111:cluster:a")]),
            vec![CLUSTER],
        ),
        (with(&GIVEN, &[("DBClusterIdentifier", "arn:aws:rds:us-west-2:222222222222:db:a")]), vec![CLUSTER]),
        (with(&GIVEN, &[("DBClusterIdentifier", "shop_west")]), vec![CLUSTER]),
        (with(&GIVEN, &[("Region", "us-west-2")]), vec!["Region"]),
    ] {
        let mut fields = fields(&given);
        let read = PlannedFailoverAurora::read(&mut fields, &setting(WEST, "one"));
        assert_eq!(names_of(fields.finish()), problems, "{given:?}");
        assert_eq!(read.is_some_and(|read| read == kind()), problems.is_empty() || problems == ["Region"]);
    }
}

#[test]
fn a_switchover_to_a_cluster_of_another_region_is_never_requested() {
    let mut elsewhere = before();
    elsewhere.region = region(EAST);
    elsewhere.global_clusters = [(region(EAST), vec![])].into();
    assert!(matches!(kind().next(&elsewhere, &Value::Null, &setting(EAST, "one")), Next::Failed(_)));
}

#[test]
fn acts_on_names_the_cluster_and_its_global_cluster() {
    assert_eq!(kind().acts_on(&setting(WEST, "one")), ["global/shop", "cluster/us-west-2/shop-west"]);
}

#[test]
fn the_cluster_and_the_global_cluster_are_examined_apart() {
    let gone = changed(before(), |facts| {
        facts.globals().clear();
        facts.clusters.get_mut(&region(WEST)).unwrap().clear();
    });
    let named = |setting: &Setting| -> Vec<&str> {
        kind().obstacles(&gone, setting).iter().map(|(name, _)| *name).collect()
    };
    assert_eq!(named(&setting(WEST, "one")), [CLUSTER, GLOBAL]);
}
