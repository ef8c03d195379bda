"""The real state machine of recovery on the local AWS, with a stub in place of the worker: its calls, its waits and its messages.

The waits take no time here. The stub needs no databases, so the simulator does not run.
"""

import json
import pathlib

import pytest
from local import deploy, estate, zips
from local.aws import LocalAws
from local.watch import Watch
from pilot_light_sceptre.target import target_folder
from tests.contract.checks.messages import commands
from tests.contract.checks.messages import findings as unusable

PLACE = estate.DESTINATION, estate.DESTINATION_REGION
UNANSWERED = "pilot-light-unanswered"
DRILL = {"resourceType": "RestoreDrill", "resourceName": "orders", "parameters": {}}
VALIDATED = {"verdict": "next"}
WAITING = {"verdict": "waiting", "message": "waiting for orders"}
UP = {"verdict": "recovered", "message": "all is up\nin 12 s of 3 h"}


class WithoutDatabases(LocalAws):
    """The local AWS without the simulator."""

    def start_simulator(self):
        return "http://127.0.0.1:9"


class Recovery:
    """The deployed recover stack, and the messages of its topic."""

    def __init__(self, aws, folder):
        self.aws = aws
        self.folder = folder
        self.watch = Watch(aws, names=("failover", "drill"))
        self.states = self.watch.clients["failover"]
        self.queue = estate.subscribe_queue(aws, *PLACE, "destination")
        self.messages = []
        self.scripts = 0

    def manifest(self, *steps, **more):
        """A manifest for which the stub answers with these steps, one for each call."""
        self.scripts += 1
        self.script = self.folder / f"script-{self.scripts}.json"
        self.script.write_text(json.dumps([VALIDATED, *steps]))
        resources = [{"resourceType": "RestoreFromSnapshot", "resourceName": "orders", "parameters": {"script": str(self.script)}}]
        return {"StatePayload": [{"layer": 1, "resources": resources}], **more}

    def run(self, *steps, machine="failover", **more):
        return self.watch.run(machine, seconds=60, event=self.manifest(*steps, **more))

    def calls(self):
        """The inputs of the stub's calls in the last run."""
        return [json.loads(line) for line in pathlib.Path(f"{self.script}.calls").read_text().splitlines()]

    def operations(self):
        return [call["operation"] for call in self.calls()]

    def message(self, subject):
        """The only message with `subject` in its subject. The message is removed."""
        sqs = self.aws.client("sqs", *PLACE)

        def receive():
            for message in sqs.receive_message(QueueUrl=self.queue, MaxNumberOfMessages=10).get("Messages", []):
                sqs.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                self.messages.append(json.loads(message["Body"]))
            return [message for message in self.messages if subject in message["Subject"]]

        (found,) = self.watch.until(f"a message: {subject}", receive, 20)
        self.messages.remove(found)
        return found["Message"]

    def start(self, *steps, **more):
        arn = estate.machine_arn("failover")
        return self.states.start_execution(stateMachineArn=arn, input=json.dumps(self.manifest(*steps, **more)))["executionArn"]

    def end(self, arn):
        return self.watch.until("its end", lambda: self.watch.look() or self.watch.ended.get(arn), 30)


@pytest.fixture(scope="module")
def recovery(tmp_path_factory):
    folder = tmp_path_factory.mktemp("recovery")
    zips.zip_one(pathlib.Path(__file__).with_name("recover_stub.py"), folder / "zips" / "destination-recover" / "bootstrap.zip")
    drill = {"StatePayload": [{"layer": 1, "resources": [DRILL]}]}
    variables = folder / "vars.yaml"
    variables.write_text(json.dumps({"artifacts": str(folder / "zips"), "destination": {
        "DrillSchedule": "0 3 1 * ? *", "DrillManifest": json.dumps(drill)}}))
    with WithoutDatabases([PLACE], logs=target_folder() / "test-recovery", env={"SFN_WAIT_SCALE": "0"}) as aws:
        deploy.launch(aws, estate.DESTINATION, "destination/recover-alarms.yaml", more=[variables])
        yield Recovery(aws, folder)


