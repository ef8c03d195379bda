"""Lists over HTTP: pages, filters, types, and the snapshots of other accounts."""

import pytest
from botocore.exceptions import ClientError
from serving import EAST, OTHER, OWN, THIRD, WEST


def identifiers(rds, **arguments):
    pages = rds.get_paginator("describe_db_snapshots").paginate(**arguments)
    return [snapshot["DBSnapshotIdentifier"] for page in pages for snapshot in page["DBSnapshots"]]


def test_250_snapshots_are_listed_in_pages_and_none_is_missing(simulator):
    simulator.settings(quota=300)
    simulator.database()
    rds = simulator.client()
    for number in range(250):
        simulator.snapshot(f"s-{number:03}")
    expected = [f"s-{number:03}" for number in range(250)]
    for size, sizes in [(100, [100, 100, 50]), (20, [20] * 12 + [10]), (50, [50] * 5)]:
        pages, marker = [], {}
        while True:
            page = rds.describe_db_snapshots(MaxRecords=size, **marker)
            pages.append([snapshot["DBSnapshotIdentifier"] for snapshot in page["DBSnapshots"]])
            if "Marker" not in page:
                break
            marker = {"Marker": page["Marker"]}
        assert [len(page) for page in pages] == sizes
        assert [name for page in pages for name in page] == expected
    assert len(rds.describe_db_snapshots()["DBSnapshots"]) == 100


def test_instances_are_paged_too(simulator):
    for number in range(45):
        simulator.database(f"db-{number:02}")
    pages = (
        simulator.client().get_paginator("describe_db_instances").paginate(PaginationConfig={"PageSize": 20})
    )
    assert [len(page["DBInstances"]) for page in pages] == [20, 20, 5]


@pytest.mark.parametrize(
    "arguments", [{"MaxRecords": 19}, {"MaxRecords": 101}, {"Marker": "nonsense"}, {"SnapshotType": "x"}]
)
def test_an_unknown_marker_or_snapshot_type_is_refused(simulator, arguments):
    with pytest.raises(ClientError) as refusal:
        simulator.client().describe_db_snapshots(**arguments)
    assert refusal.value.response["Error"]["Code"] == "InvalidParameterValue"


def test_filters_select_snapshots_as_aws_does(simulator):
    simulator.database("orders")
    simulator.database("payments", Engine="mysql")
    for name, database in [("a", "orders"), ("b", "orders"), ("c", "payments")]:
        simulator.snapshot(name, database)
    rds = simulator.client()
    payments = rds.describe_db_instances(DBInstanceIdentifier="payments")["DBInstances"][0]
    for name, values, expected in [
        ("db-instance-id", ["orders"], ["a", "b"]),
        ("db-instance-id", ["orders", payments["DBInstanceArn"]], ["a", "b", "c"]),
        ("db-snapshot-id", ["a", "c"], ["a", "c"]),
        ("engine", ["mysql"], ["c"]),
        ("dbi-resource-id", [payments["DbiResourceId"]], ["c"]),
        ("snapshot-type", ["automated"], []),
    ]:
        assert identifiers(rds, Filters=[{"Name": name, "Values": values}]) == expected, name
    assert identifiers(rds, DBInstanceIdentifier="Orders") == ["a", "b"]
    assert identifiers(rds, DbiResourceId=payments["DbiResourceId"]) == ["c"]
    engines = rds.describe_db_instances(Filters=[{"Name": "engine", "Values": ["mysql"]}])["DBInstances"]
    assert [found["DBInstanceIdentifier"] for found in engines] == ["payments"]
    with pytest.raises(ClientError) as refusal:
        identifiers(rds, Filters=[{"Name": "colour", "Values": ["red"]}])
    assert refusal.value.response["Error"]["Code"] == "InvalidParameterValue"


def test_shared_snapshots_are_listed_by_arn_without_tags_and_only_in_accounts_that_they_are_shared_with(simulator):
    simulator.database()
    arn = simulator.snapshot("a", Tags=[{"Key": "CreatedBy", "Value": "x"}])
    other = simulator.client(OTHER)
    assert identifiers(other, SnapshotType="shared") == []
    simulator.share("a", OTHER)
    seen = other.describe_db_snapshots(SnapshotType="shared")["DBSnapshots"][0]
    assert seen["DBSnapshotIdentifier"] == seen["DBSnapshotArn"] == arn
    assert (seen["SnapshotType"], seen["TagList"]) == ("shared", [])
    assert identifiers(other) == []
    assert identifiers(other, IncludeShared=True) == [arn]
    assert identifiers(other, SnapshotType="manual", IncludeShared=True) == []
    assert identifiers(other, SnapshotType="shared", DBSnapshotIdentifier=arn) == [arn]
    for account, region in [(OWN, EAST), (THIRD, EAST), (OTHER, WEST)]:
        assert identifiers(simulator.client(account, region), SnapshotType="shared") == []
    own = simulator.client().describe_db_snapshots(DBSnapshotIdentifier="a")["DBSnapshots"][0]
    assert own["TagList"] == [{"Key": "CreatedBy", "Value": "x"}]


def test_public_snapshots_are_visible_to_every_account(simulator):
    simulator.database()
    arn = simulator.snapshot("a")
    simulator.share("a", "all")
    third = simulator.client(THIRD)
    assert identifiers(third, SnapshotType="public") == [arn]
    assert identifiers(third, IncludePublic=True) == [arn]
    assert identifiers(third) == []
