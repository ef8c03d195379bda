"""Restores of snapshots as new instances."""

import pytest
from accounts import code


def restore(aws, snapshot, account=None, region=None, by="DBSnapshotIdentifier", **options):
    """RestoreDBInstanceFromDBSnapshot; the name of the new instance."""
    given = {"DBInstanceIdentifier": aws.name("restored"), "DBSnapshotIdentifier": snapshot[by], **options}
    return aws.client(account, region).restore_db_instance_from_db_snapshot(**given)["DBInstance"]


def restored(aws, snapshot, account=None, region=None, **options):
    """The new instance when it is available."""
    return aws.available_instance(restore(aws, snapshot, account, region, **options)["DBInstanceIdentifier"], account, region)


@pytest.mark.rule("restore-identity", "restore-creating")
def test_a_restored_instance_is_a_new_one(aws):
    created = restore(aws, aws.one_snapshot())
    assert created["DBInstanceStatus"] == "creating"
    new, original = aws.available_instance(created["DBInstanceIdentifier"]), aws.instance(aws.database())
    assert new["DbiResourceId"] != original["DbiResourceId"]
    assert new["InstanceCreateTime"] > original["InstanceCreateTime"]
    assert (new["Engine"], new["StorageEncrypted"]) == ("postgres", False)


@pytest.mark.rule("restore-single-az", "restore-default-groups", "restore-tags", "restore-protection")
def test_a_restore_without_options_is_single_az_with_default_groups_and_unprotected(aws):
    options = {"MultiAZ": True, "DeletionProtection": True, "Port": 6000, "Tags": [{"Key": "a", "Value": "b"}]}
    database = aws.own_database(**options)
    new = restored(aws, aws.snapshot(database))
    assert (new["MultiAZ"], new["DeletionProtection"], new["TagList"]) == (False, False, [])
    assert new["DBParameterGroups"][0]["DBParameterGroupName"].startswith("default.")
    assert new["Endpoint"]["Port"] == 6000


@pytest.mark.rule("restore-options", "restore-tags")
def test_a_restore_has_the_requested_options(aws):
    given = {"DBInstanceClass": "db.m6g.large", "MultiAZ": True, "DeletionProtection": True, "CopyTagsToSnapshot": True}
    new = restored(aws, aws.one_snapshot(), Port=5433, Tags=[{"Key": "RestoredFrom", "Value": "a"}], **given)
    assert {name: new[name] for name in given} == given
    assert (new["Endpoint"]["Port"], new["TagList"]) == (5433, [{"Key": "RestoredFrom", "Value": "a"}])


@pytest.mark.rule("restore-class-kept")
def test_a_restore_without_a_class_has_the_class_of_the_original(aws):
    assert restored(aws, aws.one_snapshot())["DBInstanceClass"] == aws.instance(aws.database())["DBInstanceClass"]


@pytest.mark.rule("restore-available-only", "restore-name-taken", "restore-same-region")
def test_a_restore_needs_a_complete_snapshot_of_its_region_and_a_free_name(aws):
    snapshot = aws.one_snapshot()
    taken = {"DBInstanceIdentifier": aws.database()}
    assert code(restore, aws=aws, snapshot=snapshot, **taken) == "DBInstanceAlreadyExists"
    assert code(restore, aws=aws, snapshot={"DBSnapshotIdentifier": aws.name("none")}) == "DBSnapshotNotFound"
    assert code(restore, aws=aws, snapshot=snapshot, region=aws.far) == "DBSnapshotNotFound"
    begun = aws.client().create_db_snapshot(DBSnapshotIdentifier=aws.name(), DBInstanceIdentifier=aws.database())["DBSnapshot"]
    assert code(restore, aws=aws, snapshot=begun) == "InvalidDBSnapshotState"
    aws.available_snapshot(begun["DBSnapshotIdentifier"])


@pytest.mark.rule("restore-shared")
def test_a_shared_unencrypted_snapshot_is_restored_by_its_arn(aws):
    snapshot = aws.snapshot()
    given = {"snapshot": snapshot, "account": aws.destination, "by": "DBSnapshotArn"}
    assert code(restore, aws=aws, **given) == "DBSnapshotNotFound"
    aws.share(snapshot)
    restored(aws, **given)


@pytest.mark.rule("restore-shared-encrypted", "restore-key-of-snapshot")
def test_a_shared_encrypted_snapshot_must_be_copied_first(aws):
    snapshot = aws.snapshot(aws.own_database(StorageEncrypted=True, KmsKeyId=aws.key(users=[aws.destination])))
    aws.share(snapshot)
    refused = code(restore, aws=aws, snapshot=snapshot, account=aws.destination, by="DBSnapshotArn")
    assert refused in ("InvalidParameterCombination", "InvalidParameterValue", "KMSKeyNotAccessibleFault")
    own = aws.key(aws.destination)
    copied = aws.finished_copy(snapshot, aws.destination, KmsKeyId=own)
    new = restored(aws, copied, aws.destination)
    assert (new["StorageEncrypted"], new["KmsKeyId"]) == (True, own)


@pytest.mark.rule("restore-key-of-snapshot")
def test_a_restore_needs_an_accessible_key(aws):
    key = aws.key()
    snapshot = aws.snapshot(aws.own_database(StorageEncrypted=True, KmsKeyId=key))
    aws.client(service="kms").disable_key(KeyId=key)
    refused = code(restore, aws=aws, snapshot=snapshot)
    aws.client(service="kms").enable_key(KeyId=key)
    assert refused == "KMSKeyNotAccessibleFault"
