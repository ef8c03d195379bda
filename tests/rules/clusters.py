"""Aurora clusters and global clusters for the rules about them. Only AWS's own calls."""

from accounts import absent

ENGINE = "aurora-postgresql"
LOGIN = {"MasterUsername": "pilot", "MasterUserPassword": "secret-secret"}


def described(aws, name, region=None):
    """DescribeDBClusters of one cluster; None if it does not exist."""
    with absent("DBClusterNotFoundFault"):
        return aws.client(region=region).describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]


def available(aws, name, region=None):
    def ready():
        found = described(aws, name, region)
        return found if found["Status"] == "available" else None

    return aws.until(ready)


def made(aws, region=None, members=1, **options):
    """The name of a new, available cluster with so many instances."""
    name = aws.name("cluster")
    login = {} if "GlobalClusterIdentifier" in options else LOGIN
    aws.client(region=region).create_db_cluster(DBClusterIdentifier=name, Engine=ENGINE, **login, **options)
    available(aws, name, region)
    for _ in range(members):
        member(aws, name, region)
    return available(aws, name, region)["DBClusterIdentifier"]


def member(aws, cluster, region=None):
    """The name of a new, available instance of a cluster."""
    name = aws.name("member")
    given = {"DBInstanceIdentifier": name, "DBClusterIdentifier": cluster, "Engine": ENGINE, "DBInstanceClass": "db.r6g.large"}
    aws.client(region=region).create_db_instance(**given)
    return aws.available_instance(name, region=region)["DBInstanceIdentifier"]


def writers(aws, name, region=None):
    """The instances of a cluster that write."""
    return [one["DBInstanceIdentifier"] for one in described(aws, name, region)["DBClusterMembers"] if one["IsClusterWriter"]]


def delete_members(aws, name, region=None):
    for one in described(aws, name, region)["DBClusterMembers"]:
        aws.client(region=region).delete_db_instance(DBInstanceIdentifier=one["DBInstanceIdentifier"], SkipFinalSnapshot=True)
        aws.until(lambda one=one: aws.instance(one["DBInstanceIdentifier"], region=region) is None)


def around(aws, cluster):
    """The name of a new global cluster around a cluster of the near Region."""
    name = aws.name("world")
    aws.client().create_global_cluster(GlobalClusterIdentifier=name, SourceDBClusterIdentifier=described(aws, cluster)["DBClusterArn"])
    world(aws, name)
    return name


def world(aws, name, region=None):
    """Waits until a global cluster is available. Returns {ARN of a member: whether it writes}."""

    def ready():
        found = seen(aws, name, region)
        return found if found and found["Status"] == "available" else None

    return {member["DBClusterArn"]: member["IsWriter"] for member in aws.until(ready)["GlobalClusterMembers"]}


def seen(aws, name, region=None):
    with absent("GlobalClusterNotFoundFault"):
        return aws.client(region=region).describe_global_clusters(GlobalClusterIdentifier=name)["GlobalClusters"][0]
