"""Sharing of snapshots: its limits, and the view of the other account."""

import pytest
from accounts import code


def shared(aws, account=None, region=None):
    """The snapshots that are shared with an account, by ARN."""
    pages = aws.client(account or aws.destination, region).get_paginator("describe_db_snapshots").paginate(SnapshotType="shared")
    return {found["DBSnapshotArn"]: found for page in pages for found in page["DBSnapshots"]}


def attribute(aws, snapshot, **values):
    given = {"DBSnapshotIdentifier": snapshot["DBSnapshotIdentifier"], "AttributeName": "restore", **values}
    return aws.client().modify_db_snapshot_attribute(**given)


def readers(aws, snapshot):
    answer = aws.client().describe_db_snapshot_attributes(DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"])
    found = answer["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]
    return next(one["AttributeValues"] for one in found if one["AttributeName"] == "restore")


@pytest.mark.rule("shared-list", "shared-identifier", "shared-until-revoked")
def test_a_shared_snapshot_is_listed_by_its_arn_until_sharing_ends(aws):
    snapshot = aws.snapshot()
    arn = snapshot["DBSnapshotArn"]
    assert arn not in shared(aws)
    aws.share(snapshot)
    seen = aws.until(lambda: shared(aws).get(arn))
    assert (seen["DBSnapshotIdentifier"], seen["SnapshotType"]) == (arn, "shared")
    assert arn not in shared(aws, region=aws.far) and arn not in shared(aws, aws.source)
    attribute(aws, snapshot, ValuesToRemove=[aws.destination])
    aws.until(lambda: arn not in shared(aws))


@pytest.mark.rule("shared-not-in-own-lists")
def test_a_shared_snapshot_is_not_among_the_accounts_own(aws):
    snapshot = aws.snapshot()
    aws.share(snapshot)
    aws.until(lambda: shared(aws).get(snapshot["DBSnapshotArn"]))
    pages = aws.client(aws.destination).get_paginator("describe_db_snapshots")
    for given in [{}, {"SnapshotType": "manual"}]:
        listed = [found["DBSnapshotArn"] for page in pages.paginate(**given) for found in page["DBSnapshots"]]
        assert snapshot["DBSnapshotArn"] not in listed


@pytest.mark.rule("shared-tags-hidden")
def test_the_tags_of_a_shared_snapshot_are_hidden_from_the_other_account(aws):
    snapshot = aws.snapshot(Tags=[{"Key": "CreatedBy", "Value": "x"}])
    aws.share(snapshot)
    assert aws.until(lambda: shared(aws).get(snapshot["DBSnapshotArn"]))["TagList"] == []
    assert aws.described(snapshot["DBSnapshotIdentifier"])["TagList"] == [{"Key": "CreatedBy", "Value": "x"}]


@pytest.mark.rule("share-again")
def test_sharing_again_with_the_same_account_succeeds(aws):
    snapshot = aws.snapshot()
    for _ in range(2):
        aws.share(snapshot)
    assert readers(aws, snapshot) == [aws.destination]


@pytest.mark.rule("share-change-at-once")
@pytest.mark.simulator_only("it shares a snapshot with an account of other people")
def test_one_call_shares_with_one_account_and_ends_the_share_with_another(aws):
    snapshot = aws.snapshot()
    aws.share(snapshot)
    attribute(aws, snapshot, ValuesToAdd=["000000000500"], ValuesToRemove=[aws.destination])
    assert readers(aws, snapshot) == ["000000000500"]


@pytest.mark.rule("share-end-again")
def test_ending_a_share_again_succeeds(aws):
    snapshot = aws.snapshot()
    aws.share(snapshot)
    for _ in range(2):
        attribute(aws, snapshot, ValuesToRemove=[aws.destination])
    assert readers(aws, snapshot) == []


@pytest.mark.rule("share-available-only")
def test_a_snapshot_in_progress_cannot_be_shared(aws):
    begun = aws.client().create_db_snapshot(DBSnapshotIdentifier=aws.name(), DBInstanceIdentifier=aws.database())["DBSnapshot"]
    assert code(aws.share, snapshot=begun) == "InvalidDBSnapshotState"
    aws.share(aws.available_snapshot(begun["DBSnapshotIdentifier"]))


@pytest.mark.rule("share-account-form")
def test_an_account_that_is_no_account_id_is_refused(aws):
    for account in ["12345", "everybody"]:
        assert code(attribute, aws=aws, snapshot=aws.one_snapshot(), ValuesToAdd=[account]) == "InvalidParameterValue"


@pytest.mark.rule("share-twenty-accounts")
@pytest.mark.simulator_only("it shares a snapshot with accounts of other people")
def test_a_snapshot_is_shared_with_at_most_twenty_accounts(aws):
    snapshot = aws.snapshot()
    many = [f"{number:012}" for number in range(500, 521)]
    assert code(attribute, aws=aws, snapshot=snapshot, ValuesToAdd=many) == "SharedSnapshotQuotaExceeded"
    attribute(aws, snapshot, ValuesToAdd=many[:20])
    assert code(attribute, aws=aws, snapshot=snapshot, ValuesToAdd=many[20:]) == "SharedSnapshotQuotaExceeded"
    attribute(aws, snapshot, ValuesToAdd=many[20:], ValuesToRemove=many[:1])
    assert sorted(readers(aws, snapshot)) == many[1:]


@pytest.mark.rule("share-default-key")
def test_a_snapshot_under_the_default_key_cannot_be_shared(aws):
    snapshot = aws.one_snapshot(StorageEncrypted=True)
    assert code(aws.share, snapshot=snapshot) in ("InvalidParameterCombination", "InvalidParameterValue", "KMSKeyNotAccessibleFault")


@pytest.mark.rule("share-encrypted-not-public")
def test_an_encrypted_snapshot_cannot_be_public(aws):
    snapshot = aws.snapshot(aws.own_database(StorageEncrypted=True, KmsKeyId=aws.key(users=[aws.destination])))
    refused = code(attribute, aws=aws, snapshot=snapshot, ValuesToAdd=["all"])
    assert refused in ("InvalidParameterCombination", "InvalidParameterValue")
    aws.share(snapshot)
    assert readers(aws, snapshot) == [aws.destination]


@pytest.mark.rule("public-list")
@pytest.mark.simulator_only("a public snapshot is everybody's")
def test_a_public_snapshot_is_listed_as_public_and_not_as_shared(aws):
    snapshot = aws.snapshot()
    attribute(aws, snapshot, ValuesToAdd=["all"])
    given = {"SnapshotType": "public", "IncludePublic": True}
    pages = aws.client(aws.destination).get_paginator("describe_db_snapshots").paginate(**given)
    assert snapshot["DBSnapshotArn"] in [found["DBSnapshotArn"] for page in pages for found in page["DBSnapshots"]]
    assert snapshot["DBSnapshotArn"] not in shared(aws)
