"""Objects with rules: option groups, stopped instances, upgrades of snapshots, blue/green deployments, and the lists of the catalogue."""

from datetime import timedelta

import pytest
from accounts import code, refusal

TIMEZONE = "The snapshot requires a target option group with the following options: [Timezone]"
# A password for Oracle has at most 30 characters.
ORACLE = {"Engine": "oracle-se2", "LicenseModel": "license-included", "DBInstanceClass": "db.m5.large", "MasterUserPassword": "secret-secret"}
SQL_SERVER = {"Engine": "sqlserver-ee", "LicenseModel": "license-included", "DBInstanceClass": "db.m5.xlarge", "AllocatedStorage": 20}


def option_group(aws, engine, major, *options, account=None, region=None):
    """The name of a new option group with these options."""
    rds, name = aws.client(account, region), aws.name("group")
    rds.create_option_group(OptionGroupName=name, EngineName=engine, MajorEngineVersion=major, OptionGroupDescription="for a test")
    if options:
        include(rds, name, *options)
    return name


def include(rds, name, *options):
    wanted = [{"OptionName": option, "OptionSettings": settings(option)} for option in options]
    return rds.modify_option_group(OptionGroupName=name, OptionsToInclude=wanted, ApplyImmediately=True)


def settings(option):
    return [{"Name": "TIME_ZONE", "Value": "America/Denver"}] if option == "Timezone" else []


def leave_out(rds, name, option):
    return code(rds.modify_option_group, OptionGroupName=name, OptionsToRemove=[option], ApplyImmediately=True)


def groups(aws, name):
    return aws.client().describe_option_groups(OptionGroupName=name)["OptionGroupsList"]


def in_timezone(aws):
    """A snapshot of an Oracle database in a time zone of its own. All tests of a process share it."""
    if "timezone" not in aws.made:
        group = option_group(aws, "oracle-se2", "19", "Timezone")
        aws.made["timezone"] = aws.snapshot(aws.own_database(**ORACLE, OptionGroupName=group)), group
    return aws.made["timezone"]


@pytest.mark.rule("option-group-options")
def test_an_option_group_says_which_of_its_options_stay(aws):
    name = option_group(aws, "oracle-ee", "19", "Timezone", "TDE", "STATSPACK")
    [found] = groups(aws, name)
    assert (found["EngineName"], found["MajorEngineVersion"]) == ("oracle-ee", "19")
    stays = {option["OptionName"]: (option["Persistent"], option["Permanent"]) for option in found["Options"]}
    assert stays == {"STATSPACK": (False, False), "TDE": (True, True), "Timezone": (True, True)}
    [timezone] = [option for option in found["Options"] if option["OptionName"] == "Timezone"]
    assert {"Name": "TIME_ZONE", "Value": "America/Denver"}.items() <= timezone["OptionSettings"][0].items()


@pytest.mark.rule("option-group-unknown", "option-group-name")
def test_an_option_group_is_found_by_its_name_which_is_used_once(aws):
    name = option_group(aws, "mysql", "8.0")
    given = {"EngineName": "mysql", "MajorEngineVersion": "8.0", "OptionGroupDescription": "again"}
    assert code(aws.client().create_option_group, OptionGroupName=name.upper(), **given) == "OptionGroupAlreadyExistsFault"
    assert code(aws.client().describe_option_groups, OptionGroupName=aws.name("none")) == "OptionGroupNotFoundFault"
    assert code(aws.client(region=aws.far).describe_option_groups, OptionGroupName=name) == "OptionGroupNotFoundFault"
    aws.client().delete_option_group(OptionGroupName=name)
    assert code(aws.client().delete_option_group, OptionGroupName=name) == "OptionGroupNotFoundFault"


