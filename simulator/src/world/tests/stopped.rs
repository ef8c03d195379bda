//! Stopping and starting instances.

use super::*;

const WEEK: i64 = 7 * 86_400;

fn slow() -> Scene {
    let mut scene = Scene::with_orders();
    scene.configure(|settings| settings.instance_seconds = SecondsRange::of(60, 60));
    scene
}

fn stop(name: &str) -> Request {
    Request::StopDbInstance(name.into(), None)
}

fn start(name: &str) -> Request {
    Request::StartDbInstance(name.into())
}

/// An instance, with backups so that it can have replicas.
fn with_backups(name: &str, engine: &str, multi_az: bool) -> Request {
    let options =
        InstanceOptions { backup_retention_days: Some(1), multi_az: Some(multi_az), ..Default::default() };
    Request::CreateDbInstance(CreateDbInstance { engine: engine.into(), options, ..instance(name) })
}

#[test]
fn an_instance_is_stopped_and_started_after_the_set_durations() {
    let mut scene = slow();
    scene.ask(OURS, EAST, stop("orders")).unwrap();
    assert_eq!(scene.instance_status("orders"), "stopping");
    assert_eq!(scene.code(start("orders")), "InvalidDBInstanceState");
    scene.pass(60);
    assert_eq!(scene.instance_status("orders"), "stopped");
    assert_eq!(scene.code(stop("orders")), "InvalidDBInstanceState");
    scene.ask(OURS, EAST, start("orders")).unwrap();
    assert_eq!(scene.instance_status("orders"), "starting");
    scene.pass(60);
    assert_eq!(scene.instance_status("orders"), "available");
    assert_eq!(scene.code(start("orders")), "InvalidDBInstanceState");
    scene.pass(WEEK + 120);
    assert_eq!(scene.instance_status("orders"), "available");
    assert_eq!(scene.code(stop("nothing")), "DBInstanceNotFound");
    assert_eq!(scene.code(start("nothing")), "DBInstanceNotFound");
}

#[test]
fn aws_starts_an_instance_seven_days_after_it_stopped() {
    let mut scene = slow();
    scene.ask(OURS, EAST, stop("orders")).unwrap();
    scene.pass(60);
    let restart = scene.now + TimeDelta::days(7);
    let found = scene.world.dump().databases[0].arn.clone();
    let record = scene.world.instance(&Place::of_instance(&found), "orders").unwrap();
    assert_eq!(record.automatic_restart(), Some(restart));
    scene.pass(WEEK - 1);
    assert_eq!(scene.instance_status("orders"), "stopped");
    scene.pass(1);
    assert_eq!(scene.instance_status("orders"), "starting");
    scene.pass(60);
    assert_eq!(scene.instance_status("orders"), "available");
}

#[test]
fn a_stopped_instance_accepts_neither_snapshots_nor_changes_and_keeps_its_identity() {
    let mut scene = slow();
    let identity = |scene: &Scene| {
        let found = scene.world.dump().databases[0].clone();
        let record = scene.world.instance(&Place::of_instance(&found.arn), "orders").unwrap();
        (record.shape.resource_id.clone(), record.created_at)
    };
    let before = identity(&scene);
    scene.ask(OURS, EAST, stop("orders")).unwrap();
    for seconds in [0, 60] {
        scene.pass(seconds);
        assert_eq!(scene.code(take("orders", "a")), "InvalidDBInstanceState");
        let bigger = ModifyDbInstance {
            name: "orders".into(),
            class: Some("db.r6g.large".into()),
            ..Default::default()
        };
        assert_eq!(scene.code(Request::ModifyDbInstance(bigger)), "InvalidDBInstanceState");
    }
    scene.ask(OURS, EAST, start("orders")).unwrap();
    scene.pass(60);
    assert_eq!(identity(&scene), before);
    assert_eq!(scene.code(take("orders", "a")), "ok");
}

#[test]
fn a_final_snapshot_needs_an_available_instance_and_other_deletions_do_not() {
    let delete = |last: Option<&str>| {
        let (name, final_snapshot) = ("orders".into(), last.map(Into::into));
        Request::DeleteDbInstance(DeleteDbInstance {
            name,
            skip_final_snapshot: last.is_none(),
            final_snapshot,
        })
    };
    let mut scene = slow();
    scene.ask(OURS, EAST, stop("orders")).unwrap();
    for seconds in [0, 60] {
        scene.pass(seconds);
        assert_eq!(scene.code(delete(Some("last"))), "InvalidDBInstanceState");
    }
    scene.ask(OURS, EAST, start("orders")).unwrap();
    scene.pass(60);
    assert_eq!(scene.code(delete(Some("last"))), "ok");

    let mut scene = slow();
    scene.ask(OURS, EAST, stop("orders")).unwrap();
    scene.pass(60);
    assert_eq!(scene.code(delete(None)), "ok");
}

#[test]
fn a_snapshot_is_taken_before_a_stop_on_request() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "taken");
    let with = |id: &str| Request::StopDbInstance("orders".into(), Some(id.into()));
    assert_eq!(scene.code(with("taken")), "DBSnapshotAlreadyExists");
    assert_eq!(scene.instance_status("orders"), "available");
    scene.ask(OURS, EAST, with("last")).unwrap();
    scene.pass(100);
    assert_eq!(scene.status(&arn(OURS, EAST, "last")), "available");
    assert_eq!(scene.instance_status("orders"), "stopped");
}

#[test]
fn replicas_their_sources_and_sql_server_with_multi_az_cannot_be_stopped() {
    let mut scene = Scene::new();
    for (name, engine, multi_az) in [
        ("source", "postgres", false),
        ("multi", "postgres", true),
        ("mirrored", "sqlserver-se", true),
        ("single", "sqlserver-se", false),
        ("owned", "custom-sqlserver-ee", false),
        ("ora", "custom-oracle-ee", false),
    ] {
        scene.ask(OURS, EAST, with_backups(name, engine, multi_az)).unwrap();
        scene.pass(100);
    }
    scene
        .ask(
            OURS,
            EAST,
            Request::CreateDbInstanceReadReplica(CreateDbInstanceReadReplica {
                name: "replica".into(),
                source: "source".into(),
                ..Default::default()
            }),
        )
        .unwrap();
    scene.pass(0);
    for (name, code) in [
        ("source", "InvalidDBInstanceState"),
        ("replica", "InvalidDBInstanceState"),
        ("mirrored", "InvalidDBInstanceState"),
        ("ora", "InvalidDBInstanceState"),
        ("multi", "ok"),
        ("single", "ok"),
        ("owned", "ok"),
    ] {
        assert_eq!(scene.code(stop(name)), code, "{name}");
    }
}
