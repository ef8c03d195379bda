"""The recover stacks of both accounts: their names agree, their schedules start the right machine, and their alarms can fire."""

import json
import types

import pytest
from checks.alarms import DAY
from checks.alarms import findings as unfit
from checks.files import SCEPTRE, Tag, config, template
from checks.messages import findings as unusable
from checks.references import configs, packages
from pilot_light_sceptre.manifests import ManifestSchedule, schedule
from sceptre.exceptions import SceptreException

ACCOUNTS = ["source", "destination"]
MACHINES = ["Failover", "Failback", "Drill"]
MANIFEST = json.dumps({"StatePayload": [{"layer": 1, "resources": [{"resourceType": "RestoreDrill", "resourceName": "orders", "parameters": {}}]}]})
FROM_PARAMETERS = ["FailoverName", "FailbackName", "DrillName", "DrillManifest", "RefreshManifest"]


def findings(all_configs):
    """The findings about the recover stacks: code, definition, policy, and the source of each value."""
    for account in ACCOUNTS:
        name = f"{account}/recover.yaml"
        configured = all_configs[name]
        given = configured["parameters"]
        output = lambda stack, key: Tag("stack_output", f"{account}/{stack}.yaml::{key}")
        wanted = {
            "CodeKey": Tag("worker_key", "destination-recover"), "DefinitionKey": Tag("definition_key", "recover.asl.json"),
            "PolicyArn": output("policies-recover", "Recover"), "ParameterPath": output("parameters", "Path"),
            "TopicArn": output("notifications", "TopicArn"), "InformTopicArn": output("notifications", "InformTopicArn"),
            "TopicKeyArn": output("notifications", "KeyArn"),
            "ArtifactsBucket": output("artifacts", "BucketName"),
            "ApprovalSeconds": Tag("duration_seconds", {"parameter": "ApprovalTimeout", "value": output("parameters", "ApprovalTimeout")}),
        } | {key: output("parameters", key) for key in FROM_PARAMETERS} | {
            f"{purpose}Schedule": Tag("manifest_schedule", {
                "parameter": f"{purpose}Schedule", "value": output("parameters", f"{purpose}Schedule"),
                "manifest": output("parameters", f"{purpose}Manifest")}) for purpose in ("Drill", "Refresh")}
        yield from (f"{name}: {key} is {given.get(key)}" for key in sorted(wanted) if given.get(key) != wanted[key])
        upload = Tag("upload_artifacts", {"worker": "destination-recover", "definition": "recover.asl.json"})
        yield from (f"{name}: {when} uploads {found}" for when, found in configured["hooks"].items()
                    if when in ("before_create", "before_update") and found != [upload])
        alarmed = all_configs[f"{account}/recover-alarms.yaml"]["parameters"]
        yield from (f"{account}/recover-alarms.yaml: {machine}Arn is {alarmed[f'{machine}Arn']}" for machine in MACHINES
                    if alarmed[f"{machine}Arn"] != output("recover", f"{machine}Arn"))


def test_the_names_in_both_recovery_stacks_agree():
    assert list(findings(configs())) == []
    assert "destination-recover" in packages()


def test_planted_mix_ups_of_names_are_found():
    planted = configs()
    planted["source/recover.yaml"]["parameters"]["ParameterPath"] = Tag("stack_output", "destination/parameters.yaml::Path")
    planted["destination/recover.yaml"]["parameters"]["RefreshManifest"] = Tag("stack_output", "destination/parameters.yaml::DrillManifest")
    planted["destination/recover.yaml"]["hooks"]["before_update"] = []
    planted["source/recover-alarms.yaml"]["parameters"]["FailbackArn"] = Tag("stack_output", "source/recover.yaml::FailoverArn")
    assert len(list(findings(planted))) == 4


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_shipped_configuration_starts_no_recovery_and_requests_no_approval(account):
    shown = config(SCEPTRE / "config" / account / "parameters.yaml")["parameters"]
    assert {shown[f"{purpose}{part}"] for purpose in ("Drill", "Refresh") for part in ("Schedule", "Manifest")} == {"None"}
    assert (shown["RecoverApproval"], shown["FailoverName"], shown["FailbackName"], shown["DrillName"]) == (
        "NO", "dr-orchestrator-stepfunction-FAILOVER", "dr-orchestrator-stepfunction-FAILBACK", "pilot-light-drill")


