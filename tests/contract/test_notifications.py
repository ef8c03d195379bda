"""Only the senders of messages may publish to the topic. A run that a schedule cannot start is kept and reported."""

import copy
import re

import pytest
from checks.alarms import findings as unfit
from checks.alarms import on_one_metric, with_values
from checks.files import ROOT, SCEPTRE, Tag, template
from checks.messages import findings as unusable
from checks.recovery_asl import machine
from pilot_light_sceptre.cron import longest_gap, normalise
from pilot_light_sceptre.schedules import shared_silence

SERVICES = {"cloudwatch.amazonaws.com", "events.amazonaws.com", "events.rds.amazonaws.com"}
# EventBridge names neither its account nor its rule when it publishes to an encrypted topic.
ANONYMOUS = {"events.amazonaws.com"}
DAY = 86400
RETRIERS = machine()["States"]["Validate"]["Retry"]


def resources(name):
    return template(SCEPTRE / "templates" / f"{name}.yaml")["Resources"]


def publishers(found):
    """The findings about the services that may publish to the topic and use its key."""
    key = found["Key"]["Properties"]["KeyPolicy"]["Statement"]
    users = {service for statement in key for service in listed(statement["Principal"].get("Service", []))}
    if users != SERVICES:
        yield f"the key is for {sorted(users)}"
    for statement in found["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]:
        if statement["Effect"] == "Deny":
            continue
        service = statement["Principal"].get("Service")
        bound = statement.get("Condition", {})
        if service and service not in ANONYMOUS and not {"aws:SourceAccount", "aws:SourceArn"} <= {key for keys in bound.values() for key in keys}:
            yield f"{service} may publish for any account"
        if service and statement["Action"] != "sns:Publish":
            yield f"{service} may {statement['Action']}"
    allowed = {service for statement in found["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"] if statement["Effect"] == "Allow"
               for service in listed(statement["Principal"].get("Service", []))}
    if allowed != SERVICES:
        yield f"the topic is for {sorted(allowed)}"


def listed(value):
    return value if isinstance(value, list) else [value]


def test_only_alarms_and_events_of_this_account_may_publish():
    assert list(publishers(resources("notifications"))) == []


def test_planted_bugs_in_the_publishers_are_found():
    planted = copy.deepcopy(resources("notifications"))
    planted["Key"]["Properties"]["KeyPolicy"]["Statement"][1]["Principal"]["Service"].remove("events.rds.amazonaws.com")
    del planted["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"]
    assert sorted(publishers(planted)) == ["cloudwatch.amazonaws.com may publish for any account",
                                           "the key is for ['cloudwatch.amazonaws.com', 'events.amazonaws.com']"]


def test_unencrypted_messages_are_refused():
    statements = resources("notifications")["TopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    (deny,) = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert (deny["Principal"], deny["Condition"]) == ("*", {"Bool": {"aws:SecureTransport": "false"}})
    assert resources("notifications")["Topic"]["Properties"]["KmsMasterKeyId"] == Tag("GetAtt", "Key.Arn")


def dead_letters(found):
    """The findings about the dead letters of a template's schedules: the runs that a schedule could not start."""
    scheduled = {name: rule for name, rule in found.items() if "ScheduleExpression" in rule["Properties"]}
    for name, rule in scheduled.items():
        for target in rule["Properties"]["Targets"]:
            if target.get("DeadLetterConfig") != {"Arn": Tag("GetAtt", "DeadLetters.Arn")}:
                yield f"{name}: loses a run that it could not start"
            if not 60 <= target.get("RetryPolicy", {}).get("MaximumEventAgeInSeconds", 86400) <= 3600:
                yield f"{name}: retries for a day before anybody is notified"
    queue = found["DeadLetters"]["Properties"]
    if not queue.get("SqsManagedSseEnabled") or queue.get("MessageRetentionPeriod") != 14 * DAY:
        yield "the queue is not encrypted, or its retention is not 14 days"
    allow, deny = found["DeadLettersPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    senders = allow["Condition"]["ArnEquals"]["aws:SourceArn"]
    named = {tag.value[1].value if tag.name == "If" else tag.value for tag in listed(senders)}
    permission = allow["Principal"], allow["Action"]
    if named != {f"{name}.Arn" for name in scheduled} or permission != ({"Service": "events.amazonaws.com"}, "sqs:SendMessage"):
        yield f"{sorted(named)} may send"
    if (deny["Effect"], deny["Condition"]) != ("Deny", {"Bool": {"aws:SecureTransport": "false"}}):
        yield "it accepts unencrypted messages"


@pytest.mark.parametrize("name", ["worker", "recover"])
def test_a_run_that_cannot_be_started_is_kept_as_a_dead_letter(name):
    assert list(dead_letters(resources(name))) == []


def test_planted_bugs_in_the_dead_letters_are_found():
    planted = copy.deepcopy(resources("recover"))
    del planted["RefreshRule"]["Properties"]["Targets"][0]["DeadLetterConfig"]
    del planted["DrillRule"]["Properties"]["Targets"][0]["RetryPolicy"]
    planted["DeadLettersPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"].pop()
    planted["DeadLetters"]["Properties"]["SqsManagedSseEnabled"] = False
    assert len(list(dead_letters(planted))) == 4


def recover_alarms(period=60, periods=3):
    given = {"SilencePeriod": period, "SilencePeriods": periods}
    return {name: on_one_metric(with_values(alarm["Properties"], given)) for name, alarm in resources("recover-worker-alarms").items()}


@pytest.mark.parametrize("drill,refresh,expected", [
    ("rate(1 day)", "None", (3600, 26)),
    ("None", "cron(0 3 ? * * *)", (3600, 26)),
    ("rate(7 days)", "rate(1 day)", (3600, 26)),
    ("rate(5 minutes)", "rate(1 hour)", (300, 3)),
    ("rate(7 days)", "None", (0, 1)),
    ("None", "None", (0, 1)),
])
def test_the_silence_alarm_follows_the_more_frequent_schedule_that_cloudwatch_can_monitor(drill, refresh, expected):
    assert shared_silence([drill, refresh]) == expected
    if expected[0]:
        gap = min(longest_gap(normalise(schedule)) for schedule in (drill, refresh) if schedule != "None")
        assert list(unfit(recover_alarms(*expected)["SilenceAlarm"], gap, RETRIERS)) == []


def test_every_alarm_on_the_recover_worker_can_fire_and_contains_usable_commands():
    for name, alarm in recover_alarms().items():
        assert list(unfit(alarm, 60, RETRIERS)) == [], name
        text = alarm["AlarmDescription"].value
        assert list(unusable(text)) == [] and "${AWS::Region}" in text and "${AWS::AccountId}" in text, name
        assert len(text) < 900, f"{name}: CloudWatch takes 1024 characters with the names put in"
        assert alarm["AlarmActions"] == alarm["OKActions"] == [Tag("Ref", "TopicArn")], name
    watched = {alarm["MetricName"] for alarm in recover_alarms().values()}
    assert watched == {"Errors", "Throttles", "ExecutionsSucceeded", "ApproximateNumberOfMessagesVisible"}


@pytest.mark.parametrize("change,expected", [
    ({"TreatMissingData": "notBreaching"}, "missing data must be breaching"),
    ({"Period": 60, "EvaluationPeriods": 1, "DatapointsToAlarm": 1}, "between two healthy runs"),
])
def test_a_planted_bug_in_the_silence_alarm_of_drills_is_found(change, expected):
    assert any(expected in finding for finding in unfit(recover_alarms()["SilenceAlarm"] | change, 60, RETRIERS))


def alarm_names():
    """The suffixes of the names of all alarms: -failed, -drill-silent, …"""
    for name in ("worker-alarms", "recover-alarms", "recover-worker-alarms"):
        for resource in resources(name).values():
            if resource["Type"] == "AWS::CloudWatch::Alarm":
                yield resource["Properties"]["AlarmName"].value.partition("}")[2]


def test_the_page_on_alarms_lists_every_alarm_and_no_other():
    text = (ROOT / "docs" / "alarms.md").read_text()
    rows = "\n".join(line.split("|")[1] for line in text.splitlines() if line.startswith("| `-"))
    assert set(re.findall(r"`(-[a-z-]+)`", rows)) == set(alarm_names())
