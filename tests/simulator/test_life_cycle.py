"""The life of instances, snapshots and copies over time."""

from datetime import UTC, datetime, timedelta

from serving import EAST, OTHER, OURS, WEST


def only(rds, name):
    return rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]


def test_an_unfinished_instance_and_snapshot_show_their_progress(simulator):
    simulator.settings(instance_seconds="3600")
    created = simulator.database()
    assert created["DBInstanceStatus"] == "creating"
    assert "InstanceCreateTime" not in created and "Endpoint" not in created
    simulator.admin("reset", {})
    simulator.settings(snapshot_seconds="3600")
    simulator.database()
    simulator.snapshot("a")
    rds = simulator.client()
    instance = rds.describe_db_instances()["DBInstances"][0]
    assert instance["DBInstanceStatus"] == "backing-up"
    assert (instance["Endpoint"]["Port"], instance["TagList"]) == (5432, [])
    snapshot = only(rds, "a")
    assert (snapshot["Status"], snapshot["PercentProgress"]) == ("creating", 0)
    times = {"SnapshotCreateTime", "OriginalSnapshotCreateTime", "SnapshotDatabaseTime"}
    assert not times & snapshot.keys()


def test_a_finished_snapshot_shows_its_times_and_a_copy_keeps_the_time_of_the_data(simulator):
    simulator.database()
    source = simulator.snapshot("a")
    simulator.share("a", OTHER)
    taken = only(simulator.client(), "a")
    assert (taken["Status"], taken["PercentProgress"], taken.get("SourceRegion")) == ("available", 100, None)
    assert abs(datetime.now(UTC) - taken["SnapshotDatabaseTime"]) < timedelta(minutes=1)
    for account, region, from_elsewhere in [
        (OURS, EAST, False),
        (OURS, WEST, True),
        (OTHER, EAST, True),
        (OTHER, WEST, True),
    ]:
        rds = simulator.client(account, region)
        rds.copy_db_snapshot(
            SourceDBSnapshotIdentifier=source, TargetDBSnapshotIdentifier="b", SourceRegion=EAST
        )
        copied = only(rds, "b")
        assert copied["Status"] == "available"
        assert copied["SnapshotCreateTime"] >= taken["SnapshotCreateTime"]
        for time in ["OriginalSnapshotCreateTime", "SnapshotDatabaseTime"]:
            assert copied[time] == taken[time]
        assert (copied.get("SourceDBSnapshotIdentifier") == source) == from_elsewhere
        assert (copied.get("SourceRegion") == EAST) == from_elsewhere


def test_copies_of_one_database_are_queued(simulator):
    simulator.database()
    for name in ["a", "b"]:
        simulator.snapshot(name)
    simulator.settings(copy_seconds="3600")
    rds = simulator.client(OURS, WEST)
    for name in ["a", "b"]:
        arn = f"arn:aws:rds:{EAST}:{OURS}:snapshot:{name}"
        rds.copy_db_snapshot(SourceDBSnapshotIdentifier=arn, TargetDBSnapshotIdentifier=name)
    assert [only(rds, name)["Status"] for name in ["a", "b"]] == ["copying", "copying"]
    simulator.settings(copy_seconds="0")
    simulator.client().delete_db_snapshot(DBSnapshotIdentifier="a")
    assert [only(rds, name)["Status"] for name in ["a", "b"]] == ["failed", "available"]
    deleted = rds.delete_db_snapshot(DBSnapshotIdentifier="a")["DBSnapshot"]
    assert deleted["Status"] == "deleted"


