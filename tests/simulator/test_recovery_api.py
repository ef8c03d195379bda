"""The calls of a recovery: replicas, renames, restores, clusters, global clusters and global datastores."""

import pytest
from botocore.exceptions import ClientError
from serving import EAST, OTHER, OWN, WEST


def arn(region, kind, name):
    return f"arn:aws:rds:{region}:{OWN}:{kind}:{name}"


def instance(rds, name="orders"):
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def code(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]


def security_group(simulator, name, region=EAST):
    """The id of a new security group in the default VPC."""
    ec2 = simulator.client(OWN, region, "ec2")
    return ec2.create_security_group(GroupName=name, Description="for a test")["GroupId"]


def subnet_group(simulator, name, region=EAST):
    """A DB subnet group of the subnets of the default VPC."""
    found = simulator.client(OWN, region, "ec2").describe_subnets()["Subnets"]
    subnets = [subnet["SubnetId"] for subnet in found]
    rds = simulator.client(OWN, region)
    rds.create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription="for a test", SubnetIds=subnets)


def test_a_replica_across_regions_is_created_and_promoted(simulator):
    simulator.database(BackupRetentionPeriod=7)
    east, west = simulator.client(), simulator.client(OWN, WEST)
    subnet_group(simulator, "west", WEST)
    source = arn(EAST, "db", "orders")
    created = west.create_db_instance_read_replica(
        DBInstanceIdentifier="far",
        SourceDBInstanceIdentifier=source,
        SourceRegion=EAST,
        DBInstanceClass="db.r6g.large",
        DBSubnetGroupName="west",
        VpcSecurityGroupIds=[security_group(simulator, "west", WEST)],
        MultiAZ=True,
        Port=6000,
        MonitoringInterval=60,
        MonitoringRoleArn=f"arn:aws:iam::{OWN}:role/monitoring",
        EnableIAMDatabaseAuthentication=True,
        AutoMinorVersionUpgrade=False,
        DeletionProtection=True,
        Tags=[{"Key": "PilotLightRecovery", "Value": "a"}],
    )["DBInstance"]
    assert created["ReadReplicaSourceDBInstanceIdentifier"] == source
    replica = instance(west, "far")
    expected = {
        "DBInstanceStatus": "available", "DBInstanceClass": "db.r6g.large", "MultiAZ": True,
        "MonitoringInterval": 60, "IAMDatabaseAuthenticationEnabled": True, "DeletionProtection": True,
        "AutoMinorVersionUpgrade": False, "BackupRetentionPeriod": 0,
        "TagList": [{"Key": "PilotLightRecovery", "Value": "a"}],
    }  # fmt: skip
    assert {name: replica[name] for name in expected} == expected
    assert (replica["Endpoint"]["Port"], replica["DBSubnetGroup"]["DBSubnetGroupName"]) == (6000, "west")
    assert instance(east)["ReadReplicaDBInstanceIdentifiers"] == [arn(WEST, "db", "far")]
    promoted = west.promote_read_replica(DBInstanceIdentifier="far")["DBInstance"]
    assert promoted["DBInstanceStatus"] == "modifying"
    alone = instance(west, "far")
    assert alone["DBInstanceStatus"] == "available"
    assert "ReadReplicaSourceDBInstanceIdentifier" not in alone
    assert alone["DbiResourceId"] == replica["DbiResourceId"]
    assert alone["BackupRetentionPeriod"] == 1
    assert instance(east)["ReadReplicaDBInstanceIdentifiers"] == []
    state = ("InvalidDBInstanceState", 400)
    assert code(west.promote_read_replica, DBInstanceIdentifier="far") == state
    west.modify_db_instance(DBInstanceIdentifier="far", BackupRetentionPeriod=0, ApplyImmediately=True)
    follow = {"DBInstanceIdentifier": "x", "SourceDBInstanceIdentifier": "far"}
    assert code(west.create_db_instance_read_replica, **follow) == state


def test_describe_shows_the_old_state_for_the_configured_lag(simulator):
    simulator.database(BackupRetentionPeriod=7)
    rds = simulator.client()
    rds.create_db_instance_read_replica(DBInstanceIdentifier="near", SourceDBInstanceIdentifier="orders")
    simulator.settings(lag_seconds=3600)
    promoted = rds.promote_read_replica(DBInstanceIdentifier="near")["DBInstance"]
    assert promoted["DBInstanceStatus"] == "modifying"
    described = instance(rds, "near")
    assert described["DBInstanceStatus"] == "available"
    assert described["ReadReplicaSourceDBInstanceIdentifier"] == "orders"


