//! Global clusters: members, the primary, and refusals.

use super::clusters::{about, cluster, create, described as clusters, member, remove, scene as east};
use super::*;

fn arn(region: &str, name: &str) -> String {
    format!("arn:aws:rds:{region}:{OURS}:cluster:{name}")
}

fn around(id: &str, source: &str) -> Request {
    let source = Some(source.to_owned());
    about(ClusterRequest::CreateGlobalCluster(CreateGlobalCluster {
        id: id.into(),
        source,
        ..Default::default()
    }))
}

fn secondary(name: &str) -> Request {
    create(CreateDbCluster { global: Some("world".into()), ..cluster(name) })
}

fn switchover(target: &str) -> Request {
    about(ClusterRequest::SwitchoverGlobalCluster("world".into(), target.into()))
}

fn failover(target: &str, allow_data_loss: Option<bool>, switchover: Option<bool>) -> Request {
    about(ClusterRequest::FailoverGlobalCluster(FailoverGlobalCluster {
        id: "world".into(),
        target: target.into(),
        allow_data_loss,
        switchover,
    }))
}

fn detach(target: &str) -> Request {
    about(ClusterRequest::RemoveFromGlobalCluster("world".into(), target.into()))
}

fn dissolve() -> Request {
    about(ClusterRequest::DeleteGlobalCluster("world".into()))
}

/// `world` around `sales` in the east, which `sales-dr` in the west follows; everything takes 60 seconds.
fn scene() -> Scene {
    let mut scene = east();
    scene.ask(OURS, EAST, around("World", &arn(EAST, "sales"))).unwrap();
    scene.pass(60);
    scene.ask(OURS, WEST, secondary("sales-dr")).unwrap();
    scene.pass(60);
    scene.ask(OURS, WEST, member("reader", "sales-dr")).unwrap();
    scene.pass(60);
    scene
}

/// (status, primary, all members) as a Region describes it.
fn described(scene: &mut Scene, region: &str) -> Option<(String, Option<String>, Vec<String>)> {
    let ask = about(ClusterRequest::DescribeGlobalClusters(DescribeGlobalClusters::default()));
    let Response::Cluster(answer) = scene.ask(OURS, region, ask).unwrap() else { panic!() };
    let ClusterResponse::Globals(listing) = *answer else { panic!() };
    listing.items.first().map(|found| {
        let names = found.members.iter().map(|member| member.cluster.id.name.to_string());
        let writer = found.members.iter().find(|member| member.is_writer);
        let writer = writer.map(|member| member.cluster.id.name.to_string());
        (found.status.clone(), writer, names.collect())
    })
}

fn state(
    status: &str,
    writer: Option<&str>,
    members: &[&str],
) -> Option<(String, Option<String>, Vec<String>)> {
    let members = members.iter().map(|name| (*name).to_owned()).collect();
    Some((status.to_owned(), writer.map(str::to_owned), members))
}

const BOTH: [&str; 2] = ["sales", "sales-dr"];

#[test]
fn every_region_lists_a_global_cluster_and_a_secondary_has_no_writer() {
    let mut scene = scene();
    for region in [EAST, WEST, "eu-west-1"] {
        assert_eq!(described(&mut scene, region), state("available", Some("sales"), &BOTH));
    }
    let dr = clusters(&mut scene, WEST).remove(0);
    assert_eq!((dr.global.as_deref(), dr.members.len(), dr.writer()), (Some("world"), 1, None));
}

