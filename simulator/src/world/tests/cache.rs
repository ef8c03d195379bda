//! ElastiCache: the creation of a global datastore, and a change of its primary.

use super::*;

fn about(request: CacheRequest) -> Request {
    Request::Cache(Box::new(request))
}

fn group(id: &str, datastore: Option<&str>) -> Request {
    about(CacheRequest::CreateReplicationGroup(CreateReplicationGroup {
        id: id.into(),
        datastore: datastore.map(str::to_owned),
        ..Default::default()
    }))
}

fn datastore(suffix: &str, primary: &str) -> Request {
    about(CacheRequest::CreateGlobalReplicationGroup(CreateGlobalReplicationGroup {
        suffix: suffix.into(),
        primary: primary.into(),
        ..Default::default()
    }))
}

fn failover(id: &str, region: &str, group: &str) -> Request {
    about(CacheRequest::FailoverGlobalReplicationGroup(FailoverGlobalReplicationGroup {
        id: id.into(),
        region: region.into(),
        group: group.into(),
    }))
}

/// (status, primary, statuses of the members) of the first datastore, as a Region describes it.
fn described(scene: &mut Scene, region: &str) -> Option<(String, String, Vec<&'static str>)> {
    let ask = DescribeGlobalReplicationGroups { show_members: true, ..Default::default() };
    let ask = about(CacheRequest::DescribeGlobalReplicationGroups(ask));
    let Response::Cache(answer) = scene.ask(OURS, region, ask).unwrap() else { panic!() };
    let CacheResponse::Datastores(listing) = *answer else { panic!() };
    listing.items.first().map(|found| {
        let primary = found.members.iter().find(|member| member.is_primary).unwrap();
        let statuses = found.members.iter().map(|member| member.status).collect();
        (found.status.clone(), primary.id.clone(), statuses)
    })
}

fn state(status: &str, primary: &str) -> Option<(String, String, Vec<&'static str>)> {
    Some((status.to_owned(), primary.to_owned(), vec!["associated", "associated"]))
}

/// `ldgnf-carts` with its primary in the east and a secondary in the west; everything takes 60 seconds.
fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.configure(|settings| settings.instance_seconds = SecondsRange::of(60, 60));
    scene.ask(OURS, EAST, group("carts", None)).unwrap();
    assert_eq!(scene.code(datastore("carts", "carts")), "InvalidReplicationGroupState");
    scene.pass(60);
    scene.ask(OURS, EAST, datastore("carts", "carts")).unwrap();
    scene.pass(60);
    assert_eq!(
        described(&mut scene, EAST),
        Some(("primary-only".into(), "carts".into(), vec!["associated"]))
    );
    scene.ask(OURS, WEST, group("carts-dr", Some("ldgnf-carts"))).unwrap();
    let joining = ("modifying".into(), "carts".into(), vec!["associated", "associating"]);
    assert_eq!(described(&mut scene, WEST), Some(joining));
    scene.pass(60);
    scene
}

#[test]
fn a_failover_moves_the_primary_and_the_datastore_is_modifying_meanwhile() {
    let mut scene = scene();
    assert_eq!(scene.code_of(OURS, WEST, failover("ldgnf-carts", WEST, "carts-dr")), "ok");
    for region in [EAST, WEST] {
        assert_eq!(described(&mut scene, region), state("modifying", "carts"));
    }
    let again = failover("ldgnf-carts", WEST, "carts-dr");
    assert_eq!(scene.code_of(OURS, WEST, again), "InvalidGlobalReplicationGroupState");
    scene.pass(60);
    assert_eq!(described(&mut scene, WEST), state("available", "carts-dr"));
    assert_eq!(scene.code(failover("ldgnf-carts", EAST, "carts")), "ok");
    scene.pass(60);
    assert_eq!(described(&mut scene, WEST), state("available", "carts"));
    assert_eq!(described(&mut scene, "eu-west-1"), None);
}

#[test]
fn a_datastore_is_described_in_its_earlier_state_right_after_a_failover() {
    let mut scene = scene();
    scene.configure(|settings| settings.lag_seconds = 5);
    scene.ask(OURS, WEST, failover("ldgnf-carts", WEST, "carts-dr")).unwrap();
    for (seconds, status) in [(4, "available"), (1, "modifying")] {
        scene.pass(seconds);
        assert_eq!(described(&mut scene, WEST), state(status, "carts"));
    }
}

#[test]
fn refusals_have_awss_codes() {
    let mut scene = scene();
    let describe = DescribeGlobalReplicationGroups { id: Some("none".into()), ..Default::default() };
    let groups = DescribeReplicationGroups { id: Some("none".into()), ..Default::default() };
    for (region, request, code) in [
        (WEST, failover("none", WEST, "carts-dr"), "GlobalReplicationGroupNotFoundFault"),
        (WEST, failover("ldgnf-carts", EAST, "carts-dr"), "InvalidParameterValue"),
        (WEST, failover("ldgnf-carts", EAST, "carts"), "InvalidParameterValue"),
        (WEST, group("carts-dr", None), "ReplicationGroupAlreadyExists"),
        (WEST, group("other", Some("ldgnf-carts")), "InvalidParameterValue"),
        (WEST, datastore("other", "none"), "ReplicationGroupNotFoundFault"),
        (EAST, datastore("carts", "carts"), "GlobalReplicationGroupAlreadyExistsFault"),
        (
            EAST,
            about(CacheRequest::DescribeGlobalReplicationGroups(describe)),
            "GlobalReplicationGroupNotFoundFault",
        ),
        (EAST, about(CacheRequest::DescribeReplicationGroups(groups)), "ReplicationGroupNotFoundFault"),
    ] {
        assert_eq!(scene.code_of(OURS, region, request.clone()), code, "{request:?}");
    }
}
