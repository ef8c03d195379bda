"""Quotas of instances and storage, and classes of which AWS has no machine left."""

import pytest
from test_new_instances import refused
from test_orders import refused_restore
from test_restores import restored


def quotas(aws, account=None, region=None):
    """The account attributes: used and at most, by name."""
    found = aws.client(account, region).describe_account_attributes()["AccountQuotas"]
    return {one["AccountQuotaName"]: (one["Used"], one["Max"]) for one in found}


@pytest.mark.rule("quota-attributes")
def test_the_account_attributes_count_instances_storage_and_groups(aws):
    aws.database()
    found = quotas(aws)
    names = ["DBInstances", "AllocatedStorage", "DBParameterGroups", "OptionGroups", "DBSubnetGroups", "ManualSnapshots"]
    assert all(0 <= found[name][0] <= found[name][1] for name in names)
    assert found["DBInstances"][0] >= 1
    assert found["AllocatedStorage"][0] >= 20


@pytest.fixture
def settings(aws):
    """Changes settings of the simulator, which are as before at the end."""
    before = aws.simulator.admin("settings")[1]
    yield aws.simulator.settings
    aws.simulator.settings(instances=before["instances"], storage_gib=before["storage_gib"])


@pytest.mark.rule("instance-quota")
@pytest.mark.simulator_only("it would need 40 instances")
def test_a_full_quota_of_instances_refuses_new_and_restored_ones(aws, settings):
    snapshot = aws.one_snapshot()
    settings(instances=quotas(aws)["DBInstances"][0])
    expected = ("InstanceQuotaExceeded", "DB Instance quota exceeded")
    assert refused(aws) == expected
    assert refused_restore(aws) == expected
    settings(instances=quotas(aws)["DBInstances"][0] + 1)
    restored(aws, snapshot)


@pytest.mark.rule("storage-quota")
@pytest.mark.simulator_only("it would need 100 TB")
def test_a_full_quota_of_storage_refuses_new_and_restored_instances(aws, settings):
    aws.one_snapshot()
    settings(storage_gib=quotas(aws)["AllocatedStorage"][0] + 19)
    text = "The operation cannot be completed. The storage quota for this account has been exceeded by 1"
    for code, message in [refused(aws), refused_restore(aws)]:
        assert (code, message.startswith(text)) == ("StorageQuotaExceeded", True)


@pytest.mark.rule("no-capacity")
@pytest.mark.simulator_only("nobody can take AWS's machines away")
def test_a_class_without_capacity_is_refused_for_a_while(aws):
    error = {"code": "InsufficientDBInstanceCapacity", "message": "Cannot create a db.r7g.large database instance."}
    on = {"class": "db.r7g.*", "account": aws.source, "region": aws.near}
    status, answer = aws.simulator.admin("impositions", {"impose": {"error": error}, "on": on, "times": 2})
    assert status == 200, answer
    for _ in range(2):
        assert refused_restore(aws, DBInstanceClass="db.r7g.large")[0] == error["code"]
    assert restored(aws, aws.one_snapshot(), DBInstanceClass="db.r7g.large")["DBInstanceClass"] == "db.r7g.large"
