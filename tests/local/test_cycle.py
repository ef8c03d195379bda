"""The whole cycle on the local AWS: deployed by sceptre, run by state machines, our own binaries as functions.

The passes are started by hand, so that each test sees what it did; one schedule stays at a minute to show that it fires.
"""

import json

import pytest
from local import deploy, estate, report, zips
from local.aws import ROOT, LocalAws
from local.watch import Watch
from tests.contract.files import SCEPTRE, template
from tests.contract.insights import answer
from tests.contract.messages import commands
from tests.contract.messages import findings as unusable

SLOW = "rate(1 hour)"
SOURCE = {"BackupSchedule": SLOW, "ShareSchedule": SLOW, "DeleteSchedule": SLOW}
DESTINATION = {"CopySchedule": SLOW, "DeleteSchedule": "rate(1 minute)"}


class Cycle:
    """The deployed accounts, and the options every launch needs."""

    def __init__(self, aws, folder):
        self.aws = aws
        self.folder = folder
        self.watch = Watch(aws)

    def options(self, **changes):
        """A var file with the slow schedules and the changes of one account."""
        variables = {"source": SOURCE | changes.get("source", {}), "destination": DESTINATION | changes.get("destination", {})}
        path = self.folder / "vars.yaml"
        path.write_text(json.dumps(variables))
        return {"more": [path]}

    def world(self):
        world = self.aws.admin("world")
        return {key: value for key, value in world.items() if key != "now"}


@pytest.fixture(scope="module")
def cycle(tmp_path_factory):
    zips.zip_workers()
    with LocalAws(estate.PLACES, logs=ROOT / "target" / "test-local", snapshot="1..2", copy="1..2") as aws:
        cycle = Cycle(aws, tmp_path_factory.mktemp("cycle"))
        cycle.keys = estate.launch_keys(aws, **cycle.options())
        estate.create_database(aws, "orders", cycle.keys.source)
        estate.create_database(aws, "billing", cycle.keys.second)
        estate.create_database(aws, "ledger")
        estate.create_database(aws, "scratch", cycle.keys.source)
        cycle.launched = estate.launch_all(aws, **cycle.options())
        cycle.queue = estate.subscribe_queue(aws, estate.DESTINATION, estate.DESTINATION_REGION, "destination")
        cycle.source_queue = estate.subscribe_queue(aws, estate.SOURCE, estate.SOURCE_REGION, "source")
        rds = aws.client("rds", estate.SOURCE, estate.SOURCE_REGION)
        cycle.watch.until("the databases", lambda: {"available"} == {
            instance["DBInstanceStatus"] for instance in rds.describe_db_instances()["DBInstances"]}, 30)
        yield cycle


def test_launching_again_changes_nothing(cycle):
    assert {"source/take", "source/share", "source/delete", "destination/copy", "destination/delete"} <= cycle.launched.keys()
    again = estate.launch_all(cycle.aws, **cycle.options())
    assert again.keys() >= cycle.launched.keys()
    assert [name for name, changed in again.items() if changed] == []


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
    told = []

    def alarms():
        told.extend(map(report.alarm_of, received(sqs, cycle.source_queue)))
        return {(alarm.get("AlarmName"), alarm.get("NewStateValue")) for alarm in told}

    cycle.watch.until("the alarm", lambda: ("pilot-light-source-share-blocked", "ALARM") in alarms(), 20)
    alarm = next(alarm for alarm in told if alarm.get("AlarmName") == "pilot-light-source-share-blocked")
    assert list(unusable(alarm["AlarmDescription"])) == []


def test_the_age_is_measured_against_the_target(cycle):
    cloudwatch = cycle.aws.client("cloudwatch", estate.DESTINATION, estate.DESTINATION_REGION)
    state = lambda: cloudwatch.describe_alarms(AlarmNames=["pilot-light-destination-copy-rpo"])["MetricAlarms"][0]
    run(cycle, "copy")
    assert (state()["StateValue"], state()["Threshold"], state()["Period"]) == ("OK", 3600, 3 * 3600)
    # A worse age than any of the cycle's, as a pass would publish it.
    cloudwatch.put_metric_data(Namespace="PilotLight", MetricData=[{"MetricName": "OldestRecoveryPointAge", "Value": 3601, "Unit": "Seconds"}])
    assert state()["StateValue"] == "ALARM"


def test_a_database_that_the_pattern_leaves_out_is_left_alone(cycle):
    assert estate.points(cycle.aws, "scratch") == ([], [])


