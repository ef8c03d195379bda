//! Sharing: its limits, and the view of the other account.

use pilot_light_domain::model::tags;

use super::*;

#[test]
fn at_most_twenty_accounts_share_a_snapshot() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    let accounts: Vec<String> = (0..21).map(|n| format!("{:012}", 500 + n)).collect();
    let some = |range: std::ops::Range<usize>| accounts[range].iter().map(String::as_str).collect::<Vec<_>>();
    assert_eq!(scene.code(share("a", &some(0..21))), "SharedSnapshotQuotaExceeded");
    assert_eq!(scene.code(share("a", &some(0..20))), "ok");
    assert_eq!(scene.code(share("a", &some(0..5))), "ok");
    assert_eq!(scene.code(share("a", &some(20..21))), "SharedSnapshotQuotaExceeded");
    let swap = ModifyDbSnapshotAttribute {
        id: "a".into(),
        attribute: "restore".into(),
        add: accounts[20..].to_vec(),
        remove: accounts[..1].to_vec(),
    };
    assert_eq!(scene.code(Request::ModifyDbSnapshotAttribute(swap)), "ok");
    let Ok(Response::Attributes(found)) =
        scene.ask(OURS, EAST, Request::DescribeDbSnapshotAttributes("a".into()))
    else {
        panic!("no attributes")
    };
    let expected: Vec<&str> = some(1..21);
    assert_eq!(found.accounts.iter().map(AccountId::as_str).collect::<Vec<_>>(), expected);
}

#[test]
fn sharing_an_unshareable_snapshot_is_refused() {
    let mut scene = Scene::new();
    scene.customer_key(&key(OURS, EAST, "k"), &[]);
    for (name, kms_key) in [("plain", None), ("customer", Some("k")), ("default", Some("default"))] {
        scene.database(name, kms_key);
        scene.snapshot(name, name);
    }
    scene.ask(OURS, EAST, take("plain", "new")).unwrap();
    for (id, with, code) in [
        ("plain", OTHER, "ok"),
        ("plain", "all", "ok"),
        ("customer", OTHER, "ok"),
        ("customer", "all", "InvalidParameterCombination"),
        ("default", OTHER, "InvalidParameterCombination"),
        ("default", "all", "InvalidParameterCombination"),
        ("new", OTHER, "InvalidDBSnapshotState"),
        ("nothing", OTHER, "DBSnapshotNotFound"),
        ("plain", "11111111111", "InvalidParameterValue"),
        ("plain", "everybody", "InvalidParameterValue"),
    ] {
        assert_eq!(scene.code(share(id, &[with])), code, "{id} {with}");
    }
    assert_eq!(scene.code_of(OTHER, EAST, share(&arn(OURS, EAST, "plain"), &[THIRD])), "DBSnapshotNotFound");
    let ask =
        ModifyDbSnapshotAttribute { id: "plain".into(), attribute: "copy".into(), ..Default::default() };
    assert_eq!(scene.code(Request::ModifyDbSnapshotAttribute(ask)), "InvalidParameterValue");
}

#[test]
fn automated_snapshots_cannot_be_shared_or_deleted() {
    let mut scene = Scene::new();
    let options = InstanceOptions { backup_retention_days: Some(1), ..Default::default() };
    let create = CreateDbInstance { options, ..instance("orders") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(create)).unwrap();
    scene.pass(200);
    let automated = DescribeDbSnapshots { snapshot_type: Some("automated".into()), ..Default::default() };
    let id = scene.list(OURS, EAST, automated)[0].identifier();
    assert!(id.starts_with("rds:orders-"), "{id}");
    assert_eq!(scene.code(share(&id, &[OTHER])), "InvalidParameterValue");
    assert_eq!(scene.code(delete(&id)), "InvalidDBSnapshotState");
    assert_eq!(scene.code(Request::CopyDbSnapshot(copy(&id, "a"))), "ok");
    scene.pass(200);
    assert_eq!(scene.code(share("a", &[OTHER])), "ok");
}

#[test]
fn the_other_account_sees_the_arn_and_no_tags() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    scene.world.impose_snapshot_tags(&arn(OURS, EAST, "a").parse().unwrap(), tags::of([("CreatedBy", "x")]));
    let shared = || DescribeDbSnapshots { snapshot_type: Some("shared".into()), ..Default::default() };
    assert_eq!(scene.list(OTHER, EAST, shared()), []);
    scene.share("a", OTHER);
    let seen = scene.list(OTHER, EAST, shared());
    assert_eq!(seen.iter().map(SnapshotView::identifier).collect::<Vec<_>>(), [arn(OURS, EAST, "a")]);
    assert_eq!((seen[0].tags(), seen[0].snapshot_type()), (None, "shared"));
    for (account, region) in [(OURS, EAST), (THIRD, EAST), (OTHER, WEST)] {
        assert_eq!(scene.list(account, region, shared()), [], "{account} {region}");
    }
    let unshare = ModifyDbSnapshotAttribute {
        id: "a".into(),
        attribute: "restore".into(),
        remove: vec![OTHER.into()],
        add: vec![],
    };
    scene.ask(OURS, EAST, Request::ModifyDbSnapshotAttribute(unshare)).unwrap();
    assert_eq!(scene.list(OTHER, EAST, shared()), []);
    scene.share("a", OTHER);
    scene.ask(OURS, EAST, delete("a")).unwrap();
    assert_eq!(scene.list(OTHER, EAST, shared()), []);
}

#[test]
fn a_public_snapshot_is_visible_to_every_account() {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "a");
    scene.share("a", "all");
    let of = |snapshot_type: &str| DescribeDbSnapshots {
        snapshot_type: Some(snapshot_type.into()),
        ..Default::default()
    };
    assert_eq!(scene.list(THIRD, EAST, of("public"))[0].snapshot_type(), "public");
    assert_eq!(scene.list(THIRD, EAST, of("shared")), []);
    assert_eq!(scene.list(OURS, EAST, of("public")), []);
    assert_eq!(scene.code_of(THIRD, EAST, Request::CopyDbSnapshot(copy(&arn(OURS, EAST, "a"), "b"))), "ok");
}
