//! The next action in each state that AWS may show, including states that lag behind the changes.

use super::*;
use crate::tagging;

fn asks(facts: &Facts) -> Change {
    match next(facts) {
        Next::Ask { change, .. } => change,
        other => panic!("{other:?}"),
    }
}

fn waits(facts: &Facts) -> String {
    match next(facts) {
        Next::Wait(why) => why,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_old_cluster_is_deleted_only_with_its_own_final_snapshot() {
    let name = "shop-east".parse().unwrap();
    let first = names::final_snapshot(&name, "cluster-us-east-1-shop-east").unwrap();
    assert!(first.as_str().starts_with("final-shop-east-") && first.as_str().len() <= 63);
    let deleted = |final_snapshot| Change::DeleteCluster { cluster: name.clone(), final_snapshot };
    assert_eq!(asks(&stripped()), deleted(first.clone()));
    // If the list lags behind, the same deletion is requested and finds its own snapshot.
    assert_eq!(asks(&stripped()), deleted(first.clone()));
    let another =
        changed(stripped(), |facts| facts.cluster_mut(EAST, "shop-east").resource_id = "other".to_owned());
    assert_ne!(asks(&another), deleted(first));
}

#[test]
fn the_old_cluster_is_not_deleted_while_either_list_shows_an_instance() {
    let in_the_cluster = changed(stripped(), |facts| {
        facts.cluster_mut(EAST, "shop-east").members.push("shop-east-1".parse().unwrap());
    });
    let mut leaving = member(EAST, "shop-east-1", "shop-east");
    leaving.status = "deleting".to_owned();
    for facts in [in_the_cluster, stripped().add_instance(leaving)] {
        assert_eq!(waits(&facts), "the instances of the old cluster 'shop-east' are being deleted");
    }
}

#[test]
fn changes_that_are_under_way_are_awaited() {
    let status = |facts: Facts, status: &str| {
        changed(facts, |facts| facts.cluster_mut(EAST, "shop-east").status = status.to_owned())
    };
    let unprotected =
        changed(detached(), |facts| facts.cluster_mut(EAST, "shop-east").deletion_protection = false);
    let is_moving = |facts: &mut Facts| facts.global_mut("shop").status = "modifying".to_owned();
    for (what, facts, expected) in [
        ("the old one is busy", status(detached(), "modifying"), "cluster 'shop-east' is 'modifying'"),
        (
            "it leaves its global cluster",
            status(detached(), "promoting"),
            "cluster 'shop-east' is 'promoting'",
        ),
        (
            "its global cluster is busy",
            changed(unprotected, is_moving),
            "global cluster 'shop' is 'modifying'",
        ),
        ("it is deleted", status(stripped(), "deleting"), "cluster 'shop-east' is 'deleting'"),
        (
            "it is deleted, still a member",
            status(detached(), "deleting"),
            "cluster 'shop-east' is 'deleting'",
        ),
        ("it is deleted, and followed", status(switched(), "deleting"), "cluster 'shop-east' is 'deleting'"),
        ("the new one is made", status(switched(), "creating"), "cluster 'shop-east' is 'creating'"),
    ] {
        assert_eq!(waits(&facts), expected, "{what}");
    }
}

#[test]
fn a_new_cluster_whose_membership_aws_does_not_show_yet_is_not_mistaken_for_the_old_one() {
    let led = || west_alone().add_global(global("shop", &[cluster_arn(WEST, "shop-west")]));
    let mut ours = cluster(EAST, "shop-east", &[]);
    ours.tags.insert(tagging::RECOVERY, "one");
    ours.created_at = Some(led().now - chrono::TimeDelta::minutes(9));
    assert_eq!(waits(&led().add_cluster(ours.clone())), "cluster 'shop-east' is 'available'");
    // A recovery may last a day. Ten minutes later, the list is complete.
    let left = DbCluster { created_at: Some(led().now - chrono::TimeDelta::minutes(10)), ..ours.clone() };
    assert_eq!(refused(&led().add_cluster(left)), [CLUSTER]);
    // An earlier execution was killed right after it requested the cluster.
    ours.tags.insert(tagging::RECOVERY, "earlier");
    ours.status = "creating".to_owned();
    assert_eq!(waits(&led().add_cluster(ours.clone())), "cluster 'shop-east' is 'creating'");
    // The same tag on a later independent cluster justifies neither waiting for it nor deleting it.
    ours.status = "available".to_owned();
    assert_eq!(refused(&led().add_cluster(ours)), [CLUSTER]);
}

#[test]
fn a_global_cluster_that_shows_its_earlier_members_is_awaited() {
    let with_global = |status: &str, members: &[DatabaseArn]| {
        let mut shown = global("shop", members);
        shown.status = status.to_owned();
        west_alone().add_global(shown)
    };
    let (east, west) = (cluster_arn(EAST, "shop-east"), cluster_arn(WEST, "shop-west"));
    assert_eq!(waits(&with_global("deleting", &[])), "global cluster 'shop' is 'deleting'");
    assert_eq!(
        waits(&with_global("creating", std::slice::from_ref(&west))),
        "global cluster 'shop' is 'creating'"
    );
    let lagging = "global cluster 'shop' still shows its earlier members";
    assert_eq!(waits(&with_global("available", std::slice::from_ref(&east))), lagging);
    assert_eq!(waits(&with_global("available", &[west.clone(), east.clone()])), lagging);
    let without_writer = changed(with_global("available", &[west]), |facts| {
        facts.global_mut("shop").members[0].is_writer = false;
    });
    assert_eq!(waits(&without_writer), lagging);
    assert_eq!(asks(&with_global("available", &[])), Change::DeleteGlobalCluster("shop".to_owned()));
}

#[test]
fn the_global_cluster_is_created_in_the_region_of_the_new_primary() {
    let primary = cluster_arn(WEST, "shop-west");
    let expected = Next::Ask {
        region: primary.id.region.clone(),
        then: format!("creating global cluster 'shop' around '{primary}'"),
        change: Change::CreateGlobalCluster { id: "shop".to_owned(), primary },
    };
    assert_eq!(next(&west_alone()), expected);
}

#[test]
fn the_resource_is_up_once_its_cluster_and_its_instance_are() {
    assert_eq!(next(&switched()), Next::Done);
    let instance_is = |status: &str| {
        changed(switched(), |facts| facts.instance_mut(EAST, "shop-east-1").status = status.to_owned())
    };
    assert_eq!(next(&instance_is("configuring-enhanced-monitoring")), Next::Done);
    for status in ["creating", "modifying", "deleting"] {
        assert_eq!(waits(&instance_is(status)), format!("instance 'shop-east-1' is '{status}'"));
    }
    assert!(matches!(next(&instance_is("incompatible-parameters")), Next::Failed(_)));
    let resyncing =
        changed(switched(), |facts| facts.cluster_mut(EAST, "shop-east").status = "syncing".to_owned());
    assert_eq!(waits(&resyncing), "cluster 'shop-east' is 'syncing'");
    let stopped =
        changed(switched(), |facts| facts.cluster_mut(EAST, "shop-east").status = "stopped".to_owned());
    assert_eq!(refused(&stopped), [CLUSTER]);
}

#[test]
fn the_old_primary_is_never_mistaken_for_a_finished_secondary() {
    let settled =
        changed(detached(), |facts| facts.cluster_mut(EAST, "shop-east").deletion_protection = false);
    let both_lead = changed(switched(), |facts| facts.global_mut("shop").members[1].is_writer = true);
    for facts in [detached(), settled, stripped(), both_lead] {
        assert_ne!(next(&facts), Next::Done);
    }
}
