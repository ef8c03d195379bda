"""Every alarm of every worker can fire under its schedule, whatever the schedule, and tells a person what to type."""

import pytest
from alarms import findings
from files import CONFIGS, SCEPTRE, Tag, config, local_variables, name_of, template
from pilot_light_sceptre.cron import ScheduleError, longest_gap, normalise
from pilot_light_sceptre.schedules import silence

METRICS = {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionThrottled", "ExecutionsSucceeded"}
SCHEDULES = ["rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(2 hours)", "rate(1 day)", "rate(6 days)", "0 1 * * ? *",
             "cron(0 8 ? * MON-FRI *)", "cron(0/7 9-17 * * ? *)", "cron(15 0 ? * 1,4 *)"]


def alarms(schedule, document=None):
    """The worker template's alarms as they are deployed with a schedule."""
    document = document or template(SCEPTRE / "templates" / "worker.yaml")
    period, periods = silence(normalise(schedule))
    given = {"SilencePeriod": period, "SilencePeriods": periods}
    found = {}
    for name, resource in document["Resources"].items():
        if resource["Type"] == "AWS::CloudWatch::Alarm":
            found[name] = {key: given[value.value] if isinstance(value, Tag) and value.value in given else value
                           for key, value in resource["Properties"].items()}
    return found


def configured_schedules():
    """(stack, schedule) of every worker, as it ships and as it runs locally."""
    for variables in ({}, local_variables()):
        for path in CONFIGS:
            given = config(path, variables)["parameters"] if "parameters" in config(path, variables) else {}
            if "Worker" in given:
                reference = given["Schedule"].value["value"].value
                stack, _, output = reference.partition("::")
                yield name_of(path), config(SCEPTRE / "config" / stack, variables)["parameters"][output]


@pytest.mark.parametrize("stack,schedule", list(configured_schedules()))
def test_each_workers_alarms_can_fire_under_its_schedule(stack, schedule):
    gap = longest_gap(normalise(schedule))
    assert [finding for alarm in alarms(schedule).values() for finding in findings(alarm, gap)] == []


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_alarms_can_fire_under_other_schedules(schedule):
    gap = longest_gap(normalise(schedule))
    assert [finding for alarm in alarms(schedule).values() for finding in findings(alarm, gap)] == []


def test_every_worker_is_checked():
    assert len(list(configured_schedules())) == 10
    assert {alarm["MetricName"] for alarm in alarms("rate(5 minutes)").values()} == METRICS


def test_every_alarm_goes_to_the_topic_and_says_what_to_type():
    for name, alarm in alarms("rate(5 minutes)").items():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [Tag("Ref", "TopicArn")], name
        text = alarm["AlarmDescription"].value
        assert "aws " in text and "${AWS::Region}" in text and "${AWS::AccountId}" in text, name
        assert len(text) < 900, f"{name}: CloudWatch takes 1024 characters with the names put in"


@pytest.mark.parametrize("change,gap,said", [
    ({"EvaluationPeriods": 3, "DatapointsToAlarm": 3}, 3600, "wants failures in 3 periods"),
    ({"Threshold": 2}, 300, "wants 2 failures in 60 s"),
    ({"TreatMissingData": "breaching"}, 300, "missing data must count as no failure"),
    ({"OKActions": []}, 300, "nobody is told"),
    ({"Period": 90}, 300, "no period of 90 s"),
])
def test_a_planted_bug_in_a_failure_alarm_is_found(change, gap, said):
    alarm = alarms("rate(5 minutes)")["FailedAlarm"] | change
    assert any(said in finding for finding in findings(alarm, gap))


@pytest.mark.parametrize("change,gap,said", [
    ({"TreatMissingData": "notBreaching"}, 300, "missing data must be breaching"),
    ({"TreatMissingData": "missing"}, 300, "missing data must be breaching"),
    ({}, 86400, "between two healthy runs"),
    ({"Period": 3600, "EvaluationPeriods": 24}, 300, "notices only after"),
    ({"Period": 1800, "EvaluationPeriods": 96}, 86400, "cannot look back"),
    ({"DatapointsToAlarm": 1}, 300, "one quiet period"),
])
def test_a_planted_bug_in_the_silence_alarm_is_found(change, gap, said):
    alarm = alarms("rate(5 minutes)")["SilenceAlarm"] | change
    if "EvaluationPeriods" in change:
        alarm["DatapointsToAlarm"] = change["EvaluationPeriods"]
    assert any(said in finding for finding in findings(alarm, gap))


def test_a_schedule_that_no_alarm_can_watch_is_refused():
    for schedule in ("rate(7 days)", "cron(0 1 1 * ? *)"):
        with pytest.raises(ScheduleError, match="more than 6 days"):
            silence(normalise(schedule))
