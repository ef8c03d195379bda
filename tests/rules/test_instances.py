"""Instances: their names, identity, statuses, changes and deletion."""

import pytest
from accounts import code


@pytest.mark.rule("instance-name-lower-case", "instance-name-taken")
def test_an_identifier_is_stored_in_lower_case_and_used_once(aws):
    name = aws.name("MiXed")
    database = aws.own_database(name=name)
    assert aws.instance(name)["DBInstanceIdentifier"] == database == name.lower()
    given = {"DBInstanceIdentifier": name.upper(), "Engine": "mysql", "DBInstanceClass": "db.t3.micro",
             "AllocatedStorage": 20, "MasterUsername": "pilot", "MasterUserPassword": "secret-secret"}  # fmt: skip
    assert code(aws.client().create_db_instance, **given) == "DBInstanceAlreadyExists"


@pytest.mark.rule("instance-unknown")
def test_an_instance_that_does_not_exist_is_not_found(aws):
    rds, name = aws.client(), aws.name("none")
    assert code(rds.describe_db_instances, DBInstanceIdentifier=name) == "DBInstanceNotFound"
    assert code(rds.delete_db_instance, DBInstanceIdentifier=name, SkipFinalSnapshot=True) == "DBInstanceNotFound"
    assert code(rds.modify_db_instance, DBInstanceIdentifier=name, DeletionProtection=True) == "DBInstanceNotFound"


@pytest.mark.rule("instance-creating")
def test_an_instance_that_is_being_created_has_neither_create_time_nor_endpoint(aws):
    name = aws.name("db")
    created = aws.client().create_db_instance(
        DBInstanceIdentifier=name, Engine="postgres", DBInstanceClass="db.t3.medium", AllocatedStorage=20,
        MasterUsername="pilot", MasterUserPassword="secret-secret", BackupRetentionPeriod=0,
    )["DBInstance"]  # fmt: skip
    assert created["DBInstanceStatus"] == "creating"
    assert "InstanceCreateTime" not in created and "Endpoint" not in created
    available = aws.available_instance(name)
    assert available["InstanceCreateTime"] and available["Endpoint"]["Port"] == 5432


@pytest.mark.rule("instance-identity", "instance-rename")
def test_a_renamed_instance_keeps_its_resource_id_and_a_new_one_has_its_own(aws):
    database, new = aws.own_database(), aws.name("renamed")
    before, rds = aws.instance(database), aws.client()
    renaming = rds.modify_db_instance(DBInstanceIdentifier=database, NewDBInstanceIdentifier=new, ApplyImmediately=True)["DBInstance"]
    assert renaming["DBInstanceStatus"] in ("renaming", "available", "modifying")
    aws.until(lambda: aws.instance(database) is None)
    after = aws.available_instance(new)
    for name in ["DbiResourceId", "InstanceCreateTime", "Engine"]:
        assert after[name] == before[name]
    again = aws.instance(aws.own_database(name=database))
    assert again["DbiResourceId"] != before["DbiResourceId"]


@pytest.mark.rule("instance-rename-snapshots")
def test_manual_snapshots_of_a_renamed_instance_keep_its_old_name(aws):
    database, new = aws.own_database(), aws.name("renamed")
    snapshot = aws.snapshot(database)
    aws.client().modify_db_instance(DBInstanceIdentifier=database, NewDBInstanceIdentifier=new, ApplyImmediately=True)
    aws.until(lambda: aws.instance(database) is None)
    renamed = aws.available_instance(new)
    found = aws.described(snapshot["DBSnapshotIdentifier"])
    assert (found["DBInstanceIdentifier"], found["DbiResourceId"]) == (database, renamed["DbiResourceId"])


@pytest.mark.rule("instance-name-reserved")
def test_a_rename_to_a_name_in_use_is_refused(aws):
    database, other = aws.own_database(), aws.database()
    given = {"DBInstanceIdentifier": database, "ApplyImmediately": True}
    assert code(aws.client().modify_db_instance, NewDBInstanceIdentifier=other, **given) == "DBInstanceAlreadyExists"
    assert code(aws.client().modify_db_instance, NewDBInstanceIdentifier="a--b", **given) == "InvalidParameterValue"


