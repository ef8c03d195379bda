"""Snapshots of instances: when they can be taken, what they show, when they can be deleted, and their quota."""

import pytest
from accounts import absent, code, refusal


def take(aws, database, name):
    return aws.client().create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=database)["DBSnapshot"]


@pytest.mark.rule("snapshot-needs-instance-at-rest", "snapshot-makes-instance-busy")
def test_an_instance_that_is_backing_up_accepts_no_second_snapshot(aws):
    database = aws.database()
    first = take(aws, database, aws.name())
    assert code(take, aws=aws, database=database, name=aws.name()) == "InvalidDBInstanceState"
    aws.until(lambda: aws.instance(database)["DBInstanceStatus"] == "backing-up")
    aws.available_snapshot(first["DBSnapshotIdentifier"])
    aws.available_instance(database)
    aws.available_snapshot(take(aws, database, aws.name())["DBSnapshotIdentifier"])


@pytest.mark.rule("snapshot-creating")
def test_a_snapshot_in_progress_is_creating_and_manual(aws):
    begun = take(aws, aws.database(), aws.name())
    assert (begun["Status"], begun["SnapshotType"], begun["DBInstanceIdentifier"]) == ("creating", "manual", aws.database())
    assert aws.described(begun["DBSnapshotIdentifier"])["Status"] in ("creating", "available")


@pytest.mark.rule("snapshot-progress")
def test_a_finished_snapshot_shows_full_progress_and_its_create_times(aws):
    finished = aws.one_snapshot()
    assert finished["PercentProgress"] == 100
    assert {"SnapshotCreateTime", "OriginalSnapshotCreateTime", "InstanceCreateTime"} <= finished.keys()


@pytest.mark.rule("original-create-time")
def test_the_original_create_time_is_between_the_request_and_the_completion(aws):
    earlier = aws.snapshot()
    later = aws.snapshot()
    assert earlier["SnapshotCreateTime"] <= later["OriginalSnapshotCreateTime"] <= later["SnapshotCreateTime"]
    assert earlier["OriginalSnapshotCreateTime"] < later["OriginalSnapshotCreateTime"]


@pytest.mark.rule("snapshot-fields")
def test_a_snapshot_shows_the_fields_that_identify_its_database_and_key(aws):
    instance, snapshot = aws.instance(aws.database()), aws.one_snapshot()
    same = ["DBInstanceIdentifier", "DbiResourceId", "Engine", "InstanceCreateTime"]
    assert {name: snapshot[name] for name in same} == {name: instance[name] for name in same}
    assert (snapshot["Encrypted"], instance["StorageEncrypted"]) == (False, False)
    assert "KmsKeyId" not in snapshot and "KmsKeyId" not in instance
    arn = f":rds:{aws.near}:{aws.source}:snapshot:{snapshot['DBSnapshotIdentifier']}"
    assert snapshot["DBSnapshotArn"].endswith(arn)


@pytest.mark.rule("snapshot-name", "snapshot-name-lower-case")
def test_a_name_has_letters_digits_and_single_hyphens_and_is_stored_in_lower_case(aws):
    database = aws.database()
    for name in ["1a", "a-", "a--b", "a_b", "a" * 256]:
        assert code(take, aws=aws, database=database, name=name) == "InvalidParameterValue", name
    mixed = aws.name("MiXed")
    assert take(aws, database, mixed)["DBSnapshotIdentifier"] == mixed.lower()
    aws.available_snapshot(mixed.lower())
    aws.available_instance(database)
    assert code(take, aws=aws, database=database, name=mixed.upper()) == "DBSnapshotAlreadyExists"


@pytest.mark.rule("snapshot-name-taken")
def test_a_name_can_be_used_once(aws):
    snapshot = aws.one_snapshot()
    assert code(take, aws=aws, database=aws.database(), name=snapshot["DBSnapshotIdentifier"]) == "DBSnapshotAlreadyExists"


@pytest.mark.rule("snapshot-unknown")
def test_a_snapshot_that_does_not_exist_is_not_found(aws):
    rds, name = aws.client(), aws.name("none")
    assert code(rds.describe_db_snapshots, DBSnapshotIdentifier=name) == "DBSnapshotNotFound"
    assert code(rds.delete_db_snapshot, DBSnapshotIdentifier=name) == "DBSnapshotNotFound"
    share = {"DBSnapshotIdentifier": name, "AttributeName": "restore", "ValuesToAdd": [aws.destination]}
    assert code(rds.modify_db_snapshot_attribute, **share) == "DBSnapshotNotFound"
    assert code(take, aws=aws, database=aws.name("none"), name=name) == "DBInstanceNotFound"


@pytest.mark.rule("snapshot-delete")
def test_a_deleted_snapshot_is_gone_and_its_name_is_free(aws):
    snapshot = aws.snapshot()
    name = snapshot["DBSnapshotIdentifier"]
    aws.client().delete_db_snapshot(DBSnapshotIdentifier=name)
    aws.until(lambda: aws.described(name) is None)
    aws.available_instance(aws.database())
    aws.available_snapshot(take(aws, aws.database(), name)["DBSnapshotIdentifier"])