def test_a_restored_instance_has_the_requested_settings(simulator):
    simulator.database(Engine="mysql")
    simulator.snapshot("a")
    rds = simulator.client()
    subnet_group(simulator, "dr")
    rds.create_db_parameter_group(DBParameterGroupName="tuned", DBParameterGroupFamily="mysql8.0", Description="for a test")
    group = {"EngineName": "mysql", "MajorEngineVersion": "8.0", "OptionGroupDescription": "for a test"}
    rds.create_option_group(OptionGroupName="audit", **group)
    secured = [security_group(simulator, name) for name in ("one", "two")]
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="new",
        DBSnapshotIdentifier="a",
        DBInstanceClass="db.m6g.large",
        MultiAZ=True,
        PubliclyAccessible=True,
        Port=3400,
        DBSubnetGroupName="dr",
        VpcSecurityGroupIds=secured,
        DBParameterGroupName="tuned",
        OptionGroupName="audit",
        AllocatedStorage=100,
        StorageType="io1",
        Iops=3000,
        DeletionProtection=True,
        CopyTagsToSnapshot=True,
        Tags=[{"Key": "RestoredFrom", "Value": "a"}],
    )
    found = instance(rds, "new")
    expected = {
        "DBInstanceClass": "db.m6g.large", "MultiAZ": True, "PubliclyAccessible": True, "StorageType": "io1",
        "Iops": 3000, "DeletionProtection": True, "CopyTagsToSnapshot": True, "Engine": "mysql",
        "TagList": [{"Key": "RestoredFrom", "Value": "a"}],
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    groups = [group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]]
    assert (groups, found["DBSubnetGroup"]["DBSubnetGroupName"]) == (secured, "dr")
    assert found["DBParameterGroups"][0]["DBParameterGroupName"] == "tuned"
    assert found["OptionGroupMemberships"][0]["OptionGroupName"] == "audit"
    assert found["Endpoint"]["Port"] == 3400


def aurora(simulator, region, name, **options):
    rds = simulator.client(OWN, region)
    given = {"Engine": "aurora-postgresql", **options}
    created = rds.create_db_cluster(DBClusterIdentifier=name, **given)["DBCluster"]
    rds.create_db_instance(
        DBInstanceIdentifier=f"{name}-1",
        DBClusterIdentifier=name,
        Engine="aurora-postgresql",
        DBInstanceClass="db.r6g.large",
    )
    return created["DBClusterArn"]


def cluster(rds, name):
    return rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


def writers(rds, name):
    return [member["IsClusterWriter"] for member in cluster(rds, name)["DBClusterMembers"]]


def world(rds):
    found = rds.describe_global_clusters(GlobalClusterIdentifier="world")["GlobalClusters"][0]
    members = {member["DBClusterArn"]: member["IsWriter"] for member in found["GlobalClusterMembers"]}
    return found, members


