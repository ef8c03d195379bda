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
    restore(
        "DBInstanceIdentifier",
        "orders--2",
        "is 'orders--2'; AWS allows no hyphen at the end, and no two",
    ),
    restore("DBInstanceIdentifier", "orders-", "is 'orders-'; AWS allows no hyphen at the end"),
    restore("SourceDBInstanceIdentifier", "nope", "there is no usable recovery point of 'nope'"),
    restore("DBParameterGroupName", "pg16-", "is 'pg16-'; AWS allows no hyphen at the end"),
    restore("OptionGroupName", "a--b", "is 'a--b'; AWS allows no hyphen at the end, and no two"),
    restore("DBInstanceClass", ",", "is ',', a list without values; write one value, or several"),
    restore("VpcSecurityGroupIds", " , ", "is ',', a list without values"),
    restore("Tags", ",", "is ',', a list without values"),
    restore("Tags", "a=1,a=2", "has the key 'a' twice; give it once"),
    restore(
        "Tags",
        "team=a;b",
        "has the value 'a;b' for the key 'team' with ';'; AWS allows letters, digits",
    ),
    restore("Port", "70000", "is 70000; AWS allows 1150 to 65535"),
    restore("Port", "-1", "is -1; AWS allows 1150 to 65535"),
    restore("Port", "mysql", "is 'mysql', not a whole number; AWS allows 1150 to 65535"),
    restore("Iops", "99999999999", "is 99999999999; AWS allows 1000 to 256000"),
    restore("MultiAZ", "yes", "is 'yes'; write true or false"),
    restore("At", "yesterday", "is 'yesterday'; write a time such as"),
    restore("SourceAccount", "1", "'1' is not a valid account id; allowed: exactly 12 digits"),
    drill("DBInstanceIdentifier", "nope", "there is no usable recovery point of 'nope'"),
    drill("VpcSecurityGroupIds", ",", "a list without values"),
    drill("Tags", "rds:a=b", "has the key 'rds:a', which is not allowed"),
    refresh("newDB", "tests-", "is 'tests-'; AWS allows no hyphen at the end"),
    refresh("newDB", "orders", "is the same as originDB"),
    refresh("originDB", "nope", "there is no usable recovery point of 'nope'"),
    refresh("Mode", "Both", "is 'Both'; write Swap or Replace"),
    follow("RDSInstanceIdentifier", "ship--ping", "is 'ship--ping'; AWS allows no hyphen at the end"),
    follow("SourceRDSInstanceIdentifier", "nope", "there is no instance 'nope' in us-east-1"),
    follow("BackupRetentionPeriod", "99", "is 99; AWS allows 0 to 35 days"),
    follow("BackupRetentionPeriod", "99999", "is 99999; AWS allows 0 to 35 days"),
    follow("MonitoringInterval", "7", "is 7; AWS allows 0, 1, 5, 10, 15, 30 and 60 seconds"),
    follow("MultiAZ", "yes", "is 'yes'; write true or false"),
    follow(
        "DBInstanceClass",
        "db.r6g.large, db.r6i.large",
        "this resourceType accepts one value, not a list",
    ),
    follow("DBSecurityGroup", ",", "a list without values"),
    cluster("DBClusterIdentifier", "shop--east", "is 'shop--east'; AWS allows no hyphen at the end"),
    cluster("DBClusterIdentifier", "shop_east", "'shop_east' is not a valid cluster identifier"),
    cluster("DBInstanceIdentifier", "shop-east-1-", "is 'shop-east-1-'; AWS allows no hyphen at the end"),
    cluster("GlobalClusterIdentifier", "1 shop", "is '1 shop'; AWS allows a letter, followed by letters"),
    cluster("SourceDBClusterIdentifier", "nope", "cluster:nope', so the old cluster may hold the only data"),
    cluster("Engine", "aurora-postgresql", "is aurora-postgresql, but the engine of"),
    cluster("BackupRetentionPeriod", "0", "is 0; AWS allows 1 to 35 days"),
    cluster("MonitoringInterval", "61", "is 61; AWS allows 0, 1, 5, 10, 15, 30 and 60 seconds"),
    cluster("VpcSecurityGroupIds", ",", "a list without values"),
    cluster(
        "DBInstanceClass",
        "db.t4g.medium",
        "is db.t4g.medium, which AWS refuses in a global cluster; it offers db.m5.12xlarge",
    ),
    cluster(
        "DBInstanceClass",
        "db.serverless",
        "is db.serverless, for which AWS requires a ServerlessV2ScalingConfiguration of the cluster",
    ),
    cluster(
        "EngineVersion",
        "8.0.mysql_aurora.3.05.2",
        "has 8.0.mysql_aurora.3.08.0; write 8.0.mysql_aurora.3.08.0, or leave it out",
    ),
    cluster(
        "KmsKeyId",
        "arn:aws:kms:us-east-1:222222222222:key/vault",
        "is not encrypted, so its secondary cannot be; leave it out",
    ),
    cluster("MonitoringRoleArn", "monitoring", ROLE),
    follow("MonitoringRoleArn", "arn:aws:iam::111111111111:role/monitoring", ROLE),
];

const ROLE: &str = "give the ARN of a role of this account: arn:aws:iam::222222222222:role/NAME";