def test_a_schedule_starts_only_the_drill_machine_with_its_own_manifest():
    resources = template(SCEPTRE / "templates" / "recover.yaml")["Resources"]
    for purpose, condition in (("Drill", "DrillsOnSchedule"), ("Refresh", "RefreshesOnSchedule")):
        rule = resources[f"{purpose}Rule"]
        (target,) = rule["Properties"]["Targets"]
        assert (rule["Condition"], rule["Properties"]["ScheduleExpression"]) == (condition, Tag("Ref", f"{purpose}Schedule"))
        assert (target["Arn"], target["Input"]) == (Tag("Ref", "Drill"), Tag("Ref", f"{purpose}Manifest"))
    (statement,) = resources["ScheduleRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("states:StartExecution", Tag("Ref", "Drill"))


@pytest.mark.parametrize("text,expected", [
    ("None", "None"), ("0 3 1 * ? *", "cron(0 3 1 * ? *)"), ("rate(7 days)", "rate(7 days)"), ("cron(0 3 ? * SUN *)", "cron(0 3 ? * SUN *)")])
def test_a_drill_may_have_any_frequency(text, expected):
    assert schedule(text, MANIFEST) == expected


def test_a_manifest_may_be_a_reference():
    assert schedule("rate(7 days)", '{"StatePayload": "resolve:ssm:/drills"}') == "rate(7 days)"


@pytest.mark.parametrize("value,manifest,expected", [
    ("rate(7 days)", "None", "DrillManifest: it is None, so its schedule has nothing to start"),
    ("rate(7 days)", '{"StatePayload": []}', "DrillManifest: it is not a manifest"),
    ("rate(7 days)", '{"layers": 1}', "DrillManifest: it is not a manifest"),
    ("rate(7 days)", "[]", "DrillManifest: it is not a manifest"),
    ("rate(7 days)", MANIFEST + " " * 4096, "CloudFormation takes at most 4096"),
    ("rate(7 days)", MANIFEST.replace("RestoreDrill", "RestoreFromSnapshot"), "DrillManifest: it has the resourceType 'RestoreFromSnapshot'"),
    ("rate(7 days)", '{"StatePayload": "drills"}', "DrillManifest: it is not a manifest"),
    ("weekly", MANIFEST, "DrillSchedule is 'weekly': allowed are"),
])
def test_a_schedule_without_a_valid_manifest_is_refused_by_name(value, manifest, expected):
    stack = types.SimpleNamespace(name="destination/recover")
    with pytest.raises(SceptreException, match="^destination/recover: ") as refused:
        ManifestSchedule({"parameter": "DrillSchedule", "value": value, "manifest": manifest}, stack).resolve()
    assert expected in str(refused.value)


def alarms():
    resources = template(SCEPTRE / "templates" / "recover-alarms.yaml")["Resources"]
    return {name: resource["Properties"] for name, resource in resources.items()}


def test_every_machine_has_an_alarm_on_every_end_but_success():
    of_machines = [alarm for alarm in alarms().values() if alarm["Namespace"] == "AWS/States"]
    watched = {(alarm["Dimensions"][0]["Value"].value, alarm["MetricName"]) for alarm in of_machines}
    assert watched == {(f"{machine}Arn", f"Executions{end}") for machine in MACHINES for end in ("Failed", "TimedOut", "Aborted")}
    assert len(of_machines) == len(watched)
    names = [alarm["AlarmName"].value for alarm in alarms().values()]
    assert len(set(names)) == len(names)


def test_every_alarm_can_fire_on_one_execution_and_contains_usable_commands():
    for name, alarm in alarms().items():
        assert list(unfit(alarm, DAY)) == [], name
        text = alarm["AlarmDescription"].value
        assert list(unusable(text)) == [] and "${AWS::Region}" in text and "${AWS::AccountId}" in text, name
        of = alarm["Dimensions"][0]["Value"]
        machine = f"{of.capitalize()}Arn" if isinstance(of, str) else of.value
        assert f"--state-machine-arn ${{{machine}}}" in text, name
        assert len(text) < 900, f"{name}: CloudWatch takes 1024 characters with the names put in"
        assert alarm["AlarmActions"] == alarm["OKActions"], name


def test_an_alarm_of_each_purpose_is_raised_when_the_rto_target_passes_while_an_execution_runs():
    found = [alarm for alarm in alarms().values() if alarm["Namespace"] == "PilotLight"]
    assert {alarm["MetricName"] for alarm in found} == {"RtoTargetPassed"}
    assert [alarm["Dimensions"] for alarm in found] == [[{"Name": "Purpose", "Value": machine.lower()}] for machine in MACHINES]


def test_an_alarm_that_needs_two_failed_recoveries_is_found():
    assert list(unfit(alarms()["FailoverFailedAlarm"] | {"Threshold": 2}, DAY))
