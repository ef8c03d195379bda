"""Every resource type on the local AWS, through the real state machine and the real binaries: failover, failback and back again.

The manifests are as the DR Orchestrator's users have them: every value a text, booleans too, imports of exports and of parameters.
The tests are one story, in order.
"""

import pytest
import regions
from local import zips
from local.aws import ROOT, LocalAws
from regions import ACCOUNT, EAST, OTHER, WEST, Regions, arn

PLACES = [(ACCOUNT, EAST), (ACCOUNT, WEST)]
KEYS = {region: f"arn:aws:kms:{region}:{ACCOUNT}:key/00000000-0000-4000-8000-000000000001" for region in (EAST, WEST)}
# What each Region calls its own.
NAMES = {EAST: "", WEST: "-dr"}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recovery")
    zips.zip_one(ROOT / "target" / "debug" / "destination-recover", zips.ZIPS / "destination-recover" / "bootstrap.zip")
    with LocalAws(PLACES, logs=ROOT / "target" / "test-recovery-types", snapshot="0..1", copy="0..1", lag=1,
                  env={"SFN_WAIT_SCALE": "0.1"}) as aws:
        for key in KEYS.values():
            aws.register_key(key, [ACCOUNT])
        regions.values(aws, KEYS)
        regions.launch(aws, folder)
        world = Regions(aws, folder)
        world.datastore = regions.create(aws, KEYS)
        yield world


def planned(region, name):
    return "PlannedFailoverAurora", name, {
        "GlobalClusterIdentifier": f"world-{name}", "DBClusterIdentifier": arn(region, "cluster", name + NAMES[region])}


def unplanned(region, name, **more):
    kind, name, parameters = planned(region, name)
    return "UnPlannedFailoverAurora", name, parameters | {"ClusterRegion": region} | more


def promote(region):
    return "PromoteRDSReadReplica", "orders", {
        "RDSInstanceIdentifier": f"!Import app-orders{NAMES[region]}", "TargetClusterIdentifier": "unused"}


def carts(world, region):
    return "FailoverElastiCacheCluster", "carts", {
        "GlobalReplicationGroupId": world.datastore, "TargetRegion": region, "TargetReplicationGroupId": f"carts{NAMES[region]}"}


def replica(region):
    return "CreateRDSReadReplica", "orders", {
        "SourceRDSInstanceIdentifier": arn(OTHER[region], "db", f"orders{NAMES[OTHER[region]]}"),
        "RDSInstanceIdentifier": f"!Import app-orders{NAMES[region]}", "DBInstanceClass": "!Import app-class", "MultiAZ": "False",
        "DBSubnetGroup": "!Import app-subnets", "DBSecurityGroup": "sg-1", "KmsKeyId": "resolve:ssm:/app/database/key",
        "SourceRegion": OTHER[region], "AutoMinorVersionUpgrade": "False", "Port": "5433", "CopyTagsToSnapshot": "True",
        "MonitoringInterval": "60", "MonitoringRoleArn": f"arn:aws:iam::{ACCOUNT}:role/monitoring",
        "EnableIAMDatabaseAuthentication": "False", "BackupRetentionPeriod": "7", "StorageEncrypted": "True", "DeletionProtection": "True"}


def secondary(region, name):
    here, there = name + NAMES[region], name + NAMES[OTHER[region]]
    return "CreateAuroraSecondaryDBCluster", name, {
        "GlobalClusterIdentifier": f"world-{name}", "DBClusterIdentifier": arn(region, "cluster", here), "DBClusterName": here,
        "SourceDBClusterIdentifier": arn(OTHER[region], "cluster", there), "DBInstanceIdentifier": f"{here}-1", "Port": "5432",
        "DBInstanceClass": "!Import app-class", "DBSubnetGroupName": "!Import app-subnets", "VpcSecurityGroupIds": "sg-1",
        "Engine": "aurora-postgresql", "EngineVersion": "", "KmsKeyId": "", "SourceRegion": OTHER[region], "ClusterRegion": region,
        "BackupRetentionPeriod": "7", "MonitoringInterval": "0", "StorageEncrypted": "False", "EnableIAMDatabaseAuthentication": "False",
        "DeletionProtection": "True", "CopyTagsToSnapshot": "True", "AutoMinorVersionUpgrade": "False", "MonitoringRoleArn": ""}


def test_failover_to_the_other_region(world):
    world.follow(WEST, [planned(WEST, "sales"), promote(WEST)], [unplanned(WEST, "stock", AllowDataLoss="False"), carts(world, WEST)])
    assert world.members("world-sales") == {arn(EAST, "cluster", "sales"): False, arn(WEST, "cluster", "sales-dr"): True}
    assert world.members("world-stock") == {arn(EAST, "cluster", "stock"): True}, "detached, so that nobody follows it"
    assert world.cluster(WEST, "stock-dr")["Status"] == "available"
    assert "ReadReplicaSourceDBInstanceIdentifier" not in world.instances(WEST)["orders-dr"]
    assert world.primary(world.datastore) == WEST
    assert world.snapshots(EAST) == world.snapshots(WEST) == {}


def test_failback_makes_the_old_primaries_followers(world):
    world.follow(EAST, [replica(EAST), secondary(EAST, "sales")], [secondary(EAST, "stock"), carts(world, EAST)])
    orders = world.instances(EAST)["orders"]
    assert orders["ReadReplicaSourceDBInstanceIdentifier"] == arn(WEST, "db", "orders-dr")
    assert world.primary(world.datastore) == EAST
    assert world.members("world-sales") == {arn(EAST, "cluster", "sales"): False, arn(WEST, "cluster", "sales-dr"): True}
    assert world.members("world-stock") == {arn(EAST, "cluster", "stock"): False, arn(WEST, "cluster", "stock-dr"): True}
    assert sorted(world.snapshots(EAST).values()) == ["orders", "stock"], "nothing goes without a final snapshot"