def test_a_snapshot_is_restored_in_another_account_after_a_copy(simulator):
    key, other_key = simulator.key("ours", users=[OTHER]), simulator.key("theirs", OTHER)
    simulator.database(StorageEncrypted=True, KmsKeyId=key, MultiAZ=True, Port=6000)
    source = simulator.snapshot("a")
    simulator.share("a", OTHER)
    rds = simulator.client(OTHER)
    rds.copy_db_snapshot(
        SourceDBSnapshotIdentifier=source, TargetDBSnapshotIdentifier="b", KmsKeyId=other_key
    )
    restored = rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="orders-dr",
        DBSnapshotIdentifier="b",
        DBSubnetGroupName="private",
        VpcSecurityGroupIds=["sg-1", "sg-2"],
        Tags=[{"Key": "a", "Value": "b"}],
    )["DBInstance"]
    assert restored["DBInstanceStatus"] == "creating"
    found = rds.describe_db_instances(DBInstanceIdentifier="orders-dr")["DBInstances"][0]
    assert found["DBInstanceStatus"] == "available"
    assert (found["KmsKeyId"], found["Engine"], found["MultiAZ"]) == (other_key, "postgres", False)
    assert found["DBSubnetGroup"]["DBSubnetGroupName"] == "private"
    assert [group["VpcSecurityGroupId"] for group in found["VpcSecurityGroups"]] == ["sg-1", "sg-2"]
    assert (found["Endpoint"]["Port"], found["TagList"]) == (6000, [{"Key": "a", "Value": "b"}])


def test_an_instance_is_modified_and_deleted_with_a_final_snapshot(simulator):
    simulator.database(DeletionProtection=True, Tags=[{"Key": "a", "Value": "b"}], CopyTagsToSnapshot=True)
    rds = simulator.client()
    modified = rds.modify_db_instance(
        DBInstanceIdentifier="orders", DeletionProtection=False, ApplyImmediately=True
    )
    assert modified["DBInstance"]["DBInstanceStatus"] == "available"
    bigger = rds.modify_db_instance(
        DBInstanceIdentifier="orders", DBInstanceClass="db.r6g.large", ApplyImmediately=True
    )
    assert bigger["DBInstance"]["DBInstanceStatus"] == "modifying"
    deleting = rds.delete_db_instance(DBInstanceIdentifier="orders", FinalDBSnapshotIdentifier="last")[
        "DBInstance"
    ]
    assert (deleting["DBInstanceStatus"], deleting["DBInstanceClass"]) == ("deleting", "db.r6g.large")
    assert rds.describe_db_instances()["DBInstances"] == []
    assert only(rds, "last")["TagList"] == [{"Key": "a", "Value": "b"}]


def test_a_new_instance_with_backups_gets_an_automated_snapshot(simulator):
    simulator.database(BackupRetentionPeriod=7)
    rds = simulator.client()
    found = rds.describe_db_snapshots(SnapshotType="automated")["DBSnapshots"]
    assert [snapshot["DBSnapshotIdentifier"][:11] for snapshot in found] == ["rds:orders-"]
    assert rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"] == []


def test_tags_are_added_listed_and_removed(simulator):
    simulator.database()
    rds, arn = simulator.client(), simulator.snapshot("a")
    tags = [{"Key": "a", "Value": "1 + 2"}, {"Key": "b", "Value": ""}]
    rds.add_tags_to_resource(ResourceName=arn, Tags=tags)
    assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == tags
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
    assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == tags[1:]


def test_attributes_and_quotas_are_described(simulator):
    simulator.database()
    simulator.snapshot("a")
    simulator.share("a", OTHER)
    rds = simulator.client()
    result = rds.describe_db_snapshot_attributes(DBSnapshotIdentifier="a")["DBSnapshotAttributesResult"]
    expected = [{"AttributeName": "restore", "AttributeValues": [OTHER]}]
    assert (result["DBSnapshotIdentifier"], result["DBSnapshotAttributes"]) == ("a", expected)
    quotas = {
        quota["AccountQuotaName"]: (quota["Used"], quota["Max"])
        for quota in rds.describe_account_attributes()["AccountQuotas"]
    }
    assert quotas["ManualSnapshots"] == (1, 100)
