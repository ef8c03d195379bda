//! Keys: the accounts that can use each, and the keys that a copy or a restore needs.

use super::*;

/// Ours in the east, admitting `users`; `orders` is encrypted with it and snapshot `a` is shared with OTHER.
fn encrypted(users: &[&str]) -> Scene {
    let mut scene = Scene::new();
    scene.customer_key(&key(OURS, EAST, "k"), users);
    scene.customer_key(&key(OTHER, EAST, "e"), &[]);
    scene.customer_key(&key(OTHER, WEST, "w"), &[]);
    scene.customer_key(&key(OURS, WEST, "w"), &[]);
    scene.database("orders", Some("k"));
    scene.snapshot("orders", "a");
    scene.share("a", OTHER);
    scene
}

fn begin(scene: &mut Scene, account: &str, region: &str, kms_key: Option<&str>) -> &'static str {
    let id = format!("b{}", scene.world.dump().snapshots.len());
    let ask = CopyDbSnapshot { kms_key: kms_key.map(str::to_owned), ..copy(&arn(OURS, EAST, "a"), &id) };
    scene.code_of(account, region, Request::CopyDbSnapshot(ask))
}

#[test]
fn an_encrypted_copy_needs_a_key_of_its_region_that_the_caller_can_use() {
    let mut scene = encrypted(&[OTHER]);
    let (ours_east, ours_west) = (key(OURS, EAST, "k"), key(OURS, WEST, "w"));
    let (other_east, other_west) = (key(OTHER, EAST, "e"), key(OTHER, WEST, "w"));
    let inaccessible = "KMSKeyNotAccessibleFault";
    for (account, region, given, code) in [
        (OURS, EAST, None, "ok"),
        (OURS, EAST, Some(ours_east.as_str()), "ok"),
        (OURS, EAST, Some("k"), "ok"),
        (OURS, EAST, Some("alias/aws/rds"), "ok"),
        (OURS, WEST, None, "InvalidParameterValue"),
        (OURS, WEST, Some(&ours_west), "ok"),
        (OURS, WEST, Some("w"), "ok"),
        (OURS, WEST, Some(&ours_east), inaccessible),
        (OTHER, EAST, None, "InvalidParameterValue"),
        (OTHER, EAST, Some(&other_east), "ok"),
        (OTHER, EAST, Some(&ours_east), "ok"),
        (OTHER, EAST, Some(&other_west), inaccessible),
        (OTHER, EAST, Some("None"), inaccessible),
        (OTHER, EAST, Some("alias/mine"), inaccessible),
        (OTHER, WEST, Some(&other_west), "ok"),
        (OTHER, WEST, Some(&ours_west), inaccessible),
        (OTHER, WEST, None, "InvalidParameterValue"),
    ] {
        assert_eq!(begin(&mut scene, account, region, given), code, "{account} {region} {given:?}");
    }
}

#[test]
fn the_source_key_must_admit_the_copier_and_be_enabled() {
    let other_key = key(OTHER, EAST, "e");
    let mut scene = encrypted(&[]);
    let error = scene
        .ask(
            OTHER,
            EAST,
            Request::CopyDbSnapshot(CopyDbSnapshot {
                kms_key: Some(other_key.clone()),
                ..copy(&arn(OURS, EAST, "a"), "b")
            }),
        )
        .unwrap_err();
    assert_eq!((error.code, error.http_status), ("KMSKeyNotAccessibleFault", 400));
    assert!(error.message.contains("source snapshot KMS key"), "{}", error.message);
    for state in [KeyState::Disabled, KeyState::PendingDeletion] {
        let mut scene = encrypted(&[OTHER]);
        scene.world.set_key_state(&key(OURS, EAST, "k").parse().unwrap(), state);
        assert_eq!(begin(&mut scene, OURS, EAST, None), "KMSKeyNotAccessibleFault");
        assert_eq!(begin(&mut scene, OTHER, EAST, Some(&other_key)), "KMSKeyNotAccessibleFault");
        let mut scene = encrypted(&[OTHER]);
        scene.world.set_key_state(&other_key.parse().unwrap(), state);
        assert_eq!(begin(&mut scene, OTHER, EAST, Some(&other_key)), "KMSKeyNotAccessibleFault");
    }
}

