"""One account on the local AWS, as users of the DR Orchestrator have it: recovery and databases of every kind in two Regions.

The source group of the shipped configuration is launched in the first Region, the destination group in the other Region.
"""

import json
import time

from local import deploy, estate, recovery
from local.watch import TookTooLong, described

ACCOUNT, EAST, WEST = estate.SOURCE, "us-east-1", "us-west-2"
GROUPS = {EAST: "source", WEST: "destination"}
OTHER = {EAST: WEST, WEST: EAST}
MACHINES = {
    "failover": "dr-orchestrator-stepfunction-FAILOVER",
    "failback": "dr-orchestrator-stepfunction-FAILBACK",
    "drill": "pilot-light-drill",
}
# One account, as with the DR Orchestrator. No snapshot crosses accounts.
VARIABLES = {
    "source": {"DestinationAccount": ACCOUNT, "ShareSnapshots": "FALSE"},
    "destination": {"SourceAccounts": ACCOUNT, "CrossAccountCopy": "FALSE"},
}
EXPORTS = {"orders": "orders", "orders-dr": "orders-dr", "class": "db.r6g.large", "subnets": "private"}


def arn(region, kind, name):
    return f"arn:aws:rds:{region}:{ACCOUNT}:{kind}:{name}"


def launch(aws, folder):
    """Launches the stacks of recovery in both Regions. Returns {stack: whether it changed}."""
    variables = folder / "one-account.yaml"
    variables.write_text(json.dumps(VARIABLES))
    first, second = estate.side_by_side(*[
        lambda group=group: deploy.launch(aws, ACCOUNT, f"{group}/recover.yaml", more=[variables]) for group in ("source", "destination")])
    return first | second


class Regions:
    """The deployed account."""

    def __init__(self, aws, folder, datastore):
        self.aws = aws
        self.folder = folder
        self.datastore = datastore
        self.queues = {region: estate.subscribe_queue(aws, ACCOUNT, region, group) for region, group in GROUPS.items()}
        self.messages = {EAST: [], WEST: []}
        self.progress = []
        self.written = 0

    def client(self, service, region):
        return self.aws.client(service, ACCOUNT, region)

    def rds(self, region):
        return self.client("rds", region)

    # Reads of the account.

    def instances(self, region):
        return {instance["DBInstanceIdentifier"]: instance for instance in self.rds(region).describe_db_instances()["DBInstances"]}

    def cluster(self, region, name):
        return self.rds(region).describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]

    def members(self, name):
        """{cluster ARN: whether it is the writer} of a global cluster."""
        found = self.rds(EAST).describe_global_clusters(GlobalClusterIdentifier=name)["GlobalClusters"][0]
        return {member["DBClusterArn"]: member["IsWriter"] for member in found["GlobalClusterMembers"]}

    def primary(self, datastore):
        """The Region that leads a global datastore."""
        (found,) = self.client("elasticache", EAST).describe_global_replication_groups(
            GlobalReplicationGroupId=datastore, ShowMemberInfo=True)["GlobalReplicationGroups"]
        (leads,) = [member for member in found["Members"] if member["Role"] == "PRIMARY"]
        return leads["ReplicationGroupRegion"]

    def snapshots(self, region):
        """{snapshot: its instance or cluster} of all manual snapshots."""
        rds = self.rds(region)
        single = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        clusters = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
        return {snapshot["DBSnapshotIdentifier"]: snapshot["DBInstanceIdentifier"] for snapshot in single} | {
            snapshot["DBClusterSnapshotIdentifier"]: snapshot["DBClusterIdentifier"] for snapshot in clusters}

    def world(self):
        return {key: value for key, value in self.aws.admin("world").items() if key != "now"}

    def until(self, subject, done, seconds=30):
        return until(subject, done, seconds)

    # Changes of the account.

    def manifest(self, *layers, **more):
        """A manifest of layers. Each layer is a list of (type, name, parameters)."""
        keys = ("resourceType", "resourceName", "parameters")
        payload = [{"layer": number, "resources": [dict(zip(keys, resource)) for resource in layer]}
                   for number, layer in enumerate(layers, 1)]
        return {"StatePayload": payload, **more}

    def follow(self, region, *layers):
        """Runs `pilot-light recover --manifest … --follow` in a Region. Raises an error with the report if it fails."""
        return self.command(region, "--follow", *layers)

    def command(self, region, option, *layers):
        return self.typed(region, ["recover", "--manifest", "FILE", option, "--parameters", f"/pilot-light/{GROUPS[region]}"], *layers)

    def typed(self, region, words, *layers):
        """Runs `pilot-light` with these words and returns its output. The word FILE becomes a file with this manifest."""
        self.written += 1
        path = self.folder / f"manifest-{self.written}.json"
        path.write_text(json.dumps(self.manifest(*layers)))
        words = [path if word == "FILE" else word for word in words]
        return recovery.pilot_light(self.aws, *words, place=(ACCOUNT, region), show=self.progress.append)

    def run(self, region, machine, *layers, **more):
        """Starts a manifest as `aws stepfunctions start-execution` does, and waits for the end of the execution."""
        states = self.client("stepfunctions", region)
        started = states.start_execution(
            stateMachineArn=f"arn:aws:states:{region}:{ACCOUNT}:stateMachine:{MACHINES[machine]}",
            input=json.dumps(self.manifest(*layers, **more)))["executionArn"]
        look = lambda: states.describe_execution(executionArn=started)
        self.until(f"the end of a {machine}", lambda: look()["status"] != "RUNNING", 60)
        return described(machine, look())

    def message(self, region, subject):
        """The text of the message with `subject` in its subject. All messages so far are then removed."""
        sqs = self.client("sqs", region)
        messages = self.messages[region]

        def receive():
            for message in sqs.receive_message(QueueUrl=self.queues[region], MaxNumberOfMessages=10).get("Messages", []):
                sqs.delete_message(QueueUrl=self.queues[region], ReceiptHandle=message["ReceiptHandle"])
                messages.append(json.loads(message["Body"]))
            return [message for message in messages if subject in message["Subject"]]

        found = self.until(f"a message: {subject}", receive, 20)
        messages[:] = []
        return found[-1]["Message"]


