"""Clusters: their members, and their deletion."""

import clusters
import pytest
from accounts import code


@pytest.mark.rule("cluster-first-writes", "cluster-members-listed")
def test_the_first_instance_of_a_cluster_writes(aws):
    name = clusters.made(aws, members=0)
    first, second = clusters.member(aws, name), clusters.member(aws, name)
    aws.until(lambda: len(clusters.described(aws, name)["DBClusterMembers"]) == 2)
    assert clusters.writers(aws, name) == [first]
    assert aws.instance(second)["DBClusterIdentifier"] == name


@pytest.mark.rule("cluster-member-snapshot")
def test_a_member_of_a_cluster_has_no_snapshots_of_its_own(aws):
    name = clusters.made(aws)
    given = {"DBInstanceIdentifier": clusters.writers(aws, name)[0], "DBSnapshotIdentifier": aws.name()}
    assert code(aws.client().create_db_snapshot, **given) == "InvalidParameterValue"
    last = {"DBInstanceIdentifier": given["DBInstanceIdentifier"], "FinalDBSnapshotIdentifier": aws.name("last")}
    assert code(aws.client().delete_db_instance, **last) in ("InvalidParameterCombination", "InvalidParameterValue")


@pytest.mark.rule("cluster-delete-members-first", "cluster-final-snapshot")
def test_a_cluster_is_deleted_after_its_members_and_leaves_its_final_snapshot(aws):
    name, last, rds = clusters.made(aws), aws.name("last"), aws.client()
    given = {"DBClusterIdentifier": name, "FinalDBSnapshotIdentifier": last}
    assert code(rds.delete_db_cluster, **given) == "InvalidDBClusterStateFault"
    clusters.delete_members(aws, name)
    rds.delete_db_cluster(**given)
    aws.until(lambda: clusters.described(aws, name) is None)
    found = rds.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=last)["DBClusterSnapshots"]
    assert [(one["Status"], one["DBClusterIdentifier"]) for one in found] == [("available", name)]


@pytest.mark.rule("cluster-deletion-protection")
def test_the_protection_of_a_cluster_must_be_lifted_first(aws):
    name, rds = clusters.made(aws, members=0, DeletionProtection=True), aws.client()
    given = {"DBClusterIdentifier": name, "SkipFinalSnapshot": True}
    assert code(rds.delete_db_cluster, **given) == "InvalidParameterCombination"
    rds.modify_db_cluster(DBClusterIdentifier=name, DeletionProtection=False, ApplyImmediately=True)
    clusters.available(aws, name)
    rds.delete_db_cluster(**given)
    aws.until(lambda: clusters.described(aws, name) is None)


@pytest.mark.rule("cluster-unknown")
def test_a_cluster_that_does_not_exist_is_not_found(aws):
    rds, name = aws.client(), aws.name("none")
    assert code(rds.describe_db_clusters, DBClusterIdentifier=name) == "DBClusterNotFoundFault"
    given = {"DBClusterSnapshotIdentifier": name}
    assert code(rds.describe_db_cluster_snapshots, **given) == "DBClusterSnapshotNotFoundFault"
