"""Two real accounts, named by profiles. Waiting takes real time.

AWS_RULES_SOURCE and AWS_RULES_DESTINATION are profiles of two accounts that hold nothing of value.
AWS_RULES_NEAR and AWS_RULES_FAR are Regions with a default VPC (us-east-1 and us-west-2 unless given).
"""

import json
import os
import time
from dataclasses import dataclass, field
from datetime import timedelta

import boto3
from accounts import Accounts
from botocore.config import Config

# Between two looks: RDS throttles by account, and nothing that a rule waits for takes less than a minute.
STEP = timedelta(seconds=15)
CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 8})


@dataclass
class RealAccounts(Accounts):
    """Real accounts."""

    sessions: dict = field(default_factory=dict)
    clients: dict = field(default_factory=dict)

    def client(self, account=None, region=None, service="rds"):
        key = (account or self.source, region or self.near, service)
        if key not in self.clients:
            self.clients[key] = self.sessions[key[0]].client(service, region_name=key[1], config=CONFIG)
        return self.clients[key]

    def let_time_pass(self, wait=STEP):
        time.sleep(wait.total_seconds())

    def time_passed(self):
        return timedelta(seconds=time.monotonic())

    def key(self, account=None, region=None, users=()):
        account, region = account or self.source, region or self.near
        partition = self.sessions[account].get_partition_for_region(region)
        root = [f"arn:{partition}:iam::{who}:root" for who in [account, *users]]
        statement = {"Sid": "Use", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        made = self.client(account, region, "kms").create_key(Description=self.name("key"), Policy=policy)
        return made["KeyMetadata"]["Arn"]


def connected():
    """The accounts of both profiles."""
    sessions = {}
    for name in ("AWS_RULES_SOURCE", "AWS_RULES_DESTINATION"):
        session = boto3.Session(profile_name=os.environ[name])
        account = session.client("sts", region_name=os.environ.get("AWS_RULES_NEAR", "us-east-1")).get_caller_identity()["Account"]
        sessions[account] = session
    assert len(sessions) == 2, "AWS_RULES_SOURCE and AWS_RULES_DESTINATION must be profiles of two accounts"
    regions = {name.lower(): os.environ[f"AWS_RULES_{name}"] for name in ("NEAR", "FAR") if f"AWS_RULES_{name}" in os.environ}
    return RealAccounts(*sessions, sessions=sessions, **regions)
