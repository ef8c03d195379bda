"""The commands of Sceptre on the local AWS, as users type them.

The tests validate, launch, launch again, change a value or a worker, give an invalid value, delete, and launch once more.
"""

import json
import shutil
import sys
import zipfile

import pytest
from local import deploy, estate, zips
from local.aws import ROOT, LocalAws
from local.watch import Watch
from pilot_light_sceptre.target import target_folder
from tests.contract.checks.files import config, local_variables

SLOW = "rate(1 hour)"
SCHEDULES = {
    "source": {"BackupSchedule": SLOW, "ShareSchedule": SLOW, "DeleteSchedule": SLOW},
    "destination": {"CopySchedule": SLOW, "DeleteSchedule": SLOW},
}
PLACES = dict(zip(("source", "destination"), estate.PLACES))
EMPTY = "333333333333"
ARN = "arn:aws:kms:{}:{}:key/abc-1"
# ministack's answer to DescribeStacks lacks two lists that AWS always sends, and `sceptre diff` reads both.
DIFF = """
from sceptre.cli import cli
from sceptre.plan.actions import StackActions

described = StackActions.describe

def describe(self):
    answer = described(self)
    for stack in answer["Stacks"]:
        stack.setdefault("NotificationARNs", [])
        stack.setdefault("Tags", [])
    return answer

StackActions.describe = describe
cli()
"""


class Deployment:
    """Both accounts, launched, and the commands of users."""

    def __init__(self, aws, folder):
        self.aws = aws
        self.folder = folder
        self.differ = folder / "differ.py"
        self.differ.write_text(DIFF)

    def options(self, artifacts=None, **changes):
        """A var file with slow schedules, and changes to a group's values, or to the Regions."""
        variables = changes | {group: SCHEDULES[group] | changes.get(group, {}) for group in PLACES}
        variables |= {"artifacts": str(artifacts)} if artifacts else {}
        path = self.folder / "vars.json"
        path.write_text(json.dumps(variables))
        return {"more": [path]}

    def launch(self, group, **changes):
        """The stacks that changed, without their group's name."""
        launched = deploy.launch(self.aws, PLACES[group][0], group, **self.options(**changes))
        return {name.split("/")[1] for name, changed in launched.items() if changed}

    def command(self, command, group, *more, account=None, program=None, project=ROOT / "sceptre", **changes):
        return deploy.sceptre(
            self.aws, account or PLACES[group][0], command, group, *more, program=program, project=project, **self.options(**changes))

    def diff(self, group, **changes):
        return self.command("diff", group, program=[sys.executable, "-P", str(self.differ)], **changes)

    def client(self, service, group):
        return self.aws.client(service, *PLACES[group])

    def stacks(self, account, region):
        """The stacks with their status and the time of their last change. If it is equal before and after, no stack was changed."""
        found = self.aws.client("cloudformation", account, region).describe_stacks()["Stacks"]
        return sorted((stack["StackName"], stack["StackStatus"], str(stack.get("LastUpdatedTime"))) for stack in found)

    def functions(self, group):
        return {function["FunctionName"] for function in self.client("lambda", group).list_functions()["Functions"]}


@pytest.fixture(scope="module")
def deployed(tmp_path_factory):
    zips.zip_workers()
    with LocalAws(estate.PLACES, logs=target_folder() / "test-sceptre", snapshot="0..1", copy="0..1") as aws:
        deployed = Deployment(aws, tmp_path_factory.mktemp("sceptre"))
        deployed.keys = estate.launch_keys(aws, **deployed.options())
        for name in ("orders", "billing"):
            estate.create_database(aws, name, deployed.keys.source)
        estate.launch_all(aws, **deployed.options())
        deployed.watch = Watch(aws)
        yield deployed


