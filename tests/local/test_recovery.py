"""Every resource type on the local AWS, through the real state machine and the real binaries: failover, failback and back again.

The manifests are those of the DR Orchestrator's users. Every value is a text, also booleans. Exports and parameters are imported.
The tests run in order, since each test continues from the result of the test before.
"""

import json
import re

import deployed_roles
import pytest
import regions
from local import estate, recovery, zips
from local.aws import LocalAws
from pilot_light_sceptre.target import target_folder
from recording_proxy import RecordingProxy
from regions import ACCOUNT, EAST, OTHER, WEST, Regions, arn
from tests.contract.checks.files import SCEPTRE, template
from tests.contract.checks.insights import answer
from tests.contract.checks.messages import commands
from tests.contract.checks.messages import findings as unusable

PLACES = [(ACCOUNT, EAST), (ACCOUNT, WEST)]
KEYS = {region: f"arn:aws:kms:{region}:{ACCOUNT}:key/00000000-0000-4000-8000-000000000001" for region in (EAST, WEST)}
# The names of each Region's own resources.
NAMES = {EAST: "", WEST: "-dr"}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recovery")
    zips.zip_one(target_folder() / "debug" / "destination-recover", zips.ZIPS / "destination-recover" / "bootstrap.zip")
    with RecordingProxy() as proxy, LocalAws(
            PLACES, logs=target_folder() / "test-recovery-types", snapshot="0..1", copy="0..1", lag=1,
            env={"SFN_WAIT_SCALE": "0.1"} | proxy.env()) as aws:
        proxy.target = aws.url
        for key in KEYS.values():
            aws.register_key(key, [ACCOUNT])
        regions.values(aws, KEYS)
        _, datastore = estate.side_by_side(lambda: regions.launch(aws, folder), lambda: regions.create(aws, KEYS))
        regions_of = Regions(aws, folder, datastore)
        regions_of.proxy = proxy
        yield regions_of


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
        "DBSubnetGroup": "!Import app-subnets", "DBSecurityGroup": "!Import app-group", "KmsKeyId": "resolve:ssm:/app/database/key",
        "SourceRegion": OTHER[region], "AutoMinorVersionUpgrade": "False", "Port": "5433", "CopyTagsToSnapshot": "True",
        "MonitoringInterval": "60", "MonitoringRoleArn": f"arn:aws:iam::{ACCOUNT}:role/monitoring",
        "EnableIAMDatabaseAuthentication": "False", "BackupRetentionPeriod": "7", "StorageEncrypted": "True", "DeletionProtection": "True"}


def secondary(region, name):
    here, there = name + NAMES[region], name + NAMES[OTHER[region]]
    return "CreateAuroraSecondaryDBCluster", name, {
        "GlobalClusterIdentifier": f"world-{name}", "DBClusterIdentifier": arn(region, "cluster", here), "DBClusterName": here,
        "SourceDBClusterIdentifier": arn(OTHER[region], "cluster", there), "DBInstanceIdentifier": f"{here}-1", "Port": "5432",
        "DBInstanceClass": "!Import app-class", "DBSubnetGroupName": "!Import app-subnets", "VpcSecurityGroupIds": "!Import app-group",
        "Engine": "aurora-postgresql", "EngineVersion": "", "KmsKeyId": "", "SourceRegion": OTHER[region], "ClusterRegion": region,
        "BackupRetentionPeriod": "7", "MonitoringInterval": "0", "StorageEncrypted": "False", "EnableIAMDatabaseAuthentication": "False",
        "DeletionProtection": "True", "CopyTagsToSnapshot": "True", "AutoMinorVersionUpgrade": "False", "MonitoringRoleArn": ""}


