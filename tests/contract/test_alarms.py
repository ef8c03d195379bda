"""Every alarm of every worker can fire under any schedule, and its text contains the commands to type."""

import json

import pytest
from checks.alarms import findings, healthy_age, on_one_metric, published, with_values, workers_metrics
from checks.files import CONFIGS, ROOT, SCEPTRE, Tag, config, local_variables, name_of, template
from checks.messages import commands
from checks.messages import findings as unusable
from pilot_light_sceptre.cron import ScheduleError, longest_gap, normalise
from pilot_light_sceptre.durations import age_threshold, seconds
from pilot_light_sceptre.schedules import age, silence

METRICS = {"ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionThrottled", "ExecutionsSucceeded",
           "Blocked", "OldestRecoveryPointAge", "SnapshotQuotaUsed", "Errors", "Throttles", "ApproximateNumberOfMessagesVisible"}
RETRIERS = json.loads((ROOT / "statemachines" / "worker.asl.json").read_text())["States"]["Run"]["Retry"]
SCHEDULES = ["rate(1 minute)", "rate(5 minutes)", "rate(1 hour)", "rate(2 hours)", "rate(1 day)", "rate(6 days)", "0 1 * * ? *",
             "cron(0 8 ? * MON-FRI *)", "cron(0/7 9-17 * * ? *)", "cron(15 0 ? * 1,4 *)"]


def alarms(schedule, document=None):
    """The alarms of the worker's template, as deployed with a schedule."""
    document = document or template(SCEPTRE / "templates" / "worker-alarms.yaml")
    quiet, aged = silence(normalise(schedule)), age(normalise(schedule))
    given = {"SilencePeriod": quiet[0], "SilencePeriods": quiet[1], "AgePeriod": aged[0], "AgePeriods": aged[1], "RpoSeconds": 3600,
             "AgeThreshold": age_threshold(3600)}
    return {name: on_one_metric(with_values(resource["Properties"], given)) for name, resource in document["Resources"].items()
            if resource["Type"] == "AWS::CloudWatch::Alarm"}


def configured_schedules():
    """(stack, schedule) of every worker, with the shipped configuration and with the local one."""
    for variables in ({}, local_variables()):
        for path in CONFIGS:
            given = config(path, variables)["parameters"] if "parameters" in config(path, variables) else {}
            if "Worker" in given and "SilencePeriod" in given:
                reference = given["SilencePeriod"].value["value"].value
                stack, _, output = reference.partition("::")
                yield name_of(path), config(SCEPTRE / "config" / stack, variables)["parameters"][output]


@pytest.mark.parametrize("stack,schedule", list(configured_schedules()))
def test_every_alarm_of_each_worker_can_fire_under_its_configured_schedule(stack, schedule):
    gap = longest_gap(normalise(schedule))
    assert [finding for alarm in alarms(schedule).values() for finding in findings(alarm, gap, RETRIERS)] == []


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_alarm_can_fire_under_many_other_schedules(schedule):
    gap = longest_gap(normalise(schedule))
    assert [finding for alarm in alarms(schedule).values() for finding in findings(alarm, gap, RETRIERS)] == []


def test_the_alarms_of_every_worker_and_every_metric_are_checked():
    assert len(list(configured_schedules())) == 10
    assert {alarm["MetricName"] for alarm in alarms("rate(5 minutes)").values()} == METRICS


def test_the_end_of_every_alarm_follows_it_to_its_topic_and_its_text_contains_usable_commands():
    for name, alarm in alarms("rate(5 minutes)").items():
        assert alarm["AlarmActions"] == alarm["OKActions"], name
        text = alarm["AlarmDescription"].value
        assert "${AWS::Region}" in text and "${AWS::AccountId}" in text, name
        assert list(unusable(text)) == [], name
        assert len(text) < 900, f"{name}: CloudWatch takes 1024 characters with the names put in"


@pytest.mark.parametrize("change,gap,expected", [
    ({"EvaluationPeriods": 3, "DatapointsToAlarm": 3}, 3600, "requires failures in 3 periods"),
    ({"Threshold": 2}, 300, "requires 2 failures in 60 s"),
    ({"TreatMissingData": "breaching"}, 300, "missing data must be notBreaching"),
    ({"OKActions": []}, 300, "nobody is notified"),
    ({"Period": 90}, 300, "no period of 90 s"),
])
def test_a_planted_bug_in_a_failure_alarm_is_found(change, gap, expected):
    alarm = alarms("rate(5 minutes)")["FailedAlarm"] | change
    assert any(expected in finding for finding in findings(alarm, gap))


