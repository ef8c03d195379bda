"""Copies of snapshots: where they are requested, what they show, in what order they are made, and what ends them."""

import pytest
from accounts import code, refusal


@pytest.mark.rule("copy-called-in-target-region", "copy-source-by-arn")
def test_a_copy_is_made_in_the_region_of_the_call(aws):
    snapshot = aws.one_snapshot()
    copied = aws.finished_copy(snapshot, region=aws.far)
    assert copied["DBSnapshotArn"].split(":")[3:5] == [aws.far, aws.source]
    given = {"SourceDBSnapshotIdentifier": snapshot["DBSnapshotIdentifier"], "TargetDBSnapshotIdentifier": aws.name()}
    assert code(aws.client(region=aws.far).copy_db_snapshot, **given) in ("DBSnapshotNotFound", "InvalidParameterValue")
    same_region = aws.client().copy_db_snapshot(**given)["DBSnapshot"]
    aws.available_snapshot(same_region["DBSnapshotIdentifier"])


@pytest.mark.rule("copy-source-available")
def test_only_an_available_snapshot_can_be_copied(aws):
    database = aws.database()
    begun = aws.client().create_db_snapshot(DBSnapshotIdentifier=aws.name(), DBInstanceIdentifier=database)["DBSnapshot"]
    assert code(aws.copy, snapshot=begun) == "InvalidDBSnapshotState"
    copying = aws.copy(aws.available_snapshot(begun["DBSnapshotIdentifier"]))
    assert code(aws.copy, snapshot=copying) == "InvalidDBSnapshotState"
    aws.available_snapshot(copying["DBSnapshotIdentifier"])


@pytest.mark.rule("copy-name-taken", "copy-name")
def test_the_name_of_a_copy_follows_the_rules_of_snapshot_names(aws):
    snapshot = aws.one_snapshot()
    taken = snapshot["DBSnapshotIdentifier"]
    assert code(aws.copy, snapshot=snapshot, TargetDBSnapshotIdentifier=taken) == "DBSnapshotAlreadyExists"
    for name in ["1a", "a-", "a--b", "rds:a", "a" * 256]:
        assert code(aws.copy, snapshot=snapshot, TargetDBSnapshotIdentifier=name) == "InvalidParameterValue", name


@pytest.mark.rule("copy-needs-sharing", "copy-source-by-arn")
def test_another_account_can_copy_a_snapshot_only_while_it_is_shared_and_by_its_arn(aws):
    snapshot = aws.snapshot()
    given = {"snapshot": snapshot, "account": aws.destination}
    assert code(aws.copy, **given) == "DBSnapshotNotFound"
    aws.share(snapshot)
    by_name = {"SourceDBSnapshotIdentifier": snapshot["DBSnapshotIdentifier"], "TargetDBSnapshotIdentifier": aws.name()}
    assert code(aws.client(aws.destination).copy_db_snapshot, **by_name) == "DBSnapshotNotFound"
    aws.finished_copy(**given)


@pytest.mark.rule("copy-one-step")
def test_one_call_copies_across_account_and_region(aws):
    snapshot = aws.snapshot()
    aws.share(snapshot)
    copied = aws.finished_copy(snapshot, aws.destination, aws.far)
    assert copied["DBSnapshotArn"].split(":")[3:5] == [aws.far, aws.destination]
    assert copied["SourceDBSnapshotIdentifier"] == snapshot["DBSnapshotArn"]


@pytest.mark.rule("copy-times", "copy-source-name", "copy-identity")
def test_a_copy_keeps_its_database_and_original_time_and_names_a_source_elsewhere(aws):
    snapshot = aws.snapshot()
    aws.share(snapshot)
    kept = ["OriginalSnapshotCreateTime", "DBInstanceIdentifier", "DbiResourceId", "Engine", "EngineVersion"]
    for account, region in [(aws.source, aws.near), (aws.source, aws.far), (aws.destination, aws.near)]:
        copied = aws.finished_copy(snapshot, account, region)
        assert {name: copied[name] for name in kept} == {name: snapshot[name] for name in kept}
        assert copied["SnapshotCreateTime"] > snapshot["SnapshotCreateTime"]
        from_elsewhere = (account, region) != (aws.source, aws.near)
        assert (copied.get("SourceDBSnapshotIdentifier") == snapshot["DBSnapshotArn"]) == from_elsewhere


@pytest.mark.rule("copy-not-shared")
def test_a_copy_is_shared_with_nobody(aws):
    snapshot = aws.snapshot()
    aws.share(snapshot)
    copied = aws.finished_copy(snapshot)
    given = {"DBSnapshotIdentifier": copied["DBSnapshotIdentifier"]}
    found = aws.client().describe_db_snapshot_attributes(**given)["DBSnapshotAttributesResult"]["DBSnapshotAttributes"]
    assert [one["AttributeValues"] for one in found if one["AttributeName"] == "restore"] == [[]]


@pytest.mark.rule("copy-queue")
def test_copies_of_one_database_are_made_one_after_another(aws):
    database = aws.own_database()
    snapshots = [aws.snapshot(database), aws.snapshot(database)]
    first, second = [aws.copy(snapshot, region=aws.far)["DBSnapshotIdentifier"] for snapshot in snapshots]
    while aws.described(first, region=aws.far)["Status"] != "available":
        waiting = aws.described(second, region=aws.far)
        finished = aws.described(first, region=aws.far)["Status"] == "available"
        assert finished or waiting["PercentProgress"] == 0
        aws.let_time_pass()
    aws.available_snapshot(second, region=aws.far)


@pytest.mark.rule("copy-limit", "copy-limit-message")
@pytest.mark.simulator_only("copies that fill the limit delay everybody else in the account")
def test_a_copy_beyond_the_limit_is_refused_with_the_code_of_a_full_quota(aws):
    account = aws.fresh_account()
    snapshot = aws.snapshot(aws.database(account), account)
    for _ in range(20):
        aws.copy(snapshot, account, aws.far)
    code, message = refusal(aws.copy, snapshot=snapshot, account=account, region=aws.far)
    assert code == "SnapshotQuotaExceeded"
    assert "cop" in message and "manual snapshots" not in message
    aws.copy(snapshot, account, "eu-west-1")


@pytest.mark.rule("copy-cancelled-by-deletion")
def test_the_deletion_of_a_copy_in_progress_cancels_it(aws):
    begun = aws.copy(aws.one_snapshot(), region=aws.far)
    rds, name = aws.client(region=aws.far), begun["DBSnapshotIdentifier"]
    rds.delete_db_snapshot(DBSnapshotIdentifier=name)
    aws.until(lambda: aws.described(name, region=aws.far) is None)
    assert aws.described(aws.one_snapshot()["DBSnapshotIdentifier"])["Status"] == "available"


@pytest.mark.rule("copy-source-deleted")
@pytest.mark.simulator_only("AWS only says that such a copy can fail")
def test_the_deletion_of_the_source_fails_a_copy_in_progress(aws):
    snapshot = aws.snapshot()
    begun = aws.copy(snapshot, region=aws.far)
    aws.client().delete_db_snapshot(DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"])
    aws.until(lambda: aws.described(begun["DBSnapshotIdentifier"], region=aws.far)["Status"] == "failed")
