//! Taking and deleting snapshots.

use pilot_light_domain::model::tags;

use super::*;

#[test]
fn a_snapshot_has_its_three_times_only_once_it_is_complete() {
    let mut scene = Scene::with_orders();
    let began = scene.now;
    scene.configure(|settings| settings.database_time_percent = 100);
    scene.ask(OURS, EAST, take("orders", "A")).unwrap();
    let snapshot = arn(OURS, EAST, "a");
    let seen = |scene: &mut Scene| {
        let views = scene.list(OURS, EAST, DescribeDbSnapshots::default());
        let record = &views[0].record;
        (views[0].percent, record.created_at, record.original_created_at, views[0].database_time())
    };
    assert_eq!(
        (scene.status(&snapshot), scene.instance_status("orders")),
        ("creating".into(), "backing-up".into())
    );
    assert_eq!(seen(&mut scene), (0, None, None, None));
    scene.pass(99);
    assert_eq!(seen(&mut scene), (99, None, None, None));
    scene.pass(1);
    assert_eq!(
        (scene.status(&snapshot), scene.instance_status("orders")),
        ("available".into(), "available".into())
    );
    assert_eq!(seen(&mut scene), (100, Some(scene.now), Some(scene.now), Some(began)));
    let idle_since = scene.now - TimeDelta::days(3);
    assert!(scene.world.impose_last_transaction(&snapshot.parse().unwrap(), Some(idle_since)));
    assert_eq!(seen(&mut scene), (100, Some(scene.now), Some(scene.now), Some(idle_since)));
}

#[test]
fn aws_usually_gives_no_time_of_the_last_transaction() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    let views = scene.list(OURS, EAST, DescribeDbSnapshots::default());
    assert_eq!((views[0].record.original_created_at, views[0].database_time()), (Some(scene.now), None));
}

#[test]
fn completion_happens_at_its_instant_even_if_the_next_request_is_late() {
    let mut scene = Scene::with_orders();
    let began = scene.now;
    scene.ask(OURS, EAST, take("orders", "a")).unwrap();
    assert_eq!(scene.world.next_event(), Some(began + TimeDelta::seconds(100)));
    scene.pass(86_400);
    assert_eq!(
        scene.record(&arn(OURS, EAST, "a")).unwrap().created_at,
        Some(began + TimeDelta::seconds(100))
    );
    assert_eq!(scene.world.next_event(), None);
}

#[test]
fn a_clock_that_runs_behind_does_not_turn_time_back() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    scene.now -= TimeDelta::hours(1);
    scene.ask(OURS, EAST, take("orders", "b")).unwrap();
    let [a, b] = ["a", "b"].map(|id| scene.record(&arn(OURS, EAST, id)).unwrap());
    assert!(b.database_time >= a.created_at.unwrap());
}

#[test]
fn only_two_statuses_of_an_instance_accept_a_snapshot() {
    let orders: DatabaseArn = format!("arn:aws:rds:{EAST}:{OURS}:db:orders").parse().unwrap();
    for (status, code) in [
        ("available", "ok"),
        ("storage-optimization", "ok"),
        ("backing-up", "InvalidDBInstanceState"),
        ("modifying", "InvalidDBInstanceState"),
        ("stopped", "InvalidDBInstanceState"),
        ("some-new-status", "InvalidDBInstanceState"),
    ] {
        let mut scene = Scene::with_orders();
        assert!(scene.world.impose_instance_status(&orders, status));
        assert_eq!(scene.code(take("orders", "a")), code, "{status}");
        scene.pass(100);
        assert_eq!(scene.instance_status("orders"), status);
    }
}

#[test]
fn refusals_of_a_new_snapshot_have_awss_codes() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    for (database, id, code) in [
        ("orders", "a", "DBSnapshotAlreadyExists"),
        ("orders", "A", "DBSnapshotAlreadyExists"),
        ("payments", "b", "DBInstanceNotFound"),
        ("orders", "b-", "InvalidParameterValue"),
        ("orders", "rds:b", "InvalidParameterValue"),
        ("ORDERS", "B", "ok"),
    ] {
        assert_eq!(scene.code(take(database, id)), code, "{database} {id}");
    }
    let error = scene.ask(OURS, EAST, take("payments", "c")).unwrap_err();
    assert_eq!(error.http_status, 404);
}