#[test]
fn a_switchover_and_a_failover_move_the_primary_and_pass_through_their_status() {
    for (ask, under_way) in [
        (switchover(&arn(WEST, "sales-dr")), "switching-over"),
        (failover(&arn(WEST, "sales-dr"), None, None), "switching-over"),
        (failover(&arn(WEST, "sales-dr"), Some(true), None), "failing-over"),
    ] {
        let mut scene = scene();
        assert_eq!(scene.code_of(OURS, WEST, ask.clone()), "ok");
        assert_eq!(described(&mut scene, EAST), state(under_way, Some("sales"), &BOTH));
        assert_eq!(clusters(&mut scene, WEST)[0].status, under_way);
        assert_eq!(scene.code_of(OURS, WEST, ask), "InvalidGlobalClusterStateFault");
        scene.pass(60);
        assert_eq!(described(&mut scene, EAST), state("available", Some("sales-dr"), &BOTH));
        let (before, after) = (clusters(&mut scene, EAST).remove(0), clusters(&mut scene, WEST).remove(0));
        assert_eq!((before.status.as_str(), before.writer()), ("available", None));
        assert_eq!(after.writer().map(DatabaseName::as_str), Some("reader"));
        assert_eq!(scene.code(switchover(&arn(EAST, "sales"))), "ok");
        scene.pass(60);
        assert_eq!(described(&mut scene, WEST), state("available", Some("sales"), &BOTH));
    }
}

#[test]
fn a_global_cluster_is_described_in_its_earlier_state_right_after_a_switchover() {
    let mut scene = scene();
    scene.configure(|settings| settings.lag_seconds = 5);
    scene.ask(OURS, WEST, switchover(&arn(WEST, "sales-dr"))).unwrap();
    scene.pass(4);
    assert_eq!(described(&mut scene, WEST), state("available", Some("sales"), &BOTH));
    assert_eq!(clusters(&mut scene, WEST)[0].status, "available");
    scene.pass(1);
    assert_eq!(described(&mut scene, WEST), state("switching-over", Some("sales"), &BOTH));
}

#[test]
fn without_the_primarys_region_only_a_failover_or_a_detachment_works() {
    for (ask, code) in [
        (switchover(&arn(WEST, "sales-dr")), "InvalidGlobalClusterStateFault"),
        (failover(&arn(WEST, "sales-dr"), Some(true), None), "ok"),
        (detach(&arn(WEST, "sales-dr")), "ok"),
    ] {
        let mut scene = scene();
        scene.world.begin_outage(Outage::Region(Region::new(EAST).unwrap()));
        assert_eq!(scene.code_of(OURS, WEST, ask), code);
    }
}

#[test]
fn a_detached_cluster_is_promoted_and_independent() {
    let mut scene = scene();
    assert_eq!(scene.code_of(OURS, WEST, remove("sales-dr", Some("last"))), "InvalidDBClusterStateFault");
    assert_eq!(scene.code(remove("sales", Some("last"))), "InvalidGlobalClusterStateFault");
    assert_eq!(scene.code(detach(&arn(EAST, "sales"))), "InvalidGlobalClusterStateFault");
    assert_eq!(scene.code_of(OURS, WEST, detach(&arn(WEST, "sales-dr"))), "ok");
    assert_eq!(described(&mut scene, WEST), state("available", Some("sales"), &["sales"]));
    assert_eq!(clusters(&mut scene, WEST)[0].status, "promoting");
    scene.pass(60);
    let alone = clusters(&mut scene, WEST).remove(0);
    assert_eq!((alone.status.as_str(), alone.global.clone()), ("available", None));
    assert_eq!(alone.writer().map(DatabaseName::as_str), Some("reader"));
    assert_eq!(scene.code_of(OURS, WEST, detach(&arn(WEST, "sales-dr"))), "DBClusterNotFoundFault");
}

