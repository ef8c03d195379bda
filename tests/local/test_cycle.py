"""The whole cycle on the local AWS: stacks of sceptre, real state machines, and the workers' own binaries as functions.

The tests start the runs by hand, so that each test sees the result of its own runs. One schedule of a minute shows that schedules work.
"""

import json

import deployed_roles
import pytest
from local import estate, report, zips
from local.aws import LocalAws
from local.watch import Watch
from pilot_light_sceptre.target import target_folder
from recording_proxy import RecordingProxy
from tests.contract.checks.files import SCEPTRE, template
from tests.contract.checks.insights import answer
from tests.contract.checks.messages import commands
from tests.contract.checks.messages import findings as unusable

SLOW = "rate(1 hour)"
SOURCE = {"BackupSchedule": SLOW, "ShareSchedule": SLOW, "DeleteSchedule": SLOW}
DESTINATION = {"CopySchedule": SLOW, "DeleteSchedule": "rate(1 minute)"}


class Cycle:
    """The deployed accounts, and the options of every launch."""

    def __init__(self, aws, folder):
        self.aws = aws
        self.folder = folder
        self.watch = Watch(aws)

    def options(self):
        """A var file with the slow schedules."""
        path = self.folder / "vars.yaml"
        path.write_text(json.dumps({"source": SOURCE, "destination": DESTINATION}))
        return {"more": [path]}

    def world(self):
        world = self.aws.admin("world")
        return {key: value for key, value in world.items() if key != "now"}


@pytest.fixture(scope="module")
def cycle(tmp_path_factory):
    zips.zip_workers()
    with RecordingProxy() as proxy, LocalAws(
            estate.PLACES, logs=target_folder() / "test-local", snapshot="1..2", copy="1..2", env=proxy.env()) as aws:
        proxy.target = aws.url
        cycle = Cycle(aws, tmp_path_factory.mktemp("cycle"))
        cycle.proxy = proxy
        cycle.keys = estate.launch_keys(aws, **cycle.options())
        estate.create_database(aws, "orders", cycle.keys.source)
        estate.create_database(aws, "billing", cycle.keys.second)
        estate.create_database(aws, "ledger")
        estate.create_database(aws, "scratch", cycle.keys.source)
        estate.launch_all(aws, **cycle.options())
        cycle.queue = estate.subscribe_queue(aws, estate.DESTINATION, estate.DESTINATION_REGION, "destination")
        cycle.source_queue = estate.subscribe_queue(aws, estate.SOURCE, estate.SOURCE_REGION, "source")
        rds = aws.client("rds", estate.SOURCE, estate.SOURCE_REGION)
        cycle.watch.until("the databases", lambda: {"available"} == {
            instance["DBInstanceStatus"] for instance in rds.describe_db_instances()["DBInstances"]}, 30)
        yield cycle


def test_a_dry_run_plans_and_writes_nothing(cycle):
    before = cycle.world()
    for name in estate.MACHINES:
        execution = cycle.watch.run(name, event={"dry_run": True})
        assert (execution.status, execution.report["dry_run"], execution.report["acted"]) == ("SUCCEEDED", True, {}), name
    assert cycle.watch.of("take")[0].report["planned"] == 3
    assert cycle.world() == before


def test_recovery_points_reach_the_destination_under_its_key(cycle):
    run(cycle, "take")
    cycle.watch.until("snapshots", lambda: all(estate.points(cycle.aws, name)[0] for name in ("orders", "billing", "ledger")), 30)
    run(cycle, "share")
    run(cycle, "copy")
    copies = lambda: [estate.points(cycle.aws, name)[1] for name in ("orders", "billing")]
    cycle.watch.until("copies", lambda: all(copies()), 30)
    for (copy,) in copies():
        assert copy["KmsKeyId"] == cycle.keys.destination
        assert copy["DBSnapshotArn"].startswith(f"arn:aws:rds:{estate.DESTINATION_REGION}:{estate.DESTINATION}:snapshot:")


def test_a_database_with_the_default_key_is_reported_and_not_copied(cycle):
    assert report.blockers(cycle.watch).keys() == {"ledger"}
    assert estate.points(cycle.aws, "ledger")[1] == []
    sqs = cycle.aws.client("sqs", estate.SOURCE, estate.SOURCE_REGION)
    messages = []

    def alarms():
        messages.extend(map(report.alarm_of, received(sqs, cycle.source_queue)))
        return {(alarm.get("AlarmName"), alarm.get("NewStateValue")) for alarm in messages}

    cycle.watch.until("the alarm", lambda: ("pilot-light-source-share-blocked", "ALARM") in alarms(), 20)
    alarm = next(alarm for alarm in messages if alarm.get("AlarmName") == "pilot-light-source-share-blocked")
    assert list(unusable(alarm["AlarmDescription"])) == []