@pytest.mark.rule("instance-final-snapshot-choice")
def test_a_deletion_names_a_final_snapshot_or_skips_it(aws):
    rds, given = aws.client(), {"DBInstanceIdentifier": aws.database()}
    assert code(rds.delete_db_instance, **given) == "InvalidParameterCombination"
    both = {"SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": aws.name("last")}
    assert code(rds.delete_db_instance, **both, **given) == "InvalidParameterCombination"
    taken = aws.one_snapshot()["DBSnapshotIdentifier"]
    assert code(rds.delete_db_instance, FinalDBSnapshotIdentifier=taken, **given) == "DBSnapshotAlreadyExists"
    aws.available_instance(aws.database())


@pytest.mark.rule("instance-final-snapshot")
def test_an_instance_is_deleting_until_its_final_snapshot_is_complete(aws):
    database, last = aws.own_database(), aws.name("last")
    deleting = aws.client().delete_db_instance(DBInstanceIdentifier=database, FinalDBSnapshotIdentifier=last)["DBInstance"]
    assert deleting["DBInstanceStatus"] == "deleting"
    aws.until(lambda: aws.instance(database) is None)
    kept = aws.described(last)
    assert (kept["Status"], kept["SnapshotType"], kept["DBInstanceIdentifier"]) == ("available", "manual", database)


@pytest.mark.rule("instance-deletion-protection")
def test_deletion_protection_must_be_lifted_first(aws):
    database, rds = aws.own_database(DeletionProtection=True), aws.client()
    given = {"DBInstanceIdentifier": database, "SkipFinalSnapshot": True}
    assert code(rds.delete_db_instance, **given) == "InvalidParameterCombination"
    rds.modify_db_instance(DBInstanceIdentifier=database, DeletionProtection=False, ApplyImmediately=True)
    aws.available_instance(database)
    rds.delete_db_instance(**given)
    aws.until(lambda: aws.instance(database) is None)


@pytest.mark.rule("instance-delete-while-busy")
def test_an_instance_that_is_being_deleted_is_not_deleted_again(aws):
    database, rds = aws.own_database(), aws.client()
    given = {"DBInstanceIdentifier": database, "SkipFinalSnapshot": True}
    rds.delete_db_instance(**given)
    assert code(rds.delete_db_instance, **given) == "InvalidDBInstanceState"
    aws.until(lambda: aws.instance(database) is None)


@pytest.mark.rule("instance-change-takes-time")
def test_a_change_is_accepted_long_before_it_is_done(aws):
    database, rds = aws.own_database(), aws.client()
    rds.modify_db_instance(DBInstanceIdentifier=database, BackupRetentionPeriod=1, ApplyImmediately=True)
    aws.until(lambda: aws.instance(database)["BackupRetentionPeriod"] == 1)
    aws.available_instance(database)
    rds.modify_db_instance(DBInstanceIdentifier=database, BackupRetentionPeriod=0, ApplyImmediately=True)
    aws.until(lambda: aws.instance(database)["BackupRetentionPeriod"] == 0)


@pytest.mark.rule("instance-of-cluster")
def test_a_member_of_a_cluster_names_its_cluster(aws):
    cluster, member = aws.name("cluster"), aws.name("member")
    aws.client().create_db_cluster(DBClusterIdentifier=cluster, Engine="aurora-postgresql", MasterUsername="pilot", MasterUserPassword="secret-secret")
    aws.until(lambda: aws.client().describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]["Status"] == "available")
    given = {"DBInstanceIdentifier": member, "DBClusterIdentifier": cluster, "Engine": "aurora-postgresql"}
    aws.client().create_db_instance(DBInstanceClass="db.r6g.large", **given)
    assert aws.available_instance(member)["DBClusterIdentifier"] == cluster
    assert "DBClusterIdentifier" not in aws.instance(aws.database())
