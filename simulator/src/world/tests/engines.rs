//! Rules of single engines: SQL Server's replicas, and RDS Custom.

use super::*;

fn with_replica(engine: &str) -> Scene {
    let mut scene = Scene::new();
    let options = InstanceOptions { backup_retention_days: Some(1), ..Default::default() };
    let create = CreateDbInstance { engine: engine.into(), options, ..instance("orders") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    scene.pass(100);
    let ask =
        CreateDbInstanceReadReplica { name: "replica".into(), source: "orders".into(), ..Default::default() };
    scene.ask(OURS, EAST, Request::CreateDbInstanceReadReplica(ask)).unwrap();
    scene.pass(0);
    scene
}

/// A complete snapshot `a` of an instance of this engine.
fn of(engine: &str) -> Scene {
    let mut scene = Scene::new();
    let create = CreateDbInstance { engine: engine.into(), ..instance("orders") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    scene.pass(0);
    scene.snapshot("orders", "a");
    scene
}

#[test]
fn a_sql_server_replica_accepts_no_manual_snapshot_until_it_is_promoted() {
    for (engine, code) in [("sqlserver-ee", "InvalidDBInstanceState"), ("postgres", "ok")] {
        let mut scene = with_replica(engine);
        assert_eq!(scene.code(take("replica", "a")), code, "{engine}");
        assert_eq!(scene.code(take("orders", "b")), "ok", "{engine}");
    }
    let mut scene = with_replica("sqlserver-ee");
    scene.ask(OURS, EAST, Request::PromoteReadReplica("replica".into(), None)).unwrap();
    scene.pass(200);
    assert_eq!(scene.code(take("replica", "a")), "ok");
}

#[test]
fn rds_custom_for_sql_server_is_copied_across_regions_and_never_shared() {
    let mut scene = of("custom-sqlserver-ee");
    let source = arn(OURS, EAST, "a");
    assert_eq!(scene.code_of(OURS, WEST, Request::CopyDbSnapshot(copy(&source, "b"))), "ok");
    assert_eq!(scene.code(share("a", &[OTHER])), "InvalidDBSnapshotState");
    assert_eq!(scene.code(share("a", &[])), "ok");
    assert_eq!(scene.code_of(OTHER, WEST, Request::CopyDbSnapshot(copy(&source, "b"))), "DBSnapshotNotFound");
}

#[test]
fn rds_custom_for_oracle_is_neither_copied_nor_shared() {
    let mut scene = of("custom-oracle-ee");
    assert_eq!(scene.code(share("a", &[OTHER])), "InvalidDBSnapshotState");
    let ask = Request::CopyDbSnapshot(copy(&arn(OURS, EAST, "a"), "b"));
    for region in [EAST, WEST] {
        assert_eq!(scene.code_of(OURS, region, ask.clone()), "InvalidParameterValue", "{region}");
    }
}