def test_a_dry_run_ends_with_the_plan_and_starts_nothing(recovery):
    ended = recovery.run(dry_run=True, approval=True)
    assert (ended.status, ended.report["summary"].splitlines()[1]) == ("SUCCEEDED", "restore billing")
    assert recovery.operations() == ["validate"]


def test_layers_are_recovered_in_order_with_waits_between(recovery):
    ended = recovery.run(WAITING, WAITING, {"verdict": "next", "at": 1}, WAITING, UP)
    assert (ended.status, ended.report["verdict"], ended.report["message"]) == ("SUCCEEDED", "recovered", UP["message"])
    assert recovery.operations() == ["validate", "start", "check", "check", "start", "check"]
    assert [call["at"] for call in recovery.calls()] == [None, 0, 0, 0, 1, 0]
    assert recovery.message("failover done in 222222222222 us-west-2") == UP["message"]


def test_the_worker_receives_the_input_of_its_contract(recovery):
    recovery.run(UP)
    validate, start = recovery.calls()
    assert validate["fields"] == ["execution", "input", "operation", "purpose"]
    assert start["fields"] == ["execution", "layers", "operation", "progress", "purpose", "sends_late"]
    assert validate["execution"] == start["execution"] and validate["execution"]["id"].split(":")[6] == "dr-orchestrator-stepfunction-FAILOVER"
    assert validate["execution"].keys() == {"id", "started"}
    recovery.message("failover done")


def test_each_machine_has_its_purpose(recovery):
    assert recovery.run(UP, machine="drill").status == "SUCCEEDED"
    assert {call["purpose"] for call in recovery.calls()} == {"drill"}
    recovery.message("drill done")


def test_a_failure_is_reported_and_fails_the_execution(recovery):
    failed = {"verdict": "failed", "message": "up: billing\nnot up: orders, its snapshot is gone\nnot begun: shop"}
    ended = recovery.run(WAITING, failed)
    assert (ended.status, ended.error, ended.cause) == ("FAILED", "RecoveryFailed", failed["message"])
    assert recovery.message("failover FAILED in 222222222222 us-west-2") == failed["message"]


def test_a_temporary_failure_is_retried_until_it_ends(recovery):
    errors = [{"error": name} for name in ("Throttled", "Unavailable", "Conflict", "QuotaExceeded", "Lambda.Unknown")]
    ended = recovery.run(errors[0], WAITING, *errors, *errors[:4] * 5, WAITING, UP)
    assert ended.status == "SUCCEEDED"
    assert recovery.operations() == ["validate", "start", "start", *["check"] * 27]
    recovery.message("failover done")


def test_a_worker_that_crashes_is_called_again(recovery):
    crash = {"error": "crash"}
    assert recovery.run(crash, WAITING, crash, crash, UP).status == "SUCCEEDED"
    assert recovery.operations() == ["validate", "start", "start", "check", "check", "check"]
    recovery.message("failover done")


def test_a_permanent_failure_ends_the_recovery_with_the_command_to_continue(recovery):
    ended = recovery.run(WAITING, {"error": "AccessDenied", "message": "restoring orders: the key is disabled"})
    assert (ended.status, ended.error, recovery.operations()) == ("FAILED", "AccessDenied", ["validate", "start", "check"])
    text = recovery.message("failover STOPPED")
    assert "waiting for orders" in text and "the key is disabled" in text and list(unusable(text)) == []


def test_an_unknown_verdict_ends_the_recovery(recovery):
    assert recovery.run({"verdict": "perhaps"}).error == "Internal"
    assert "both must be of one version" in recovery.message("failover STOPPED")


