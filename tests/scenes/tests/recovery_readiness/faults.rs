//! Wrong manifests: one parameter is wrong in each, and every other parameter fits.

use pilot_light_tests::recovery::estate::{EAST, WEST};
use pilot_light_tests::recovery::manifests::resource;
use pilot_light_tests::recovery::resources::{replica, secondary};
use serde_json::{Value, json};

use super::world::World;

/// A wrong parameter.
pub(crate) struct Fault {
    pub(crate) kind: &'static str,
    pub(crate) purpose: &'static str,
    /// The Region of the state machine.
    pub(crate) place: &'static str,
    pub(crate) parameter: &'static str,
    value: &'static str,
    /// The text that the problem must contain.
    pub(crate) expected: &'static str,
}

impl Fault {
    /// The resource `wrong`.
    pub(crate) fn resource(&self, world: &World) -> Value {
        let mut parameters = match self.kind {
            "RestoreFromSnapshot" => world.parameters_of_restore("orders"),
            "RestoreDrill" => json!({"DBInstanceIdentifier": "orders"}),
            "RefreshFromSnapshot" => json!({"originDB": "orders", "newDB": "tests"}),
            "CreateRDSReadReplica" if self.parameter == "KmsKeyId" => replica(WEST, "vault").1,
            "CreateRDSReadReplica" => replica(WEST, "shipping").1,
            _ => secondary(EAST).1,
        };
        parameters[self.parameter] = json!(world.value(self.value));
        resource(self.kind, "wrong", parameters)
    }
}

const fn fault(
    kind: &'static str,
    parameter: &'static str,
    value: &'static str,
    expected: &'static str,
) -> Fault {
    Fault { kind, purpose: "failover", place: WEST, parameter, value, expected }
}

const fn restore(parameter: &'static str, value: &'static str, expected: &'static str) -> Fault {
    fault("RestoreFromSnapshot", parameter, value, expected)
}

const fn drill(parameter: &'static str, value: &'static str, expected: &'static str) -> Fault {
    Fault { purpose: "drill", ..fault("RestoreDrill", parameter, value, expected) }
}

const fn refresh(parameter: &'static str, value: &'static str, expected: &'static str) -> Fault {
    Fault { purpose: "drill", ..fault("RefreshFromSnapshot", parameter, value, expected) }
}

const fn follow(parameter: &'static str, value: &'static str, expected: &'static str) -> Fault {
    Fault { purpose: "failback", ..fault("CreateRDSReadReplica", parameter, value, expected) }
}

const fn cluster(parameter: &'static str, value: &'static str, expected: &'static str) -> Fault {
    let fault = fault("CreateAuroraSecondaryDBCluster", parameter, value, expected);
    Fault { purpose: "failback", place: EAST, ..fault }
}

pub(crate) const ALL: &[Fault] = &[
    restore(
        "DBSubnetGroupName",
        "nope",
        "is nope; us-west-2 has no such DB subnet group; it has default, elsewhere, private",
    ),
    restore("rds_subnet_group", "nope", "is 'nope', but DBSubnetGroupName is 'private'"),
    restore("VpcSecurityGroupIds", "sg-0123", "is sg-0123; us-west-2 has no such security group"),
    restore("VpcSecurityGroupIds", "FITTING,sg-0123", "is sg-0123; us-west-2 has no such security group"),
    restore("VpcSecurityGroupIds", "OTHER", "but the DB subnet group 'private' is in vpc-"),
    restore(
        "DBParameterGroupName",
        "pg17",
        "is pg17; us-west-2 has no such DB parameter group; it has of the family postgres16: ",
    ),
    restore(
        "DBParameterGroupName",
        "pg13",
        "is pg13 of the family postgres13; give a group of the family postgres16",
    ),
    restore(
        "DBParameterGroupName",
        "default.mysql8.0",
        "of the family mysql8.0; give a group of the family postgres16",
    ),
    restore("OptionGroupName", "nope", "is nope; us-west-2 has no such option group"),
    restore("OptionGroupName", "of-mysql", "is of-mysql for mysql 8.0; give a group for postgres 16.4"),
    restore(
        "DBInstanceClass",
        "db.nope",
        "is db.nope, which AWS does not offer for postgres 16.4 in us-west-2; it offers db.m",
    ),
    restore(
        "DBInstanceClass",
        "r6g.large",
        "is r6g.large, which AWS does not offer for postgres 16.4 in us-west-2; it offers db.r6g.large",
    ),
    restore("DBInstanceClass", "db.t2.micro", "is db.t2.micro, which AWS does not offer for postgres 16.4"),
    restore("DBInstanceClass", "db.r6g.large,db.r6g.huge", "is db.r6g.huge, which AWS does not offer"),
    restore("StorageType", "floppy", "is floppy; AWS offers gp2, gp3, io1, io2 for db.r6g.large"),
    restore("StorageType", "io1", "is io1, which has 100 to 65536 GiB; the data has 20 GiB"),
    restore(
        "Iops",
        "12000",
        "is 12000, but the data has 20 GiB; with gp3, AWS allows Iops from 400 GiB; leave it out",
    ),
    restore("Port", "80", "is 80; AWS allows 1150 to 65535"),
    restore("Port", "1149", "is 1149; AWS allows 1150 to 65535"),
    drill("DBSubnetGroup", "nope", "is nope; us-west-2 has no such DB subnet group"),
    drill("DBSecurityGroup", "OTHER", "but the DB subnet group 'default' is in vpc-"),
    drill("DBInstanceClass", "db.r6g.medium", "is db.r6g.medium, which AWS does not offer"),
    drill("StorageType", "gp4", "is gp4; AWS offers gp2, gp3, io1, io2"),
    drill("Port", "0", "is 0; AWS allows 1150 to 65535"),
    refresh("newDBClass", "db.x1.large", "is db.x1.large, which AWS does not offer"),
    refresh("DBSubnetGroupName", "nope", "is nope; us-west-2 has no such DB subnet group"),
    refresh("DBParameterGroupName", "pg13", "is pg13 of the family postgres13"),
    refresh("OptionGroupName", "of-mysql", "is of-mysql for mysql 8.0"),
    follow(
        "DBInstanceClass",
        "db.nope",
        "is db.nope, which AWS does not offer for postgres 16.4 in us-west-2",
    ),
    follow("DBSubnetGroup", "nope", "is nope; us-west-2 has no such DB subnet group"),
    follow("DBSecurityGroup", "OTHER", "but the DB subnet group 'default' is in vpc-"),
    follow("Port", "443", "is 443; AWS allows 1150 to 65535"),
    follow(
        "KmsKeyId",
        "alias/nope",
        "is alias/nope; us-west-2 has no such key; give an enabled key of us-west-2",
    ),
    cluster("DBSubnetGroupName", "nope", "is nope; us-east-1 has no such DB subnet group; it has default"),
    cluster("VpcSecurityGroupIds", "sg-0123", "is sg-0123; us-east-1 has no such security group"),
    cluster("DBInstanceClass", "db.nope", "is db.nope, which AWS does not offer for aurora-mysql"),
    cluster("Port", "22", "is 22; AWS allows 1150 to 65535"),
];
