"""Only the senders of messages may publish to the topics, and subscribers receive what they were meant to receive.

A run that a schedule cannot start is kept and reported.
"""

import copy
import re

import pytest
from checks.alarms import findings as unfit
from checks.alarms import on_one_metric, with_values
from checks.deployed import Stack
from checks.files import ROOT, SCEPTRE, Tag, template
from checks.messages import findings as unusable
from checks.recovery_asl import machine
from pilot_light_sceptre.cron import longest_gap, normalise
from pilot_light_sceptre.schedules import shared_silence

SERVICES = {"cloudwatch.amazonaws.com", "events.amazonaws.com", "events.rds.amazonaws.com"}
# EventBridge names neither its account nor its rule when it publishes to an encrypted topic.
ANONYMOUS = {"events.amazonaws.com"}
TOPICS = ("Topic", "InformTopic")
DAY = 86400
RETRIERS = machine()["States"]["Validate"]["Retry"]


def resources(name):
    return template(SCEPTRE / "templates" / f"{name}.yaml")["Resources"]


def publishers(found, topic="Topic"):
    """The findings about the services that may publish to a topic and use its key."""
    key = found["Key"]["Properties"]["KeyPolicy"]["Statement"]
    users = {service for statement in key for service in listed(statement["Principal"].get("Service", []))}
    if users != SERVICES:
        yield f"the key is for {sorted(users)}"
    policy = found[f"{topic}Policy"]["Properties"]
    if policy["Topics"] != [Tag("Ref", topic)]:
        yield f"{topic}: has the policy of another topic"
    for statement in policy["PolicyDocument"]["Statement"]:
        if statement["Resource"] != Tag("Ref", topic):
            yield f"{topic}: a statement is about {statement['Resource']}"
        if statement["Effect"] == "Deny":
            continue
        service = statement["Principal"].get("Service")
        bound = statement.get("Condition", {})
        if service and service not in ANONYMOUS and not {"aws:SourceAccount", "aws:SourceArn"} <= {key for keys in bound.values() for key in keys}:
            yield f"{service} may publish for any account"
        if service and statement["Action"] != "sns:Publish":
            yield f"{service} may {statement['Action']}"
    allowed = {service for statement in policy["PolicyDocument"]["Statement"] if statement["Effect"] == "Allow"
               for service in listed(statement["Principal"].get("Service", []))}
    if allowed != SERVICES:
        yield f"the topic is for {sorted(allowed)}"


def listed(value):
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("topic", TOPICS)
def test_only_alarms_and_events_of_this_account_may_publish(topic):
    assert list(publishers(resources("notifications"), topic)) == []


@pytest.mark.parametrize("topic", TOPICS)
def test_planted_bugs_in_the_publishers_are_found(topic):
    planted = copy.deepcopy(resources("notifications"))
    planted["Key"]["Properties"]["KeyPolicy"]["Statement"][1]["Principal"]["Service"].remove("events.rds.amazonaws.com")
    first, *_ = planted[f"{topic}Policy"]["Properties"]["PolicyDocument"]["Statement"]
    del first["Condition"]
    first["Resource"] = "*"
    assert sorted(publishers(planted, topic)) == [
        f"{topic}: a statement is about *", "cloudwatch.amazonaws.com may publish for any account",
        "the key is for ['cloudwatch.amazonaws.com', 'events.amazonaws.com']"]


def test_both_topics_have_the_same_policy_and_key():
    found = resources("notifications")
    of = lambda topic: [statement | {"Resource": None} for statement in found[f"{topic}Policy"]["Properties"]["PolicyDocument"]["Statement"]]
    assert of("Topic") == of("InformTopic")
    assert {topic: found[topic]["Properties"]["KmsMasterKeyId"] for topic in TOPICS} == dict.fromkeys(TOPICS, Tag("GetAtt", "Key.Arn"))


