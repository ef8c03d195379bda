"""The removal of everything that a run of the rules created, recognised by the prefix of its names."""

from contextlib import suppress

from botocore.exceptions import ClientError


def remove_all(aws):
    """Removes everything with the prefix of `aws` in both accounts and Regions, and returns what is still there."""
    places = [(account, region) for account in (aws.source, aws.destination) for region in (aws.near, aws.far)]
    for place in places:
        delete_globals(aws, aws.client(*place))
    for account in (aws.source, aws.destination):
        delete_datastores(aws, account)
    for place in places:
        delete_deployments(aws, aws.client(*place))
        delete_instances(aws, aws.client(*place))
        delete_clusters(aws, aws.client(*place))
    aws.until(lambda: not any(databases(aws, aws.client(*place)) for place in places))
    for place in places:
        delete_snapshots(aws, aws.client(*place))
        delete_groups(aws, aws.client(*place))
        delete_networks(aws, aws.client(*place, "ec2"))
        delete_keys(aws, aws.client(*place, "kms"))
    return [left for place in places for left in databases(aws, aws.client(*place)) + snapshots(aws, aws.client(*place))]


def ours(aws, call, answer, field, **given):
    """The names with the prefix in all pages of a list; none where the service has no such list."""
    pages = call.__self__.get_paginator(call.__name__).paginate(**given)
    return [one[field] for page in pages for one in page[answer] if one[field].startswith(f"{aws.prefix}-")]


def databases(aws, rds):
    instances = ours(aws, rds.describe_db_instances, "DBInstances", "DBInstanceIdentifier")
    return instances + ours(aws, rds.describe_db_clusters, "DBClusters", "DBClusterIdentifier")


def snapshots(aws, rds):
    return ours(aws, rds.describe_db_snapshots, "DBSnapshots", "DBSnapshotIdentifier", SnapshotType="manual")


def delete_globals(aws, rds):
    for found in rds.describe_global_clusters()["GlobalClusters"]:
        name = found["GlobalClusterIdentifier"]
        if not name.startswith(f"{aws.prefix}-"):
            continue
        for member in sorted(found["GlobalClusterMembers"], key=lambda member: member["IsWriter"]):
            with suppress(ClientError):
                rds.remove_from_global_cluster(GlobalClusterIdentifier=name, DbClusterIdentifier=member["DBClusterArn"])
        with suppress(ClientError):
            rds.delete_global_cluster(GlobalClusterIdentifier=name)


def delete_datastores(aws, account):
    """Removes ElastiCache's groups: first the secondary ones, then the datastore, then the primary one."""
    near, far = (aws.client(account, region, "elasticache") for region in (aws.near, aws.far))
    with suppress(ClientError):
        for found in near.describe_global_replication_groups(ShowMemberInfo=True)["GlobalReplicationGroups"]:
            name = found["GlobalReplicationGroupId"]
            if f"-{aws.prefix}-" not in name:
                continue
            for member in found["Members"]:
                if member["Role"] == "SECONDARY":
                    place = {"ReplicationGroupId": member["ReplicationGroupId"], "ReplicationGroupRegion": member["ReplicationGroupRegion"]}
                    near.disassociate_global_replication_group(GlobalReplicationGroupId=name, **place)
            given = {"GlobalReplicationGroupId": name, "RetainPrimaryReplicationGroup": True}
            aws.until(lambda given=given: gone(near.delete_global_replication_group, **given))
        for cache in (near, far):
            for name in ours(aws, cache.describe_replication_groups, "ReplicationGroups", "ReplicationGroupId"):
                aws.until(lambda cache=cache, name=name: gone(cache.delete_replication_group, ReplicationGroupId=name))


def delete_instances(aws, rds):
    for name in ours(aws, rds.describe_db_instances, "DBInstances", "DBInstanceIdentifier"):
        aws.until(lambda name=name: deleted(rds.modify_db_instance, rds.delete_db_instance, DBInstanceIdentifier=name))