@pytest.mark.parametrize("manifest", [{"StatePayload": []}, {}, ["restore"], "restore everything"])
def test_the_problems_of_an_invalid_manifest_are_reported_line_by_line(recovery, manifest):
    ended = recovery.watch.run("failover", event=manifest)
    assert (ended.status, ended.error) == ("FAILED", "InvalidInput")
    text = recovery.message("failover cannot begin")
    assert "\nInvalidInput: the manifest: StatePayload is missing\nsecond problem: the layers are missing\n" in text
    assert list(unusable(text)) == []


def test_approval_is_requested_and_given_with_the_command_in_the_message(recovery):
    arn = recovery.start(UP, approval=True)
    text = recovery.message("failover waits for approval")
    assert "restore 'orders' {12 min old}\nrestore billing" in text
    approve, *_ = commands(text)
    assert (recovery.operations(), approve[2]) == (["validate"], "send-task-success")
    recovery.states.send_task_success(taskToken=option(approve, "--task-token"), output=option(approve, "--task-output"))
    assert recovery.end(arn).status == "SUCCEEDED"
    assert recovery.operations() == ["validate", "start"]
    recovery.message("failover done")


def test_a_refusal_changes_nothing(recovery):
    arn = recovery.start(UP, approval=True)
    _, refuse, _ = commands(recovery.message("failover waits for approval"))
    recovery.states.send_task_failure(
        taskToken=option(refuse, "--task-token"), error=option(refuse, "--error"), cause=option(refuse, "--cause"))
    ended = recovery.end(arn)
    assert (ended.status, ended.error, recovery.operations()) == ("FAILED", "RecoveryRefused", ["validate"])
    text = recovery.message("failover was not begun")
    assert "nothing was changed" in text and list(unusable(text)) == []


def test_a_missing_answer_is_not_an_approval(recovery):
    """The definition is changed to wait for one second."""
    deployed = recovery.states.describe_state_machine(stateMachineArn=estate.machine_arn("failover"))
    definition = json.loads(deployed["definition"])
    assert definition["States"]["Approve"]["TimeoutSeconds"] == 3600
    definition["States"]["Approve"]["TimeoutSeconds"] = 1
    arn = recovery.states.create_state_machine(
        name=UNANSWERED, definition=json.dumps(definition), roleArn=deployed["roleArn"])["stateMachineArn"]
    started = recovery.states.start_execution(stateMachineArn=arn, input=json.dumps(recovery.manifest(UP, approval=True)))["executionArn"]
    described = lambda: recovery.states.describe_execution(executionArn=started)
    recovery.watch.until("its end", lambda: described()["status"] != "RUNNING", 30)
    assert (described()["status"], described()["error"], recovery.operations()) == ("FAILED", "RecoveryUnanswered", ["validate"])
    recovery.message("failover waits for approval")
    assert "nobody approved" in recovery.message("failover was not begun")


def test_the_drill_has_its_schedule_and_the_refresh_has_none(recovery):
    events = recovery.aws.client("events", *PLACE)
    (rule,) = events.list_rules(NamePrefix="pilot-light-destination-recover")["Rules"]
    (target,) = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    assert (rule["Name"], rule["ScheduleExpression"]) == ("pilot-light-destination-recover-drill", "cron(0 3 1 * ? *)")
    assert target["Arn"] == estate.machine_arn("drill")
    assert json.loads(target["Input"])["StatePayload"][0]["resources"] == [DRILL]


def test_a_failed_recovery_raises_its_alarm(recovery):
    recovery.run({"verdict": "failed", "message": "not up: orders"})
    cloudwatch = recovery.aws.client("cloudwatch", *PLACE)
    alarm = lambda: cloudwatch.describe_alarms(AlarmNames=["pilot-light-destination-recover-alarms-failover-failed"])["MetricAlarms"][0]
    recovery.watch.until("the alarm", lambda: alarm()["StateValue"] == "ALARM", 20)
    assert list(unusable(alarm()["AlarmDescription"])) == []
    assert recovery.aws.step_functions.problem is None


def option(words, name):
    return words[words.index(name) + 1]