@pytest.mark.parametrize("topic", TOPICS)
def test_unencrypted_messages_are_refused(topic):
    statements = resources("notifications")[f"{topic}Policy"]["Properties"]["PolicyDocument"]["Statement"]
    (deny,) = [statement for statement in statements if statement["Effect"] == "Deny"]
    assert (deny["Principal"], deny["Condition"]) == ("*", {"Bool": {"aws:SecureTransport": "false"}})


MAIL, DUTY, LATER = "on-call@example.com", "https://duty.example.com", "later@example.com"


@pytest.mark.parametrize("given,expected", [
    ({}, set()),
    ({"Email": MAIL}, {("Topic", MAIL), ("InformTopic", MAIL)}),
    ({"HttpsEndpoint": DUTY}, {("Topic", DUTY), ("InformTopic", DUTY)}),
    ({"Email": MAIL, "HttpsEndpoint": DUTY}, {(topic, address) for topic in ("Topic", "InformTopic") for address in (MAIL, DUTY)}),
    ({"Email": MAIL, "InformEmail": LATER}, {("Topic", MAIL), ("InformTopic", LATER)}),
    ({"HttpsEndpoint": DUTY, "InformEmail": LATER}, {("Topic", DUTY), ("InformTopic", LATER)}),
    ({"InformEmail": LATER}, {("InformTopic", LATER)}),
])
def test_everybody_receives_everything_until_there_is_an_address_for_information(given, expected):
    document = template(SCEPTRE / "templates" / "notifications.yaml")
    stack = Stack(document, "222222222222", "us-west-2", parameters=given)
    subscriptions = [resource for resource in document["Resources"].values() if resource["Type"] == "AWS::SNS::Subscription"]
    assert len(subscriptions) == 5
    assert {(one["Properties"]["TopicArn"].value, stack.resolve(one["Properties"]["Endpoint"]))
            for one in subscriptions if stack.condition(one["Condition"])} == expected


def test_the_page_topic_keeps_the_names_of_earlier_versions():
    """Another logical id, or a name, would replace the topic and lose everybody's subscriptions to it."""
    found = resources("notifications")
    for name in ("Key", "Topic", "TopicPolicy", "EmailSubscription", "HttpsSubscription"):
        before = template(ROOT / "tests" / "upgrade" / "0.1.0" / "templates" / "destination" / "notifications.yaml")["Resources"][name]["Properties"]
        kept = {"PolicyDocument", "KeyPolicy"} - found[name]["Properties"].keys()
        assert {key: value for key, value in found[name]["Properties"].items() if key not in kept} == before, name


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
        assert alarm["AlarmActions"] == alarm["OKActions"], name
    watched = {alarm["MetricName"] for alarm in recover_alarms().values()}
    assert watched == {"Errors", "Throttles", "ExecutionsSucceeded", "ApproximateNumberOfMessagesVisible"}


@pytest.mark.parametrize("change,expected", [
    ({"TreatMissingData": "notBreaching"}, "missing data must be breaching"),
    ({"Period": 60, "EvaluationPeriods": 1, "DatapointsToAlarm": 1}, "between two healthy runs"),
])
def test_a_planted_bug_in_the_silence_alarm_of_drills_is_found(change, expected):
    assert any(expected in finding for finding in unfit(recover_alarms()["SilenceAlarm"] | change, 60, RETRIERS))


def test_every_alarm_on_announcements_can_fire_and_contains_usable_commands():
    alarms = {name: resource["Properties"] for name, resource in resources("notifications").items() if resource["Type"] == "AWS::CloudWatch::Alarm"}
    assert {alarm["MetricName"] for alarm in alarms.values()} == {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"}
    for name, alarm in alarms.items():
        assert list(unfit(alarm, DAY)) == [], name
        text = alarm["AlarmDescription"].value
        assert list(unusable(text)) == [] and "${AWS::Region}" in text and "${AWS::AccountId}" in text, name
        assert len(text) < 900, f"{name}: CloudWatch takes 1024 characters with the names put in"
        assert alarm["AlarmActions"] == alarm["OKActions"] == [Tag("Ref", "Topic")], name
        assert alarm["Dimensions"] == [{"Name": "StateMachineArn", "Value": Tag("Ref", "Announce")}], name
