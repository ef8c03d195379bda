"""The filters of lists over HTTP."""

import pytest
from botocore.exceptions import ClientError


def identifiers(rds, **arguments):
    pages = rds.get_paginator("describe_db_snapshots").paginate(**arguments)
    return [snapshot["DBSnapshotIdentifier"] for page in pages for snapshot in page["DBSnapshots"]]


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
