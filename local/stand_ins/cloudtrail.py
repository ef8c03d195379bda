"""The stand-in for CloudTrail: from a key's changes it infers the API calls, and sends the event of each call to the Region's event bus.

It also follows the rules that forward events to another Region, which ministack does not.
"""

import datetime
import json

from .background import Background

CALL = "AWS API Call via CloudTrail"
PAUSE_SECONDS = 0.5


class CloudTrail(Background):
    """One thread for the keys with these ARNs."""

    def __init__(self, aws, arns):
        super().__init__(self.look, pause=PAUSE_SECONDS)
        self.aws = aws
        self.arns = arns
        self.seen = {arn: self.state(arn) for arn in arns}

    def look(self):
        for arn in self.arns:
            found = self.state(arn)
            for call in calls(self.seen[arn], found):
                send(self.aws, *place(arn), call_event(arn, call))
            self.seen[arn] = found

    def state(self, arn):
        """(KeyState, policy, rotation enabled) of a key. For a key that is pending deletion, only the state can be read."""
        kms = self.aws.client("kms", *place(arn))
        state = kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"]
        if state == "PendingDeletion":
            return state, None, None
        return state, kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"], kms.get_key_rotation_status(KeyId=arn)["KeyRotationEnabled"]


def calls(before, after):
    """The API calls that lead from one state of a key to another."""
    if (before[0], after[0]) == ("Enabled", "Disabled"):
        yield "DisableKey"
    if before[0] != after[0] == "PendingDeletion":
        yield "ScheduleKeyDeletion"
        return
    if before[1] != after[1]:
        yield "PutKeyPolicy"
    if before[2] and not after[2]:
        yield "DisableKeyRotation"


def call_event(arn, name):
    """CloudTrail's record of a call, with the fields that rules and texts may use (KMS developer guide, CloudTrail log entries)."""
    account, region = place(arn)
    parameters = {"keyId": arn.rsplit("/", 1)[1]} | ({"pendingWindowInDays": 7} if name == "ScheduleKeyDeletion" else {})
    return {"Source": "aws.kms", "DetailType": CALL, "Resources": [], "Detail": json.dumps({
        "eventSource": "kms.amazonaws.com", "eventName": name, "awsRegion": region, "sourceIPAddress": "192.0.2.1",
        "eventTime": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"), "readOnly": False,
        "userIdentity": {"type": "Root", "arn": f"arn:aws:iam::{account}:root", "accountId": account},
        "requestParameters": parameters, "recipientAccountId": account,
        "resources": [{"ARN": arn, "accountId": account, "type": "AWS::KMS::Key"}]})}


def deletion_event(arn):
    """The event that KMS itself sends when the waiting period is over and the key is deleted."""
    return {"Source": "aws.kms", "DetailType": "KMS CMK Deletion", "Resources": [arn], "Detail": json.dumps({"key-id": arn.rsplit("/", 1)[1]})}


def send(aws, account, region, event):
    """Puts an event on the Region's bus, and on the buses of other Regions to which that bus's rules forward it."""
    events = aws.client("events", account, region)
    events.put_events(Entries=[event])
    whole = json.dumps({"source": event["Source"], "detail-type": event["DetailType"], "resources": event["Resources"], "account": account,
                        "region": region, "id": "1", "time": "2027-01-01T00:00:00Z", "detail": json.loads(event["Detail"])})
    for rule in events.list_rules()["Rules"]:
        if "EventPattern" in rule and events.test_event_pattern(EventPattern=rule["EventPattern"], Event=whole)["Result"]:
            for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
                there = place(target["Arn"])
                if ":event-bus/" in target["Arn"] and there != (account, region):
                    aws.client("events", *there).put_events(Entries=[event])


def place(arn):
    """(account, Region) of an ARN."""
    _, _, _, region, account, _ = arn.split(":", 5)
    return account, region