def test_the_age_is_measured_against_the_target(cycle):
    cloudwatch = cycle.aws.client("cloudwatch", estate.DESTINATION, estate.DESTINATION_REGION)
    state = lambda: cloudwatch.describe_alarms(AlarmNames=["pilot-light-destination-copy-rpo"])["MetricAlarms"][0]
    run(cycle, "copy")
    cycle.watch.until("the age", lambda: state()["StateValue"] == "OK", 10)
    # RpoTarget is one hour. Four minutes are left for the duration of a snapshot.
    assert (state()["Threshold"], state()["Period"]) == (3360, 3 * 3600)
    # A worse age than any age in this test, as a run would publish it.
    cloudwatch.put_metric_data(Namespace="PilotLight", MetricData=[{"MetricName": "OldestRecoveryPointAge", "Value": 3361, "Unit": "Seconds"}])
    cycle.watch.until("the alarm", lambda: state()["StateValue"] == "ALARM", 10)


def test_a_database_that_the_pattern_leaves_out_is_left_alone(cycle):
    assert estate.points(cycle.aws, "scratch") == ([], [])


def test_a_second_run_finds_nothing_to_do(cycle):
    run(cycle, "share")
    run(cycle, "copy")
    before = cycle.world()
    assert run(cycle, "share").report["acted"] == {}
    assert run(cycle, "copy").report["acted"] == {}
    assert cycle.world() == before


def test_a_disabled_key_fails_the_copy_and_the_alarm_arrives(cycle):
    cycle.aws.set_key_enabled(cycle.keys.destination, False)
    cycle.watch.until("the next slot", lambda: "take" in run(cycle, "take").report["acted"], 75)
    cycle.watch.until("a snapshot", lambda: len(estate.points(cycle.aws, "orders")[0]) >= 2, 30)
    run(cycle, "share")
    failed = cycle.watch.run("copy")
    assert (failed.status, failed.error) == ("FAILED", "AccessDenied")
    sqs = cycle.aws.client("sqs", estate.DESTINATION, estate.DESTINATION_REGION)
    messages = []

    def both_arrived():
        messages.extend(received(sqs, cycle.queue))
        alarms = {(alarm["AlarmName"], alarm["NewStateValue"]) for alarm in map(report.alarm_of, messages) if alarm}
        notices = [message for message in messages if "destination-copy failed" in message["Subject"]]
        return ("pilot-light-destination-copy-failed", "ALARM") in alarms and notices and "AccessDenied" in notices[0]["Message"]

    cycle.watch.until("the alarm and the message", both_arrived, 30)
    (notice, *_) = [message["Message"] for message in messages if "destination-copy failed" in message["Subject"]]
    *_, start = commands(notice)
    assert json.loads(start[start.index("--input") + 1]) == {"dry_run": True}
    assert list(unusable(notice)) == []
    assert (cycle.aws.step_functions.problem, cycle.aws.cloudwatch.problem) == (None, None)


def test_the_schedule_starts_runs_by_itself(cycle):
    cycle.watch.until("a scheduled run", lambda: cycle.aws.step_functions.count("pilot-light-destination-delete", "SUCCEEDED") >= 2, 90)


def test_every_request_of_every_worker_is_allowed_by_its_deployed_role(cycle):
    requests, roles = deployed_roles.recorded(cycle.aws, cycle.proxy), deployed_roles.granted(cycle.aws, estate.PLACES)
    assert {worker for worker, _ in requests} == {"source-take", "source-share", "source-delete", "destination-copy", "destination-delete"}
    assert list(deployed_roles.findings(requests, roles)) == []
    for action in ("rds:CopyDBSnapshot", "kms:CreateGrant", "rds:ModifyDBSnapshotAttribute", "kms:DescribeKey",
                   "ssm:GetParametersByPath", "cloudwatch:PutMetricData"):
        assert any(f"may not {action}" in finding for finding in deployed_roles.findings(requests, deployed_roles.without(roles, action)))


def test_the_saved_queries_find_their_answers_in_the_logs(cycle):
    """The local AWS has no saved queries. So the test evaluates them over the real log lines of the runs above."""
    reasons = {row["entry.subject"].split("/")[-1]: row["entry.what"] for row in rows_of(cycle, "LeftAlone")}
    assert reasons["scratch"] == "NotSelected"
    assert any(row["entry.what"] == "DefaultKey" and "ledger" in row["entry.subject"] for row in rows_of(cycle, "Blocked"))
    assert {"take", "share", "copy"} <= {row["entry.what"] for row in rows_of(cycle, "Done")}
    assert {row["line.report.worker"] for row in rows_of(cycle, "Passes")} >= {"source-take", "source-share", "destination-copy"}
    assert "AccessDenied" in {row["error"] for row in rows_of(cycle, "Errors")}
    found = [row for name in ("LeftAlone", "Blocked", "Done", "Errors") for row in rows_of(cycle, name)]
    assert [row for row in found if None in row.values()] == []


def rows_of(cycle, name):
    """The rows of a saved query over all workers' logs."""
    query = template(SCEPTRE / "templates" / "queries.yaml")["Resources"][name]["Properties"]["QueryString"]
    lines = []
    for account, region in estate.PLACES:
        logs = cycle.aws.client("logs", account, region)
        for group in logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/pilot-light-")["logGroups"]:
            events = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            lines += [event["message"] for page in events for event in page["events"]]
    return answer(query, lines)


def received(sqs, queue):
    """The SNS messages in a queue. They are removed from the queue."""
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def run(cycle, name):
    execution = cycle.watch.run(name)
    assert execution.status == "SUCCEEDED", f"{name}: {execution.error}: {execution.cause}"
    return execution