@pytest.mark.rule("option-group-default")
def test_an_instance_without_an_option_group_has_the_default_one_which_nobody_changes(aws):
    [group] = aws.instance(aws.database())["OptionGroupMemberships"]
    name = group["OptionGroupName"]
    assert name.startswith("default:postgres-")
    assert aws.one_snapshot()["OptionGroupName"] == name
    assert code(aws.client().delete_option_group, OptionGroupName=name) in ("InvalidOptionGroupStateFault", "InvalidParameterValue")


@pytest.mark.rule("option-group-permanent")
def test_a_permanent_option_is_never_removed_from_its_group(aws):
    name = option_group(aws, "oracle-se2", "19", "Timezone")
    assert leave_out(aws.client(), name, "Timezone") in ("InvalidOptionGroupStateFault", "InvalidParameterCombination", "InvalidParameterValue")


@pytest.mark.rule("option-group-persistent")
def test_a_persistent_option_is_not_removed_while_an_instance_uses_the_group(aws):
    name = option_group(aws, "sqlserver-ee", "15.00", "TDE")
    aws.own_database(**SQL_SERVER, EngineVersion="15.00.4395.2.v1", OptionGroupName=name)
    assert leave_out(aws.client(), name, "TDE") in ("InvalidOptionGroupStateFault", "InvalidParameterCombination", "InvalidParameterValue")


@pytest.mark.rule("option-group-in-use")
def test_an_option_group_of_an_instance_or_a_snapshot_is_not_deleted(aws):
    snapshot, name = in_timezone(aws)
    assert snapshot["OptionGroupName"] == name
    assert code(aws.client().delete_option_group, OptionGroupName=name) == "InvalidOptionGroupStateFault"


@pytest.mark.rule("instance-option-group")
def test_an_instance_has_only_an_existing_option_group_for_its_engine(aws):
    given = {"DBInstanceIdentifier": aws.name("db"), "Engine": "postgres", "DBInstanceClass": "db.t3.medium", "AllocatedStorage": 20,
             "MasterUsername": "pilot", "MasterUserPassword": "secret-secret"}  # fmt: skip
    create = aws.client().create_db_instance
    assert code(create, OptionGroupName=aws.name("none"), **given) == "OptionGroupNotFoundFault"
    assert code(create, OptionGroupName=option_group(aws, "mysql", "8.0"), **given) == "InvalidParameterCombination"


@pytest.mark.rule("share-options-that-stay")
def test_a_snapshot_with_tde_is_not_shared(aws):
    group = option_group(aws, "sqlserver-ee", "15.00", "TDE")
    snapshot = aws.snapshot(aws.own_database(**SQL_SERVER, EngineVersion="15.00.4395.2.v1", OptionGroupName=group))
    assert code(aws.share, snapshot=snapshot) in ("InvalidDBSnapshotState", "InvalidParameterValue", "InvalidParameterCombination")


@pytest.mark.rule("share-timezone")
def test_a_snapshot_of_oracle_with_a_time_zone_is_shared(aws):
    snapshot, _ = in_timezone(aws)
    aws.share(snapshot)


@pytest.mark.rule("copy-needs-option-group")
def test_a_copy_to_another_region_needs_a_group_there_with_the_options_that_stay(aws):
    snapshot, _ = in_timezone(aws)
    far = {"region": aws.far, "snapshot": snapshot}
    assert refusal(aws.copy, **far) == ("InvalidParameterValue", TIMEZONE)
    empty = option_group(aws, "oracle-se2", "19", region=aws.far)
    assert code(aws.copy, OptionGroupName=empty, **far) in ("InvalidParameterValue", "InvalidParameterCombination")
    assert code(aws.copy, OptionGroupName=aws.name("none"), **far) == "OptionGroupNotFoundFault"
    group = option_group(aws, "oracle-se2", "19", "Timezone", region=aws.far)
    assert aws.copy(OptionGroupName=group, **far)["OptionGroupName"] == group


@pytest.mark.rule("copy-without-options-that-stay")
def test_a_copy_whose_group_has_no_option_that_stays_needs_no_group_and_names_none(aws):
    group = option_group(aws, "mysql", "8.0", "MARIADB_AUDIT_PLUGIN")
    snapshot = aws.snapshot(aws.own_database(Engine="mysql", EngineVersion="8.0.40", OptionGroupName=group))
    assert "OptionGroupName" not in aws.copy(snapshot, region=aws.far)


