//! `ModifyDBSnapshot`: the engine version of a snapshot.

use super::*;

fn upgrade(id: &str, version: &str) -> Request {
    Request::ModifyDbSnapshot(ModifyDbSnapshot {
        id: id.into(),
        engine_version: Some(version.into()),
        ..Default::default()
    })
}

/// A complete snapshot `a` of an instance of this version, which AWS may have withdrawn since. Changes take 60 seconds.
fn of(engine: &str, version: &str) -> Scene {
    let mut scene = Scene::new();
    scene.set_version(&format!("{engine} {version}"), VersionStatus::Available);
    let create = CreateDbInstance {
        engine: engine.into(),
        engine_version: Some(version.into()),
        ..instance("orders")
    };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    scene.pass(0);
    scene.snapshot("orders", "a");
    scene.configure(|settings| {
        settings.instance_seconds = SecondsRange::of(60, 60);
        settings.versions.clear();
    });
    scene
}

#[test]
fn a_snapshot_is_upgrading_for_a_while_and_then_has_the_new_version_and_its_old_times() {
    let mut scene = of("mysql", "5.7.44");
    let source = arn(OURS, EAST, "a");
    let before = scene.record(&source).unwrap();
    scene.ask(OURS, EAST, upgrade("a", "8.0.39")).unwrap();
    assert_eq!(scene.status(&source), "upgrading");
    assert_eq!(scene.code(delete("a")), "InvalidDBSnapshotState");
    assert_eq!(scene.code(share("a", &[OTHER])), "InvalidDBSnapshotState");
    assert_eq!(scene.code(Request::CopyDbSnapshot(copy("a", "b"))), "InvalidDBSnapshotState");
    assert_eq!(scene.code(upgrade("a", "8.0.39")), "InvalidDBSnapshotState");
    scene.pass(60);
    let after = scene.record(&source).unwrap();
    assert_eq!(after.status.to_string(), "available");
    assert_eq!(after.shape.engine_version, "8.0.39");
    let times =
        |record: &SnapshotRecord| (record.created_at, record.original_created_at, record.database_time);
    assert_eq!(times(&after), times(&before));
    assert_eq!(before.shape.engine_version, "5.7.44");
}

#[test]
fn only_listed_targets_of_own_manual_unshared_snapshots_are_accepted() {
    for (engine, from, to, code) in [
        ("mysql", "5.7.44", "8.4.3", "InvalidParameterCombination"),
        ("mysql", "5.6.51", "8.0.39", "InvalidParameterCombination"),
        ("mysql", "8.0.40", "8.0.39", "InvalidParameterCombination"),
        ("mysql", "8.0.40", "8.4.3", "ok"),
        ("postgres", "13.7", "13.20", "ok"),
        ("sqlserver-se", "15.00.4395.2.v1", "16.00.4175.1.v1", "InvalidParameterValue"),
        ("db2-se", "11.5.9.0.sb00027487.r1", "11.5.9.0.sb00027487.r1", "InvalidParameterValue"),
        ("custom-sqlserver-ee", "15.00.4345.5.v1", "15.00.4345.5.v1", "InvalidParameterValue"),
    ] {
        assert_eq!(of(engine, from).code(upgrade("a", to)), code, "{engine} {from} {to}");
    }
    let mut scene = of("mysql", "8.0.40");
    scene.share("a", OTHER);
    assert_eq!(scene.code(upgrade("a", "8.4.3")), "InvalidDBSnapshotState");
    assert_eq!(scene.code(upgrade("nothing", "8.4.3")), "DBSnapshotNotFound");
    scene.ask(OURS, EAST, take("orders", "b")).unwrap();
    assert_eq!(scene.code(upgrade("b", "8.4.3")), "InvalidDBSnapshotState");
}