def assert_done_already(world, region, machine, *layers):
    """Starts the same manifest again. It changes nothing and is reported as done."""
    world.message(region, f"{machine} done")
    before = world.world()
    ended = world.run(region, machine, *layers)
    assert (ended.status, ended.report["verdict"]) == ("SUCCEEDED", "recovered"), ended.cause
    assert world.world() == before
    message = world.message(region, f"{machine} done in {ACCOUNT} {region}")
    assert "No time was measured" in message
    assert message.count("was already done") == sum(map(len, layers))
    assert f" at carts{NAMES[region]}.simulated.ng.0001.{region}.cache.amazonaws.com:6379" in message


def test_failover_to_the_other_region(world):
    manifest = [planned(WEST, "sales"), promote(WEST)], [unplanned(WEST, "stock", AllowDataLoss="False"), carts(world, WEST)]
    world.follow(WEST, *manifest)
    assert world.members("world-sales") == {arn(EAST, "cluster", "sales"): False, arn(WEST, "cluster", "sales-dr"): True}
    assert world.members("world-stock") == {arn(EAST, "cluster", "stock"): True}, "detached from its secondary"
    assert world.cluster(WEST, "stock-dr")["Status"] == "available"
    assert "ReadReplicaSourceDBInstanceIdentifier" not in world.instances(WEST)["orders-dr"]
    assert world.primary(world.datastore) == WEST
    assert world.snapshots(EAST) == world.snapshots(WEST) == {}
    assert_done_already(world, WEST, "failover", *manifest)


def test_failback_makes_the_old_primaries_followers(world):
    manifest = [replica(EAST), secondary(EAST, "sales")], [secondary(EAST, "stock"), carts(world, EAST)]
    world.follow(EAST, *manifest)
    orders = world.instances(EAST)["orders"]
    expected = {
        "ReadReplicaSourceDBInstanceIdentifier": arn(WEST, "db", "orders-dr"), "KmsKeyId": KEYS[EAST], "StorageEncrypted": True,
        "MultiAZ": False, "AutoMinorVersionUpgrade": False, "DeletionProtection": True, "BackupRetentionPeriod": 7, "MonitoringInterval": 60}
    assert {name: orders[name] for name in expected} == expected
    assert orders["Endpoint"]["Port"] == 5433
    assert world.primary(world.datastore) == EAST
    assert world.members("world-sales") == {arn(EAST, "cluster", "sales"): False, arn(WEST, "cluster", "sales-dr"): True}
    assert world.members("world-stock") == {arn(EAST, "cluster", "stock"): False, arn(WEST, "cluster", "stock-dr"): True}
    assert sorted(world.snapshots(EAST).values()) == ["orders", "stock"], "every deleted resource has a final snapshot"
    stock = world.cluster(EAST, "stock")
    assert ([member["DBInstanceIdentifier"] for member in stock["DBClusterMembers"]], stock["DeletionProtection"]) == (["stock-1"], True)
    assert_done_already(world, EAST, "failback", *manifest)


def test_failover_back_to_the_first_region(world):
    world.follow(EAST, [planned(EAST, "sales"), planned(EAST, "stock")], [promote(EAST), carts(world, EAST)])
    for name in ("sales", "stock"):
        assert world.members(f"world-{name}") == {arn(EAST, "cluster", name): True, arn(WEST, "cluster", f"{name}-dr"): False}
    assert "ReadReplicaSourceDBInstanceIdentifier" not in world.instances(EAST)["orders"]
    assert world.primary(world.datastore) == EAST


def test_the_other_region_gets_replicas_again(world):
    world.follow(WEST, [replica(WEST), secondary(WEST, "sales"), secondary(WEST, "stock")])
    assert world.instances(WEST)["orders-dr"]["ReadReplicaSourceDBInstanceIdentifier"] == arn(EAST, "db", "orders")
    assert list(world.snapshots(WEST).values()) == ["orders-dr"], "a switchover of Aurora takes no snapshot"
    assert sorted(world.instances(WEST)) == ["orders-dr", "sales-dr-1", "stock-dr-1"]


