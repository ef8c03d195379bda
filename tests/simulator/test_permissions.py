"""The permissions that each client needed. The server records them under the application name of the client."""

import boto3
import pytest
from botocore.config import Config
from serving import EAST, OWN


def needed(simulator):
    status, record = simulator.admin("permissions")
    assert (status, record["left_out"]) == (200, 0)
    return [(permission["principal"], permission["action"], permission["resource"].split(":", 5)[5])
            for permission in record["permissions"]]


def test_a_client_is_recorded_by_its_application_name_and_a_client_without_a_name_as_a_person(simulator):
    simulator.database()
    assert {principal for principal, _, _ in needed(simulator)} == {"person"}
    simulator.admin("reset", {})
    worker = boto3.client("rds", endpoint_url=simulator.url, region_name=EAST, aws_access_key_id=OWN, aws_secret_access_key="test",
                          config=Config(user_agent_appid="pilot-light-source-take"))
    for _ in range(2):
        worker.describe_db_instances()
    assert needed(simulator) == [("pilot-light-source-take", "rds:DescribeDBInstances", "db:*")]


def test_a_missing_resource_needs_no_permission(simulator):
    rds = simulator.client()
    with pytest.raises(rds.exceptions.DBSnapshotNotFoundFault):
        rds.delete_db_snapshot(DBSnapshotIdentifier="nothing")
    assert needed(simulator) == []
