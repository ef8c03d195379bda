"""The state machine of recovery keeps its contract with the worker and requests approval before any change.

It retries temporary errors for hours and ends in bounded time.
"""

import json

import pytest
from checks.asl import error_names, retryable_names
from checks.files import Tag
from checks.recovery_asl import MACHINES, SELECTED, VERDICTS, declared, document, findings, history, machine, substitutions, text


def found(planted):
    return list(findings(planted, error_names(), retryable_names()))


@pytest.mark.parametrize("purpose", MACHINES.values())
def test_the_recovery_machine_follows_every_rule(purpose):
    assert found(machine(purpose)) == []


@pytest.mark.parametrize("enum,words", [("Request", SELECTED.keys()), ("Verdict", VERDICTS), ("Purpose", set(MACHINES.values()))])
def test_worker_and_state_machine_use_the_same_event_names_and_fields(enum, words):
    assert {variant.lower() for variant in declared(enum)} == words


def test_a_name_that_only_one_side_knows_is_found(tmp_path):
    (tmp_path / "progress.rs").write_text("pub enum Verdict {\n    /// Start.\n    Next,\n    Waiting,\n    Done,\n    Failed(Run),\n}\n")
    assert {variant.lower() for variant in declared("Verdict", tmp_path)} - VERDICTS == {"done"}


def test_every_placeholder_of_the_definition_is_substituted():
    assert list(substitutions(text(), document())) == []
    planted = document()
    planted["Resources"]["Failback"]["Properties"]["DefinitionSubstitutions"]["Purpose"] = "failover"
    assert list(substitutions(text().replace("${LogGroup}", "${LogsGroup}"), planted))[:2] == [
        "Failover: ${LogsGroup} has no value", "Failover: LogGroup is not used"]
    assert "Failback: has the purpose or name of another machine" in list(substitutions(text(), planted))
    planted["Resources"]["Failover"]["Properties"]["DefinitionSubstitutions"]["ResultTopicArn"] = Tag("Ref", "InformTopicArn")
    assert "Failover: its results do not go to TopicArn" in list(substitutions(text(), planted))


def test_a_message_of_a_drill_on_the_wrong_topic_is_found():
    planted = machine("drill")
    states = planted["States"]
    states["Approve"]["Parameters"]["TopicArn"], page = states["Recovered"]["Parameters"]["TopicArn"], states["Approve"]["Parameters"]["TopicArn"]
    states["NotRecovered"]["Parameters"]["TopicArn"] = page
    assert found(planted) == [f"Approve: a drill sends it to {states['Recovered']['Parameters']['TopicArn']}", f"NotRecovered: a drill sends it to {page}"]


def set_at(*path, value):
    def mutate(states):
        *folders, last = path
        for folder in folders:
            states = states[folder]
        states[last] = value
    return mutate


def without(*path):
    def mutate(states):
        *folders, last = path
        for folder in folders:
            states = states[folder]
        del states[last]
    return mutate


def carry_everything(states):
    states["Check"]["Parameters"]["state.$"] = "$"


def lose_a_verdict(states):
    states["Verdict"]["Choices"] = [rule for rule in states["Verdict"]["Choices"] if rule.get("StringEquals") != "failed"]


def invent_a_verdict(states):
    states["Verdict"]["Choices"][0]["StringEquals"] = "done"


def approve_first(states):
    states["Begin"]["Choices"].reverse()


def look_every_15_seconds(states):
    states["WaitLonger"]["Seconds"] = 15


