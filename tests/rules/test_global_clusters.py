"""Global clusters: which cluster writes, how that changes, and how they end."""

import clusters
import pytest
from accounts import code


@pytest.fixture(scope="module")
def pair(aws):
    """A global cluster with a primary in the near and a secondary in the far Region: (its name, both ARNs)."""
    primary = clusters.made(aws)
    name = clusters.around(aws, primary)
    secondary = clusters.made(aws, aws.far, GlobalClusterIdentifier=name, SourceRegion=aws.near)
    arns = clusters.described(aws, primary)["DBClusterArn"], clusters.described(aws, secondary, aws.far)["DBClusterArn"]
    aws.until(lambda: set(clusters.world(aws, name)) == set(arns))
    return name, *arns


@pytest.mark.rule("global-listed-everywhere", "global-writer")
def test_every_region_lists_a_global_cluster_with_its_writer(aws, pair):
    name, primary, secondary = pair
    for region in (aws.near, aws.far):
        assert clusters.world(aws, name, region) == {primary: True, secondary: False}
    assert len(clusters.writers(aws, primary)) == 1
    assert clusters.writers(aws, secondary, aws.far) == []


@pytest.mark.rule("global-one-secondary-per-region")
def test_a_region_has_one_member_of_a_global_cluster(aws, pair):
    given = {"DBClusterIdentifier": aws.name("cluster"), "Engine": clusters.ENGINE, "GlobalClusterIdentifier": pair[0]}
    refused = code(aws.client(region=aws.far).create_db_cluster, SourceRegion=aws.near, **given)
    assert refused in ("InvalidParameterValue", "InvalidParameterCombination", "InvalidGlobalClusterStateFault")


@pytest.mark.rule("global-delete-empty-only")
def test_a_global_cluster_with_members_is_not_deleted(aws, pair):
    assert code(aws.client().delete_global_cluster, GlobalClusterIdentifier=pair[0]) == "InvalidGlobalClusterStateFault"


@pytest.mark.rule("global-switchover", "global-failover", "global-in-progress")
def test_a_switchover_and_a_failover_move_the_writer(aws, pair):
    name, primary, secondary = pair
    near, far = aws.client(), aws.client(region=aws.far)
    given = {"GlobalClusterIdentifier": name}
    far.switchover_global_cluster(TargetDbClusterIdentifier=secondary, **given)
    assert code(far.switchover_global_cluster, TargetDbClusterIdentifier=secondary, **given) == "InvalidGlobalClusterStateFault"
    aws.until(lambda: clusters.world(aws, name) == {primary: False, secondary: True})
    aws.until(lambda: len(clusters.writers(aws, secondary, aws.far)) == 1)
    near.failover_global_cluster(TargetDbClusterIdentifier=primary, AllowDataLoss=True, **given)
    aws.until(lambda: clusters.world(aws, name).get(primary))


@pytest.mark.rule("global-unknown")
def test_a_global_cluster_or_target_that_does_not_exist_is_not_found(aws, pair):
    rds = aws.client()
    assert code(rds.describe_global_clusters, GlobalClusterIdentifier=aws.name("none")) == "GlobalClusterNotFoundFault"
    target = pair[2].rsplit(":", 1)[0] + f":{aws.name('none')}"
    given = {"GlobalClusterIdentifier": pair[0], "TargetDbClusterIdentifier": target}
    assert code(rds.switchover_global_cluster, **given) == "DBClusterNotFoundFault"


@pytest.mark.rule("global-detached-is-independent", "global-name-free-after-deletion")
def test_a_detached_cluster_writes_and_an_empty_global_cluster_is_deleted(aws):
    primary = clusters.made(aws)
    name = clusters.around(aws, primary)
    secondary = clusters.made(aws, aws.far, GlobalClusterIdentifier=name, SourceRegion=aws.near)
    arn, given = clusters.described(aws, secondary, aws.far)["DBClusterArn"], {"GlobalClusterIdentifier": name}
    aws.until(lambda: arn in clusters.world(aws, name))
    far = aws.client(region=aws.far)
    assert code(far.delete_db_cluster, DBClusterIdentifier=secondary, SkipFinalSnapshot=True) == "InvalidDBClusterStateFault"
    far.remove_from_global_cluster(DbClusterIdentifier=arn, **given)
    clusters.available(aws, secondary, aws.far)
    aws.until(lambda: len(clusters.writers(aws, secondary, aws.far)) == 1)
    aws.client().remove_from_global_cluster(DbClusterIdentifier=clusters.described(aws, primary)["DBClusterArn"], **given)
    aws.until(lambda: clusters.seen(aws, name)["GlobalClusterMembers"] == [])
    aws.client().delete_global_cluster(**given)
    aws.until(lambda: clusters.seen(aws, name) is None)
