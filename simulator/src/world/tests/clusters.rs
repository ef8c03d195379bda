//! Clusters: their members, their deletion, and their final snapshots.

use super::*;

pub(super) fn about(request: ClusterRequest) -> Request {
    Request::Cluster(Box::new(request))
}

pub(super) fn cluster(name: &str) -> CreateDbCluster {
    CreateDbCluster { name: name.into(), engine: "aurora-postgresql".into(), ..Default::default() }
}

pub(super) fn create(ask: CreateDbCluster) -> Request {
    about(ClusterRequest::CreateDbCluster(ask))
}

pub(super) fn member(name: &str, of: &str) -> Request {
    Request::CreateDbInstance(CreateDbInstance {
        cluster: Some(of.into()),
        engine: "aurora-postgresql".into(),
        class: "db.r6g.large".into(),
        ..instance(name)
    })
}

pub(super) fn remove(name: &str, last: Option<&str>) -> Request {
    about(ClusterRequest::DeleteDbCluster(DeleteDbCluster {
        name: name.into(),
        skip_final_snapshot: last.is_none(),
        final_snapshot: last.map(str::to_owned),
    }))
}

fn remove_member(name: &str, last: Option<&str>) -> Request {
    Request::DeleteDbInstance(DeleteDbInstance {
        name: name.into(),
        skip_final_snapshot: false,
        final_snapshot: last.map(str::to_owned),
    })
}

fn protect(name: &str, protected: bool) -> Request {
    let deletion_protection = Some(protected);
    about(ClusterRequest::ModifyDbCluster(ModifyDbCluster {
        name: name.into(),
        deletion_protection,
        ..Default::default()
    }))
}