@pytest.mark.parametrize("group", PLACES)
def test_every_stack_is_generated_and_valid(deployed, group, tmp_path):
    # Stacks that this test does not launch are left out, since the local AWS may not support them.
    shutil.copytree(ROOT / "sceptre", tmp_path / "sceptre")
    stacks = [path for path in (tmp_path / "sceptre/config" / group).glob("*.yaml") if path.name != "config.yaml"]
    launched = [path for path in stacks if not config(path, local_variables()).get("ignore")]
    for path in set(stacks) - set(launched):
        path.unlink()
    assert deployed.command("validate", group, project=tmp_path / "sceptre").count(" is valid.") == len(launched)
    assert deployed.command("generate", group, project=tmp_path / "sceptre").count("AWSTemplateFormatVersion") == len(launched)


@pytest.mark.parametrize("group", PLACES)
def test_launching_again_changes_nothing_and_shows_no_difference(deployed, group):
    account, region = PLACES[group]
    before = deployed.stacks(account, region)
    assert deployed.launch(group) == set()
    assert deployed.stacks(account, region) == before
    assert "stacks with differences detected" not in deployed.diff(group)


def test_sceptre_diff_shows_a_difference(deployed):
    output = deployed.diff("source", source={"RetentionDays": "5m"})
    assert "1 stacks with differences detected" in output and "RetentionDays" in output


def test_a_changed_value_changes_only_its_stack_and_the_next_run_reads_it(deployed):
    planned = lambda: deployed.watch.run("take", event={"dry_run": True}).report["planned"]
    databases = lambda: deployed.client("rds", "source").describe_db_instances()["DBInstances"]
    deployed.watch.until("the databases", lambda: {"available"} == {instance["DBInstanceStatus"] for instance in databases()}, 30)
    assert planned() == 2
    assert deployed.launch("source", source={"InstanceNamePattern": "^orders$"}) == {"parameters"}
    assert planned() == 1


def test_a_changed_schedule_also_changes_its_worker(deployed):
    # The stack of the worker's alarms changes too, since the alarms depend on the schedule.
    stacks = lambda changed: {name.partition("-")[0] for name in changed}
    assert stacks(deployed.launch("source", source={"BackupSchedule": "rate(2 hours)"})) == {"parameters", "take"}
    rule = deployed.client("events", "source").list_rules(NamePrefix="pilot-light-source-take")["Rules"][0]
    assert rule["ScheduleExpression"] == "rate(2 hours)"
    assert stacks(deployed.launch("source")) == {"parameters", "take"}


def test_a_changed_worker_changes_only_its_stack(deployed, tmp_path):
    shutil.copytree(zips.ZIPS, tmp_path / "zips")
    with zipfile.ZipFile(tmp_path / "zips" / "source-take" / "bootstrap.zip", "a") as zipped:
        zipped.writestr("NEW", "a later version")
    assert deployed.launch("source", artifacts=tmp_path / "zips") == {"take"}
    assert deployed.watch.run("take", event={"dry_run": True}).status == "SUCCEEDED"
    assert deployed.launch("source") == {"take"}


def test_a_worker_can_be_left_out_and_added_again(deployed):
    alarms = lambda: {alarm["AlarmName"] for alarm in deployed.client("cloudwatch", "source").describe_alarms(
        AlarmNamePrefix="pilot-light-source-share")["MetricAlarms"]}
    rules = lambda: deployed.client("events", "source").list_rules(NamePrefix="pilot-light-source-share")["Rules"]
    deployed.launch("source", source={"ShareSnapshots": "FALSE"})
    assert deployed.functions("source") == {"pilot-light-source-take", "pilot-light-source-delete", "pilot-light-source-recover"}
    assert (alarms(), rules()) == (set(), [])
    deployed.launch("source")
    assert "pilot-light-source-share" in deployed.functions("source") and alarms() and len(rules()) == 1