@pytest.mark.parametrize("change,gap,expected", [
    ({"TreatMissingData": "notBreaching"}, 300, "missing data must be breaching"),
    ({"TreatMissingData": "missing"}, 300, "missing data must be breaching"),
    ({}, 86400, "between two healthy runs"),
    ({"Period": 3600, "EvaluationPeriods": 24}, 300, "notices only after"),
    ({"Period": 1800, "EvaluationPeriods": 96}, 86400, "cannot look back"),
    ({"DatapointsToAlarm": 1}, 300, "one quiet period"),
    ({"Fill": None}, 300, "notices silence after 1500 s, not 900: missing data must be filled"),
    ({"Fill": 1}, 300, "missing data must be filled with 0"),
    ({"Statistic": "Average"}, 300, "a single success must end the silence"),
    ({"Threshold": 2}, 300, "a single success must end the silence"),
])
def test_a_planted_bug_in_the_silence_alarm_is_found(change, gap, expected):
    alarm = alarms("rate(5 minutes)")["SilenceAlarm"] | change
    if "EvaluationPeriods" in change:
        alarm["DatapointsToAlarm"] = change["EvaluationPeriods"]
    assert any(expected in finding for finding in findings(alarm, gap))


@pytest.mark.parametrize("change,gap,expected", [
    ({"TreatMissingData": "breaching"}, 300, "missing data must be notBreaching"),
    ({"DatapointsToAlarm": 3}, 300, "requires the same value of 3 runs"),
    ({"Threshold": 2}, 300, "a single value of 1 must be enough"),
    ({"Statistic": "Average"}, 300, "a single value of 1 must be enough"),
    ({"Dimensions": [{"Name": "Region", "Value": "us-east-1"}]}, 300, "is published by Worker, and the alarm uses Region"),
    ({"Dimensions": []}, 300, "is published by Worker, and the alarm uses none"),
    ({"Period": 60, "EvaluationPeriods": 1}, 300, "is over between two runs"),
    ({"Period": 3600, "EvaluationPeriods": 24}, 300, "stays raised"),
    ({"AlarmActions": []}, 300, "nobody is notified"),
])
def test_a_planted_bug_in_the_blocked_alarm_is_found(change, gap, expected):
    alarm = alarms("rate(5 minutes)")["BlockedAlarm"] | change
    assert any(expected in finding for finding in findings(alarm, gap))


@pytest.mark.parametrize("change,gap,expected", [
    ({"TreatMissingData": "missing"}, 300, "missing data must be notBreaching"),
    ({"Threshold": 100}, 300, "a single value of 80 must be enough"),
    ({"ComparisonOperator": "LessThanThreshold"}, 300, "unexpected comparison"),
    ({"Statistic": "Minimum"}, 300, "a single value of 80 must be enough"),
    ({"Dimensions": [{"Name": "Worker", "Value": "source-take"}]}, 300, "is published by Region, and the alarm uses Worker"),
    ({"MetricName": "SnapshotQuota"}, 300, "nobody publishes it in PilotLight"),
    ({"Period": 60, "EvaluationPeriods": 1}, 300, "is over between two runs"),
])
def test_a_planted_bug_in_the_quota_alarm_is_found(change, gap, expected):
    alarm = alarms("rate(5 minutes)")["QuotaAlarm"] | change
    assert any(expected in finding for finding in findings(alarm, gap))


@pytest.mark.parametrize("name,change,expected", [
    ("ErrorsAlarm", {"Threshold": 7}, "no run has so many tries"),
    ("ErrorsAlarm", {"Threshold": 5, "Period": 10}, "no run has so many tries"),
    ("ErrorsAlarm", {"Threshold": 2}, "is raised by one retry"),
    ("ErrorsAlarm", {"Statistic": "Average"}, "every failure must count"),
    ("ErrorsAlarm", {"TreatMissingData": "breaching"}, "missing data must be notBreaching"),
    ("ErrorsAlarm", {"Dimensions": [{"Name": "Function", "Value": "f"}]}, "is published by FunctionName, and the alarm uses Function"),
    ("FunctionThrottledAlarm", {"Threshold": 3}, "requires 3 failures in 60 s"),
    ("FunctionThrottledAlarm", {"Statistic": "Average"}, "every failure must count"),
    ("FunctionThrottledAlarm", {"MetricName": "Throttled"}, "nobody publishes it in AWS/Lambda"),
    ("NotStartedAlarm", {"Threshold": 2}, "a single message must be enough"),
    ("NotStartedAlarm", {"Period": 10}, "one value a minute"),
    ("NotStartedAlarm", {"TreatMissingData": "breaching"}, "missing data must be notBreaching"),
    ("NotStartedAlarm", {"MetricName": "NumberOfMessagesSent"}, "nobody publishes it in AWS/SQS"),
])
def test_a_planted_bug_in_the_alarms_on_the_function_and_the_schedule_is_found(name, change, expected):
    alarm = alarms("rate(5 minutes)")[name] | change
    assert any(expected in finding for finding in findings(alarm, 300, RETRIERS))


