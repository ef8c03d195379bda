//! Quotas of manual snapshots and of copies in progress, and how their errors differ.

use pilot_light_domain::aws::error::GatewayErrorKind;
use pilot_light_domain::aws::error_codes::meaning;

use super::*;

#[test]
fn the_manual_snapshot_quota_counts_every_status_and_only_this_place() {
    let mut scene = Scene::with_orders();
    scene.configure(|settings| settings.quota = 3);
    scene.snapshot("orders", "a");
    scene.snapshot("orders", "b");
    assert!(scene.world.fail_snapshot(&arn(OURS, EAST, "b").parse().unwrap()));
    assert_eq!(scene.code(take("orders", "c")), "ok");
    scene.pass(100);
    let refusals = [
        scene.ask(OURS, EAST, take("orders", "d")).unwrap_err(),
        scene.ask(OURS, EAST, Request::CopyDbSnapshot(copy("a", "d"))).unwrap_err(),
    ];
    for error in refusals {
        assert_eq!((error.code, error.http_status), ("SnapshotQuotaExceeded", 400));
        let kind = meaning(error.code, &error.message);
        assert_eq!(kind, GatewayErrorKind::TooManySnapshots, "{}", error.message);
    }
    let elsewhere = copy(&arn(OURS, EAST, "a"), "d");
    assert_eq!(scene.code_of(OURS, WEST, Request::CopyDbSnapshot(elsewhere)), "ok");
    assert_eq!([scene.code(delete("b")), scene.code(delete("a"))], ["InvalidDBSnapshotState", "ok"]);
    assert_eq!(scene.code(take("orders", "d")), "ok");
    let quotas = scene.ask(OURS, EAST, Request::DescribeAccountAttributes);
    let Ok(Response::Quotas(quotas)) = quotas else { panic!("{quotas:?}") };
    let of_snapshots = quotas.iter().find(|quota| quota.name == "ManualSnapshots");
    assert_eq!(of_snapshots, Some(&Quota { name: "ManualSnapshots", used: 3, max: 3 }));
}

#[test]
fn at_most_twenty_copies_are_in_progress_to_one_region_of_an_account() {
    let mut scene = Scene::new();
    for n in 0..7 {
        let name = format!("db{n}");
        scene.database(&name, None);
        scene.snapshot(&name, &name);
    }
    let begin = |scene: &mut Scene, region: &str, n: usize| {
        let ask = copy(&arn(OURS, EAST, &format!("db{}", n % 7)), &format!("copy{n}"));
        scene.ask(OURS, region, Request::CopyDbSnapshot(ask))
    };
    // Three for each database: queued copies count like those in progress.
    for n in 0..20 {
        assert!(begin(&mut scene, WEST, n).is_ok(), "{n}");
    }
    let error = begin(&mut scene, WEST, 20).unwrap_err();
    assert_eq!((error.code, error.http_status), ("SnapshotQuotaExceeded", 400));
    assert_eq!(meaning(error.code, &error.message), GatewayErrorKind::TooManyCopies);
    assert!(begin(&mut scene, "eu-west-1", 20).is_ok());
    scene.pass(199);
    assert!(begin(&mut scene, WEST, 20).is_err());
    scene.pass(1);
    assert!(begin(&mut scene, WEST, 20).is_ok());
    // Seven copies ended at once, one for each database. One of their copy slots is in use again.
    for n in 21..27 {
        assert!(begin(&mut scene, WEST, n).is_ok(), "{n}");
    }
    assert!(begin(&mut scene, WEST, 27).is_err());
}