def test_secure_values_appear_in_no_state_of_an_execution(world):
    """Each step resolves the value. An execution contains only its path."""
    for region in (EAST, WEST):
        states = world.client("stepfunctions", region)
        machine = f"arn:aws:states:{region}:{ACCOUNT}:stateMachine:{regions.MACHINES['failback']}"
        for execution in states.list_executions(stateMachineArn=machine)["executions"]:
            history = str(states.get_execution_history(executionArn=execution["executionArn"], maxResults=1000)["events"])
            assert "resolve:ssm:/app/database/key" in history and KEYS[region] not in history


def restore(name, source="orders", **more):
    return "RestoreFromSnapshot", name, {
        "DBInstanceIdentifier": name, "SourceDBInstanceIdentifier": source, "rds_instance_type": "!Import app-class",
        "rds_subnet_group": "!Import app-subnets", "MultiAZ": "False", "PubliclyAccessible": "False", **more}


@pytest.fixture(scope="module")
def copied(world):
    """Creates a copy of orders in the other Region, and databases there that a refresh may replace."""
    east, west = world.rds(EAST), world.rds(WEST)
    taken = lambda rds, name: rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]["Status"] == "available"
    east.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="orders-now")
    world.until("a snapshot", lambda: taken(east, "orders-now"))
    west.copy_db_snapshot(
        SourceDBSnapshotIdentifier=arn(EAST, "snapshot", "orders-now"), TargetDBSnapshotIdentifier="orders-now-copy",
        SourceRegion=EAST, KmsKeyId=KEYS[WEST])
    for name in REFRESHED:
        west.create_db_instance(
            DBInstanceIdentifier=name, Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20, MasterUsername="pilot",
            MasterUserPassword="not-a-secret", Tags=[{"Key": "PilotLightRefreshable", "Value": "YES"}])
    up = lambda: {"available"} == {world.instances(WEST)[name]["DBInstanceStatus"] for name in REFRESHED}
    world.until("a copy", lambda: taken(west, "orders-now-copy") and up())


def restored_from(world, name):
    return {tag["Key"]: tag["Value"] for tag in world.instances(WEST)[name]["TagList"]}["RestoredFrom"]


COPY = arn(WEST, "snapshot", "orders-now-copy")
REFRESHED = {"staging": "Swap", "testing": "Replace"}


def test_a_restore_from_the_newest_copy(world, copied):
    world.follow(WEST, [restore("orders-restored", Port="5433", DeletionProtection="False")])
    assert restored_from(world, "orders-restored") == COPY
    restored = world.instances(WEST)["orders-restored"]
    expected = {"DBInstanceClass": "db.r6g.large", "MultiAZ": False, "DeletionProtection": False}
    assert {name: restored[name] for name in expected} == expected
    assert restored["DBInstanceStatus"] in ("available", "backing-up")


def test_a_drill_leaves_nothing_behind(world, copied):
    before = world.instances(WEST).keys(), world.snapshots(WEST)
    ended = world.run(WEST, "drill", [("RestoreDrill", "orders", {"DBInstanceIdentifier": "orders", "MultiAZ": "False"})])
    assert (ended.status, ended.report["verdict"]) == ("SUCCEEDED", "recovered"), ended.cause
    assert (world.instances(WEST).keys(), world.snapshots(WEST)) == before


def test_a_refresh_swaps_or_replaces_its_database(world, copied):
    old = {name: world.instances(WEST)[name]["DbiResourceId"] for name in REFRESHED}
    ended = world.run(WEST, "drill", [("RefreshFromSnapshot", name, {
        "targetRegion": WEST, "crossRegion": "True", "originDB": "orders", "newDB": name, "newDBClass": "db.t4g.small", "Mode": mode,
    }) for name, mode in REFRESHED.items()])
    assert (ended.status, ended.report["verdict"]) == ("SUCCEEDED", "recovered"), ended.cause
    there = world.instances(WEST)
    for name in REFRESHED:
        assert (there[name]["DBInstanceClass"], restored_from(world, name)) == ("db.t4g.small", COPY)
        assert there[name]["DbiResourceId"] != old[name]
        assert len([identifier for identifier in there if name in identifier]) == 1
    assert sorted(re.sub("-[0-9a-f]{8}$", "", snapshot) for snapshot in world.snapshots(WEST)) == [
        "final-orders-dr", "orders-now-copy", "refreshed-staging", "refreshed-testing"]


