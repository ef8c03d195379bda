"""One account of the DR Orchestrator's users on the local AWS: recovery in two Regions, and databases of every kind in both.

The source group of the shipped configuration is launched in the first Region, the destination group in the other one.
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
# One account, as the DR Orchestrator has it: nothing crosses accounts.
VARIABLES = {
    "source": {"DestinationAccount": ACCOUNT, "ShareSnapshots": "FALSE"},
    "destination": {"SourceAccounts": ACCOUNT, "CrossAccountCopy": "FALSE"},
}
EXPORTS = {"orders": "orders", "orders-dr": "orders-dr", "class": "db.r6g.large", "subnets": "private"}


def arn(region, kind, name):
    return f"arn:aws:rds:{region}:{ACCOUNT}:{kind}:{name}"


def launch(aws, folder):
    """What recovery needs, in both Regions; {stack: whether it changed}."""
    variables = folder / "one-account.yaml"
    variables.write_text(json.dumps(VARIABLES))
    one, two = estate.side_by_side(*[
        lambda group=group: deploy.launch(aws, ACCOUNT, f"{group}/recover.yaml", more=[variables]) for group in ("source", "destination")])
    return one | two


class Regions:
    """The deployed account."""

    def __init__(self, aws, folder, datastore):
        self.aws = aws
        self.folder = folder
        self.datastore = datastore
        self.queues = {region: estate.subscribe_queue(aws, ACCOUNT, region, group) for region, group in GROUPS.items()}
        self.told = {EAST: [], WEST: []}
        self.said = []
        self.written = 0

    def client(self, service, region):
        return self.aws.client(service, ACCOUNT, region)

    def rds(self, region):
        return self.client("rds", region)

    # What there is.

    def instances(self, region):
        return {one["DBInstanceIdentifier"]: one for one in self.rds(region).describe_db_instances()["DBInstances"]}

    def cluster(self, region, name):
        return self.rds(region).describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]

    def members(self, name):
        """{cluster ARN: whether it writes} of a global cluster."""
        found = self.rds(EAST).describe_global_clusters(GlobalClusterIdentifier=name)["GlobalClusters"][0]
        return {member["DBClusterArn"]: member["IsWriter"] for member in found["GlobalClusterMembers"]}

    def primary(self, datastore):
        """The Region that leads a global datastore."""
        (found,) = self.client("elasticache", EAST).describe_global_replication_groups(
            GlobalReplicationGroupId=datastore, ShowMemberInfo=True)["GlobalReplicationGroups"]
        (leads,) = [member for member in found["Members"] if member["Role"] == "PRIMARY"]
        return leads["ReplicationGroupRegion"]

    def snapshots(self, region):
        """{identifier: of what} of the manual snapshots, those of clusters among them."""
        rds = self.rds(region)
        single = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        clusters = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
        return {one["DBSnapshotIdentifier"]: one["DBInstanceIdentifier"] for one in single} | {
            one["DBClusterSnapshotIdentifier"]: one["DBClusterIdentifier"] for one in clusters}

    def world(self):
        return {key: value for key, value in self.aws.admin("world").items() if key != "now"}

    def until(self, what, done, seconds=30):
        return until(what, done, seconds)

    # What is done.

    def manifest(self, *layers, **more):
        """A manifest of layers, each a list of (type, name, parameters)."""
        keys = ("resourceType", "resourceName", "parameters")
        return {"StatePayload": [
            {"layer": number, "resources": [dict(zip(keys, one)) for one in layer]} for number, layer in enumerate(layers, 1)], **more}

    def follow(self, region, *layers):
        """`pilot-light recover --manifest … --follow` in a Region; raises with the report if it failed."""
        return self.command(region, "--follow", *layers)

    def command(self, region, option, *layers):
        return self.typed(region, ["recover", "--manifest", "FILE", option, "--parameters", f"/pilot-light/{GROUPS[region]}"], *layers)

    def typed(self, region, words, *layers):
        """`pilot-light` and those words, with a file of this manifest for FILE; what it printed."""
        self.written += 1
        path = self.folder / f"manifest-{self.written}.json"
        path.write_text(json.dumps(self.manifest(*layers)))
        words = [path if word == "FILE" else word for word in words]
        return recovery.pilot_light(self.aws, *words, place=(ACCOUNT, region), show=self.said.append)

    def run(self, region, machine, *layers, **more):
        """Starts a manifest as `aws stepfunctions start-execution` does, and waits for its end."""
        states = self.client("stepfunctions", region)
        started = states.start_execution(
            stateMachineArn=f"arn:aws:states:{region}:{ACCOUNT}:stateMachine:{MACHINES[machine]}",
            input=json.dumps(self.manifest(*layers, **more)))["executionArn"]
        look = lambda: states.describe_execution(executionArn=started)
        self.until(f"the end of a {machine}", lambda: look()["status"] != "RUNNING", 60)
        return described(machine, look())

    def message(self, region, subject):
        """The text of the one message with that in its subject, which is taken out."""
        sqs = self.client("sqs", region)
        told = self.told[region]

        def look():
            for message in sqs.receive_message(QueueUrl=self.queues[region], MaxNumberOfMessages=10).get("Messages", []):
                sqs.delete_message(QueueUrl=self.queues[region], ReceiptHandle=message["ReceiptHandle"])
                told.append(json.loads(message["Body"]))
            return [one for one in told if subject in one["Subject"]]

        found = self.until(f"a message: {subject}", look, 20)
        told[:] = []
        return found[-1]["Message"]


def until(what, done, seconds):
    """Looks twice a second until done() is truthy and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        value = done()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TookTooLong(f"{what}: not within {seconds} s")
        time.sleep(0.5)


def values(aws, keys):
    """What manifests import in each Region: a stack's exports, and a secure parameter."""
    template = {"Resources": {"Nothing": {"Type": "AWS::CloudFormation::WaitConditionHandle"}}, "Outputs": {
        f"Value{number}": {"Value": value, "Export": {"Name": f"app-{name}"}} for number, (name, value) in enumerate(EXPORTS.items())}}
    for region, key in keys.items():
        aws.client("cloudformation", ACCOUNT, region).create_stack(StackName="app", TemplateBody=json.dumps(template))
        aws.client("ssm", ACCOUNT, region).put_parameter(Name="/app/database/key", Value=key, Type="SecureString")


def create(aws, keys):
    """An instance with a replica, two global clusters and a global datastore, all led from the first Region; the datastore's id."""
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
    states = lambda: {one["DBInstanceStatus"] for rds in (east, west) for one in rds.describe_db_instances()["DBInstances"]}
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
