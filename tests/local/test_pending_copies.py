"""Every copy stays `pending`, as AWS shows copies that wait for their turn: the compiled worker copies each database once, and deletes nothing.

No stack is launched. The command line runs `destination-copy` again and again, as its schedule does.
"""

import json

import pytest
from local import estate, recovery
from local.aws import LocalAws
from pilot_light_sceptre.target import target_folder

TOOL = "Snapshot Tool for RDS"
DATABASES = [f"shop-{number}" for number in range(10)]
RUNS = 6
HOUR = 3600
KEYS = {
    "source": f"arn:aws:kms:{estate.SOURCE_REGION}:{estate.SOURCE}:key/databases",
    "KmsKeySource": f"arn:aws:kms:{estate.SOURCE_REGION}:{estate.DESTINATION}:key/between",
    "KmsKeyDestination": f"arn:aws:kms:{estate.DESTINATION_REGION}:{estate.DESTINATION}:key/copies",
}
BETWEEN = (estate.DESTINATION, estate.SOURCE_REGION)
HERE = (estate.DESTINATION, estate.DESTINATION_REGION)


@pytest.fixture(scope="module")
def aws():
    with LocalAws([], logs=target_folder() / "test-pending", snapshot="0", copy="0", instance="0", lag=0) as aws:
        ssm = aws.client("ssm", *HERE)
        values = {"SourceAccounts": estate.SOURCE, "SourceRegionOverride": estate.SOURCE_REGION, "RetentionDays": "7d"}
        for name, value in (values | {name: KEYS[name] for name in ("KmsKeySource", "KmsKeyDestination")}).items():
            ssm.put_parameter(Name=f"/pilot-light/destination/{name}", Value=value, Type="String")
        yield aws


@pytest.fixture
def offered(aws):
    """One shared snapshot of each database, in an empty world. From now on every copy is pending for an hour."""
    aws.admin("reset", {})
    aws.register_key(KEYS["source"], [estate.SOURCE, estate.DESTINATION])
    for name in ("KmsKeySource", "KmsKeyDestination"):
        aws.register_key(KEYS[name], [estate.DESTINATION])
    rds = aws.client("rds", estate.SOURCE, estate.SOURCE_REGION)
    for number, name in enumerate(DATABASES):
        is_encrypted = number % 2 == 0
        estate.create_database(aws, name, KEYS["source"] if is_encrypted else None, encrypted=is_encrypted)
        snapshot = f"{name}-2026-01-31-23-30"
        rds.create_db_snapshot(DBSnapshotIdentifier=snapshot, DBInstanceIdentifier=name, Tags=[{"Key": "CreatedBy", "Value": TOOL}])
        rds.modify_db_snapshot_attribute(DBSnapshotIdentifier=snapshot, AttributeName="restore", ValuesToAdd=[estate.DESTINATION])
    aws.admin("settings", {"copy_seconds": str(HOUR), "pending_seconds": str(HOUR)})
    return aws


def run_often(aws):
    """The reports of some runs, each of which must succeed."""
    return [json.loads(recovery.pilot_light(aws, "run", "destination-copy", "--output", "json")) for _ in range(RUNS)]


def snapshots(aws, place):
    """{database: statuses of its snapshots} of the destination account in a Region."""
    found = {}
    for snapshot in aws.client("rds", *place).describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]:
        found.setdefault(snapshot["DBInstanceIdentifier"], []).append(snapshot["Status"])
    return found


def once_each(status):
    return {name: [status] for name in DATABASES}


def calls(aws, action):
    return [call for call in aws.admin("calls")["latest"] if call["action"] == action]


def test_copies_in_one_step_that_stay_pending_are_requested_once(offered):
    reports = run_often(offered)
    assert snapshots(offered, HERE) == once_each("pending")
    assert [report["planned"] for report in reports] == [len(DATABASES)] + [0] * (RUNS - 1)
    assert len(calls(offered, "CopyDBSnapshot")) == len(DATABASES) and not calls(offered, "DeleteDBSnapshot")


def test_both_of_two_hops_that_stay_pending_are_requested_once_and_nothing_in_use_is_deleted(offered):
    offered.admin("settings", {"one_step": False})
    run_often(offered)
    assert (snapshots(offered, BETWEEN), snapshots(offered, HERE)) == (once_each("pending"), {})
    offered.admin("advance", {"seconds": HOUR})
    reports = run_often(offered)
    assert (snapshots(offered, BETWEEN), snapshots(offered, HERE)) == (once_each("available"), once_each("pending"))
    assert [report["planned"] for report in reports] == [len(DATABASES)] + [0] * (RUNS - 1)
    offered.admin("advance", {"seconds": HOUR})
    assert snapshots(offered, HERE) == once_each("available")
    assert not calls(offered, "DeleteDBSnapshot")
