"""The stand-ins of the local run evaluate alarms and create events as AWS does."""

import json

import pytest
from local.stand_ins import cloudtrail
from local.stand_ins.cloudwatch import state

ALARM = {"Period": 60, "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 1, "Statistic": "Sum", "StateValue": "OK",
         "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching"}
SILENCE = ALARM | {"EvaluationPeriods": 3, "DatapointsToAlarm": 3, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"}
NOW = 1000


@pytest.mark.parametrize("alarm,points,expected", [
    (ALARM, [(NOW - 1, 1)], "ALARM"),
    (ALARM, [(NOW - 60, 1)], "ALARM"),
    (ALARM, [(NOW - 61, 1)], "OK"),
    (ALARM, [], "OK"),
    (ALARM | {"TreatMissingData": "missing"}, [], "INSUFFICIENT_DATA"),
    (ALARM | {"TreatMissingData": "ignore", "StateValue": "ALARM"}, [], "ALARM"),
    (ALARM | {"Threshold": 3}, [(NOW - 1, 1), (NOW - 2, 1)], "OK"),
    (ALARM | {"Threshold": 3}, [(NOW - 1, 1), (NOW - 2, 1), (NOW - 3, 1)], "ALARM"),
    (ALARM | {"Threshold": 80, "Statistic": "Maximum", "ComparisonOperator": "GreaterThanThreshold"}, [(NOW - 1, 80)], "OK"),
    (ALARM | {"EvaluationPeriods": 3}, [(NOW - 150, 1), (NOW - 1, 0)], "ALARM"),
    (SILENCE, [], "ALARM"),
    (SILENCE, [(NOW - 179, 1)], "OK"),
    (SILENCE, [(NOW - 181, 1)], "ALARM"),
])
def test_the_state_of_an_alarm_follows_from_its_metric(alarm, points, expected):
    assert state(alarm, points, NOW) == expected


BEFORE = ("Enabled", "policy", True)


@pytest.mark.parametrize("after,calls", [
    (BEFORE, []),
    (("Disabled", "policy", True), ["DisableKey"]),
    (("PendingDeletion", None, None), ["ScheduleKeyDeletion"]),
    (("Enabled", "another", True), ["PutKeyPolicy"]),
    (("Enabled", "policy", False), ["DisableKeyRotation"]),
    (("Disabled", "another", False), ["DisableKey", "PutKeyPolicy", "DisableKeyRotation"]),
])
def test_the_api_calls_are_inferred_from_the_changes_of_a_key(after, calls):
    assert list(cloudtrail.calls(BEFORE, after)) == calls


def test_undoing_an_attack_is_not_reported_as_an_attack():
    assert list(cloudtrail.calls(("Disabled", "policy", False), BEFORE)) == []


def test_an_event_names_the_key_as_cloudtrail_does():
    arn = "arn:aws:kms:us-east-1:222222222222:key/1234"
    detail = json.loads(cloudtrail.call_event(arn, "ScheduleKeyDeletion")["Detail"])
    assert (detail["awsRegion"], detail["requestParameters"], detail["resources"][0]["ARN"]) == (
        "us-east-1", {"keyId": "1234", "pendingWindowInDays": 7}, arn)