def until(subject, done, seconds):
    """Checks twice a second until done() is truthy, and returns that value."""
    deadline = time.monotonic() + seconds
    while True:
        value = done()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TookTooLong(f"{subject}: not within {seconds} s")
        time.sleep(0.5)


def values(aws, keys):
    """Creates the values that manifests import in each Region: a stack's exports and a secure parameter."""
    for region, key in keys.items():
        exports = EXPORTS | {"group": network(aws, region)}
        template = {"Resources": {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}, "Outputs": {
            f"Value{number}": {"Value": value, "Export": {"Name": f"app-{name}"}} for number, (name, value) in enumerate(exports.items())}}
        aws.client("cloudformation", ACCOUNT, region).create_stack(StackName="app", TemplateBody=json.dumps(template))
        aws.client("ssm", ACCOUNT, region).put_parameter(Name="/app/database/key", Value=key, Type="SecureString")


def network(aws, region):
    """Creates the subnet group that manifests name, in the default VPC. Returns the id of a security group there."""
    ec2, rds = aws.client("ec2", ACCOUNT, region), aws.client("rds", ACCOUNT, region)
    subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"]]
    rds.create_db_subnet_group(DBSubnetGroupName=EXPORTS["subnets"], DBSubnetGroupDescription="for databases", SubnetIds=subnets)
    return ec2.create_security_group(GroupName="databases", Description="for databases")["GroupId"]


def create(aws, keys):
    """Creates an instance with a replica, two global clusters and a global datastore, with their primaries in the first Region.

    Returns the identifier of the datastore.
    """
    east, west = (aws.client("rds", ACCOUNT, region) for region in (EAST, WEST))
    east.create_db_instance(
        DBInstanceIdentifier="orders", Engine="postgres", DBInstanceClass="db.r6g.large", AllocatedStorage=20, BackupRetentionPeriod=7,
        MasterUsername="pilot", MasterUserPassword="not-a-secret", StorageEncrypted=True, KmsKeyId=keys[EAST], DeletionProtection=True)
    for name in ("sales", "stock"):
        cluster(east, name, DeletionProtection=True)
        east.create_global_cluster(GlobalClusterIdentifier=f"world-{name}", SourceDBClusterIdentifier=arn(EAST, "cluster", name))
    up = lambda: east.describe_db_instances(DBInstanceIdentifier="orders")["DBInstances"][0]["DBInstanceStatus"] == "available"
    until("orders", up, 20)
    west.create_db_instance_read_replica(
        DBInstanceIdentifier="orders-dr", SourceDBInstanceIdentifier=arn(EAST, "db", "orders"), SourceRegion=EAST, KmsKeyId=keys[WEST])
    for name in ("sales", "stock"):
        cluster(west, f"{name}-dr", GlobalClusterIdentifier=f"world-{name}", SourceRegion=EAST)
    states = lambda: {instance["DBInstanceStatus"] for rds in (east, west) for instance in rds.describe_db_instances()["DBInstances"]}
    until("all instances", lambda: states() == {"available"}, 20)
    return datastore(aws)


def cluster(rds, name, **options):
    rds.create_db_cluster(DBClusterIdentifier=name, Engine="aurora-postgresql", **options)
    until(name, lambda: available(rds, name), 20)
    rds.create_db_instance(
        DBInstanceIdentifier=f"{name}-1", DBClusterIdentifier=name, Engine="aurora-postgresql", DBInstanceClass="db.r6g.large")


def available(rds, name):
    return rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["Status"] == "available"


def datastore(aws):
    east, west = (aws.client("elasticache", ACCOUNT, region) for region in (EAST, WEST))
    east.create_replication_group(ReplicationGroupId="carts", ReplicationGroupDescription="carts")
    group = lambda cache, name: cache.describe_replication_groups(ReplicationGroupId=name)["ReplicationGroups"][0]["Status"] == "available"
    until("carts", lambda: group(east, "carts"), 20)
    name = east.create_global_replication_group(
        GlobalReplicationGroupIdSuffix="carts", PrimaryReplicationGroupId="carts")["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
    whole = lambda: east.describe_global_replication_groups(GlobalReplicationGroupId=name)["GlobalReplicationGroups"][0]["Status"]
    until("the datastore", lambda: whole() in ("available", "primary-only"), 20)
    west.create_replication_group(ReplicationGroupId="carts-dr", ReplicationGroupDescription="carts", GlobalReplicationGroupId=name)
    until("carts-dr", lambda: group(west, "carts-dr") and whole() == "available", 20)
    return name