def test_the_duration_of_every_recovery_is_measured(world, copied):
    """The worker publishes a metric and writes a log line for each resource and for the whole recovery."""
    metrics = world.client("cloudwatch", WEST).list_metrics(Namespace="PilotLight", MetricName="RecoveryTime")["Metrics"]
    measured = {dimension["Value"] for metric in metrics for dimension in metric["Dimensions"] if dimension["Name"] == "Resource"}
    assert {"orders", "sales", "stock", "carts", "orders-restored", *REFRESHED} <= measured
    assert any("Resource" not in {dimension["Name"] for dimension in metric["Dimensions"]} for metric in metrics)
    logs = world.client("logs", WEST).filter_log_events(
        logGroupName="/aws/lambda/pilot-light-destination-recover", filterPattern="recovered")["events"]
    lines = [json.loads(event["message"]) for event in logs if event["message"].startswith("{")]
    (line,) = [line for line in lines if line.get("resourceName") == "orders-restored" and line.get("event") == "recovered"]
    assert (line["resourceType"], line["layer"], line["rto_target_seconds"]) == ("RestoreFromSnapshot", 1, 10800) and line["seconds"] >= 0
    queries = template(SCEPTRE / "templates" / "queries.yaml")["Resources"]
    (row,) = [row for row in answer(queries["Recovery"]["Properties"]["QueryString"], [event["message"] for event in logs])
              if row["resourceName"] == "orders-restored" and row["event"] == "recovered"]
    assert None not in row.values()


def test_a_dry_run_shows_the_plan_and_changes_nothing(world):
    before = world.world()
    ended = world.run(WEST, "failover", [planned(WEST, "sales")], [promote(WEST)], dry_run=True)
    assert ended.status == "SUCCEEDED"
    assert "sales-dr" in ended.report["summary"] and "orders-dr" in ended.report["summary"]
    output = world.command(WEST, "--dry-run", [planned(WEST, "sales")], [promote(WEST)])
    assert "sales-dr" in output and "orders-dr" in output and "A dry run: nothing is changed." in output
    assert world.world() == before


def test_a_dry_run_shows_every_step_of_a_large_manifest(world, copied):
    """A message has 8 KiB at most, and the command has no such limit."""
    names = [[f"the copy of orders, layer {layer}, drill {number}" for number in range(20)] for layer in range(8)]
    layers = [[("RestoreDrill", name, {"DBInstanceIdentifier": "orders", "MultiAZ": "False"}) for name in layer] for layer in names]
    output = world.command(WEST, "--dry-run", *layers)
    assert len(output.encode()) > 16 * 1024
    assert all(name in output for layer in names for name in layer)


def test_a_disabled_key_is_reported_before_anything_changes(world, copied):
    before = world.world()
    world.aws.set_key_enabled(KEYS[WEST], False)
    ended = world.run(WEST, "failover", [restore("encrypted")])
    world.aws.set_key_enabled(KEYS[WEST], True)
    assert (ended.status, ended.error) == ("FAILED", "InvalidInput"), ended.report
    message = world.message(WEST, "failover cannot begin")
    assert "Disabled" in message and KEYS[WEST].rsplit("/", 1)[1] in message, message
    assert world.world() == before


def test_every_problem_of_a_manifest_is_reported_before_anything_changes(world):
    before = world.world()
    faulty = [restore("a", MultiAZ="Flase"), ("PromoteRDSReadReplica", "b", {"RDSInstanceIdentifier": "!Import app-missing"})]
    ended = world.run(WEST, "failover", [planned(WEST, "sales"), ("PromoteRDSReadRepilca", "orders", {})], faulty)
    assert (ended.status, ended.error) == ("FAILED", "InvalidInput")
    message = world.message(WEST, "failover cannot begin")
    for problem in ("PromoteRDSReadRepilca", "Flase", "app-missing"):
        assert problem in message, message
    assert world.world() == before


