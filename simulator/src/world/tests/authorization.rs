//! The permissions of each kind of request: actions, resources and condition keys.

use std::collections::BTreeMap;

use pilot_light_domain::model::tags;
use pilot_light_domain::model::tags::Tags;

use super::*;

const USED: [&str; 10] = [
    "kms:Encrypt",
    "kms:Decrypt",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:DescribeKey",
    "kms:CreateGrant",
    "kms:ListGrants",
    "kms:RevokeGrant",
];

fn asked(scene: &Scene, account: &str, region: &str, request: &Request) -> Vec<Permission> {
    let caller = Caller { account: AccountId::new(account).unwrap() };
    scene.world.permissions(&caller, &Region::new(region).unwrap(), request)
}

/// Actions and resources, a line each.
fn lines(permissions: &[Permission]) -> Vec<String> {
    permissions.iter().map(|permission| format!("{} {}", permission.action, permission.resource)).collect()
}

/// A single condition key with its value.
fn context(key: &str, value: &str) -> BTreeMap<String, String> {
    [(key.to_owned(), value.to_owned())].into()
}

fn of<'a>(permissions: &'a [Permission], action: &str) -> &'a Permission {
    permissions.iter().find(|permission| permission.action == action).unwrap()
}

fn ours() -> Tags {
    tags::of([("CreatedBy", "us")])
}

#[test]
fn conditions_see_the_tags_of_the_request_and_of_the_resource() {
    let mut scene = Scene::with_orders();
    let create = CreateDbSnapshot { database: "orders".into(), id: "a".into(), tags: Some(ours()) };
    let create = Request::CreateDbSnapshot(create);
    let found = asked(&scene, OURS, EAST, &create);
    let (database, snapshot) = (format!("arn:aws:rds:{EAST}:{OURS}:db:orders"), arn(OURS, EAST, "a"));
    assert_eq!(
        lines(&found),
        [
            format!("rds:CreateDBSnapshot {database}"),
            format!("rds:CreateDBSnapshot {snapshot}"),
            format!("rds:AddTagsToResource {snapshot}"),
        ]
    );
    assert!(found.iter().all(|one| one.context == context("aws:RequestTag/CreatedBy", "us")));
    assert_eq!(of(&asked(&scene, OURS, EAST, &delete("a")), "rds:DeleteDBSnapshot").context, BTreeMap::new());
    scene.ask(OURS, EAST, create).unwrap();
    assert_eq!(
        of(&asked(&scene, OURS, EAST, &delete("a")), "rds:DeleteDBSnapshot").context,
        context("aws:ResourceTag/CreatedBy", "us")
    );
}

#[test]
fn a_copy_across_account_and_region_needs_permission_for_both_ends_and_both_keys() {
    let mut scene = Scene::new();
    let (from, to) = (key(OURS, EAST, "data"), key(OTHER, WEST, "copies"));
    scene.customer_key(&from, &[OTHER]);
    scene.customer_key(&to, &[]);
    scene.database("orders", Some(&from));
    scene.snapshot("orders", "a");
    scene.share("a", OTHER);
    let (source, target) = (arn(OURS, EAST, "a"), arn(OTHER, WEST, "b"));
    let ask = CopyDbSnapshot { kms_key: Some(to.clone()), ..copy(&source, "b") };
    let found = asked(&scene, OTHER, WEST, &Request::CopyDbSnapshot(ask));
    let ends = ["rds:CopyDBSnapshot", "rds:CrossRegionCommunication"]
        .map(|action| [&source, &target].map(|end| format!("{action} {end}")));
    let keys = [&from, &to].map(|key| USED.map(|action| format!("{action} {key}")));
    assert_eq!(lines(&found), [ends.concat(), keys.concat()].concat());
    for (key, region) in [(&from, EAST), (&to, WEST)] {
        let via = format!("rds.{region}.amazonaws.com");
        let of_key = || found.iter().filter(|one| one.resource == *key);
        assert!(of_key().all(|one| one.context["kms:ViaService"] == via));
        let grants = of_key().filter(|one| one.context.contains_key("kms:GrantIsForAWSResource"));
        assert_eq!(grants.count(), 3);
    }
}

#[test]
fn the_default_key_needs_no_permission_through_rds_and_is_named_by_its_alias_to_kms() {
    let mut scene = Scene::new();
    let describe = Request::DescribeKey("alias/aws/rds".into());
    assert_eq!(asked(&scene, OURS, EAST, &describe), []);
    scene.database("orders", Some("default"));
    scene.snapshot("orders", "a");
    let found = asked(&scene, OURS, EAST, &Request::CopyDbSnapshot(copy("a", "b")));
    assert!(found.iter().all(|one| one.action == "rds:CopyDBSnapshot"), "{found:?}");
    let found = asked(&scene, OURS, EAST, &describe);
    assert!(found[0].resource.starts_with(&key(OURS, EAST, "")), "{found:?}");
    assert_eq!(found[0].context, context("kms:RequestAlias", "alias/aws/rds"));
}

#[test]
fn a_final_snapshot_needs_the_permissions_of_a_snapshot_with_the_tags_of_its_instance() {
    let mut scene = Scene::new();
    let options = InstanceOptions { copy_tags_to_snapshot: Some(true), ..Default::default() };
    let orders = CreateDbInstance { tags: ours(), options, ..instance("orders") };
    scene.ask(OURS, EAST, Request::CreateDbInstance(orders)).unwrap();
    let last =
        DeleteDbInstance { name: "orders".into(), final_snapshot: Some("a".into()), ..Default::default() };
    let database = format!("arn:aws:rds:{EAST}:{OURS}:db:orders");
    let snapshot = arn(OURS, EAST, "a");
    assert_eq!(
        lines(&asked(&scene, OURS, EAST, &Request::DeleteDbInstance(last))),
        [
            format!("rds:DeleteDBInstance {database}"),
            format!("rds:CreateDBSnapshot {database}"),
            format!("rds:CreateDBSnapshot {snapshot}"),
            format!("rds:AddTagsToResource {snapshot}"),
        ]
    );
}

#[test]
fn a_new_instance_needs_its_role_passed_and_the_first_one_also_the_service_role_of_rds() {
    let mut scene = Scene::new();
    let role = format!("arn:aws:iam::{OURS}:role/monitoring");
    let options = InstanceOptions { monitoring_role: Some(role.clone()), ..Default::default() };
    let create = Request::CreateDbInstance(CreateDbInstance { options, ..instance("orders") });
    let found = asked(&scene, OURS, EAST, &create);
    let passed = of(&found, "iam:PassRole");
    assert_eq!(passed.resource, role);
    assert_eq!(passed.context, context("iam:PassedToService", "monitoring.rds.amazonaws.com"));
    assert!(of(&found, "iam:CreateServiceLinkedRole").resource.ends_with("/AWSServiceRoleForRDS"));
    scene.database("billing", None);
    let later = asked(&scene, OURS, WEST, &create);
    assert!(later.iter().all(|one| one.action != "iam:CreateServiceLinkedRole"));
}

#[test]
fn a_listing_needs_permission_for_the_callers_own_resources() {
    let scene = Scene::with_orders();
    let shared = DescribeDbSnapshots { snapshot_type: Some("shared".into()), ..Default::default() };
    assert_eq!(
        lines(&asked(&scene, OTHER, EAST, &Request::DescribeDbSnapshots(shared))),
        [
            format!("rds:DescribeDBSnapshots arn:aws:rds:{EAST}:{OTHER}:db:*"),
            format!("rds:DescribeDBSnapshots arn:aws:rds:{EAST}:{OTHER}:snapshot:*"),
        ]
    );
}
