"""Two accounts of AWS in two Regions: clients, unique names, databases and snapshots, and waiting for them.

The sub-classes in `simulated` and `real` say where the accounts are and how time passes. Everything here uses AWS's own calls only.
"""

import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

# The longest waiting time for anything: restores of small databases take 10 to 30 minutes, copies across Regions sometimes longer.
PATIENCE = timedelta(hours=2)


@dataclass
class Accounts:
    """The accounts `source` and `destination`, each in the Regions `near` and `far`."""

    source: str
    destination: str
    near: str = "us-east-1"
    far: str = "us-west-2"
    prefix: str = field(default_factory=lambda: f"plr-{uuid.uuid4().hex[:8]}")
    numbers: int = 0
    made: dict = field(default_factory=dict)

    def client(self, account=None, region=None, service="rds"):
        """A client of an account (the source) in a Region (the near one). The sub-class makes it."""
        raise NotImplementedError

    def let_time_pass(self):
        """Waits a little, in the time of these accounts."""
        raise NotImplementedError

    def time_passed(self):
        """The time in these accounts, as a monotonic `timedelta`."""
        raise NotImplementedError

    def key(self, account=None, region=None, users=()):
        """The ARN of a new customer key that `users` (accounts) may use too."""
        raise NotImplementedError

    def name(self, stem="x"):
        """A name that nobody else uses, and that the removal recognises."""
        self.numbers += 1
        return f"{self.prefix}-{stem}-{self.numbers}"

    def until(self, ready, patience=PATIENCE):
        """Waits until `ready()` gives something true, and returns it."""
        begun = self.time_passed()
        while not (found := ready()):
            assert self.time_passed() - begun < patience, f"{ready} was not true after {patience}"
            self.let_time_pass()
        return found

    def instance(self, name, account=None, region=None):
        """DescribeDBInstances of one instance; None if it does not exist."""
        with absent("DBInstanceNotFound"):
            return self.client(account, region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    def available_instance(self, name, account=None, region=None):
        """Waits until an instance is available and not about to change."""
        return self.until(lambda: settled(self.instance(name, account, region)))

    def own_database(self, account=None, region=None, name=None, **options):
        """The name of a new, available instance for this test alone."""
        given = {
            "DBInstanceIdentifier": name or self.name("db"), "Engine": "postgres", "DBInstanceClass": "db.t3.medium",
            "AllocatedStorage": 20, "MasterUsername": "pilot", "MasterUserPassword": uuid.uuid4().hex,
            "BackupRetentionPeriod": 0, "PubliclyAccessible": False, **options,
        }  # fmt: skip
        self.client(account, region).create_db_instance(**given)
        return self.available_instance(given["DBInstanceIdentifier"], account, region)["DBInstanceIdentifier"]

    def database(self, account=None, region=None, **options):
        """The name of an available instance that all tests of a process share. It is never changed."""
        made = ("database", account, region, repr(sorted(options.items())))
        if made not in self.made:
            self.made[made] = self.own_database(account, region, **options)
        self.available_instance(self.made[made], account, region)
        return self.made[made]

    def snapshot(self, database=None, account=None, region=None, **options):
        """The description of a new, available snapshot of `database` (or of the shared one)."""
        database = database or self.database(account, region)
        self.available_instance(database, account, region)
        given = {"DBSnapshotIdentifier": self.name("snapshot"), "DBInstanceIdentifier": database, **options}
        self.client(account, region).create_db_snapshot(**given)
        return self.available_snapshot(given["DBSnapshotIdentifier"], account, region)

    def one_snapshot(self, **options):
        """An available snapshot that all tests of a process share. It is neither shared, tagged nor deleted."""
        made = ("snapshot", repr(sorted(options.items())))
        if made not in self.made:
            self.made[made] = self.snapshot(self.database(**options))
        return self.made[made]

    def described(self, name, account=None, region=None):
        """DescribeDBSnapshots of one snapshot; None if it does not exist."""
        with absent("DBSnapshotNotFound"):
            return self.client(account, region).describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]

    def available_snapshot(self, name, account=None, region=None):
        """Waits until a snapshot is available."""

        def ready():
            found = self.described(name, account, region)
            assert found and found["Status"] != "failed", found
            return found if found["Status"] == "available" else None

        return self.until(ready)

    def share(self, snapshot, account=None):
        """Shares a snapshot of the source with an account (the destination)."""
        self.client().modify_db_snapshot_attribute(
            DBSnapshotIdentifier=snapshot["DBSnapshotIdentifier"], AttributeName="restore", ValuesToAdd=[account or self.destination]
        )

    def copy(self, snapshot, account=None, region=None, **options):
        """CopyDBSnapshot of a snapshot of the source in the near Region. Returns the answer: the copy, not finished."""
        given = {
            "SourceDBSnapshotIdentifier": snapshot["DBSnapshotArn"], "TargetDBSnapshotIdentifier": self.name("copy"),
            **({"SourceRegion": self.near} if (region or self.near) != self.near else {}), **options,
        }  # fmt: skip
        return self.client(account, region).copy_db_snapshot(**given)["DBSnapshot"]

    def finished_copy(self, snapshot, account=None, region=None, **options):
        """The description of a finished copy."""
        return self.available_snapshot(self.copy(snapshot, account, region, **options)["DBSnapshotIdentifier"], account, region)


def settled(instance):
    """The instance if it is available and nothing is pending, else None."""
    return instance if instance and instance["DBInstanceStatus"] == "available" and not instance.get("PendingModifiedValues") else None


@contextmanager
def absent(code):
    """Lets an error that says "there is none" pass."""
    try:
        yield
    except ClientError as refusal:
        if refusal.response["Error"]["Code"] != code:
            raise


def refusal(call, **given):
    """AWS's code and message for a call that must be refused."""
    with pytest.raises(ClientError) as caught:
        call(**given)
    return caught.value.response["Error"]["Code"], caught.value.response["Error"]["Message"]


def code(call, **given):
    """AWS's code for a call that must be refused."""
    return refusal(call, **given)[0]
