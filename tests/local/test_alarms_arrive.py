"""Every kind of alarm and message on the deployed stacks: after its cause, a subscriber of the topic receives it.

The times are measured and shown, without a limit for each kind. The stand-ins for parts of AWS are described in local/.
"""

import json

import pytest
from causes import ALSO, EXPECTED, VARIABLES, Inbox, Story
from local import estate, zips
from local.aws import LocalAws
from local.stand_ins import cloudtrail
from local.stand_ins.dead_letters import DeadLetters
from local.watch import Watch
from pilot_light_sceptre.target import target_folder
from tests.contract.checks.messages import findings as unusable
from tests.contract.checks.messages import unquoted
from tests.contract.checks.urgency import KEYS, PAGE, documented

LOGS = target_folder() / "test-alarms"
# Seconds. The slowest alarms need three minutes and a run of a minute.
LONGEST = 300
INTERMEDIATE = (estate.DESTINATION, estate.SOURCE_REGION)


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    zips.zip_workers()
    variables = tmp_path_factory.mktemp("alarms") / "vars.yaml"
    variables.write_text(json.dumps(VARIABLES))
    with LocalAws(estate.PLACES, logs=LOGS, snapshot="0..1", copy="0..1", lag=0) as aws:
        keys = estate.launch_keys(aws, more=[variables])
        estate.launch_all(aws, more=[variables])
        queues = [estate.subscribe_queue(aws, *place, group) for place, group in zip(estate.PLACES, ("source", "destination"))]
        arns = [keys.source, keys.destination, keys.intermediate]
        with Inbox(aws, queues) as inbox, cloudtrail.CloudTrail(aws, arns) as seen, DeadLetters(aws, estate.PLACES) as dead_letters:
            story = Story(aws, Watch(aws, names=("take", "share", "copy", "source-delete", "destination-delete", "failover", "drill")), keys, inbox)
            story.stand_ins = [inbox, seen, dead_letters, aws.step_functions, aws.cloudwatch]
            yield story


@pytest.fixture(scope="module")
def messages(story):
    """{name: its message} of all expected messages, after all causes."""
    story.healthy()
    story.watch.until("quiet", lambda: raised(story).isdisjoint(EXPECTED), 90)
    story.bring_about()
    cloudtrail.send(story.aws, *INTERMEDIATE, cloudtrail.deletion_event(story.keys.intermediate))
    story.now("A KEY OF RECOVERY POINTS IS DELETED")
    arrived = lambda: {name: story.inbox.first(name, story.at[name] - 1) for name in EXPECTED}
    try:
        story.watch.until("everything", lambda: all(arrived().values()), LONGEST)
    finally:
        found = arrived()
        show(story, found)
    return found


def raised(story):
    """The alarms that are raised, or not evaluated yet."""
    return {alarm["AlarmName"] for place in estate.PLACES
            for page in story.client("cloudwatch", place).get_paginator("describe_alarms").paginate()
            for alarm in page["MetricAlarms"] if alarm["StateValue"] != "OK"}


def show(story, found):
    """Prints the time from cause to message of each kind (visible with pytest -n 0 -s) and writes it to a file."""
    seconds = lambda name: found[name] and max(0, round(found[name][0] - story.at[name]))
    rows = [{"message": name, "cause": cause, "seconds": seconds(name)} for name, cause in EXPECTED.items()]
    (LOGS / "alarms.json").write_text(json.dumps(rows, indent=2) + "\n")
    print("\nSECONDS  MESSAGE AND ITS CAUSE")
    for row in rows:
        print(f"{'never' if row['seconds'] is None else row['seconds']:>7}  {row['message']}: {row['cause']}")


@pytest.mark.parametrize("name", EXPECTED)
def test_every_message_arrives_and_contains_usable_commands(messages, name):
    _, _, text, alarm, _ = messages[name]
    for line in [alarm["AlarmDescription"]] if alarm else [unquoted(text)]:
        assert list(unusable(line)) == []


def documented_topic(name):
    """The topic of a message, as docs/alarms.md lists it."""
    tables = documented(PAGE.read_text())
    if not name.startswith("pilot-light-"):
        return next(topic for message, topic in tables[KEYS].items() if message.split()[0] in name and message.split()[-1] in name)
    of = tables["Alarms on recovery" if "-recover-" in name else "Alarms on a worker"]
    return of[max((suffix for suffix in of if name.endswith(suffix)), key=len)]


@pytest.mark.parametrize("name", EXPECTED)
def test_every_message_arrives_on_the_topic_that_the_page_lists(messages, name):
    assert messages[name][4] == documented_topic(name)


def test_no_other_alarm_is_raised(story, messages):
    first = min(story.at.values())
    late = {alarm["AlarmName"] for at, _, _, alarm, _ in story.inbox.arrived if alarm and alarm["NewStateValue"] == "ALARM" and at >= first}
    assert late - EXPECTED.keys() - ALSO.keys() == set()


def test_the_message_about_a_key_names_the_key_its_region_and_the_actor(story, messages):
    _, _, text, _, _ = messages["A KEY OF RECOVERY POINTS WILL BE DELETED"]
    key = story.keys.intermediate.rsplit("/", 1)[1]
    for expected in (key, estate.SOURCE_REGION, f"arn:aws:iam::{estate.DESTINATION}:root", "In 7 days"):
        assert expected in text


def test_the_end_of_an_alarm_is_reported_too(story, messages):
    name = "pilot-light-destination-recover-alarms-failover-aborted"
    story.watch.until("its end", lambda: story.inbox.first(name, story.at[name], "OK"), 120)


def test_no_stand_in_had_an_error(story, messages):
    assert [stand_in.problem for stand_in in story.stand_ins] == [None] * 5