/// The clusters that `region` lists.
pub(super) fn described(scene: &mut Scene, region: &str) -> Vec<Arc<ClusterRecord>> {
    let ask = about(ClusterRequest::DescribeDbClusters(DescribeDbClusters::default()));
    match scene.ask(OURS, region, ask).unwrap() {
        Response::Cluster(answer) => match *answer {
            ClusterResponse::Clusters(listing) => listing.items,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// `sales` in the east with the instances `one` and `two`; instances and clusters take 60 seconds.
pub(super) fn scene() -> Scene {
    let mut scene = Scene::new();
    scene.ask(OURS, EAST, create(cluster("Sales"))).unwrap();
    scene.pass(0);
    for name in ["one", "two"] {
        scene.ask(OURS, EAST, member(name, "sales")).unwrap();
    }
    scene.pass(0);
    scene.configure(|settings| settings.instance_seconds = SecondsRange::of(60, 60));
    scene
}

fn status(scene: &mut Scene) -> String {
    described(scene, EAST).first().map_or("gone".to_owned(), |found| found.status.clone())
}

#[test]
fn a_cluster_has_its_members_and_the_oldest_one_writes() {
    let mut scene = scene();
    let found = described(&mut scene, EAST).remove(0);
    let names: Vec<&str> = found.members.iter().map(DatabaseName::as_str).collect();
    assert_eq!((found.status.as_str(), names), ("available", vec!["one", "two"]));
    assert_eq!(found.writer(), Some(&found.members[0]));
    let place = Place::new(&AccountId::new(OURS).unwrap(), &Region::new(EAST).unwrap());
    let one = scene.world.instance(&place, "one").unwrap();
    assert_eq!(one.cluster.as_ref().map(DatabaseName::as_str), Some("sales"));
    assert_eq!(scene.code(take("one", "s")), "InvalidParameterValue");
}

#[test]
fn refusals_have_awss_codes() {
    let mut scene = scene();
    let wrong = |engine: &str| CreateDbCluster { engine: engine.into(), ..cluster("other") };
    for (request, code) in [
        (create(cluster("sales")), "DBClusterAlreadyExistsFault"),
        (create(wrong("postgres")), "InvalidParameterValue"),
        (create(cluster("a--b")), "InvalidParameterValue"),
        (
            create(CreateDbCluster { global: Some("none".into()), ..cluster("other") }),
            "GlobalClusterNotFoundFault",
        ),
        (member("three", "nothing"), "DBClusterNotFoundFault"),
        (member("one", "sales"), "DBInstanceAlreadyExists"),
        (remove("nothing", Some("last")), "DBClusterNotFoundFault"),
        (protect("nothing", true), "DBClusterNotFoundFault"),
        (remove_member("one", Some("last")), "InvalidParameterCombination"),
        (create(cluster("new")), "ok"),
        (member("three", "new"), "InvalidDBClusterStateFault"),
    ] {
        assert_eq!(scene.code(request.clone()), code, "{request:?}");
    }
    scene.pass(60);
    let other = CreateDbInstance { engine: "aurora-mysql".into(), ..instance("three") };
    let other = CreateDbInstance { cluster: Some("new".into()), ..other };
    assert_eq!(scene.code(Request::CreateDbInstance(other)), "InvalidParameterCombination");
}

#[test]
fn a_cluster_is_deleted_only_unprotected_without_members_and_with_its_final_snapshot_complete() {
    let mut scene = scene();
    assert_eq!(scene.code(remove("sales", Some("last"))), "InvalidDBClusterStateFault");
    for name in ["one", "two"] {
        assert_eq!(scene.code(remove_member(name, None)), "ok");
    }
    scene.pass(10);
    assert_eq!(scene.code(protect("sales", true)), "ok");
    assert_eq!(scene.code(remove("sales", Some("last"))), "InvalidParameterCombination");
    assert_eq!(scene.code(protect("sales", false)), "ok");
    let both = DeleteDbCluster { name: "sales".into(), ..Default::default() };
    assert_eq!(
        scene.code(about(ClusterRequest::DeleteDbCluster(both))),
        "InvalidParameterCombination",
        "neither a final snapshot nor none"
    );
    assert_eq!(scene.code(remove("sales", Some("last"))), "ok");
    assert_eq!(scene.code(remove("sales", Some("again"))), "InvalidDBClusterStateFault");
    scene.pass(99);
    assert_eq!((status(&mut scene).as_str(), described(&mut scene, EAST)[0].members.len()), ("deleting", 0));
    scene.pass(1);
    assert_eq!(status(&mut scene), "gone");
    let left = scene.world.dump().cluster_snapshots;
    let arn: SnapshotArn = format!("arn:aws:rds:{EAST}:{OURS}:cluster-snapshot:last").parse().unwrap();
    assert_eq!(left, [(arn, "available".to_owned())].into());
    scene.ask(OURS, EAST, create(cluster("sales"))).unwrap();
    scene.pass(60);
    assert_eq!(scene.code(remove("sales", Some("last"))), "DBClusterSnapshotAlreadyExistsFault");
}

#[test]
fn a_cluster_outlives_the_last_of_its_members() {
    let mut scene = scene();
    scene.configure(|settings| settings.snapshot_seconds = SecondsRange::of(1, 1));
    for name in ["one", "two"] {
        scene.ask(OURS, EAST, remove_member(name, None)).unwrap();
    }
    scene.ask(OURS, EAST, remove("sales", Some("last"))).unwrap();
    scene.pass(59);
    assert_eq!(
        (status(&mut scene).as_str(), scene.instance_status("one").as_str()),
        ("deleting", "deleting")
    );
    scene.pass(1);
    assert_eq!((status(&mut scene).as_str(), scene.instance_status("one").as_str()), ("gone", "gone"));
}

#[test]
fn descriptions_of_members_and_status_lag_behind() {
    let mut scene = scene();
    scene.configure(|settings| settings.lag_seconds = 5);
    scene.ask(OURS, EAST, member("three", "sales")).unwrap();
    assert_eq!(described(&mut scene, EAST)[0].members.len(), 2);
    scene.pass(5);
    assert_eq!(described(&mut scene, EAST)[0].members.len(), 3);
}

#[test]
fn clusters_are_listed_page_by_page() {
    let mut scene = Scene::new();
    for n in 0..45 {
        scene.ask(OURS, EAST, create(cluster(&format!("c{n:02}")))).unwrap();
    }
    let mut sizes = Vec::new();
    let mut marker = None;
    loop {
        let page = Page { max_records: Some(20), marker };
        let ask = DescribeDbClusters { page, ..Default::default() };
        let answer = scene.ask(OURS, EAST, about(ClusterRequest::DescribeDbClusters(ask))).unwrap();
        let Response::Cluster(answer) = answer else { panic!() };
        let ClusterResponse::Clusters(listing) = *answer else { panic!() };
        sizes.push(listing.items.len());
        marker = listing.marker;
        if marker.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [20, 20, 5]);
}

#[test]
fn a_serverless_member_needs_the_scaling_of_its_cluster() {
    let mut scene = scene();
    let serverless = |of: &str| {
        let Request::CreateDbInstance(ask) = member(&format!("of-{of}"), of) else { panic!() };
        Request::CreateDbInstance(CreateDbInstance { class: "db.serverless".into(), ..ask })
    };
    let options = ClusterOptions { most_capacity: Some("8".into()), ..Default::default() };
    scene.ask(OURS, EAST, create(CreateDbCluster { options, ..cluster("elastic") })).unwrap();
    scene.pass(60);
    assert_eq!(scene.code_of(OURS, EAST, serverless("sales")), "InvalidDBClusterStateFault");
    assert_eq!(scene.code_of(OURS, EAST, serverless("elastic")), "ok");
}