@pytest.mark.rule("copy-option-group")
def test_the_option_group_is_copied_along_only_from_another_account_in_the_region(aws):
    snapshot, name = in_timezone(aws)
    given = {"snapshot": snapshot, "CopyOptionGroup": True}
    refused = ("InvalidParameterCombination", "InvalidParameterValue")
    assert code(aws.copy, **given) in refused and code(aws.copy, region=aws.far, **given) in refused
    aws.share(snapshot)
    assert code(aws.copy, account=aws.destination, snapshot=snapshot) == "InvalidParameterValue"
    copied = aws.until(lambda: aws.copy(account=aws.destination, **given))["OptionGroupName"]
    [group] = aws.client(aws.destination).describe_option_groups(OptionGroupName=copied)["OptionGroupsList"]
    assert group["SourceOptionGroup"] == groups(aws, name)[0]["OptionGroupArn"]
    assert group["SourceAccountId"] == aws.source


@pytest.mark.rule("replica-sql-server-snapshot")
def test_a_sql_server_replica_accepts_no_manual_snapshot(aws):
    source, replica, rds = aws.own_database(**SQL_SERVER, BackupRetentionPeriod=1), aws.name("replica"), aws.client()
    aws.available_instance(source)
    rds.create_db_instance_read_replica(DBInstanceIdentifier=replica, SourceDBInstanceIdentifier=source)
    aws.available_instance(replica)
    given = {"DBInstanceIdentifier": replica, "DBSnapshotIdentifier": aws.name()}
    assert code(rds.create_db_snapshot, **given) in ("InvalidDBInstanceState", "InvalidParameterValue", "InvalidParameterCombination")


@pytest.mark.rule("instance-stop", "instance-stopped-seven-days", "instance-stopped-refuses")
def test_a_stopped_instance_refuses_changes_and_snapshots_and_is_started_after_seven_days(aws):
    database, rds = aws.own_database(), aws.client()
    created = aws.instance(database)
    assert rds.stop_db_instance(DBInstanceIdentifier=database)["DBInstance"]["DBInstanceStatus"] == "stopping"
    stopped = aws.until(lambda: found if (found := aws.instance(database))["DBInstanceStatus"] == "stopped" else None)
    later = stopped["AutomaticRestartTime"] - created["InstanceCreateTime"]
    assert timedelta(days=7) <= later < timedelta(days=8)
    assert code(rds.create_db_snapshot, DBInstanceIdentifier=database, DBSnapshotIdentifier=aws.name()) == "InvalidDBInstanceState"
    bigger = {"DBInstanceClass": "db.m5.large", "ApplyImmediately": True}
    assert code(rds.modify_db_instance, DBInstanceIdentifier=database, **bigger) == "InvalidDBInstanceState"
    assert code(rds.stop_db_instance, DBInstanceIdentifier=database) == "InvalidDBInstanceState"
    assert rds.start_db_instance(DBInstanceIdentifier=database)["DBInstance"]["DBInstanceStatus"] == "starting"
    started = aws.available_instance(database)
    assert started["DbiResourceId"] == created["DbiResourceId"] and "AutomaticRestartTime" not in started
    assert code(rds.start_db_instance, DBInstanceIdentifier=database) == "InvalidDBInstanceState"


@pytest.mark.rule("instance-delete-final-snapshot")
def test_a_stopped_instance_is_deleted_only_without_a_final_snapshot(aws):
    database, rds = aws.own_database(), aws.client()
    rds.stop_db_instance(DBInstanceIdentifier=database)
    aws.until(lambda: aws.instance(database)["DBInstanceStatus"] == "stopped")
    assert code(rds.delete_db_instance, DBInstanceIdentifier=database, FinalDBSnapshotIdentifier=aws.name()) == "InvalidDBInstanceState"
    rds.delete_db_instance(DBInstanceIdentifier=database, SkipFinalSnapshot=True)
    aws.until(lambda: aws.instance(database) is None)


