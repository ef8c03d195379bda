"""The life of an instance and its snapshots; docs/aws.md names the tests of AWS's rules about it."""

from serving import OWN, WEST


def only(rds, name):
    return rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]


def test_every_copy_from_elsewhere_can_be_kept_pending(simulator):
    simulator.settings(copy_seconds="3600", pending_seconds="3600")
    simulator.database()
    source = simulator.snapshot("a")
    rds = simulator.client(OWN, WEST)
    copied = rds.copy_db_snapshot(SourceDBSnapshotIdentifier=source, TargetDBSnapshotIdentifier="a")
    for seen in [copied["DBSnapshot"], only(rds, "a")]:
        assert (seen["Status"], seen["PercentProgress"]) == ("pending", 0)
        assert "SnapshotCreateTime" not in seen and "SnapshotDatabaseTime" not in seen


def test_aws_usually_gives_no_time_of_the_last_transaction(simulator):
    simulator.database()
    simulator.snapshot("a")
    snapshot = only(simulator.client(), "a")
    assert "OriginalSnapshotCreateTime" in snapshot and "SnapshotDatabaseTime" not in snapshot


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


def test_tags_are_added_listed_and_removed(simulator):
    simulator.database()
    rds, arn = simulator.client(), simulator.snapshot("a")
    tags = [{"Key": "a", "Value": "1 + 2"}, {"Key": "b", "Value": ""}]
    rds.add_tags_to_resource(ResourceName=arn, Tags=tags)
    assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == tags
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
    assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == tags[1:]