@pytest.mark.rule("snapshot-delete-states")
def test_a_snapshot_that_is_being_taken_cannot_be_deleted(aws):
    begun = take(aws, aws.database(), aws.name())
    name = begun["DBSnapshotIdentifier"]
    assert code(aws.client().delete_db_snapshot, DBSnapshotIdentifier=name) == "InvalidDBSnapshotState"
    aws.available_snapshot(name)


@pytest.mark.rule("snapshot-types", "automated-snapshot-name")
def test_without_a_type_own_manual_and_automated_snapshots_are_listed(aws):
    database = aws.own_database(BackupRetentionPeriod=1)
    rds, given = aws.client(), {"DBInstanceIdentifier": database}
    aws.until(lambda: rds.describe_db_snapshots(SnapshotType="automated", **given)["DBSnapshots"])
    aws.available_instance(database)
    manual = aws.snapshot(database)["DBSnapshotIdentifier"]
    found = {kind: names(rds.describe_db_snapshots(SnapshotType=kind, **given)) for kind in ("manual", "automated")}
    assert found["manual"] == [manual]
    assert [name.startswith(f"rds:{database}-") for name in found["automated"]] == [True]
    assert sorted(names(rds.describe_db_snapshots(**given))) == sorted(found["manual"] + found["automated"])


@pytest.mark.rule("automated-snapshot-protected")
def test_an_automated_snapshot_can_be_copied_but_neither_shared_nor_deleted(aws):
    database = aws.own_database(BackupRetentionPeriod=1)
    rds = aws.client()
    listed = {"DBInstanceIdentifier": database, "SnapshotType": "automated"}
    name = aws.until(lambda: names(rds.describe_db_snapshots(**listed)))[0]
    aws.available_snapshot(name)
    share = {"DBSnapshotIdentifier": name, "AttributeName": "restore", "ValuesToAdd": [aws.destination]}
    assert code(rds.modify_db_snapshot_attribute, **share) == "InvalidParameterValue"
    assert code(rds.delete_db_snapshot, DBSnapshotIdentifier=name) == "InvalidDBSnapshotState"
    copied = rds.copy_db_snapshot(SourceDBSnapshotIdentifier=name, TargetDBSnapshotIdentifier=aws.name("copy"))
    manual = aws.available_snapshot(copied["DBSnapshot"]["DBSnapshotIdentifier"])
    assert manual["SnapshotType"] == "manual"
    aws.share(manual)


@pytest.mark.rule("snapshot-outlives-instance", "automated-snapshot-dies-with-instance")
def test_manual_snapshots_outlive_their_instance_and_automated_ones_do_not(aws):
    database = aws.own_database(BackupRetentionPeriod=1)
    rds, listed = aws.client(), {"DBInstanceIdentifier": database, "SnapshotType": "automated"}
    automated = aws.until(lambda: names(rds.describe_db_snapshots(**listed)))[0]
    manual = aws.snapshot(database)["DBSnapshotIdentifier"]
    rds.delete_db_instance(DBInstanceIdentifier=database, SkipFinalSnapshot=True)
    aws.until(lambda: aws.instance(database) is None)
    aws.until(lambda: aws.described(automated) is None)
    assert aws.described(manual)["Status"] == "available"


@pytest.mark.rule("snapshot-quota")
def test_the_account_attributes_count_manual_snapshots(aws):
    before = manual_quota(aws.client())
    snapshot = aws.snapshot()
    assert before["Max"] >= 100
    with absent("DBSnapshotNotFound"):
        aws.until(lambda: manual_quota(aws.client())["Used"] > before["Used"])
    assert aws.described(snapshot["DBSnapshotIdentifier"])


@pytest.mark.rule("snapshot-quota", "snapshot-quota-message")
@pytest.mark.simulator_only("a full quota takes the snapshots of everybody else in the account")
def test_a_full_quota_refuses_snapshots_and_copies_with_one_message(aws, quick_copies):
    account = aws.fresh_account()
    rds = aws.client(account)
    snapshot = aws.snapshot(aws.database(account), account)
    source = {"SourceDBSnapshotIdentifier": snapshot["DBSnapshotArn"]}
    quota = manual_quota(rds)
    for _ in range(quota["Max"] - quota["Used"]):
        copy = rds.copy_db_snapshot(TargetDBSnapshotIdentifier=aws.name(), **source)["DBSnapshot"]
        aws.available_snapshot(copy["DBSnapshotIdentifier"], account)
    expected = ("SnapshotQuotaExceeded", f"Cannot create more than {quota['Max']} manual snapshots")
    assert refusal(rds.copy_db_snapshot, TargetDBSnapshotIdentifier=aws.name(), **source) == expected
    given = {"DBSnapshotIdentifier": aws.name(), "DBInstanceIdentifier": aws.database(account)}
    assert refusal(rds.create_db_snapshot, **given) == expected


def names(answer):
    return [found["DBSnapshotIdentifier"] for found in answer["DBSnapshots"]]


def manual_quota(rds):
    return next(quota for quota in rds.describe_account_attributes()["AccountQuotas"] if quota["AccountQuotaName"] == "ManualSnapshots")