@pytest.mark.rule("instance-stop-replicas")
def test_neither_a_replica_nor_its_source_is_stopped(aws):
    source, replica, rds = aws.own_database(BackupRetentionPeriod=1), aws.name("replica"), aws.client()
    rds.create_db_instance_read_replica(DBInstanceIdentifier=replica, SourceDBInstanceIdentifier=source)
    aws.available_instance(replica)
    aws.available_instance(source)
    for name in [source, replica]:
        assert code(rds.stop_db_instance, DBInstanceIdentifier=name) == "InvalidDBInstanceState"


@pytest.mark.rule("instance-stop-sql-server-multi-az")
def test_sql_server_with_multi_az_is_not_stopped(aws):
    database = aws.own_database(**SQL_SERVER, MultiAZ=True, BackupRetentionPeriod=1)
    assert code(aws.client().stop_db_instance, DBInstanceIdentifier=database) == "InvalidDBInstanceState"


@pytest.mark.rule("instance-stop-with-snapshot")
def test_a_snapshot_is_taken_before_a_stop_on_request(aws):
    database, last = aws.own_database(), aws.name("last")
    aws.client().stop_db_instance(DBInstanceIdentifier=database, DBSnapshotIdentifier=last)
    assert aws.available_snapshot(last)["DBInstanceIdentifier"] == database
    aws.until(lambda: aws.instance(database)["DBInstanceStatus"] == "stopped")


@pytest.mark.rule("snapshot-upgrade", "snapshot-upgrading")
def test_an_upgraded_snapshot_is_unusable_meanwhile_and_keeps_its_times(aws):
    before, rds = aws.snapshot(aws.own_database(Engine="mysql", EngineVersion="8.0.40")), aws.client()
    given = {"DBSnapshotIdentifier": before["DBSnapshotIdentifier"]}
    upgrading = rds.modify_db_snapshot(EngineVersion="8.4.3", **given)["DBSnapshot"]
    assert upgrading["Status"] == "upgrading"
    assert code(aws.share, snapshot=before) == "InvalidDBSnapshotState"
    assert code(rds.delete_db_snapshot, **given) == "InvalidDBSnapshotState"
    assert code(aws.copy, snapshot=before) == "InvalidDBSnapshotState"
    after = aws.available_snapshot(before["DBSnapshotIdentifier"])
    assert after["EngineVersion"] == "8.4.3"
    for name in ["SnapshotCreateTime", "OriginalSnapshotCreateTime", "DbiResourceId"]:
        assert after[name] == before[name]


@pytest.mark.rule("snapshot-upgrade-refused")
def test_a_snapshot_is_upgraded_only_to_a_listed_target_and_not_while_it_is_shared(aws):
    snapshot, rds = aws.snapshot(aws.own_database(Engine="mysql", EngineVersion="8.0.40")), aws.client()
    given = {"DBSnapshotIdentifier": snapshot["DBSnapshotIdentifier"]}
    assert code(rds.modify_db_snapshot, EngineVersion="8.0.39", **given) == "InvalidParameterCombination"
    aws.share(snapshot)
    assert code(rds.modify_db_snapshot, EngineVersion="8.4.3", **given) == "InvalidDBSnapshotState"


@pytest.mark.rule("custom-sql-server-copy", "custom-sql-server-share")
@pytest.mark.simulator_only("RDS Custom needs a network and roles of its own")
def test_rds_custom_for_sql_server_is_copied_across_regions_and_not_shared(aws):
    database = aws.own_database(Engine="custom-sqlserver-ee", DBInstanceClass="db.m5.xlarge", AllocatedStorage=40)
    snapshot = aws.snapshot(database)
    assert code(aws.copy, snapshot=snapshot) in ("InvalidParameterValue", "InvalidParameterCombination")
    assert aws.finished_copy(snapshot, region=aws.far)["Engine"] == "custom-sqlserver-ee"
    assert code(aws.share, snapshot=snapshot) in ("InvalidDBSnapshotState", "InvalidParameterValue")


