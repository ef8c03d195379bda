"""The two accounts of the local run: their keys, their databases and how they are deployed.

The demo and the tests of the whole cycle share it.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from . import deploy

SOURCE, SOURCE_REGION = "111111111111", "us-east-1"
DESTINATION, DESTINATION_REGION = "222222222222", "us-west-2"
PLACES = [(SOURCE, SOURCE_REGION), (DESTINATION, DESTINATION_REGION)]
# {name in reports: (state machine, account, Region)}
MACHINES = {
    "take": ("pilot-light-source-take", SOURCE, SOURCE_REGION),
    "share": ("pilot-light-source-share", SOURCE, SOURCE_REGION),
    "copy": ("pilot-light-destination-copy", DESTINATION, DESTINATION_REGION),
    "source-delete": ("pilot-light-source-delete", SOURCE, SOURCE_REGION),
    "destination-delete": ("pilot-light-destination-delete", DESTINATION, DESTINATION_REGION),
}
# The same for recovery. No schedule starts these.
RECOVERIES = {
    "failover": ("dr-orchestrator-stepfunction-FAILOVER", DESTINATION, DESTINATION_REGION),
    "drill": ("pilot-light-drill", DESTINATION, DESTINATION_REGION),
    "failback": ("dr-orchestrator-stepfunction-FAILBACK", SOURCE, SOURCE_REGION),
}


@dataclass
class Keys:
    """The ARNs of the keys: two for the source's databases, and one of the destination's for each Region."""

    source: str
    second: str
    destination: str
    intermediate: str


def machine_arn(name):
    machine, account, region = (MACHINES | RECOVERIES)[name]
    return f"arn:aws:states:{region}:{account}:stateMachine:{machine}"


def side_by_side(*jobs):
    """Runs the jobs at the same time and returns their results in order."""
    with ThreadPoolExecutor(len(jobs)) as pool:
        return [job.result() for job in [pool.submit(job) for job in jobs]]


def launch_keys(aws, **options):
    """Deploys the key stacks, and registers the keys and the accounts that may use them with the simulator."""
    side_by_side(lambda: deploy.launch(aws, SOURCE, "source/key.yaml", **options),
                 lambda: deploy.launch(aws, DESTINATION, "destination/parameters.yaml", **options))
    key = lambda account, region, stack: deploy.outputs(aws, account, region, f"pilot-light-{stack}")["KeyArn"]
    keys = Keys(
        source=key(SOURCE, SOURCE_REGION, "source-key"),
        second=aws.client("kms", SOURCE, SOURCE_REGION).create_key(Description="billing")["KeyMetadata"]["Arn"],
        destination=key(DESTINATION, DESTINATION_REGION, "destination-key"),
        intermediate=key(DESTINATION, SOURCE_REGION, "destination-key-source-region"),
    )
    for arn in (keys.source, keys.second):
        aws.register_key(arn, [SOURCE, DESTINATION])
    for arn in (keys.destination, keys.intermediate):
        aws.register_key(arn, [DESTINATION])
    return keys


def launch_all(aws, **options):
    """`sceptre launch source -y` and `sceptre launch destination -y`. Returns {stack: True if it changed}."""
    source, destination = side_by_side(
        lambda: deploy.launch(aws, SOURCE, "source", **options),
        lambda: deploy.launch(aws, DESTINATION, "destination", **options))
    return source | destination


def create_database(aws, name, key=None, encrypted=True):
    """Creates a small PostgreSQL in the source account. Encryption without a key uses the default key, aws/rds."""
    extra = {"KmsKeyId": key} if key else {}
    aws.client("rds", SOURCE, SOURCE_REGION).create_db_instance(
        DBInstanceIdentifier=name, Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20,
        MasterUsername="pilot", MasterUserPassword="not-a-secret", StorageEncrypted=encrypted, **extra)


def snapshots(aws, account, region):
    """The account's own manual snapshots of a Region."""
    pages = aws.client("rds", account, region).get_paginator("describe_db_snapshots").paginate(SnapshotType="manual")
    return [snapshot for page in pages for snapshot in page["DBSnapshots"]]


def points(aws, database):
    """The available (source snapshots, destination copies) of one database."""
    return tuple(
        [s for s in snapshots(aws, account, region) if s["DBInstanceIdentifier"] == database and s["Status"] == "available"]
        for account, region in PLACES)


def subscribe_queue(aws, account, region, group):
    """Subscribes a queue to the account's topics, as a person on call might, and returns its URL. Version 0.1.0 has one topic."""
    sqs = aws.client("sqs", account, region)
    url = sqs.create_queue(QueueName="on-call")["QueueUrl"]
    outputs = deploy.outputs(aws, account, region, f"pilot-light-{group}-notifications")
    for topic in (outputs[name] for name in ("TopicArn", "InformTopicArn") if name in outputs):
        aws.client("sns", account, region).subscribe(
            TopicArn=topic, Protocol="sqs", Endpoint=f"arn:aws:sqs:{region}:{account}:on-call")
    return url
