//! Each state on the way of detaching and of failing over, the state of before among them, and each guard.

use super::super::aurora::CLUSTER;
use super::super::aurora_testing::{
    EAST, WEST, at_fault, cluster, cluster_arn, fields, global, goes_on_from_every_point, nothing, region,
    setting, walk, with,
};
use super::*;

const GIVEN: [(&str, &str); 3] = [
    ("GlobalClusterIdentifier", "shop"),
    ("DBClusterIdentifier", "arn:aws:rds:us-west-2:111111111111:cluster:shop-west"),
    ("ClusterRegion", "us-west-2"),
];

fn kind(other: &[(&str, &str)]) -> UnPlannedFailoverAurora {
    let mut fields = fields(&with(&GIVEN, other));
    let read = UnPlannedFailoverAurora::read(&mut fields, &setting(WEST, "one")).unwrap();
    assert_eq!(fields.finish(), []);
    read
}

fn detach() -> UnPlannedFailoverAurora {
    kind(&[])
}

fn fail_over() -> UnPlannedFailoverAurora {
    kind(&[("AllowDataLoss", "True")])
}

/// East leads and cannot be read, west follows.
fn before() -> Facts {
    let mut facts = nothing(WEST)
        .add_cluster(cluster(WEST, "shop-west", &["shop-west-1"]))
        .add_global(global("shop", &[cluster_arn(EAST, "shop-east"), cluster_arn(WEST, "shop-west")]));
    facts.clusters.remove(&region(EAST));
    facts.instances.clear();
    facts
}

fn changed(mut facts: Facts, change: impl FnOnce(&mut Facts)) -> Facts {
    change(&mut facts);
    facts
}

fn alone() -> Facts {
    changed(before(), |facts| facts.global_mut("shop").members.retain(|member| member.is_writer))
}

fn leads() -> Facts {
    changed(before(), |facts| {
        for member in &mut facts.global_mut("shop").members {
            member.is_writer = !member.is_writer;
        }
    })
}

fn next(kind: &UnPlannedFailoverAurora, facts: &Facts) -> Next {
    kind.next(facts, &Value::Null, &setting(WEST, "one"))
}

fn asked(kind: &UnPlannedFailoverAurora, facts: &Facts) -> Option<Change> {
    match next(kind, facts) {
        Next::Ask { region: asked, change, .. } => {
            assert_eq!(asked, region(WEST));
            Some(change)
        }
        _ => None,
    }
}

#[test]
fn the_type_asks_for_detaching_and_only_allow_data_loss_for_failing_over() {
    let (id, target) = ("shop".to_owned(), cluster_arn(WEST, "shop-west"));
    let removed = Change::RemoveFromGlobalCluster { id: id.clone(), cluster: target.clone() };
    for other in [&[][..], &[("AllowDataLoss", "False")], &[("AllowDataLoss", "None")]] {
        assert_eq!(asked(&kind(other), &before()), Some(removed.clone()), "{other:?}");
    }
    assert_eq!(asked(&fail_over(), &before()), Some(Change::FailoverGlobalCluster { id, target }));
}

#[test]
fn every_state_on_the_way_has_its_answer() {
    let status =
        |status: &'static str| move |facts: &mut Facts| facts.global_mut("shop").status = status.to_owned();
    let busy = |facts: &mut Facts| facts.cluster_mut(WEST, "shop-west").status = "promoting".to_owned();
    let promoting = Next::Wait("cluster 'shop-west' is 'promoting'".to_owned());
    let moving = Next::Wait("global cluster 'shop' is 'failing-over'".to_owned());
    for kind in [detach(), fail_over()] {
        for (what, facts, expected) in [
            ("begun, still shown as a member", changed(before(), busy), promoting.clone()),
            ("begun, alone already", changed(alone(), busy), promoting.clone()),
            ("leads, not up yet", changed(leads(), busy), promoting.clone()),
            ("failing over", changed(before(), status("failing-over")), moving.clone()),
            ("alone", alone(), Next::Done),
            (
                "alone, its old global cluster gone",
                changed(alone(), |facts| facts.globals().clear()),
                Next::Done,
            ),
            ("leads", leads(), Next::Done),
            // The rest of the global cluster may be long in coming back: this one takes writes.
            ("leads, the others follow later", changed(leads(), status("failing-over")), Next::Done),
        ] {
            assert_eq!(next(&kind, &facts), expected, "{what}");
        }
    }
}

