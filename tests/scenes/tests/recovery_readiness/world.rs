//! An account with copies, databases and groups, and the manifests that fit it.

use std::collections::BTreeSet;

use pilot_light_simulator::world::{
    CreateDbInstance, CreateOptionGroup, CreateSecurityGroup, CreateSubnet, CreateSubnetGroup, CreateVpc,
    Ec2Request, Ec2Response, InstanceOptions, OptionGroupRequest, Request, Response, Settings,
    SubnetGroupRequest,
};
use pilot_light_tests::groups::Groups;
use pilot_light_tests::recovery::estate::{EAST, Estate, WEST};
use pilot_light_tests::recovery::manifests::resource;
use pilot_light_tests::{DESTINATION, account, region};
use serde_json::{Value, json};

/// The key of the destination in the west.
pub(crate) const KEY: &str = "arn:aws:kms:us-west-2:222222222222:key/copies";

/// The account, and the ids that AWS gave to its security groups.
pub(crate) struct World {
    pub(crate) estate: Estate,
    /// The calls that built the world.
    pub(crate) calls: u64,
    fitting: String,
    of_other_vpc: String,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// A copy of `orders`, and groups of two VPCs in the west.
    pub(crate) fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let estate = Estate::with(change).of_copies();
        estate.copy("orders-1", "orders");
        let groups =
            Groups { simulation: &estate.simulation, account: account(DESTINATION), region: region(WEST) };
        groups.subnet_group("private");
        groups.parameter_group("pg16", "postgres16");
        groups.parameter_group("pg13", "postgres13");
        let fitting = groups.security_group("databases");
        let of_other_vpc = other_vpc(&estate);
        let create = CreateOptionGroup {
            name: "of-mysql".to_owned(),
            engine: "mysql".to_owned(),
            major_version: "8.0".to_owned(),
            description: "for MySQL".to_owned(),
            ..Default::default()
        };
        estate.set(WEST, Request::OptionGroup(Box::new(OptionGroupRequest::Create(create))));
        let calls = estate.simulation.total_calls();
        Self { estate, calls, fitting, of_other_vpc }
    }

    /// The same, with everything that the kinds of a failback and of a refresh need.
    pub(crate) fn with_everything() -> Self {
        let world = Self::new();
        for place in [EAST, WEST] {
            world.estate.database(place, "shipping", &[]);
        }
        encrypted(&world.estate, EAST, "vault", &format!("arn:aws:kms:{EAST}:{DESTINATION}:key/vault"));
        world.estate.database(WEST, "tests", &[("PilotLightRefreshable", "YES")]);
        world.estate.shop();
        world.estate.detach_west();
        Self { calls: world.estate.simulation.total_calls(), ..world }
    }

    /// A restore of `orders` as `name`, in which every parameter fits.
    pub(crate) fn renamed(&self, name: &str) -> Value {
        resource("RestoreFromSnapshot", name, self.parameters_of_restore(name))
    }

    pub(crate) fn good_restore(&self, name: &str) -> Value {
        self.renamed(name)
    }

    pub(crate) fn parameters_of_restore(&self, name: &str) -> Value {
        json!({
            "SourceDBInstanceIdentifier": "orders",
            "DBInstanceIdentifier": name,
            "DBInstanceClass": "db.r6g.large",
            "DBSubnetGroupName": "private",
            "VpcSecurityGroupIds": self.fitting,
            "DBParameterGroupName": "pg16",
            "OptionGroupName": "default:postgres-16",
            "MultiAZ": "True",
            "StorageType": "gp3",
            "Port": "5432",
        })
    }

    /// A value of a parameter, with the ids of the security groups.
    pub(crate) fn value(&self, text: &str) -> String {
        text.replace("FITTING", &self.fitting).replace("OTHER", &self.of_other_vpc)
    }
}

/// Creates another VPC with the subnet group `elsewhere` in two zones. Returns a security group of the VPC.
fn other_vpc(estate: &Estate) -> String {
    let vpc = CreateVpc { cidr: "10.0.0.0/16".to_owned(), ..Default::default() };
    let Ec2Response::Vpc(vpc) = ec2(estate, Ec2Request::CreateVpc(vpc)) else { panic!("no VPC") };
    let subnet = |(number, zone): (usize, &str)| {
        let create = CreateSubnet {
            vpc: vpc.id.clone(),
            cidr: format!("10.0.{number}.0/24"),
            zone: Some(format!("{WEST}{zone}")),
            ..Default::default()
        };
        match ec2(estate, Ec2Request::CreateSubnet(create)) {
            Ec2Response::Subnet(subnet) => subnet.id,
            other => panic!("{other:?}"),
        }
    };
    let subnets = ["a", "b"].into_iter().enumerate().map(subnet).collect();
    let group = CreateSubnetGroup { name: "elsewhere".to_owned(), subnets, ..Default::default() };
    estate.set(WEST, Request::SubnetGroup(Box::new(SubnetGroupRequest::Create(group))));
    let group =
        CreateSecurityGroup { name: "other".to_owned(), vpc: Some(vpc.id.clone()), ..Default::default() };
    match ec2(estate, Ec2Request::CreateSecurityGroup(group)) {
        Ec2Response::SecurityGroup(group) => group.id,
        other => panic!("{other:?}"),
    }
}

fn ec2(estate: &Estate, request: Ec2Request) -> Ec2Response {
    let request = Request::Ec2(Box::new(request));
    match estate.simulation.request(&account(DESTINATION), &region(WEST), request).unwrap() {
        Response::Ec2(answer) => *answer,
        other => panic!("{other:?}"),
    }
}

/// Creates the database `ledger` with automated backups, encrypted with [`KEY`].
pub(crate) fn ledger(estate: &Estate) {
    encrypted(estate, WEST, "ledger", KEY);
}

/// Creates a database with automated backups, encrypted with a key that is registered for it.
fn encrypted(estate: &Estate, place: &str, name: &str, key: &str) {
    estate.simulation.with_world(|world| world.register_key(key.parse().unwrap(), BTreeSet::new()));
    let create = CreateDbInstance {
        name: name.to_owned(),
        engine: "postgres".to_owned(),
        class: "db.r6g.large".to_owned(),
        kms_key: Some(key.to_owned()),
        encrypted: true,
        options: InstanceOptions { backup_retention_days: Some(7), ..Default::default() },
        ..Default::default()
    };
    estate.set(place, Request::CreateDbInstance(create));
}
