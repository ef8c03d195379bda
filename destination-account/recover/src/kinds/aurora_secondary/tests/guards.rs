//! The guards, each with facts in which a deletion would be wrong.

use super::*;

/// Nothing is requested, and both `validate` and the steps report this parameter.
fn refuses(what: &str, facts: &Facts, parameter: &str) {
    assert_eq!(refused(facts), [parameter], "{what}");
}

#[test]
fn a_writer_with_other_members_is_not_deleted() {
    let not_failed_over = changed(detached(), |facts| {
        *facts.global_mut("shop") =
            global("shop", &[cluster_arn(EAST, "shop-east"), cluster_arn(WEST, "shop-west")]);
    });
    refuses("the failover never happened", &not_failed_over, "SourceDBClusterIdentifier");
    let third_region = changed(detached(), |facts| {
        *facts.global_mut("shop") =
            global("shop", &[cluster_arn(EAST, "shop-east"), cluster_arn("eu-west-1", "shop-eu")]);
    });
    refuses("another Region follows the old one", &third_region, CLUSTER);
}

#[test]
fn without_a_sound_new_primary_the_old_one_is_not_deleted() {
    let there = |change: fn(&mut DbCluster)| {
        changed(detached(), |facts| change(facts.cluster_mut(WEST, "shop-west")))
    };
    let gone = changed(detached(), |facts| {
        facts.clusters.values_mut().for_each(|all| all.retain(|c| c.arn.id.region.as_str() == EAST))
    });
    refuses("there is none", &gone, "SourceDBClusterIdentifier");
    for status in ["deleting", "stopped", "failed", "inaccessible-encryption-credentials"] {
        let facts =
            changed(detached(), |facts| facts.cluster_mut(WEST, "shop-west").status = status.to_owned());
        refuses(status, &facts, "SourceDBClusterIdentifier");
    }
    let follows_another = changed(detached(), |facts| {
        facts
            .globals()
            .push(global("other", &[cluster_arn("eu-west-1", "b"), cluster_arn(WEST, "shop-west")]));
    });
    refuses("it follows another one", &follows_another, GLOBAL);
    let busy = there(|primary| primary.status = "modifying".to_owned());
    let why = "the new primary 'arn:aws:rds:us-west-2:222222222222:cluster:shop-west' is 'modifying'";
    assert_eq!(next(&busy), Next::Wait(why.to_owned()));
}

#[test]
fn a_cluster_that_follows_another_one_is_not_deleted_as_an_old_primary() {
    let elsewhere = changed(detached(), |facts| {
        facts.globals().clear();
        facts
            .globals()
            .push(global("other", &[cluster_arn("eu-west-1", "b"), cluster_arn(EAST, "shop-east")]));
    });
    refuses("it follows in another global cluster", &elsewhere, CLUSTER);
    let led_by_another = changed(detached(), |facts| {
        *facts.global_mut("shop") =
            global("shop", &[cluster_arn("eu-west-1", "b"), cluster_arn(EAST, "shop-east")]);
    });
    refuses("it follows in the same one", &led_by_another, GLOBAL);
}

#[test]
fn a_manifest_started_in_the_wrong_region_does_not_delete_the_live_cluster() {
    // The east was detached from the west and is live. The west is back and is the only member of the global cluster.
    let swapped = changed(detached(), |facts| {
        *facts.global_mut("shop") = global("shop", &[cluster_arn(WEST, "shop-west")]);
    });
    refuses("east is live", &swapped, CLUSTER);
    // Both are independent, and nobody is in the global cluster.
    let promoted = |region: &str, name: &str| {
        changed(detached(), |facts| {
            facts.globals().clear();
            let at = "2026-01-01T00:00:00Z";
            facts.cluster_mut(region, name).tags.insert(crate::tagging::PROMOTED, at);
        })
    };
    refuses("east was promoted", &promoted(EAST, "shop-east"), CLUSTER);
    assert_eq!(refused(&promoted(WEST, "shop-west")), [""; 0], "west was promoted");
}

#[test]
fn only_a_cluster_of_this_region_is_replaced_and_only_if_the_primary_is_in_another_region() {
    let mut elsewhere = kind("one");
    elsewhere.here = cluster_arn("eu-west-1", "shop-east");
    let facts =
        changed(detached(), |facts| drop(facts.clusters.insert("eu-west-1".parse().unwrap(), vec![])));
    assert!(matches!(elsewhere.refusal(&facts), Some((CLUSTER, _))));
    let mut both_here = kind("one");
    both_here.primary = cluster_arn(EAST, "shop-west");
    let facts = detached().add_cluster(cluster(EAST, "shop-west", &["shop-west-1"]));
    assert!(matches!(both_here.refusal(&facts), Some(("SourceRegion", _))));
}

