"""The life of an instance and its snapshots; docs/aws.md names the tests of AWS's rules about it."""


def only(rds, name):
    return rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]


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