@pytest.mark.rule("instance-identity-recreated")
def test_an_instance_under_a_deleted_ones_name_has_another_identity_and_snapshots_keep_theirs(aws):
    database, rds = aws.own_database(), aws.client()
    first, snapshot = aws.instance(database), aws.snapshot(database)
    aws.available_instance(database)
    rds.delete_db_instance(DBInstanceIdentifier=database, SkipFinalSnapshot=True)
    aws.until(lambda: aws.instance(database) is None)
    second = aws.instance(aws.own_database(name=database))
    assert second["DbiResourceId"] != first["DbiResourceId"] and second["InstanceCreateTime"] > first["InstanceCreateTime"]
    kept = aws.described(snapshot["DBSnapshotIdentifier"])
    assert [kept[name] for name in ["DbiResourceId", "InstanceCreateTime"]] == [first[name] for name in ["DbiResourceId", "InstanceCreateTime"]]


@pytest.mark.rule("blue-green-switchover", "blue-green-not-ready")
def test_after_a_switchover_the_name_belongs_to_another_instance(aws):
    database, rds = aws.own_database(Engine="mysql", EngineVersion="8.0.40", BackupRetentionPeriod=1), aws.client()
    blue, snapshot = aws.available_instance(database), aws.snapshot(database)
    deployed = rds.create_blue_green_deployment(BlueGreenDeploymentName=aws.name("blue"), Source=blue["DBInstanceArn"])["BlueGreenDeployment"]
    given = {"BlueGreenDeploymentIdentifier": deployed["BlueGreenDeploymentIdentifier"]}
    status = lambda: rds.describe_blue_green_deployments(**given)["BlueGreenDeployments"][0]["Status"]  # noqa: E731
    assert status() == "PROVISIONING"
    assert code(rds.switchover_blue_green_deployment, **given) == "InvalidBlueGreenDeploymentStateFault"
    aws.until(lambda: status() == "AVAILABLE")
    target = rds.describe_blue_green_deployments(**given)["BlueGreenDeployments"][0]["Target"]
    green = aws.available_instance(target.rsplit(":", 1)[1])
    aws.available_instance(database)
    rds.switchover_blue_green_deployment(**given)
    aws.until(lambda: status() == "SWITCHOVER_COMPLETED")
    after, old = aws.available_instance(database), aws.available_instance(f"{database}-old1")
    for name in ["DbiResourceId", "InstanceCreateTime"]:
        assert (after[name], old[name]) == (green[name], blue[name])
    assert aws.described(snapshot["DBSnapshotIdentifier"])["DbiResourceId"] == blue["DbiResourceId"]


def default_subnets(aws):
    """The subnets of the default VPC, in different zones."""
    default = {"Filters": [{"Name": "default-for-az", "Values": ["true"]}]}
    return [subnet["SubnetId"] for subnet in aws.client(service="ec2").describe_subnets(**default)["Subnets"]]


@pytest.mark.rule("subnet-group-unknown-subnet")
def test_a_subnet_group_needs_existing_subnets(aws):
    given = {"DBSubnetGroupName": aws.name("subnets"), "DBSubnetGroupDescription": "for a test"}
    expected = ("InvalidParameterValue", "Some input subnets in :[subnet-00000000000000000] are invalid.")
    subnets = [default_subnets(aws)[0], "subnet-00000000000000000"]
    assert refusal(aws.client().create_db_subnet_group, SubnetIds=subnets, **given) == expected


