"""The stand-ins of the local run evaluate alarms and create events as AWS does."""

import json
from types import SimpleNamespace

import boto3
import pytest
from local.stand_ins import cloudtrail, step_functions
from local.stand_ins.cloudwatch import judged, state
from tests.contract.checks.alarms import with_values
from tests.contract.checks.files import SCEPTRE, template

ALARM = {"Period": 60, "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 1, "Statistic": "Sum", "StateValue": "OK",
         "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching"}
SILENCE = ALARM | {"EvaluationPeriods": 3, "DatapointsToAlarm": 3, "ComparisonOperator": "LessThanThreshold", "TreatMissingData": "breaching"}
NOW = 1000


@pytest.mark.parametrize("alarm,points,expected", [
    (ALARM, [(NOW - 1, 1)], "ALARM"),
    # With nothing newer, CloudWatch evaluates the newest of the periods that it reads.
    (ALARM, [(NOW - 180, 1)], "ALARM"),
    (ALARM, [(NOW - 181, 1)], "OK"),
    (ALARM, [(NOW - 61, 1), (NOW - 1, 0)], "OK"),
    (ALARM, [], "OK"),
    (ALARM | {"TreatMissingData": "missing"}, [], "INSUFFICIENT_DATA"),
    (ALARM | {"TreatMissingData": "ignore", "StateValue": "ALARM"}, [], "ALARM"),
    (ALARM | {"Threshold": 3}, [(NOW - 1, 1), (NOW - 2, 1)], "OK"),
    (ALARM | {"Threshold": 3}, [(NOW - 1, 1), (NOW - 2, 1), (NOW - 3, 1)], "ALARM"),
    (ALARM | {"Threshold": 80, "Statistic": "Maximum", "ComparisonOperator": "GreaterThanThreshold"}, [(NOW - 1, 80)], "OK"),
    (ALARM | {"EvaluationPeriods": 3}, [(NOW - 150, 1), (NOW - 1, 0)], "ALARM"),
    (SILENCE, [], "ALARM"),
    (SILENCE, [(NOW - 300, 1)], "OK"),
    (SILENCE, [(NOW - 301, 1)], "ALARM"),
])
def test_the_state_of_an_alarm_follows_from_its_metric(alarm, points, expected):
    assert state(alarm, points, NOW) == expected


# Both tables of "Configuring how CloudWatch alarms treat missing data" in the CloudWatch user guide: the data of five periods, the newest last
# (0: within the threshold, X: breach, -: missing), and the states for missing, ignore, breaching and notBreaching. "(as before)" is the
# state that the alarm had.
TABLES = {
    (3, 3): """
        0 - X - X  OK                 OK           OK     OK
        0 - - - -  OK                 OK           OK     OK
        - - - - -  INSUFFICIENT_DATA  (as before)  ALARM  OK
        0 X X - X  ALARM              ALARM        ALARM  ALARM
        - - X - -  ALARM              (as before)  ALARM  OK
    """,
    (2, 3): """
        0 - X - X  ALARM              ALARM        ALARM  ALARM
        0 0 X 0 X  ALARM              ALARM        ALARM  ALARM
        0 - X - -  OK                 OK           ALARM  OK
        - - - - 0  OK                 OK           ALARM  OK
        - - - X -  ALARM              (as before)  ALARM  OK
    """,
}
# The text below the tables: too few breaches, and none of them old enough.
PREMATURE = {(3, 3): """
        - - - - X  INSUFFICIENT_DATA  (as before)  ALARM  OK
        - - - X -  INSUFFICIENT_DATA  (as before)  ALARM  OK
    """}


def cells(tables):
    """(data points to alarm, evaluation periods, data, treatment of missing data, state) of each cell."""
    for (wanted, evaluated), rows in tables.items():
        for row in rows.strip().splitlines():
            data, states = row.split()[:5], row.replace("(as before)", "before").split()[5:]
            for missing, expected in zip(("missing", "ignore", "breaching", "notBreaching"), states, strict=True):
                yield wanted, evaluated, "".join(data), missing, expected


def test_both_published_tables_have_forty_cells():
    assert len(list(cells(TABLES))) == 40