def delete_clusters(aws, rds):
    for name in ours(aws, rds.describe_db_clusters, "DBClusters", "DBClusterIdentifier"):
        aws.until(lambda name=name: deleted(rds.modify_db_cluster, rds.delete_db_cluster, DBClusterIdentifier=name))


def deleted(modify, delete, **given):
    """Lifts the protection, and says whether the deletion was accepted then."""
    with suppress(ClientError):
        modify(DeletionProtection=False, ApplyImmediately=True, **given)
    return gone(delete, SkipFinalSnapshot=True, **given)


def delete_snapshots(aws, rds):
    for name in snapshots(aws, rds):
        # AWS may keep a failed snapshot for ever. It is then reported as left.
        aws.until(lambda name=name: gone(rds.delete_db_snapshot, DBSnapshotIdentifier=name) or has_failed(rds, name))
    for name in ours(aws, rds.describe_db_cluster_snapshots, "DBClusterSnapshots", "DBClusterSnapshotIdentifier", SnapshotType="manual"):
        aws.until(lambda name=name: gone(rds.delete_db_cluster_snapshot, DBClusterSnapshotIdentifier=name))


def has_failed(rds, name):
    return rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]["Status"] == "failed"


def delete_groups(aws, rds):
    """Removes groups, which nothing uses any more. One that is still in use for a while is tried again."""
    for call, answer, field, delete in [
        (rds.describe_option_groups, "OptionGroupsList", "OptionGroupName", rds.delete_option_group),
        (rds.describe_db_parameter_groups, "DBParameterGroups", "DBParameterGroupName", rds.delete_db_parameter_group),
        (rds.describe_db_subnet_groups, "DBSubnetGroups", "DBSubnetGroupName", rds.delete_db_subnet_group),
    ]:
        for name in ours(aws, call, answer, field):
            aws.until(lambda delete=delete, field=field, name=name: gone(delete, **{field: name}))


def delete_networks(aws, ec2):
    """Removes security groups, subnets and VPCs, which the tests name by a tag."""
    ours = {"Filters": [{"Name": "tag-key", "Values": ["Name"]}]}
    for call, answer, field, delete in [
        (ec2.describe_security_groups, "SecurityGroups", "GroupId", ec2.delete_security_group),
        (ec2.describe_subnets, "Subnets", "SubnetId", ec2.delete_subnet),
        (ec2.describe_vpcs, "Vpcs", "VpcId", ec2.delete_vpc),
    ]:
        for found in call(**ours)[answer]:
            names = [tag["Value"] for tag in found.get("Tags", []) if tag["Key"] == "Name"]
            if names and names[0].startswith(f"{aws.prefix}-"):
                given = {field: found[field]}
                aws.until(lambda delete=delete, given=given: gone(delete, **given))


def delete_deployments(aws, rds):
    """Removes blue/green deployments, which keep their instances."""
    for page in rds.get_paginator("describe_blue_green_deployments").paginate():
        for found in page["BlueGreenDeployments"]:
            if found["BlueGreenDeploymentName"].startswith(f"{aws.prefix}-"):
                given = {"BlueGreenDeploymentIdentifier": found["BlueGreenDeploymentIdentifier"]}
                aws.until(lambda given=given: gone(rds.delete_blue_green_deployment, **given))


def delete_keys(aws, kms):
    with suppress(ClientError):
        for page in kms.get_paginator("list_keys").paginate():
            for key in page["Keys"]:
                about = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
                if about.get("Description", "").startswith(f"{aws.prefix}-") and about["KeyState"] != "PendingDeletion":
                    kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)


def gone(call, **given):
    """Whether a deletion was accepted, or there is nothing to delete. The simulator has not every action."""
    try:
        call(**given)
    except ClientError as refusal:
        return "NotFound" in refusal.response["Error"]["Code"] or refusal.response["Error"]["Code"] == "InvalidAction"
    return True