#[test]
fn only_an_empty_global_cluster_is_deleted_and_its_name_is_free_afterwards() {
    let mut scene = scene();
    assert_eq!(scene.code(dissolve()), "InvalidGlobalClusterStateFault");
    scene.ask(OURS, WEST, detach(&arn(WEST, "sales-dr"))).unwrap();
    assert_eq!(scene.code(dissolve()), "InvalidGlobalClusterStateFault");
    scene.ask(OURS, EAST, detach(&arn(EAST, "sales"))).unwrap();
    let protect = |on| ModifyGlobalCluster { id: "world".into(), deletion_protection: Some(on) };
    scene.ask(OURS, EAST, about(ClusterRequest::ModifyGlobalCluster(protect(true)))).unwrap();
    assert_eq!(scene.code(dissolve()), "InvalidParameterCombination");
    scene.ask(OURS, EAST, about(ClusterRequest::ModifyGlobalCluster(protect(false)))).unwrap();
    assert_eq!(scene.code(dissolve()), "ok");
    assert_eq!(described(&mut scene, EAST), state("deleting", None, &[]));
    let anew = around("world", &arn(WEST, "sales-dr"));
    assert_eq!(scene.code_of(OURS, WEST, anew.clone()), "GlobalClusterAlreadyExistsFault");
    scene.pass(60);
    assert_eq!(described(&mut scene, EAST), None);
    assert_eq!(scene.code_of(OURS, WEST, anew), "ok");
}

#[test]
fn refusals_have_awss_codes() {
    let mut scene = scene();
    let encrypted =
        CreateDbCluster { global: Some("world".into()), encrypted: Some(true), ..cluster("other") };
    let other = CreateDbCluster { engine: "aurora-mysql".into(), ..encrypted.clone() };
    for (region, request, code) in [
        (WEST, secondary("second"), "InvalidParameterValue"),
        ("eu-west-1", create(encrypted), "InvalidParameterCombination"),
        ("eu-west-1", create(other), "InvalidParameterCombination"),
        (EAST, around("world", &arn(EAST, "sales")), "GlobalClusterAlreadyExistsFault"),
        (EAST, around("other", &arn(EAST, "sales")), "InvalidDBClusterStateFault"),
        (WEST, around("other", &arn(EAST, "sales")), "DBClusterNotFoundFault"),
        (EAST, switchover(&arn(EAST, "sales")), "InvalidParameterValue"),
        (EAST, switchover("sales-dr"), "InvalidParameterValue"),
        (EAST, switchover(&arn(WEST, "nothing")), "DBClusterNotFoundFault"),
        (EAST, failover(&arn(WEST, "sales-dr"), Some(true), Some(true)), "InvalidParameterCombination"),
    ] {
        assert_eq!(scene.code_of(OURS, region, request.clone()), code, "{request:?}");
    }
    assert_eq!(scene.code_of(OTHER, EAST, dissolve()), "GlobalClusterNotFoundFault");
}

#[test]
fn a_secondary_needs_the_version_of_its_global_cluster() {
    let mut scene = east();
    let newer = CreateDbCluster { engine_version: Some("16.8".into()), ..cluster("newer") };
    scene.ask(OURS, EAST, create(newer)).unwrap();
    scene.pass(60);
    scene.ask(OURS, EAST, around("world", &arn(EAST, "newer"))).unwrap();
    scene.pass(60);
    let refused = scene.ask(OURS, WEST, secondary("follower")).unwrap_err().to_string();
    assert_eq!(
        refused,
        "InvalidParameterValue: Value for engineVersion should match setting for global cluster world"
    );
    let engine_version = Some("16.8".to_owned());
    let same = CreateDbCluster { global: Some("world".into()), engine_version, ..cluster("follower") };
    assert_eq!(scene.code_of(OURS, WEST, create(same)), "ok");
}

#[test]
fn a_secondary_is_encrypted_like_its_primary_with_a_key_of_its_region() {
    let mut scene = east();
    let encrypted = CreateDbCluster { encrypted: Some(true), ..cluster("vault") };
    scene.ask(OURS, EAST, create(encrypted)).unwrap();
    scene.pass(60);
    scene.ask(OURS, EAST, around("world", &arn(EAST, "vault"))).unwrap();
    scene.pass(60);
    let key = "arn:aws:kms:us-west-2:111111111111:key/vault";
    scene.world.register_key(key.parse().unwrap(), BTreeSet::new());
    let follower = |encrypted: Option<bool>, key: Option<&str>| {
        let kms_key = key.map(str::to_owned);
        create(CreateDbCluster { global: Some("world".into()), encrypted, kms_key, ..cluster("follower") })
    };
    for (encrypted, key, code) in [
        (None, None, "InvalidParameterCombination"),
        (Some(true), None, "InvalidParameterCombination"),
        (Some(false), None, "InvalidParameterCombination"),
        (Some(true), Some(key), "ok"),
    ] {
        assert_eq!(scene.code_of(OURS, WEST, follower(encrypted, key)), code, "{encrypted:?} {key:?}");
    }
}

