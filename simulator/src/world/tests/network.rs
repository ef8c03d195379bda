//! VPCs, subnets and security groups, and the place of an instance in them.

use super::clusters::{cluster, create};
use super::*;

fn ec2(request: Ec2Request) -> Request {
    Request::Ec2(Box::new(request))
}

fn subnet_group(name: &str, subnets: &[String]) -> Request {
    let ask = CreateSubnetGroup { name: name.into(), subnets: subnets.to_vec(), ..Default::default() };
    Request::SubnetGroup(Box::new(SubnetGroupRequest::Create(ask)))
}

fn ids(scene: &mut Scene, account: &str, region: &str, request: Ec2Request) -> Vec<String> {
    let Ok(Response::Ec2(answer)) = scene.ask(account, region, ec2(request)) else { panic!() };
    match *answer {
        Ec2Response::Vpcs(found) => found.items.into_iter().map(|one| one.id).collect(),
        Ec2Response::Subnets(found) => found.items.into_iter().map(|one| one.id).collect(),
        Ec2Response::SecurityGroups(found) => found.items.into_iter().map(|one| one.id).collect(),
        other => panic!("{other:?}"),
    }
}

fn all() -> DescribeEc2 {
    DescribeEc2::default()
}

/// A new VPC with a subnet in each of these zones.
fn vpc(scene: &mut Scene, zones: &[&str]) -> (String, Vec<String>) {
    let create = Ec2Request::CreateVpc(CreateVpc { cidr: "10.0.0.0/16".into(), ..Default::default() });
    let Ok(Response::Ec2(answer)) = scene.ask(OURS, EAST, ec2(create)) else { panic!() };
    let Ec2Response::Vpc(vpc) = *answer else { panic!() };
    let mut subnet = |zone: &&str| {
        let ask = CreateSubnet {
            vpc: vpc.id.clone(),
            cidr: "10.0.0.0/28".into(),
            zone: Some((*zone).into()),
            ..Default::default()
        };
        let Ok(Response::Ec2(answer)) = scene.ask(OURS, EAST, ec2(Ec2Request::CreateSubnet(ask))) else {
            panic!()
        };
        let Ec2Response::Subnet(subnet) = *answer else { panic!() };
        assert_eq!(subnet.free_addresses(), 11);
        subnet.id
    };
    let subnets = zones.iter().map(&mut subnet).collect();
    (vpc.id.clone(), subnets)
}

/// `orders` with a snapshot `first`, and a subnet group `private` in a VPC of its own with two zones.
fn with_private() -> (Scene, String, Vec<String>) {
    let mut scene = Scene::with_orders();
    scene.snapshot("orders", "first");
    let (vpc, subnets) = vpc(&mut scene, &["us-east-1a", "us-east-1b"]);
    scene.ask(OURS, EAST, subnet_group("private", &subnets)).unwrap();
    (scene, vpc, subnets)
}

fn restore(name: &str, options: InstanceOptions) -> Request {
    Request::RestoreDbInstanceFromDbSnapshot(RestoreDbInstance {
        name: name.into(),
        snapshot: "first".into(),
        options,
        ..Default::default()
    })
}

fn said(scene: &mut Scene, request: Request) -> String {
    scene.ask(OURS, EAST, request).map_or_else(|error| error.to_string(), |_| "ok".to_owned())
}

fn within(group: &str) -> InstanceOptions {
    InstanceOptions { subnet_group: Some(group.into()), ..Default::default() }
}

fn behind(group: &str, options: InstanceOptions) -> InstanceOptions {
    InstanceOptions { security_groups: Some(vec![group.to_owned()]), ..options }
}

fn security_group(scene: &mut Scene, vpc: Option<&str>, name: &str) -> String {
    let ask = CreateSecurityGroup { name: name.into(), vpc: vpc.map(str::to_owned), ..Default::default() };
    let Ok(Response::Ec2(answer)) = scene.ask(OURS, EAST, ec2(Ec2Request::CreateSecurityGroup(ask))) else {
        panic!()
    };
    let Ec2Response::SecurityGroup(group) = *answer else { panic!() };
    group.id
}