#[test]
fn explicit_tags_override_those_of_the_instance() {
    let mut scene = Scene::new();
    let own = tags::of([("team", "a")]);
    let options = InstanceOptions { copy_tags_to_snapshot: Some(true), ..Default::default() };
    let create = CreateDbInstance { tags: own.clone(), options, ..instance("orders") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    let explicit = tags::of([("CreatedBy", "us")]);
    for (id, given, expected) in [("a", None, own), ("b", Some(explicit.clone()), explicit)] {
        let create = CreateDbSnapshot { database: "orders".into(), id: id.into(), tags: given };
        scene.ask(OURS, EAST, Request::CreateDbSnapshot(create)).unwrap();
        scene.pass(100);
        assert_eq!(scene.record(&arn(OURS, EAST, id)).unwrap().tags, expected);
    }
}

#[test]
fn only_snapshots_at_rest_and_copies_in_progress_can_be_deleted() {
    let snapshot: SnapshotArn = arn(OURS, EAST, "a").parse().unwrap();
    for (status, failed_can_be_deleted, code) in [
        ("available", false, "ok"),
        ("failed", false, "InvalidDBSnapshotState"),
        ("failed", true, "ok"),
        ("creating", true, "InvalidDBSnapshotState"),
        ("deleting", true, "InvalidDBSnapshotState"),
        ("incompatible-restore", true, "InvalidDBSnapshotState"),
        ("some-new-status", true, "InvalidDBSnapshotState"),
    ] {
        let mut scene = Scene::with_orders();
        scene.configure(|settings| settings.failed_can_be_deleted = failed_can_be_deleted);
        scene.snapshot("orders", "a");
        assert!(scene.world.impose_snapshot_status(&snapshot, status));
        assert_eq!(scene.status(&snapshot.to_string()), status);
        assert_eq!(scene.code(delete("a")), code, "{status}");
    }
    let mut scene = Scene::with_orders();
    assert_eq!(scene.code(delete("a")), "DBSnapshotNotFound");
    scene.snapshot("orders", "a");
    assert_eq!(scene.code_of(OTHER, EAST, delete("a")), "DBSnapshotNotFound");
    assert_eq!(scene.code_of(OURS, WEST, delete("a")), "DBSnapshotNotFound");
}

#[test]
fn a_failed_snapshot_releases_its_instance_and_stays_failed() {
    let mut scene = Scene::with_orders();
    scene.ask(OURS, EAST, take("orders", "a")).unwrap();
    scene.pass(50);
    assert!(scene.world.fail_snapshot(&arn(OURS, EAST, "a").parse().unwrap()));
    assert_eq!(scene.instance_status("orders"), "available");
    scene.pass(1000);
    let failed = scene.record(&arn(OURS, EAST, "a")).unwrap();
    assert_eq!((failed.status.as_str(), failed.created_at), ("failed", None));
}

#[test]
fn durations_depend_only_on_the_resource_and_the_seed() {
    let done = |seed: u64, others: &[&str]| {
        let mut scene = Scene::new();
        scene.configure(|settings| {
            settings.seed = seed;
            settings.snapshot_seconds = SecondsRange::of(1, 100_000);
        });
        for name in others.iter().chain(&["orders"]) {
            scene.database(name, None);
            scene.ask(OURS, EAST, take(name, name)).unwrap();
        }
        scene.record(&arn(OURS, EAST, "orders")).unwrap().work.until().unwrap()
    };
    assert_eq!(done(1, &[]), done(1, &["a", "b"]));
    assert_ne!(done(1, &[]), done(2, &[]));
}

#[test]
fn tags_are_added_and_removed_by_arn() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    let (snapshot, elsewhere) = (arn(OURS, EAST, "a"), arn(OURS, WEST, "a"));
    let database = format!("arn:aws:rds:{EAST}:{OURS}:db:orders");
    let add = |arn: &str| Request::AddTagsToResource(arn.to_owned(), tags::of([("a", "1"), ("b", "2")]));
    for (resource, code) in [
        (snapshot.as_str(), "ok"),
        (&database, "ok"),
        (&arn(OURS, EAST, "b"), "DBSnapshotNotFound"),
        (&elsewhere, "InvalidParameterValue"),
        (&arn(OTHER, EAST, "a"), "InvalidParameterValue"),
        ("orders", "InvalidParameterValue"),
    ] {
        assert_eq!(scene.code(add(resource)), code, "{resource}");
    }
    for resource in [snapshot, database] {
        let remove = Request::RemoveTagsFromResource(resource.clone(), vec!["a".into(), "z".into()]);
        scene.ask(OURS, EAST, remove).unwrap();
        let listed = scene.ask(OURS, EAST, Request::ListTagsForResource(resource));
        assert_eq!(listed, Ok(Response::Tags(tags::of([("b", "2")]))));
    }
}
