"""The simulator as a separate process, with boto3 clients of any account and its admin interface."""

import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config
from pilot_light_sceptre.target import target_folder

OWN, OTHER, THIRD = "111111111111", "222222222222", "333333333333"
EAST, WEST = "us-east-1", "us-west-2"
ROOT = Path(__file__).resolve().parents[2]


class Simulator:
    """The admin interface, and clients of any account."""

    def __init__(self, url):
        self.url = url
        self.clients = {}

    def client(self, account=OWN, region=EAST, service="rds"):
        # The creation of a client takes longer than all calls of a test.
        key = (account, region, service)
        if key not in self.clients:
            self.clients[key] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=region,
                aws_access_key_id=account,
                aws_secret_access_key="test",
                config=Config(retries={"total_max_attempts": 1}),
            )
        return self.clients[key]

    def admin(self, path, body=None):
        """Calls the admin interface. Returns (status, JSON)."""
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(f"{self.url}/_simulator/{path}", data=data) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.load(refusal)

    def settings(self, **changes):
        status, _ = self.admin("settings", changes)
        assert status == 200

    def key(self, name, account=OWN, region=EAST, users=()):
        arn = f"arn:aws:kms:{region}:{account}:key/{name}"
        assert self.admin("keys", {"arn": arn, "users": list(users)}) == (200, {})
        return arn

    def database(self, name="orders", account=OWN, region=EAST, **options):
        given = {
            "Engine": "postgres",
            "DBInstanceClass": "db.t3.medium",
            "AllocatedStorage": 20,
            "MasterUsername": "pilot",
            "MasterUserPassword": "not-a-secret",
            "BackupRetentionPeriod": 0,
            **options,
        }
        return self.client(account, region).create_db_instance(DBInstanceIdentifier=name, **given)[
            "DBInstance"
        ]

    def snapshot(self, name="a", database="orders", account=OWN, region=EAST, **options):
        rds = self.client(account, region)
        given = {"DBSnapshotIdentifier": name, "DBInstanceIdentifier": database, **options}
        return rds.create_db_snapshot(**given)["DBSnapshot"]["DBSnapshotArn"]

    def share(self, name, *accounts):
        self.client().modify_db_snapshot_attribute(
            DBSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=list(accounts)
        )


def binary():
    given = os.environ.get("PILOT_LIGHT_SIMULATOR")
    return Path(given) if given else target_folder() / "debug" / "pilot-light-simulator"


def serve(*options):
    """Starts a simulator on a free port. The caller stops it."""
    command = [str(binary()), "serve", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline()
    assert line.startswith("listening on http://127.0.0.1:"), line
    return process, line.split()[-1]
