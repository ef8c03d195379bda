"""The promises of docs/migration.md: snapshots of older tools are adopted, as `pilot-light plan` shows before a worker is deployed.

Only keys and parameters are launched, as the page describes first. The command line runs the workers, with each account's credentials.
"""

import datetime
import json

import pytest
from local import estate, recovery
from local.aws import LocalAws
from pilot_light_sceptre.target import target_folder
from tests.local.regions import until

TOOL = "Snapshot Tool for RDS"
# One interval lasts longer than the test, at any time of day.
VALUES = {"source": {"BackupInterval": "3650d"}, "destination": {"RetentionDays": "7"}}
PLACES = {"source": estate.PLACES[0], "destination": estate.PLACES[1]}


class Older:
    """Both accounts with the snapshots of older tools."""

    def __init__(self, aws, folder):
        self.aws = aws
        variables = folder / "vars.json"
        variables.write_text(json.dumps(VALUES))
        self.keys = estate.launch_keys(aws, more=[variables])

    def rds(self, place):
        return self.aws.client("rds", *place)

    def run_of(self, worker, verb="plan"):
        """The report of one run. It changes nothing unless the verb is `run`."""
        return json.loads(recovery.pilot_light(self.aws, verb, worker, "--output", "json", place=PLACES[worker.split("-")[0]]))

    def take(self, database, name, **tags):
        self.rds(estate.PLACES[0]).create_db_snapshot(DBSnapshotIdentifier=name, DBInstanceIdentifier=database, Tags=pairs(tags))
        self.available(estate.PLACES[0], name)

    def copy(self, place, source, name, key, **tags):
        self.rds(place).copy_db_snapshot(SourceDBSnapshotIdentifier=source, TargetDBSnapshotIdentifier=name, KmsKeyId=key,
                                         SourceRegion=source.split(":")[3], Tags=pairs(tags))
        self.available(place, name)

    def available(self, place, name):
        status = lambda: self.rds(place).describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]["Status"]
        until(name, lambda: status() == "available", 20)

    def tag(self, place, name, **tags):
        self.rds(place).add_tags_to_resource(ResourceName=arn(place, name), Tags=pairs(tags))

    def world(self):
        return {key: value for key, value in self.aws.admin("world").items() if key != "now"}


def arn(place, name):
    account, region = place
    return f"arn:aws:rds:{region}:{account}:snapshot:{name}"


def pairs(tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


NOW = datetime.datetime.now(datetime.timezone.utc)
STAMP = f"{NOW:%Y-%m-%d-%H-%M}"
ONICA = f"lambda-dr-snapshot-orders-{NOW:%Y-%m-%d}"


@pytest.fixture(scope="module")
def older(tmp_path_factory):
    with LocalAws(estate.PLACES, logs=target_folder() / "test-migration", snapshot="0..1", copy="0..1", lag=0) as aws:
        older = Older(aws, tmp_path_factory.mktemp("older"))
        for name in ("orders", "billing"):
            estate.create_database(aws, name, older.keys.source)
        states = lambda: {instance["DBInstanceStatus"] for instance in older.rds(estate.PLACES[0]).describe_db_instances()["DBInstances"]}
        until("the databases", lambda: states() == {"available"}, 20)
        for name in ("orders", "billing"):
            older.take(name, f"{name}-{STAMP}", CreatedBy=TOOL, CreatedOn=STAMP, shareAndCopy="YES")
        # Onica's functions set no tags.
        older.take("orders", ONICA)
        yield older


def test_a_snapshot_of_an_older_tool_counts_and_one_without_tags_does_not(older):
    before = older.world()
    report = older.run_of("source-take")
    assert (report["planned"], report["skipped"]) == (0, {"NotDue": 2})
    assert older.run_of("source-share")["planned"] == 2
    deletion = older.run_of("source-delete")
    assert deletion["planned"] == 0 and deletion["skipped"]["NotOurs"] == 1
    assert older.world() == before


def test_copies_of_an_older_tool_are_recognised_over_one_hop_and_over_two(older):
    assert older.run_of("source-share", "run")["acted"] == {"share": 2}
    assert older.run_of("destination-copy")["planned"] == 2
    source, between, destination = estate.PLACES[0], (estate.DESTINATION, estate.SOURCE_REGION), estate.PLACES[1]
    orders, billing = f"orders-{STAMP}", f"billing-{STAMP}"
    older.copy(destination, arn(source, orders), orders, older.keys.destination, CopiedBy=TOOL)
    older.copy(between, arn(source, billing), billing, older.keys.intermediate, CopiedBy=TOOL)
    older.copy(destination, arn(between, billing), billing, older.keys.destination, CopiedBy=TOOL)
    older.rds(between).delete_db_snapshot(DBSnapshotIdentifier=billing)
    assert older.run_of("destination-copy")["planned"] == 0
    deletion = older.run_of("destination-delete")
    assert (deletion["considered"], deletion["planned"]) == (2, 0)


def test_a_snapshot_without_tags_is_left_alone_until_it_is_tagged(older):
    source, destination = estate.PLACES
    older.rds(source).modify_db_snapshot_attribute(DBSnapshotIdentifier=ONICA, AttributeName="restore", ValuesToAdd=[destination[0]])
    older.copy(destination, arn(source, ONICA), ONICA, older.keys.destination)
    assert older.run_of("destination-delete")["skipped"]["NotOurs"] == 1
    older.tag(destination, ONICA, CopiedBy=TOOL)
    assert "NotOurs" not in older.run_of("destination-delete")["skipped"]
    older.tag(source, ONICA, CreatedBy=TOOL)
    assert "NotOurs" not in older.run_of("source-delete")["skipped"]
