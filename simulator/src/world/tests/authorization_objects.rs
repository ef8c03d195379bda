//! The permissions of requests about groups, stopping, upgrades of snapshots, and blue/green deployments.

use super::*;

fn lines(scene: &Scene, request: &Request) -> Vec<String> {
    let caller = Caller { account: AccountId::new(OURS).unwrap() };
    let found = scene.world.permissions(&caller, &Region::new(EAST).unwrap(), request);
    found.iter().map(|one| format!("{} {}", one.action, one.resource)).collect()
}

fn resource(kind: &str, name: &str) -> String {
    format!("arn:aws:rds:{EAST}:{OURS}:{kind}:{name}")
}

#[test]
fn a_new_group_needs_permission_for_itself_and_for_its_tags() {
    let scene = Scene::new();
    let tags = pilot_light_domain::model::tags::of([("a", "b")]);
    let ask = CreateOptionGroup { name: "special".into(), tags, ..Default::default() };
    let request = Request::OptionGroup(Box::new(OptionGroupRequest::Create(ask)));
    let group = resource("og", "special");
    assert_eq!(
        lines(&scene, &request),
        [format!("rds:CreateOptionGroup {group}"), format!("rds:AddTagsToResource {group}")]
    );
}

#[test]
fn lists_of_groups_need_permission_for_all_groups_and_the_catalogue_for_no_resource() {
    let scene = Scene::new();
    let page = Page::default;
    for (request, expected) in [
        (
            Request::OptionGroup(Box::new(OptionGroupRequest::Describe(DescribeOptionGroups::default()))),
            format!("rds:DescribeOptionGroups {}", resource("og", "*")),
        ),
        (
            Request::ParameterGroup(Box::new(ParameterGroupRequest::Describe(None, page()))),
            format!("rds:DescribeDBParameterGroups {}", resource("pg", "*")),
        ),
        (
            Request::SubnetGroup(Box::new(SubnetGroupRequest::Describe(Some("private".into()), page()))),
            format!("rds:DescribeDBSubnetGroups {}", resource("subgrp", "private")),
        ),
        (Request::DescribeDbEngineVersions(Box::default()), "rds:DescribeDBEngineVersions *".to_owned()),
        (Request::DescribeOrderable(Box::default()), "rds:DescribeOrderableDBInstanceOptions *".to_owned()),
        (Request::DescribeAccountAttributes, "rds:DescribeAccountAttributes *".to_owned()),
    ] {
        assert_eq!(lines(&scene, &request), [expected]);
    }
}

#[test]
fn networks_need_the_permissions_of_ec2_and_lists_of_them_a_permission_for_any_resource() {
    let arn = |kind: &str, id: &str| format!("arn:aws:ec2:{EAST}:{OURS}:{kind}/{id}");
    let tags = pilot_light_domain::model::tags::of([("a", "b")]);
    let group = CreateSecurityGroup { vpc: Some("vpc-1".into()), tags, ..Default::default() };
    for (request, expected) in [
        (Ec2Request::DescribeVpcs(DescribeEc2::default()), vec!["ec2:DescribeVpcs *".to_owned()]),
        (Ec2Request::DescribeSubnets(DescribeEc2::default()), vec!["ec2:DescribeSubnets *".to_owned()]),
        (
            Ec2Request::DescribeSecurityGroups(DescribeEc2::default()),
            vec!["ec2:DescribeSecurityGroups *".to_owned()],
        ),
        (
            Ec2Request::CreateSecurityGroup(group),
            vec![
                format!("ec2:CreateSecurityGroup {}", arn("security-group", "*")),
                format!("ec2:CreateTags {}", arn("security-group", "*")),
                format!("ec2:CreateSecurityGroup {}", arn("vpc", "vpc-1")),
            ],
        ),
        (
            Ec2Request::DeleteSubnet("subnet-1".into()),
            vec![format!("ec2:DeleteSubnet {}", arn("subnet", "subnet-1"))],
        ),
    ] {
        assert_eq!(lines(&Scene::new(), &Request::Ec2(Box::new(request))), expected);
    }
}

#[test]
fn a_stop_with_a_snapshot_needs_the_permissions_of_a_snapshot() {
    let scene = Scene::with_orders();
    let (database, snapshot) = (resource("db", "orders"), resource("snapshot", "last"));
    let plain = Request::StopDbInstance("orders".into(), None);
    assert_eq!(lines(&scene, &plain), [format!("rds:StopDBInstance {database}")]);
    let with = Request::StopDbInstance("orders".into(), Some("last".into()));
    assert_eq!(
        lines(&scene, &with),
        [
            format!("rds:StopDBInstance {database}"),
            format!("rds:StopDBInstance {snapshot}"),
            format!("rds:CreateDBSnapshot {database}"),
            format!("rds:CreateDBSnapshot {snapshot}"),
        ]
    );
}

#[test]
fn an_upgrade_needs_permission_for_the_snapshot_and_its_new_option_group() {
    let ask = ModifyDbSnapshot { id: "a".into(), option_group: Some("special".into()), ..Default::default() };
    assert_eq!(
        lines(&Scene::new(), &Request::ModifyDbSnapshot(ask)),
        [
            format!("rds:ModifyDBSnapshot {}", resource("snapshot", "a")),
            format!("rds:ModifyDBSnapshot {}", resource("og", "special")),
        ]
    );
}