@pytest.mark.parametrize("change,gap,expected", [
    ({"TreatMissingData": "notBreaching"}, 300, "missing data must be breaching"),
    ({"Statistic": "Minimum"}, 300, "the worst age counts"),
    ({"Period": 300, "EvaluationPeriods": 3, "DatapointsToAlarm": 1}, 300, "a period without a run"),
    ({"Period": 300, "EvaluationPeriods": 3, "DatapointsToAlarm": 3}, 300, "is raised only 1200 s after"),
    ({"Period": 300}, 300, "between two healthy runs"),
    ({}, 86400, "between two healthy runs"),
    ({"Period": 14400}, 300, "notices only after"),
    ({"OKActions": []}, 300, "nobody is notified"),
])
def test_a_planted_bug_in_the_age_alarm_is_found(change, gap, expected):
    alarm = alarms("rate(5 minutes)")["AgeAlarm"] | change
    assert any(expected in finding for finding in findings(alarm, gap))


def test_the_metrics_of_the_workers_are_read_from_the_rust_source():
    wanted = {"Blocked": "Worker", "Pending": "Worker", "Failed": "Worker", "SnapshotQuotaUsed": "Region", "RecoveryPointAge": "Database",
              "OldestRecoveryPointAge": None, "RecoveryTime": "Purpose", "RtoTargetPassed": "Purpose"}
    assert workers_metrics() == wanted
    assert all(("PilotLight", name) in published() for name in wanted)


def test_only_workers_that_measure_a_value_have_an_alarm_on_it():
    resources = template(SCEPTRE / "templates" / "worker-alarms.yaml")["Resources"]
    of = lambda condition: [name for name, resource in resources.items() if resource.get("Condition") == condition]
    assert (of("MeasuresAge"), of("MeasuresQuota")) == (["AgeAlarm"], ["QuotaAlarm"])
    assert of(None) == ["Nothing"], "a worker that is left out has no alarm"
    given = {name_of(path): config(path).get("parameters", {}) for path in CONFIGS}
    assert [name for name, names in given.items() if "RpoSeconds" in names] == ["destination/copy-alarms.yaml"]
    assert {name: names["QuotaRegion"].value for name, names in given.items() if "QuotaRegion" in names} == {
        "destination/copy-alarms.yaml": "destination/parameters.yaml::CopyRegion", "source/take-alarms.yaml": "source/parameters.yaml::SourceRegion"}


def test_the_command_in_the_blocked_alarm_finds_the_blockers():
    (words,) = commands(alarms("rate(5 minutes)")["BlockedAlarm"]["AlarmDescription"].value)
    assert words[words.index("--filter-pattern") + 1] == "{ $.report.blocked > 0 }"


def age_as_shipped(**changes):
    source, destination = (config(SCEPTRE / "config" / account / "parameters.yaml")["parameters"] for account in ("source", "destination"))
    source |= changes
    gap = lambda schedule: longest_gap(normalise(schedule))
    return healthy_age(seconds(source["BackupInterval"]), gap(source["BackupSchedule"]), gap(source["ShareSchedule"]),
                       gap(destination["CopySchedule"])), seconds(destination["RpoTarget"])


def test_the_age_alarm_stays_quiet_on_a_healthy_day_with_the_shipped_configuration():
    oldest, target = age_as_shipped()
    assert age_threshold(target) - oldest >= 360, "AWS needs time for a snapshot and its copy"


def test_the_age_alarm_leaves_room_for_the_duration_of_one_snapshot():
    assert alarms("rate(5 minutes)")["AgeAlarm"]["Threshold"] == 3600 - 240
    assert [age_threshold(target) for target in (60, 1800, 5400, 93600)] == [56, 1680, 5160, 93360]


def test_a_backup_interval_too_long_for_the_target_is_found():
    oldest, target = age_as_shipped(BackupInterval="1h")
    assert oldest > target


def test_a_schedule_too_rare_for_a_silence_alarm_is_refused():
    for schedule in ("rate(7 days)", "cron(0 1 1 * ? *)"):
        with pytest.raises(ScheduleError, match="more than 6 days"):
            silence(normalise(schedule))