@pytest.mark.parametrize("region", [EAST, WEST])
def test_the_command_in_a_message_works_unchanged(world, region):
    """The command gives the Region, the parameters and the state machine, since they can differ from the defaults of the command line."""
    world.run(region, "failover", [("Promote", "x", {})])
    (words,) = [words for words in commands(world.message(region, "failover cannot begin")) if words[0] == "pilot-light"]
    assert "carts" in world.typed(region, words[1:], [carts(world, region)])


@pytest.mark.parametrize("machine,resource,expected", [
    ("failback", replica(EAST), "SourceRegion"),
    ("failback", secondary(EAST, "stock"), "ClusterRegion"),
    ("failback", promote(WEST), "failback"),
    ("drill", restore("orders-second"), "drill"),
    ("drill", ("RefreshFromSnapshot", "x", {"originDB": "orders", "newDB": "orders-restored"}), "PilotLightRefreshable"),
    ("failover", unplanned(EAST, "stock"), "ClusterRegion"),
    ("failover", restore("orders-second", source="ordres"), "ordres"),
    ("failover", restore("orders-second", Port="five"), "Port"),
    ("failover", restore("orders-second", Prot="5432"), "Prot"),
])
def test_an_invalid_manifest_is_refused_before_anything_begins(world, copied, machine, resource, expected):
    before = world.world()
    ended = world.run(WEST, machine, [resource])
    assert (ended.status, ended.error) == ("FAILED", "InvalidInput"), ended.report
    message = world.message(WEST, f"{machine} cannot begin")
    assert expected in message and list(unusable(message)) == []
    assert world.world() == before


def test_after_a_failure_the_other_resources_finish_and_the_manifest_can_be_started_again(world, copied):
    layers = [restore("encrypted"), promote(WEST)], [planned(WEST, "sales"), unplanned(WEST, "stock", AllowDataLoss="True")]
    with world.aws.refused("KMSKeyNotAccessibleFault", "The key is gone.", action="RestoreDBInstanceFromDBSnapshot"):
        with pytest.raises(recovery.RecoverError) as failed:
            world.follow(WEST, *layers)
    message = world.message(WEST, "failover FAILED")
    for line in ("Failed (1):", "Up (1):", "Not begun (2):", "the KMS key is disabled"):
        assert line in message and line in str(failed.value), failed.value
    assert "encrypted" not in world.instances(WEST)
    assert "ReadReplicaSourceDBInstanceIdentifier" not in world.instances(WEST)["orders-dr"]
    assert world.members("world-sales")[arn(EAST, "cluster", "sales")], "the next layer must not have started"
    again = world.run(WEST, "failover", *layers)
    assert (again.status, again.report["verdict"]) == ("SUCCEEDED", "recovered"), again.cause
    assert restored_from(world, "encrypted") == COPY
    assert world.members("world-sales")[arn(WEST, "cluster", "sales-dr")]
    assert world.members("world-stock") == {arn(EAST, "cluster", "stock"): False, arn(WEST, "cluster", "stock-dr"): True}


def test_every_request_of_a_recovery_is_allowed_by_its_deployed_roles(world):
    requests, roles = deployed_roles.recorded(world.aws, world.proxy), deployed_roles.granted(world.aws, PLACES)
    assert requests.keys() == {("destination-recover", ACCOUNT)}
    assert list(deployed_roles.findings(requests, roles)) == []
    for action in ("rds:DeleteDBCluster", "rds:CreateDBInstanceReadReplica", "iam:PassRole", "kms:CreateGrant", "ssm:GetParameter",
                   "cloudformation:ListExports", "cloudwatch:PutMetricData"):
        assert any(f"may not {action}" in finding for finding in deployed_roles.findings(requests, deployed_roles.without(roles, action)))