#[test]
fn a_new_account_has_a_default_vpc_with_three_subnets_and_a_group_which_differ_from_place_to_place() {
    let mut scene = Scene::new();
    let mut seen = BTreeSet::new();
    for (account, region) in [(OURS, EAST), (OURS, WEST), (OTHER, EAST)] {
        let vpcs = ids(&mut scene, account, region, Ec2Request::DescribeVpcs(all()));
        let subnets = ids(&mut scene, account, region, Ec2Request::DescribeSubnets(all()));
        let groups = ids(&mut scene, account, region, Ec2Request::DescribeSecurityGroups(all()));
        assert_eq!((vpcs.len(), subnets.len(), groups.len()), (1, 3, 1));
        seen.extend(vpcs.into_iter().chain(subnets).chain(groups));
    }
    assert_eq!(seen.len(), 15, "{seen:?}");
    assert!(seen.iter().all(|id| id.rsplit('-').next().unwrap().len() == 17), "{seen:?}");
}

#[test]
fn lists_of_ec2_have_ids_filters_and_pages() {
    let mut scene = Scene::new();
    let (vpc, subnets) = vpc(&mut scene, &["us-east-1a", "us-east-1b", "us-east-1c"]);
    let filter = |name: &str, value: &str| Filter { name: name.into(), values: vec![value.into()] };
    let ask = DescribeEc2 { filters: vec![filter("vpc-id", &vpc)], ..all() };
    let found: BTreeSet<String> =
        ids(&mut scene, OURS, EAST, Ec2Request::DescribeSubnets(ask)).into_iter().collect();
    assert_eq!(found, subnets.iter().cloned().collect());
    let named = DescribeEc2 { ids: vec![subnets[1].clone()], ..all() };
    assert_eq!(ids(&mut scene, OURS, EAST, Ec2Request::DescribeSubnets(named)), [subnets[1].clone()]);
    let (mut paged, mut token) = (Vec::new(), None);
    loop {
        let ask = DescribeEc2 { most: Some(5), token, ..all() };
        let Ok(Response::Ec2(answer)) = scene.ask(OURS, EAST, ec2(Ec2Request::DescribeSubnets(ask))) else {
            panic!()
        };
        let Ec2Response::Subnets(page) = *answer else { panic!() };
        paged.extend(page.items);
        token = page.token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(paged.len(), 6);
    let wrong = |ids: &[&str], filter: Option<Filter>| DescribeEc2 {
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
        filters: filter.into_iter().collect(),
        ..all()
    };
    for (request, code) in [
        (Ec2Request::DescribeVpcs(wrong(&["vpc-0"], None)), "InvalidVpcID.NotFound"),
        (Ec2Request::DescribeSubnets(wrong(&["subnet-0"], None)), "InvalidSubnetID.NotFound"),
        (Ec2Request::DescribeSecurityGroups(wrong(&["sg-0"], None)), "InvalidGroup.NotFound"),
        (Ec2Request::DescribeVpcs(wrong(&[], Some(filter("colour", "red")))), "InvalidParameterValue"),
        (Ec2Request::DescribeVpcs(DescribeEc2 { most: Some(4), ..all() }), "InvalidParameterValue"),
    ] {
        assert_eq!(scene.code(ec2(request.clone())), code, "{request:?}");
    }
}

#[test]
fn things_of_ec2_that_others_need_are_not_deleted() {
    let (mut scene, vpc, subnets) = with_private();
    let group = security_group(&mut scene, Some(&vpc), "databases");
    scene.ask(OURS, EAST, restore("restored", behind(&group, within("private")))).unwrap();
    let default = ids(&mut scene, OURS, WEST, Ec2Request::DescribeSecurityGroups(all()));
    for (request, code) in [
        (Ec2Request::DeleteSecurityGroup(group.clone()), "DependencyViolation"),
        (Ec2Request::DeleteVpc(vpc.clone()), "DependencyViolation"),
        (Ec2Request::DeleteSecurityGroup("sg-0".into()), "InvalidGroup.NotFound"),
        (Ec2Request::DeleteSubnet(subnets[0].clone()), "ok"),
        (Ec2Request::DeleteSubnet(subnets[0].clone()), "InvalidSubnetID.NotFound"),
    ] {
        assert_eq!(scene.code(ec2(request.clone())), code, "{request:?}");
    }
    let refused = scene.code_of(OURS, WEST, ec2(Ec2Request::DeleteSecurityGroup(default[0].clone())));
    assert_eq!(refused, "CannotDelete");
    let again = CreateSecurityGroup { name: "databases".into(), vpc: Some(vpc), ..Default::default() };
    assert_eq!(scene.code(ec2(Ec2Request::CreateSecurityGroup(again))), "InvalidGroup.Duplicate");
}

#[test]
fn a_subnet_group_needs_existing_subnets_of_one_vpc_in_two_zones() {
    let mut scene = Scene::new();
    let (_, narrow) = vpc(&mut scene, &["us-east-1a", "us-east-1a"]);
    let (_, wide) = vpc(&mut scene, &["us-east-1a", "us-east-1b"]);
    let unknown = ["subnet-1".to_owned(), wide[0].clone()];
    for (subnets, expected) in [
        (&unknown, "InvalidParameterValue: Some input subnets in :[subnet-1] are invalid."),
        (&[narrow[0].clone(), wide[1].clone()], "InvalidSubnet: The subnets are not all in a common VPC."),
        (&[wide[0].clone(), wide[1].clone()], "ok"),
    ] {
        assert_eq!(said(&mut scene, subnet_group("private", subnets)), expected, "{subnets:?}");
    }
    let refused = said(&mut scene, subnet_group("narrow", &narrow));
    let coverage = "DBSubnetGroupDoesNotCoverEnoughAZs: The DB subnet group doesn't meet Availability Zone (AZ) coverage \
                    requirement. Current AZ coverage: us-east-1a. Add subnets to cover at least 2 AZs.";
    assert_eq!(refused, coverage);
}

#[test]
fn a_restore_needs_an_existing_subnet_group_and_for_multi_az_two_zones_that_still_exist() {
    let (mut scene, _, subnets) = with_private();
    let multi = |options: InstanceOptions| InstanceOptions { multi_az: Some(true), ..options };
    assert_eq!(scene.code(restore("a", within("nothing"))), "DBSubnetGroupNotFoundFault");
    assert_eq!(scene.code(restore("a", multi(within("private")))), "ok");
    scene.ask(OURS, EAST, ec2(Ec2Request::DeleteSubnet(subnets[0].clone()))).unwrap();
    assert_eq!(scene.code(restore("b", multi(within("private")))), "DBSubnetGroupDoesNotCoverEnoughAZs");
    assert_eq!(scene.code(restore("b", within("private"))), "ok");
    scene.pass(0);
    let change = ModifyDbInstance {
        name: "b".into(),
        options: multi(InstanceOptions::default()),
        ..Default::default()
    };
    assert_eq!(scene.code(Request::ModifyDbInstance(change)), "DBSubnetGroupDoesNotCoverEnoughAZs");
    scene.ask(OURS, EAST, ec2(Ec2Request::DeleteSubnet(subnets[1].clone()))).unwrap();
    assert_eq!(scene.code(restore("c", within("private"))), "InvalidSubnet");
}

#[test]
fn security_groups_exist_in_the_vpc_of_the_subnet_group() {
    let (mut scene, vpc, _) = with_private();
    let group = security_group(&mut scene, Some(&vpc), "databases");
    let none = InstanceOptions::default;
    let home = ids(&mut scene, OURS, EAST, Ec2Request::DescribeVpcs(all()));
    let home = home.iter().find(|id| **id != vpc).unwrap().clone();
    let elsewhere = format!(
        "InvalidParameterCombination: The DB instance and EC2 security group are in different VPCs. The DB instance is in \
         {home} and the EC2 security group is in {vpc}"
    );
    let other = ids(&mut scene, OTHER, WEST, Ec2Request::DescribeSecurityGroups(all()));
    let unknown =
        format!("InvalidParameterValue: Invalid security group , groupId= {}, groupName=.", other[0]);
    let change = |options: InstanceOptions| {
        Request::ModifyDbInstance(ModifyDbInstance { name: "orders".into(), options, ..Default::default() })
    };
    for (request, expected) in [
        (restore("a", behind(&group, none())), &elsewhere),
        (change(behind(&group, none())), &elsewhere),
        (restore("a", behind(&other[0], none())), &unknown),
        (change(behind(&other[0], none())), &unknown),
        (restore("a", behind(&group, within("private"))), &"ok".to_owned()),
        (change(behind(&group, within("private"))), &"ok".to_owned()),
    ] {
        assert_eq!(&said(&mut scene, request.clone()), expected, "{request:?}");
    }
}

#[test]
fn a_cluster_needs_an_existing_subnet_group_in_two_zones_and_security_groups_of_its_vpc() {
    let (mut scene, vpc, subnets) = with_private();
    let group = security_group(&mut scene, Some(&vpc), "databases");
    let behind = |name: &str, subnet_group: Option<&str>, groups: Option<&str>| {
        let options = ClusterOptions {
            subnet_group: subnet_group.map(str::to_owned),
            security_groups: groups.map(|id| vec![id.to_owned()]),
            ..Default::default()
        };
        create(CreateDbCluster { options, ..cluster(name) })
    };
    for (request, expected) in [
        (behind("a", Some("nothing"), None), "DBSubnetGroupNotFoundFault"),
        (behind("a", None, Some(&group)), "InvalidParameterCombination"),
        (behind("a", Some("private"), Some("sg-1")), "InvalidParameterValue"),
        (behind("a", Some("private"), Some(&group)), "ok"),
    ] {
        assert_eq!(scene.code(request.clone()), expected, "{request:?}");
    }
    scene.ask(OURS, EAST, ec2(Ec2Request::DeleteSubnet(subnets[0].clone()))).unwrap();
    let refused = scene.code(behind("b", Some("private"), None));
    assert_eq!(refused, "DBSubnetGroupDoesNotCoverEnoughAZs");
}

#[test]
fn without_a_default_vpc_an_instance_needs_a_subnet_group() {
    let (mut scene, vpc, _) = with_private();
    let default = |network: Vec<String>| network.into_iter().find(|id| *id != vpc).unwrap();
    let home = default(ids(&mut scene, OURS, EAST, Ec2Request::DescribeVpcs(all())));
    let filter = Filter { name: "vpc-id".into(), values: vec![home.clone()] };
    let ask = DescribeEc2 { filters: vec![filter], ..all() };
    for subnet in ids(&mut scene, OURS, EAST, Ec2Request::DescribeSubnets(ask)) {
        scene.ask(OURS, EAST, ec2(Ec2Request::DeleteSubnet(subnet))).unwrap();
    }
    scene.ask(OURS, EAST, ec2(Ec2Request::DeleteVpc(home))).unwrap();
    let refused = said(&mut scene, restore("a", InstanceOptions::default()));
    let expected = "InvalidSubnet: No default subnet detected in VPC. Please contact AWS Support to recreate default \
                    Subnets.";
    assert_eq!(refused, expected);
    assert_eq!(scene.code(restore("a", within("private"))), "ok");
}

#[test]
fn an_option_group_is_linked_to_the_vpc_of_its_first_instance() {
    let (mut scene, ..) = with_private();
    let group = CreateOptionGroup {
        name: "tuned".into(),
        engine: "postgres".into(),
        major_version: "16".into(),
        ..Default::default()
    };
    let create = Request::OptionGroup(Box::new(OptionGroupRequest::Create(group)));
    scene.ask(OURS, EAST, create).unwrap();
    let with = |options: InstanceOptions| InstanceOptions { option_group: Some("tuned".into()), ..options };
    assert_eq!(scene.code(restore("a", with(within("private")))), "ok");
    let refused = "InvalidParameterCombination: The option group tuned is associated with a different VPC than the \
                   request.";
    assert_eq!(said(&mut scene, restore("b", with(InstanceOptions::default()))), refused);
    assert_eq!(scene.code(restore("b", with(within("private")))), "ok");
}

#[test]
fn a_changed_network_is_part_of_a_saved_world() {
    let (scene, vpc, _) = with_private();
    let saved = serde_json::to_vec(&scene.world.save()).unwrap();
    let mut loaded = Scene { world: World::load(&saved).unwrap(), now: scene.now };
    let vpcs = ids(&mut loaded, OURS, EAST, Ec2Request::DescribeVpcs(all()));
    assert_eq!((vpcs.len(), vpcs.contains(&vpc)), (2, true));
    assert_eq!(loaded.code(restore("a", within("private"))), "ok");
}