#[test]
fn a_writer_is_never_detached() {
    assert_eq!(asked(&detach(), &leads()), None);
    let alone_in_it =
        changed(leads(), |facts| facts.global_mut("shop").members.retain(|member| member.is_writer));
    assert_eq!(next(&detach(), &alone_in_it), Next::Done);
}

#[test]
fn it_gets_to_the_end_from_every_point() {
    for (kind, expected) in [(detach(), "RemoveFromGlobalCluster"), (fail_over(), "FailoverGlobalCluster")] {
        let way = walk(before(), |facts| next(&kind, facts));
        assert_eq!(way.asked, [expected]);
        goes_on_from_every_point(&way, |facts| kind.next(facts, &Value::Null, &setting(WEST, "two")));
    }
}

#[test]
fn what_cannot_take_over_is_told_with_its_parameter() {
    let stopped = |facts: &mut Facts| facts.cluster_mut(WEST, "shop-west").status = "stopped".to_owned();
    let headless = |facts: &mut Facts| facts.cluster_mut(WEST, "shop-west").members.clear();
    for (facts, parameter) in [
        (changed(before(), |facts| facts.global_mut("shop").id = "other".to_owned()), GLOBAL),
        (changed(before(), |facts| facts.clusters.get_mut(&region(WEST)).unwrap().clear()), CLUSTER),
        (changed(before(), stopped), CLUSTER),
    ] {
        let obstacles = detach().obstacles(&facts, &setting(WEST, "one"));
        assert_eq!(obstacles.iter().map(|(name, _)| *name).collect::<Vec<_>>(), [parameter], "{obstacles:?}");
        assert_eq!(next(&detach(), &facts), Next::Failed(obstacles[0].1.clone()));
    }
    assert_eq!(detach().obstacles(&changed(before(), headless), &setting(WEST, "one"))[0].0, CLUSTER);
    for facts in [before(), alone(), leads()] {
        assert_eq!(detach().obstacles(&facts, &setting(WEST, "one")), []);
    }
}

#[test]
fn nothing_is_detached_in_another_region() {
    for (other, fault) in [
        (("ClusterRegion", "us-east-1"), "ClusterRegion"),
        (("ClusterRegion", ""), "ClusterRegion"),
        (("DBClusterIdentifier", "arn:aws:rds:us-east-1:111111111111:cluster:shop-east"), CLUSTER),
        (("AllowDataLoss", "maybe"), "AllowDataLoss"),
    ] {
        let mut fields = fields(&with(&GIVEN, &[other]));
        let read = UnPlannedFailoverAurora::read(&mut fields, &setting(WEST, "one"));
        assert_eq!(at_fault(fields.finish()), [fault]);
        assert_eq!(read.is_some(), fault == "AllowDataLoss");
    }
    let elsewhere = changed(before(), |facts| {
        facts.region = region(EAST);
        facts.global_clusters = [(region(EAST), facts.global_clusters[&region(WEST)].clone())].into();
        facts.clusters.insert(region(EAST), vec![]);
    });
    let answer = detach().next(&elsewhere, &Value::Null, &setting(EAST, "one"));
    assert!(matches!(&answer, Next::Failed(why) if why.contains("this runs in us-east-1")), "{answer:?}");
}

#[test]
fn a_list_that_could_not_be_read_would_pass_for_standing_alone_and_is_no_known_fact() {
    let unread = changed(before(), |facts| {
        facts.global_clusters.clear();
        facts.unread.insert(Need::GlobalClusters(region(WEST)), "Throttling".to_owned());
    });
    assert_eq!(next(&detach(), &unread), Next::Done);
    let known = unread.known(&detach().needs(&setting(WEST, "one")));
    assert_eq!(known.err().as_deref(), Some("cannot list the global clusters in us-west-2: Throttling"));
}
