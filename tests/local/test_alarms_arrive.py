"""Every kind of alarm and message, on the deployed stacks: its cause is brought about, and a subscriber of the topic receives it.

Times are measured and shown, not judged. What stands in for which part of AWS is said in local/.
"""

import json

import pytest
from causes import ALSO, EXPECTED, VARIABLES, Inbox, Story
from local import estate, zips
from local.aws import ROOT, LocalAws
from local.stand_ins import cloudtrail
from local.stand_ins.dead_letters import DeadLetters
from local.watch import Watch
from tests.contract.checks.messages import findings as unusable
from tests.contract.checks.messages import unquoted

LOGS = ROOT / "target" / "test-alarms"
# The slowest need three minutes and a pass of a minute.
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
def told(story):
    """All causes brought about, and what came of them up to the last that is expected."""
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
    """The alarms that are raised, or not looked at yet."""
    return {alarm["AlarmName"] for place in estate.PLACES
            for page in story.client("cloudwatch", place).get_paginator("describe_alarms").paginate()
            for alarm in page["MetricAlarms"] if alarm["StateValue"] != "OK"}


def show(story, found):
    """The time from cause to message of each kind, for people (pytest -n 0 -s) and as a file."""
    rows = [{"what": name, "cause": EXPECTED[name], "seconds": found[name] and max(0, round(found[name][0] - story.at[name]))} for name in EXPECTED]
    (LOGS / "alarms.json").write_text(json.dumps(rows, indent=2) + "\n")
    print("\nSECONDS  WHAT ARRIVED, AND ITS CAUSE")
    for row in rows:
        print(f"{'never' if row['seconds'] is None else row['seconds']:>7}  {row['what']}: {row['cause']}")


@pytest.mark.parametrize("name", EXPECTED)
def test_every_message_arrives_and_contains_usable_commands(told, name):
    _, _, text, alarm = told[name]
    for line in [alarm["AlarmDescription"]] if alarm else [unquoted(text)]:
        assert list(unusable(line)) == []



def test_no_other_alarm_is_raised(story, told):
    first = min(story.at.values())
    late = {alarm["AlarmName"] for at, _, _, alarm in story.inbox.arrived if alarm and alarm["NewStateValue"] == "ALARM" and at >= first}
    assert late - EXPECTED.keys() - ALSO.keys() == set()


def test_the_message_about_a_key_names_it_its_region_and_who_did_it(story, told):
    _, _, text, _ = told["A KEY OF RECOVERY POINTS WILL BE DELETED"]
    for said in (story.keys.intermediate.rsplit("/", 1)[1], estate.SOURCE_REGION, f"arn:aws:iam::{estate.DESTINATION}:root", "In 7 days"):
        assert said in text


def test_the_end_of_an_alarm_is_reported_too(story, told):
    name = "pilot-light-destination-recover-alarms-failover-aborted"
    story.watch.until("its end", lambda: story.inbox.first(name, story.at[name], "OK"), 120)


def test_no_stand_in_had_an_error(story, told):
    assert [one.problem for one in story.stand_ins] == [None] * 5