def test_a_cluster_can_be_created_and_deleted_with_a_final_snapshot(simulator):
    rds = simulator.client()
    subnet_group(simulator, "here")
    made = aurora(
        simulator, EAST, "sales", MasterUsername="root", MasterUserPassword="secret-secret", Port=5433,
        DBSubnetGroupName="here", VpcSecurityGroupIds=[security_group(simulator, "here")], BackupRetentionPeriod=7,
        DeletionProtection=True, Tags=[{"Key": "a", "Value": "b"}],
    )  # fmt: skip
    found = cluster(rds, made)
    expected = {
        "DBClusterArn": arn(EAST, "cluster", "sales"), "Status": "available", "Engine": "aurora-postgresql",
        "MasterUsername": "root", "Port": 5433, "DBSubnetGroup": "here", "BackupRetentionPeriod": 7,
        "DeletionProtection": True, "TagList": [{"Key": "a", "Value": "b"}],
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert found["DBClusterMembers"][0]["DBInstanceIdentifier"] == "sales-1"
    assert writers(rds, "sales") == [True] and found["ClusterCreateTime"]
    assert instance(rds, "sales-1")["DBClusterIdentifier"] == "sales"
    last = {"DBClusterIdentifier": "sales", "FinalDBSnapshotIdentifier": "last"}
    assert code(rds.delete_db_cluster, **last) == ("InvalidParameterCombination", 400)
    rds.modify_db_cluster(DBClusterIdentifier="sales", DeletionProtection=False, ApplyImmediately=True)
    assert code(rds.delete_db_cluster, **last) == ("InvalidDBClusterStateFault", 400)
    rds.delete_db_instance(DBInstanceIdentifier="sales-1", SkipFinalSnapshot=True)
    assert rds.delete_db_cluster(**last)["DBCluster"]["Status"] == "deleting"
    missing = ("DBClusterNotFoundFault", 404)
    assert code(rds.describe_db_clusters, DBClusterIdentifier="sales") == missing
    kept = rds.describe_db_cluster_snapshots(DBClusterIdentifier="sales")["DBClusterSnapshots"]
    assert [(snapshot["DBClusterSnapshotIdentifier"], snapshot["Status"]) for snapshot in kept] == [("last", "available")]
    unknown = {"DBClusterSnapshotIdentifier": "first"}
    assert code(rds.describe_db_cluster_snapshots, **unknown) == ("DBClusterSnapshotNotFoundFault", 404)


def test_a_global_cluster_can_be_created_switched_over_failed_over_and_deleted(simulator):
    east, west = simulator.client(), simulator.client(OWN, WEST)
    primary = aurora(simulator, EAST, "sales")
    east.create_global_cluster(GlobalClusterIdentifier="world", SourceDBClusterIdentifier=primary)
    secondary = aurora(simulator, WEST, "sales-dr", GlobalClusterIdentifier="world", SourceRegion=EAST)
    assert (writers(east, "sales"), writers(west, "sales-dr")) == ([True], [False])
    for rds in [east, west]:
        assert world(rds)[1] == {primary: True, secondary: False}
    given = {"GlobalClusterIdentifier": "world"}
    moving = west.switchover_global_cluster(TargetDbClusterIdentifier=secondary, **given)["GlobalCluster"]
    assert moving["Status"] == "switching-over"
    expected = (primary, secondary, False)
    state = moving["FailoverState"]
    assert (state["FromDbClusterArn"], state["ToDbClusterArn"], state["IsDataLossAllowed"]) == expected
    found, members = world(west)
    assert (found["Status"], members) == ("available", {primary: False, secondary: True})
    assert "FailoverState" not in found
    assert (writers(east, "sales"), writers(west, "sales-dr")) == ([False], [True])
    moving = east.failover_global_cluster(TargetDbClusterIdentifier=primary, AllowDataLoss=True, **given)
    assert moving["GlobalCluster"]["FailoverState"]["IsDataLossAllowed"]
    assert world(east)[1] == {primary: True, secondary: False}
    assert code(east.delete_global_cluster, **given) == ("InvalidGlobalClusterStateFault", 400)
    for member in [secondary, primary]:
        west.remove_from_global_cluster(DbClusterIdentifier=member, **given)
    assert writers(west, "sales-dr") == [True]
    east.delete_global_cluster(**given)
    assert code(east.describe_global_clusters, **given) == ("GlobalClusterNotFoundFault", 404)
    other = simulator.client(OTHER)
    assert other.describe_global_clusters()["GlobalClusters"] == []


def test_an_empty_global_cluster_refuses_invalid_requests(simulator):
    rds = simulator.client()
    arguments = {"GlobalClusterIdentifier": "world", "Engine": "aurora-mysql"}
    rds.create_global_cluster(**arguments)
    assert code(rds.create_global_cluster, **arguments) == ("GlobalClusterAlreadyExistsFault", 400)
    rds.modify_global_cluster(GlobalClusterIdentifier="world", DeletionProtection=True)
    combination = ("InvalidParameterCombination", 400)
    assert code(rds.delete_global_cluster, GlobalClusterIdentifier="world") == combination
    arguments = {"DBClusterIdentifier": "a", "Engine": "aurora-mysql", "GlobalClusterIdentifier": "none"}
    assert code(rds.create_db_cluster, **arguments) == ("GlobalClusterNotFoundFault", 404)


def test_the_dump_of_the_world_contains_every_resource(simulator):
    aurora(simulator, EAST, "sales")
    simulator.client().create_global_cluster(
        GlobalClusterIdentifier="world", SourceDBClusterIdentifier=arn(EAST, "cluster", "sales")
    )
    _, dump = simulator.admin("world")
    assert dump["clusters"][0]["members"] == ["sales-1"]
    assert dump["global_clusters"][0]["writer"] == arn(EAST, "cluster", "sales")
    assert dump["databases"][0]["cluster"] == "sales"
