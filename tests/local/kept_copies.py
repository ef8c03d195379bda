"""Databases whose snapshots are offered, copied and no longer offered, without any stack: the command line is the copy worker.

The parameters are in SSM, as a launch would write them. The judgement is left to the tests.
"""

import contextlib

from local import estate, recovery
from local.aws import LocalAws
from pilot_light_sceptre.target import target_folder

TOOL = "Snapshot Tool for RDS"
THERE = (estate.SOURCE, estate.SOURCE_REGION)
HERE = (estate.DESTINATION, estate.DESTINATION_REGION)
PARAMETERS = {
    HERE: {"SourceAccounts": estate.SOURCE, "SourceRegionOverride": estate.SOURCE_REGION, "RetentionDays": "7d"},
    THERE: {"DestinationAccount": estate.DESTINATION, "DestinationRegion": estate.DESTINATION_REGION},
}


@contextlib.contextmanager
def started(name):
    """The local AWS with the parameters of both accounts, and nothing else."""
    with LocalAws([], logs=target_folder() / name, snapshot="0", copy="0", instance="0", lag=0) as aws:
        for place, values in PARAMETERS.items():
            side = "destination" if place == HERE else "source"
            for parameter, value in values.items():
                aws.client("ssm", *place).put_parameter(Name=f"/pilot-light/{side}/{parameter}", Value=value, Type="String")
        yield aws


class Copies:
    """The databases of the source account, and their copies in the destination account, in an empty world."""

    def __init__(self, aws):
        self.aws = aws
        aws.admin("reset", {})
        self.source, self.destination = (aws.client("rds", *place) for place in (THERE, HERE))

    def offer(self, *names, minute=30):
        """Takes and shares a snapshot of each database, which it creates if necessary."""
        known = {found["DBInstanceIdentifier"] for found in self.source.describe_db_instances()["DBInstances"]}
        for name in names:
            if name not in known:
                estate.create_database(self.aws, name, encrypted=False)
            tags = [{"Key": "CreatedBy", "Value": TOOL}]
            self.source.create_db_snapshot(DBSnapshotIdentifier=snapshot_of(name, minute), DBInstanceIdentifier=name, Tags=tags)
            self.share(name, minute, "ValuesToAdd")

    def share(self, name, minute, change):
        self.source.modify_db_snapshot_attribute(
            DBSnapshotIdentifier=snapshot_of(name, minute), AttributeName="restore", **{change: [estate.DESTINATION]})

    def protect(self, *names, minute=30):
        """Offers a snapshot of each database and copies it."""
        self.offer(*names, minute=minute)
        recovery.pilot_light(self.aws, "run", "destination-copy")

    def leave(self, *names, minutes=(30,)):
        """Protects databases, and then the source account no longer offers anything of them."""
        for minute in minutes:
            self.protect(*names, minute=minute)
        for name in names:
            for minute in minutes:
                self.share(name, minute, "ValuesToRemove")

    def of(self, name):
        """The copies of a database, the newest first."""
        found = self.destination.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        found = [copy for copy in found if copy["DBInstanceIdentifier"] == name]
        return sorted(found, key=lambda copy: copy["OriginalSnapshotCreateTime"], reverse=True)

    def marks(self, name):
        """The values of the tag `Retired` on the copies of a database, the newest first. None for a copy without it."""
        tags = [{tag["Key"]: tag["Value"] for tag in copy["TagList"]} for copy in self.of(name)]
        return [of_copy.get("Retired") for of_copy in tags]


def snapshot_of(name, minute):
    return f"{name}-2026-01-31-23-{minute}"