@pytest.mark.parametrize("before", ["OK", "ALARM", "INSUFFICIENT_DATA"])
@pytest.mark.parametrize("wanted,evaluated,data,missing,expected", [*cells(TABLES), *cells(PREMATURE)])
def test_missing_data_is_treated_as_in_the_published_tables(wanted, evaluated, data, missing, expected, before):
    alarm = ALARM | {"EvaluationPeriods": evaluated, "DatapointsToAlarm": wanted, "TreatMissingData": missing, "StateValue": before}
    expected = before if expected == "before" else expected
    assert judged(alarm, [{"0": False, "X": True, "-": None}[point] for point in data]) == expected
    points = [(NOW - 60 * age, point == "X") for age, point in zip((5, 4, 3, 2, 1), data) if point != "-"]
    assert state(alarm, points, NOW) == expected


def silence_alarms(period=300, periods=3):
    """The shipped alarms on silence, as they are deployed for runs every five minutes."""
    for name in ("worker-alarms", "recover-worker-alarms"):
        shipped = template(SCEPTRE / "templates" / f"{name}.yaml")["Resources"]["SilenceAlarm"]["Properties"]
        yield with_values(shipped, {"SilencePeriod": period, "SilencePeriods": periods}) | {"StateValue": "OK"}


def minute_of_alarm(alarm, last_run=0):
    """The minute after the last success in which the alarm is raised. Before that, a run succeeds every 5 minutes."""
    points = [(last_run - 300 * before, 1) for before in range(12)]
    return next(minute for minute in range(1, 60) if state(alarm, points, last_run + 60 * minute + 1) == "ALARM")


@pytest.mark.parametrize("alarm", [*silence_alarms()], ids=["worker", "drill"])
def test_the_shipped_alarms_report_silence_after_fifteen_minutes(alarm):
    assert minute_of_alarm(alarm) == 15


@pytest.mark.parametrize("alarm", [*silence_alarms()], ids=["worker", "drill"])
def test_the_same_alarms_without_fill_would_report_silence_after_25_minutes(alarm):
    metric = alarm["Metrics"][1]["MetricStat"]
    plain = {key: value for key, value in alarm.items() if key != "Metrics"}
    plain |= metric["Metric"] | {"Period": metric["Period"], "Statistic": metric["Stat"]}
    assert minute_of_alarm(plain) == 25


@pytest.mark.parametrize("alarm", [*silence_alarms()], ids=["worker", "drill"])
def test_the_shipped_alarms_on_silence_stay_quiet_if_runs_and_their_data_are_late(alarm):
    # Each run up to a minute late, and the latest minutes not yet in CloudWatch.
    points = [(300 * number + late % 60, 1) for number, late in enumerate(range(0, 60 * 17, 17))]
    for now in range(1200, 300 * len(points), 60):
        assert state(alarm, [point for point in points if point[0] < now - 180], now) == "OK"
    assert state(alarm, [], 0) == "ALARM"


def test_an_alarm_on_other_metric_math_is_an_error():
    alarm = next(silence_alarms())
    alarm["Metrics"][0]["Expression"] = "RATE(succeeded)"
    with pytest.raises(ValueError, match=r"knows only FILL\(metric, number\), and the expression is RATE\(succeeded\)"):
        state(alarm, [], NOW)


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


class DeletedMachine:
    """Clients of a Region in which a state machine and its executions were deleted while one of them ran."""

    def __init__(self):
        self.exceptions = boto3.client("stepfunctions", "us-east-1").exceptions
        self.queued = []

    def client(self, *_):
        return self

    def create_queue(self, **_):
        return {"QueueUrl": "any"}

    def receive_message(self, **_):
        return {"Messages": [{"Body": json.dumps({"detail": detail}), "ReceiptHandle": "any"} for detail in self.queued]}

    def describe_state_machine(self, **_):
        return {"definition": json.dumps({"TimeoutSeconds": -1})}

    def get_execution_history(self, **_):
        raise self.exceptions.ExecutionDoesNotExist({"Error": {"Code": "ExecutionDoesNotExist"}}, "GetExecutionHistory")

    def __getattr__(self, _):
        return lambda **_: {}


@pytest.mark.parametrize("ends", [True, False])
def test_an_execution_that_was_deleted_with_its_machine_is_forgotten(ends):
    aws, counted = DeletedMachine(), []
    place = step_functions.Place(aws, SimpleNamespace(add=lambda *ended: counted.append(ended)), "111111111111", "us-east-1")
    started = {"executionArn": "one", "stateMachineArn": "a:machine", "status": "RUNNING", "startDate": 0}
    aws.queued = [started, started | {"status": "FAILED"}] if ends else [started]
    place.look()
    assert (place.running, counted) == ({}, [("machine", "FAILED")] if ends else [])