def test_a_second_pass_finds_nothing_to_do(cycle):
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
    told = []

    def both_arrived():
        told.extend(received(sqs, cycle.queue))
        alarms = {(alarm["AlarmName"], alarm["NewStateValue"]) for alarm in map(report.alarm_of, told) if alarm}
        notices = [message for message in told if "destination-copy failed" in message["Subject"]]
        return ("pilot-light-destination-copy-failed", "ALARM") in alarms and notices and "AccessDenied" in notices[0]["Message"]

    cycle.watch.until("the alarm and the message", both_arrived, 30)
    (notice, *_) = [message["Message"] for message in told if "destination-copy failed" in message["Subject"]]
    *_, start = commands(notice)
    assert json.loads(start[start.index("--input") + 1]) == {"dry_run": True}
    assert list(unusable(notice)) == []
    assert cycle.aws.bridge.problem is None


def test_a_worker_that_is_not_wanted_is_removed_and_comes_back(cycle):
    functions = lambda: {function["FunctionName"] for function in cycle.aws.client(
        "lambda", estate.SOURCE, estate.SOURCE_REGION).list_functions()["Functions"]}
    alarms = lambda: {alarm["AlarmName"] for alarm in cycle.aws.client(
        "cloudwatch", estate.SOURCE, estate.SOURCE_REGION).describe_alarms(AlarmNamePrefix="pilot-light-source-share")["MetricAlarms"]}
    rules = lambda: {rule["Name"] for rule in cycle.aws.client(
        "events", estate.SOURCE, estate.SOURCE_REGION).list_rules(NamePrefix="pilot-light-source-share")["Rules"]}
    deploy.launch(cycle.aws, estate.SOURCE, "source", **cycle.options(source={"ShareSnapshots": "FALSE"}))
    assert functions() == {"pilot-light-source-take", "pilot-light-source-delete", "pilot-light-source-recover"}
    assert (alarms(), rules()) == (set(), set())
    deploy.launch(cycle.aws, estate.SOURCE, "source", **cycle.options())
    assert "pilot-light-source-share" in functions() and len(alarms()) == 6 and len(rules()) == 1


@pytest.mark.parametrize("changes,said", [
    ({"source": {"DestinationAccount": "22222222222"}}, "DestinationAccount"),
    ({"source": {"RetentionDays": "-7"}}, "RetentionDays"),
    ({"source": {"DeleteSchedule": "cron(0 1 * * * *)"}}, "DeleteSchedule is 'cron(0 1 * * * *)': exactly one"),
])
def test_what_cannot_work_is_refused_and_named(cycle, changes, said):
    with pytest.raises(deploy.DeployError) as refused:
        deploy.launch(cycle.aws, estate.SOURCE, "source", **cycle.options(**changes))
    assert said in str(refused.value)


def test_the_schedule_starts_passes_by_itself(cycle):
    cycle.watch.until("a scheduled pass", lambda: cycle.aws.bridge.count("pilot-light-destination-delete", "SUCCEEDED") >= 2, 90)


def test_the_saved_queries_find_the_answers_in_what_was_logged(cycle):
    """The local AWS has no saved queries, so they are asked here, of the real lines of the passes above."""
    why = {row["entry.subject"].split("/")[-1]: row["entry.what"] for row in asked(cycle, "LeftAlone")}
    assert why["scratch"] == "NotSelected"
    assert any(row["entry.what"] == "DefaultKey" and "ledger" in row["entry.subject"] for row in asked(cycle, "Blocked"))
    assert {"take", "share", "copy"} <= {row["entry.what"] for row in asked(cycle, "Done")}
    assert {row["line.report.worker"] for row in asked(cycle, "Passes")} >= {"source-take", "source-share", "destination-copy"}
    assert "AccessDenied" in {row["error"] for row in asked(cycle, "Errors")}
    told = [row for name in ("LeftAlone", "Blocked", "Done", "Errors") for row in asked(cycle, name)]
    assert [row for row in told if None in row.values()] == []


def asked(cycle, name):
    """The rows that a saved query gives, of all workers' logs."""
    query = template(SCEPTRE / "templates" / "queries.yaml")["Resources"][name]["Properties"]["QueryString"]
    lines = []
    for account, region in estate.PLACES:
        logs = cycle.aws.client("logs", account, region)
        for group in logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/pilot-light-")["logGroups"]:
            events = logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"])
            lines += [event["message"] for page in events for event in page["events"]]
    return answer(query, lines)


def received(sqs, queue):
    """What people were sent: the SNS messages in a queue, removed from it."""
    messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
    for message in messages:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return [json.loads(message["Body"]) for message in messages]


def run(cycle, name):
    execution = cycle.watch.run(name)
    assert execution.status == "SUCCEEDED", f"{name}: {execution.error}: {execution.cause}"
    return execution