#[test]
fn a_member_of_a_global_cluster_has_no_burstable_class() {
    let mut scene = scene();
    let burstable = |of: &str| {
        let Request::CreateDbInstance(ask) = member("burstable", of) else { panic!() };
        Request::CreateDbInstance(CreateDbInstance { class: "db.t4g.medium".into(), ..ask })
    };
    let refused = scene.ask(OURS, WEST, burstable("sales-dr")).unwrap_err().to_string();
    let text = "The requested instance class is not supported by global databases: db.t4g.medium";
    assert_eq!(refused, format!("InvalidParameterCombination: {text}"));
    scene.ask(OURS, WEST, detach(&arn(WEST, "sales-dr"))).unwrap();
    scene.pass(60);
    assert_eq!(scene.code_of(OURS, WEST, burstable("sales-dr")), "ok");
    let ask = DescribeOrderable { engine: "aurora-postgresql".into(), ..Default::default() };
    let page = Page { max_records: Some(1000), marker: None };
    let ask = Request::DescribeOrderable(Box::new(DescribeOrderable { page, ..ask }));
    let Response::Orderable(rows) = scene.ask(OURS, WEST, ask).unwrap() else { panic!() };
    assert!(rows.items.iter().all(|row| row.supports_global() != row.class.starts_with("db.t")));
}

#[test]
fn the_first_cluster_of_an_empty_global_cluster_is_its_primary() {
    let mut scene = Scene::new();
    let empty = CreateGlobalCluster {
        id: "world".into(),
        engine: Some("aurora-postgresql".into()),
        ..Default::default()
    };
    scene.ask(OURS, EAST, about(ClusterRequest::CreateGlobalCluster(empty))).unwrap();
    scene.pass(0);
    for (region, name) in [(EAST, "sales"), (WEST, "sales-dr")] {
        scene.ask(OURS, region, secondary(name)).unwrap();
        scene.pass(0);
    }
    assert_eq!(described(&mut scene, WEST), state("available", Some("sales"), &BOTH));
}

/// The numbers of instances, clusters and global clusters that the east lists.
fn listed(scene: &mut Scene) -> (usize, usize, usize) {
    let instances = scene.ask(OURS, EAST, Request::DescribeDbInstances(DescribeDbInstances::default()));
    let Response::Instances(listing) = instances.unwrap() else { panic!() };
    (listing.items.len(), clusters(scene, EAST).len(), usize::from(described(scene, EAST).is_some()))
}

#[test]
fn new_resources_are_described_only_after_the_delay_of_the_settings() {
    let mut scene = Scene::new();
    scene.configure(|settings| (settings.new_lag_seconds, settings.lag_seconds) = (30, 5));
    let named = |name: &str| {
        Request::DescribeDbInstances(DescribeDbInstances { name: Some(name.into()), ..Default::default() })
    };
    scene.ask(OURS, EAST, create(cluster("sales"))).unwrap();
    scene.pass(5);
    scene.ask(OURS, EAST, around("World", &arn(EAST, "sales"))).unwrap();
    scene.ask(OURS, EAST, member("one", "sales")).unwrap();
    assert_eq!(listed(&mut scene), (0, 0, 0));
    assert_eq!(scene.code(named("one")), "DBInstanceNotFound");
    assert_eq!(scene.code(create(cluster("sales"))), "DBClusterAlreadyExistsFault", "it exists nevertheless");
    scene.pass(25);
    assert_eq!(listed(&mut scene), (0, 1, 0));
    scene.pass(5);
    assert_eq!(listed(&mut scene), (1, 1, 1));
    assert_eq!(scene.code(named("one")), "ok");
}