@pytest.mark.parametrize("mutate,expected", [
    (set_at("Check", "Parameters", "operation", value="look"), "calls the worker for"),
    (carry_everything, "Check: passes"),
    (without("Start", "Parameters", "execution", "started.$"), "Start: passes"),
    (set_at("Check", "ResultPath", value="$"), "Check: stores the answer at $"),
    (set_at("Start", "Parameters", "purpose", value="fialover"), "Start: passes"),
    (set_at("Check", "Retry", 0, "ErrorEquals", value=["Throtled"]), "Throtled is not an error"),
    (set_at("Check", "Retry", 0, "MaxAttempts", value=5), "Check: Throttled ends the recovery after"),
    (set_at("Start", "Retry", 0, "MaxAttempts", value=2000), "nobody is notified meanwhile"),
    (set_at("Start", "Retry", 0, "ErrorEquals", value=["Throttled", "Conflict", "QuotaExceeded"]), "Start: Unavailable is not retried"),
    (set_at("Check", "Retry", 2, "ErrorEquals", value=["Lambda.Unknown", "Sandbox.Timedout"]), "a crash (Runtime.ExitError) is not retried"),
    (set_at("Start", "Retry", 1, "ErrorEquals", value=["Lambda.ServiceException"]), "a failure of Lambda (Lambda.SdkClientException) is not retried"),
    (set_at("Validate", "Retry", 4, "ErrorEquals", value=["Lambda.Unknown"]), "Validate: a crash (States.Timeout) is not retried"),
    (set_at("Validate", "Retry", 1, "ErrorEquals", value=["Conflict", "InvalidInput"]), "InvalidInput is retried"),
    (set_at("Check", "Catch", value=[]), "must be States.ALL"),
    (set_at("Start", "Catch", 0, "ResultPath", value="$"), "overwrites the input"),
    (without("Check", "TimeoutSeconds"), "no TimeoutSeconds"),
    (without("Approve", "TimeoutSeconds"), "Approve: no TimeoutSeconds"),
    (lose_a_verdict, "failed is no case"),
    (invent_a_verdict, "done is no verdict"),
    (without("Verdict", "Default"), "States.NoChoiceMatched"),
    (set_at("Start", "Next", value="Wait"), "no choice reads its verdict"),
    (set_at("Verdict", "Choices", 0, "Next", value="Check"), "next leads to Check"),
    (set_at("Wait", "Next", value="Start"), "waiting leads to Wait"),
    (set_at("Validate", "Next", value="Start"), "can start without the choice"),
    (approve_first, "a dry run must end there"),
    (set_at("Begin", "Choices", 0, "BooleanEquals", value=False), "a dry run must end there"),
    (without("Begin", "Choices", 1), "approval is not requested"),
    (set_at("Approve", "Catch", 0, "Next", value="Start"), "Approve: continues after States.Timeout"),
    (set_at("Recovered", "Catch", 0, "Next", value="RecoveryFailed"), "depends on whether the message was sent"),
    (set_at("NotRecovered", "Next", value="Done"), "failed does not lead to Fail"),
    (set_at("NotRecovered", "Parameters", "Message.$", value="$.summary"), "sends a text that is not"),
    (set_at("Late", "Next", value="Done"), "late does not lead to Wait"),
    (set_at("Late", "Catch", 0, "Next", value="RecoveryFailed"), "Late: its result depends on whether the message was sent"),
    (set_at("Check", "Parameters", "sends_late", value=False), "Check: passes"),
    (set_at("Recovered", "Parameters", "Subject", value="Pilot Light: " + "it is up again and " * 6), "longer than 100"),
    (without("RecoveryFailed", "CausePath"), "loses its error or its cause"),
    (set_at("Notify", "Next", value="Fail"), "does not exist"),
    (look_every_15_seconds, "the limit is 25000"),
], ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", None))
def test_a_planted_bug_is_found(mutate, expected):
    planted = machine()
    mutate(planted["States"])
    messages = found(planted)
    assert any(expected in finding for finding in messages), messages


def test_the_longest_recovery_fits_into_the_history_of_an_execution():
    assert history(machine()) < 20_000


def restore(number):
    """A resource with all parameters of users, and its progress with the longest step and mark of the worker."""
    name = f"a-database-with-a-rather-long-name-{number:03}"
    parameters = {
        "SourceDBInstanceIdentifier": name, "DBInstanceIdentifier": name, "DBInstanceClass": "db.r6g.16xlarge", "MultiAZ": "True",
        "DBSubnetGroupName": "!Import the-subnet-group", "VpcSecurityGroupIds": "!Import the-security-group", "Port": "5432",
        "DBParameterGroupName": "resolve:ssm:/databases/parameter-group", "DeletionProtection": "True", "PubliclyAccessible": "False",
        "CopyTagsToSnapshot": "True"}
    resource = {"resourceType": "RestoreFromSnapshot", "resourceName": name, "parameters": parameters}
    progress = {"layer": 5, "name": name, "type": "RestoreFromSnapshot", "status": "not_started", "step": "s" * 240,
                "seconds": 43_200, "polls": 2_880, "spent": 43_200, "mark": {"noted": "m" * 149}}
    return resource, progress


def test_the_state_of_200_databases_fits_into_the_payload_limit():
    """The largest state follows a failed step, since the state still contains all earlier results."""
    resources, progress = zip(*[restore(number) for number in range(200)])
    layers = [{"layer": layer + 1, "resources": resources[layer * 40:layer * 40 + 40]} for layer in range(5)]
    state = {"dry_run": False, "approval": True, "layers": layers, "summary": "s" * 8192, "approved": {},
             "failure": {"Error": "AccessDenied", "Cause": "c" * 8192},
             "progress": {"at": 4, "verdict": "waiting", "resources": progress, "seconds": 43_200, "running_seconds": 43_200, "message": "m" * 8192}}
    assert len(json.dumps(state, separators=(",", ":")).encode()) < 256 * 1024