#[test]
fn a_copy_is_encrypted_with_the_key_it_was_given() {
    let mut scene = Scene::with_orders();
    scene.customer_key(&key(OURS, EAST, "k"), &[]);
    scene.snapshot("orders", "a");
    assert_eq!(begin(&mut scene, OURS, EAST, Some("k")), "ok");
    assert_eq!(begin(&mut scene, OURS, EAST, None), "ok");
    let keys = ["b1", "b2"].map(|id| scene.record(&arn(OURS, EAST, id)).unwrap().kms_key);
    assert_eq!(keys, [Some(key(OURS, EAST, "k").parse().unwrap()), None]);
}

#[test]
fn the_default_key_exists_once_something_was_encrypted_with_it() {
    let mut scene = Scene::with_orders();
    let describe = || Request::DescribeKey("alias/aws/rds".into());
    assert_eq!(scene.code(describe()), "NotFoundException");
    scene.database("secrets", Some("default"));
    let Ok(Response::Key(found)) = scene.ask(OURS, EAST, describe()) else { panic!("no key") };
    assert_eq!(
        (found.origin, found.arn.account.as_str(), found.arn.region.as_str()),
        (KeyOrigin::Aws, OURS, EAST)
    );
    assert_eq!(scene.code_of(OURS, WEST, describe()), "NotFoundException");
    assert_eq!(scene.code_of(OTHER, EAST, describe()), "NotFoundException");
    assert_eq!(
        scene.code_of(OTHER, EAST, Request::DescribeKey(found.arn.to_string())),
        "AccessDeniedException"
    );
    assert_eq!(scene.code(Request::DisableKey(found.arn.to_string())), "AccessDeniedException");
}

#[test]
fn keys_are_described_and_switched_only_by_accounts_that_may_use_them() {
    let mut scene = encrypted(&[OTHER]);
    let k = key(OURS, EAST, "k");
    for (account, region, request, code) in [
        (OURS, EAST, Request::DescribeKey(k.clone()), "ok"),
        (OURS, EAST, Request::DescribeKey("k".into()), "ok"),
        (OTHER, EAST, Request::DescribeKey(k.clone()), "ok"),
        (OTHER, EAST, Request::DescribeKey("k".into()), "NotFoundException"),
        (OURS, WEST, Request::DescribeKey(k.clone()), "NotFoundException"),
        (THIRD, EAST, Request::DescribeKey(k.clone()), "AccessDeniedException"),
        (OTHER, EAST, Request::DisableKey(k.clone()), "AccessDeniedException"),
        (OURS, EAST, Request::DisableKey(k.clone()), "ok"),
    ] {
        assert_eq!(scene.code_of(account, region, request.clone()), code, "{account} {request:?}");
    }
    assert_eq!(begin(&mut scene, OURS, EAST, None), "KMSKeyNotAccessibleFault");
    assert_eq!(scene.code(Request::EnableKey(k)), "ok");
    assert_eq!(begin(&mut scene, OURS, EAST, None), "ok");
}

#[test]
fn an_instance_needs_a_key_that_its_account_can_use() {
    let mut scene = Scene::new();
    scene.customer_key(&key(OURS, EAST, "k"), &[]);
    for (encrypted, kms_key, code) in [
        (true, Some("k"), "ok"),
        (true, None, "ok"),
        (false, None, "ok"),
        (false, Some("k"), "InvalidParameterCombination"),
        (true, Some("unknown"), "KMSKeyNotAccessibleFault"),
    ] {
        let name = format!("db{}", scene.world.dump().databases.len());
        let create = CreateDbInstance { encrypted, kms_key: kms_key.map(str::to_owned), ..instance(&name) };
        assert_eq!(scene.code(Request::CreateDbInstance(create)), code, "{encrypted} {kms_key:?}");
    }
}
