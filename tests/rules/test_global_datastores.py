"""Global datastores of ElastiCache: their roles and their failover, and the endpoints of their groups."""

import pytest
from accounts import code


GROUP = {"ReplicationGroupDescription": "rules", "Engine": "valkey", "CacheNodeType": "cache.m6g.large", "NumCacheClusters": 1}


@pytest.fixture(scope="module")
def datastore(aws):
    """A global datastore: (its id, the primary's id, the secondary's id)."""
    near, far = aws.client(service="elasticache"), aws.client(region=aws.far, service="elasticache")
    primary, secondary = aws.name("a"), aws.name("b")
    near.create_replication_group(ReplicationGroupId=primary, AutomaticFailoverEnabled=False, **GROUP)
    aws.until(lambda: near.describe_replication_groups(ReplicationGroupId=primary)["ReplicationGroups"][0]["Status"] == "available")
    suffix = aws.name("d")
    made = near.create_global_replication_group(GlobalReplicationGroupIdSuffix=suffix, PrimaryReplicationGroupId=primary)
    name = made["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
    assert name.endswith(f"-{suffix}")
    aws.until(lambda: roles(aws, name)[0] in ("available", "primary-only"))
    far.create_replication_group(ReplicationGroupId=secondary, ReplicationGroupDescription="rules", GlobalReplicationGroupId=name)
    aws.until(lambda: settled(aws, name) and len(roles(aws, name)[1]) == 2)
    return name, primary, secondary


def roles(aws, name, region=None):
    """The status of a datastore, and {replication group: (role, status)}."""
    ask = {"GlobalReplicationGroupId": name, "ShowMemberInfo": True}
    found = aws.client(region=region, service="elasticache").describe_global_replication_groups(**ask)["GlobalReplicationGroups"][0]
    return found["Status"], {one["ReplicationGroupId"]: (one["Role"], one["Status"]) for one in found["Members"]}


def settled(aws, name):
    status, members = roles(aws, name)
    return status == "available" and all(state == "associated" for _, state in members.values())


@pytest.mark.rule("datastore-roles", "datastore-member-info", "datastore-prefix")
def test_members_and_their_roles_are_listed_on_request_in_every_region(aws, datastore):
    name, primary, secondary = datastore
    expected = "available", {primary: ("PRIMARY", "associated"), secondary: ("SECONDARY", "associated")}
    assert roles(aws, name) == roles(aws, name, aws.far) == expected
    cache = aws.client(service="elasticache")
    plain = cache.describe_global_replication_groups(GlobalReplicationGroupId=name)["GlobalReplicationGroups"][0]
    assert not plain.get("Members")


@pytest.mark.rule("datastore-failover", "datastore-in-progress")
def test_a_failover_swaps_the_roles(aws, datastore):
    name, primary, secondary = datastore
    far = aws.client(region=aws.far, service="elasticache")
    given = {"GlobalReplicationGroupId": name, "PrimaryRegion": aws.far, "PrimaryReplicationGroupId": secondary}
    far.failover_global_replication_group(**given)
    assert code(far.failover_global_replication_group, **given) == "InvalidGlobalReplicationGroupState"
    aws.until(lambda: settled(aws, name) and roles(aws, name)[1][secondary][0] == "PRIMARY")
    assert code(far.failover_global_replication_group, **given) in ("InvalidParameterValue", "InvalidParameterCombination")
    back = {"GlobalReplicationGroupId": name, "PrimaryRegion": aws.near, "PrimaryReplicationGroupId": primary}
    aws.client(service="elasticache").failover_global_replication_group(**back)
    aws.until(lambda: settled(aws, name) and roles(aws, name)[1][primary][0] == "PRIMARY")


@pytest.mark.rule("datastore-unknown")
def test_a_datastore_that_does_not_exist_is_not_found(aws):
    cache = aws.client(service="elasticache")
    given = {"GlobalReplicationGroupId": "none", "PrimaryRegion": aws.near, "PrimaryReplicationGroupId": "none"}
    assert code(cache.failover_global_replication_group, **given) == "GlobalReplicationGroupNotFoundFault"


@pytest.mark.rule("replication-group-endpoint", "replication-group-creating")
def test_a_replication_group_has_a_primary_endpoint_once_it_has_been_created(aws):
    cache, name = aws.client(service="elasticache"), aws.name("e")
    found = lambda: cache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]
    endpoints = lambda group: [node_group.get("PrimaryEndpoint") for node_group in group.get("NodeGroups", [])]
    cache.create_replication_group(ReplicationGroupId=name, AutomaticFailoverEnabled=False, **GROUP)
    assert not any(endpoints(found()))
    aws.until(lambda: found()["Status"] == "available")
    (endpoint,) = endpoints(found())
    assert (name in endpoint["Address"], endpoint["Port"]) == (True, 6379)
    assert "ConfigurationEndpoint" not in found()