#[test]
fn a_global_cluster_that_cannot_be_created_anew_is_reported_before_anything_is_deleted() {
    let protect = |facts: &mut Facts| facts.global_mut("shop").deletion_protection = true;
    refuses("the old one leads it", &changed(detached(), protect), GLOBAL);
    let empty = changed(west_alone().add_global(global("shop", &[])), protect);
    refuses("it is empty", &empty, GLOBAL);
    let in_use = west_alone().add_global(global("shop", &[cluster_arn(WEST, "shop-west")]));
    assert_eq!(refused(&changed(in_use, protect)), [""; 0]);
    let other = west_alone().add_global(global("shop", &[cluster_arn("eu-west-1", "b")]));
    refuses("another cluster leads it", &other, GLOBAL);
    let of_another_name = west_alone().add_global(global("other", &[cluster_arn(WEST, "shop-west")]));
    refuses("the new primary leads another one", &of_another_name, GLOBAL);
}

#[test]
fn a_new_cluster_that_aws_would_refuse_is_reported_before_the_old_one_is_deleted() {
    let other_engine = changed(detached(), |facts| {
        facts.cluster_mut(WEST, "shop-west").engine.0 = "aurora-postgresql".into();
    });
    refuses("the engine is another one", &other_engine, "Engine");
    let beside = west_alone()
        .add_global(global("shop", &[cluster_arn(WEST, "shop-west"), cluster_arn(EAST, "shop-east-b")]));
    refuses("this Region has a secondary already", &beside, GLOBAL);
}

#[test]
fn an_instance_of_that_name_outside_the_cluster_is_not_adopted() {
    for other in [instance(EAST, "shop-east-1"), member(EAST, "shop-east-1", "other")] {
        let taken = west_alone().add_instance(other);
        refuses("the instance's name is taken", &taken, "DBInstanceIdentifier");
    }
}

#[test]
fn a_missing_primary_is_said_to_endanger_the_old_cluster_only_if_there_is_one() {
    let said = |change: fn(&mut Facts)| {
        let facts = changed(switched(), change);
        kind("one").obstacles(&facts, &setting(EAST, "one")).remove(0).1
    };
    let lost = said(|facts| {
        facts.globals().clear();
        facts.clusters.get_mut(&region(WEST)).unwrap().clear();
    });
    assert!(lost.contains("so the old cluster may hold the only data"), "{lost}");
    let both = said(|facts| {
        facts.globals().clear();
        facts.clusters.values_mut().for_each(Vec::clear);
    });
    assert!(both.contains("cluster:shop-west'; correct the identifier"), "{both}");
}

#[test]
fn a_secondary_that_differs_from_the_requested_one_is_not_the_result_unless_this_recovery_made_it() {
    let following = |change: fn(&mut Facts)| changed(switched(), change);
    assert_eq!(refused(&following(|_| {})), [""; 0]);
    type Change = fn(&mut Facts);
    let cases: [(&str, Change); 2] = [
        ("DBInstanceClass", |facts| {
            facts.instance_mut(EAST, "shop-east-1").class = "db.t4g.medium".to_owned()
        }),
        ("Port", |facts| {
            let endpoint = Endpoint { address: "shop.example.com".to_owned(), port: 3307 };
            facts.cluster_mut(EAST, "shop-east").endpoint = Some(endpoint);
        }),
    ];
    for (what, change) in cases {
        refuses(what, &following(change), CLUSTER);
        let ours = changed(following(change), |facts| {
            facts.cluster_mut(EAST, "shop-east").tags.insert(crate::tagging::RECOVERY, "one");
            facts.instance_mut(EAST, "shop-east-1").tags.insert(crate::tagging::RECOVERY, "one");
        });
        assert_eq!(refused(&ours), [""; 0], "{what}");
        let instance_of_another = changed(ours, |facts| {
            facts.instance_mut(EAST, "shop-east-1").tags.insert(crate::tagging::RECOVERY, "other");
        });
        let differs = what == "DBInstanceClass";
        assert_eq!(!refused(&instance_of_another).is_empty(), differs, "{what}");
        let (unread, setting) =
            examined::<CreateAuroraSecondaryDBCluster>(&setting(EAST, "one"), &GIVEN, what);
        assert_eq!(unread.obstacles(&following(change), &setting), [], "{what} cannot be read");
    }
}