@pytest.mark.rule("subnet-group-two-zones", "subnet-group-unknown")
def test_a_subnet_group_covers_two_zones(aws):
    rds, name = aws.client(), aws.name("subnets")
    given = {"DBSubnetGroupName": name, "DBSubnetGroupDescription": "for a test"}
    first, second = default_subnets(aws)[:2]
    assert code(rds.create_db_subnet_group, SubnetIds=[first], **given) == "DBSubnetGroupDoesNotCoverEnoughAZs"
    rds.create_db_subnet_group(SubnetIds=[first, second], **given)
    [found] = rds.describe_db_subnet_groups(DBSubnetGroupName=name)["DBSubnetGroups"]
    zones = [subnet["SubnetAvailabilityZone"]["Name"] for subnet in found["Subnets"]]
    assert (found["SubnetGroupStatus"], len(set(zones))) == ("Complete", 2)
    assert all(zone.startswith(aws.near) for zone in zones)
    rds.delete_db_subnet_group(DBSubnetGroupName=name)
    assert code(rds.describe_db_subnet_groups, DBSubnetGroupName=name) == "DBSubnetGroupNotFoundFault"


@pytest.mark.rule("parameter-group-unknown", "parameter-group-default")
def test_a_parameter_group_is_found_by_its_name_and_the_default_one_stays(aws):
    rds, name = aws.client(), aws.name("parameters")
    rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily="postgres16", Description="for a test")
    [found] = rds.describe_db_parameter_groups(DBParameterGroupName=name)["DBParameterGroups"]
    assert found["DBParameterGroupFamily"] == "postgres16"
    rds.delete_db_parameter_group(DBParameterGroupName=name)
    assert code(rds.describe_db_parameter_groups, DBParameterGroupName=name) == "DBParameterGroupNotFound"
    [default] = aws.instance(aws.database())["DBParameterGroups"]
    assert default["DBParameterGroupName"].startswith("default.postgres")
    refused = code(rds.delete_db_parameter_group, DBParameterGroupName=default["DBParameterGroupName"])
    assert refused in ("InvalidDBParameterGroupState", "InvalidParameterValue")


@pytest.mark.rule("engine-versions-deprecated", "engine-versions-unknown")
def test_deprecated_versions_are_listed_on_request_only(aws):
    rds = aws.client()

    def listed(**given):
        pages = rds.get_paginator("describe_db_engine_versions").paginate(**given)
        return {one["EngineVersion"]: one for page in pages for one in page["DBEngineVersions"]}

    available, everything = listed(Engine="postgres"), listed(Engine="postgres", IncludeAll=True)
    assert available.keys() < everything.keys()
    assert {one["Status"] for one in available.values()} == {"available"}
    assert {one["Status"] for one in everything.values()} == {"available", "deprecated"}
    assert any(one["ValidUpgradeTarget"] for one in available.values())
    assert {one["DBParameterGroupFamily"] for name, one in available.items() if name.startswith("16.")} == {"postgres16"}
    assert listed(Engine="postgres", EngineVersion="1.2.3") == {}


@pytest.mark.rule("orderable-unknown-version", "orderable-rows")
def test_only_available_versions_can_be_ordered(aws):
    rds = aws.client(region=aws.far)
    refused = refusal(rds.describe_orderable_db_instance_options, Engine="postgres", EngineVersion="13.7")
    assert refused == ("InvalidParameterCombination", "Cannot find version 13.7 for postgres")
    given = {"Engine": "postgres", "DBInstanceClass": "db.t4g.medium", "Vpc": True, "PaginationConfig": {"PageSize": 100}}
    pages = rds.get_paginator("describe_orderable_db_instance_options").paginate(**given)
    rows = [row for page in pages for row in page["OrderableDBInstanceOptions"]]
    assert {row["DBInstanceClass"] for row in rows} == {"db.t4g.medium"}
    assert {"gp2", "gp3"} <= {row["StorageType"] for row in rows}
    assert all(zone["Name"].startswith(aws.far) for row in rows for zone in row["AvailabilityZones"])
    assert code(rds.describe_orderable_db_instance_options, Engine="postgres", MaxRecords=1001) == "InvalidParameterValue"