@pytest.mark.parametrize("command,group,name,value,expected", [
    ("validate", "source", "DestinationAccount", "REQUIRED", "must be 12-digit account ids"),
    ("diff", "source", "BackupSchedule", "rate(30 seconds)", "must be cron"),
    ("launch", "source", "BackupSchedule", "rate(30 seconds)", "must be cron"),
    ("launch", "source", "DestinationAccount", "111111111111", "111111111111 is this account itself"),
    ("launch", "source", "KmsKeyShare", ARN.format("us-east-1", "222222222222"), "the key belongs to account 222222222222"),
    ("launch", "destination", "KmsKeyDestination", ARN.format("us-west-2", "111111111111"), "the key belongs to account 111111111111"),
    ("launch", "destination", "SourceAccounts", "REQUIRED", "must be 12-digit account ids"),
])
def test_an_invalid_value_stops_a_launch_before_anything_is_changed(deployed, command, group, name, value, expected):
    before = deployed.stacks(*PLACES[group])
    with pytest.raises(deploy.DeployError) as refused:
        deployed.command(command, group, *(["-y"] if command == "launch" else []), **{group: {name: value, "RtoTarget": "1m"}})
    assert f"{name} is '{value}': " in str(refused.value) and expected in str(refused.value)
    assert deployed.stacks(*PLACES[group]) == before


def test_a_first_launch_with_invalid_values_reports_all_of_them_and_leaves_nothing_behind(deployed):
    bad = {"DestinationAccount": EMPTY, "BackupSchedule": "rate(30 seconds)", "RetentionDays": "0"}
    with pytest.raises(deploy.DeployError) as refused:
        deployed.command("launch", "source", "-y", account=EMPTY, source=bad)
    assert [name for name in bad if f"{name} is '" not in str(refused.value)] == []
    assert deployed.stacks(EMPTY, "us-east-1") == []


def test_an_own_key_in_the_wrong_region_stops_a_launch_before_the_parameters_are_changed(deployed):
    # The key's ARN is the output of another stack. It is known only after that stack was launched. No other stack is changed.
    before = deployed.stacks(*PLACES["destination"])
    with pytest.raises(deploy.DeployError, match="the key is in eu-west-1; give a key in us-east-1"):
        deployed.launch("destination", regions={"source": "eu-west-1"}, destination={"SourceRegionOverride": "us-east-1", "LogLevel": "DEBUG"})
    assert deployed.stacks(*PLACES["destination"]) == before


def test_deleted_stacks_leave_bucket_keys_and_snapshots_and_can_be_launched_again(deployed):
    deployed.watch.run("take")
    deployed.watch.until("a snapshot", lambda: all(estate.points(deployed.aws, name)[0] for name in ("orders", "billing")), 30)
    deployed.watch.run("share")
    deployed.watch.run("copy")
    deployed.watch.until("a copy", lambda: all(estate.points(deployed.aws, name)[1] for name in ("orders", "billing")), 30)
    kept = {group: retained(deployed, group) for group in PLACES}
    for group in PLACES:
        deployed.command("delete", group, "-y")
        assert deployed.stacks(*PLACES[group]) == [] and deployed.functions(group) == set()
        assert retained(deployed, group) == kept[group]
        assert deployed.client("kms", group).list_aliases()["Aliases"] == []
    for group in PLACES:
        assert len(deployed.launch(group)) >= 10
        assert kept[group]["keys"] < retained(deployed, group)["keys"]
        assert kept[group]["buckets"] < retained(deployed, group)["buckets"]
    assert deployed.stacks(*PLACES["destination"])
    copies = deployed.watch.run("copy", event={"dry_run": True})
    # The worker recognises the copies under the old key and makes no second copy.
    assert (copies.status, copies.report["planned"]) == ("SUCCEEDED", 0)


def retained(deployed, group):
    return {
        "buckets": {bucket["Name"] for bucket in deployed.client("s3", group).list_buckets()["Buckets"]},
        "keys": {key["KeyArn"] for key in deployed.client("kms", group).list_keys()["Keys"]},
        "snapshots": {snapshot["DBSnapshotArn"] for snapshot in estate.snapshots(deployed.aws, *PLACES[group])},
    }
