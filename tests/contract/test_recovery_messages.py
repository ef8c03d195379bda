"""Messages about a recovery contain commands that can be typed as they are, and explain how to answer."""

import json

import pytest
from checks.messages import FormatError, commands, findings, formatted
from checks.recovery_asl import machine
from ministack.services import stepfunctions

SUMMARY = "failover, 2 layers:\n  layer 1: restore 'orders' {from} the newest copy, 12 min old; it's encrypted\n  layer 2: restore billing"
FAULTS = ("nothing was changed; the manifest has 2 problems:\n"
          "layer 1, resource 'orders' (RestoreFromSnapshot), Port: is null; write a text\n"
          "layer 2: has no resources; add at least one, or remove the layer")
DATA = {
    "summary": SUMMARY,
    "told": {"errorMessage": FAULTS},
    "progress": {"message": "1 of 2 is up: orders\nnot yet: billing (creating)"},
    "failure": {"Error": "AccessDenied", "Cause": '{"errorMessage": "restoring orders: it\'s {not} allowed \\ here"}'},
}
TOKEN = "AAAAKgAAAAIAAAAAAAAAAXv/TKYzD+9Xa6=="
CONTEXT = {
    "Execution": {"Id": "arn:aws:states:us-west-2:222222222222:execution:dr-orchestrator-stepfunction-FAILOVER:e1"},
    "StateMachine": {"Id": "arn:aws:states:us-west-2:222222222222:stateMachine:dr-orchestrator-stepfunction-FAILOVER"},
    "Task": {"Token": TOKEN},
}
ARGUMENTS = {
    "$.summary": SUMMARY, "$.told.errorMessage": FAULTS, "$.progress.message": DATA["progress"]["message"],
    "$.failure.Error": DATA["failure"]["Error"], "$.failure.Cause": DATA["failure"]["Cause"], "$$.Task.Token": TOKEN,
    "$$.Execution.Id": CONTEXT["Execution"]["Id"], "$$.StateMachine.Id": CONTEXT["StateMachine"]["Id"],
}
# The options of `pilot-light recover`.
FLAGS = {"--manifest", "--region", "--dry-run", "--follow", "--parameters", "--state-machine"}
WRITTEN = ["Approve", "NotifyNotApproved", "NotifyFaults", "NotifyNotBegun", "Notify"]


def expression(state):
    return machine()["States"][state]["Parameters"]["Message.$"]


def test_every_message_of_the_machine_is_checked():
    sent = {name: state["Parameters"]["Message.$"] for name, state in machine()["States"].items() if "Message.$" in state.get("Parameters", {})}
    assert [name for name, text in sent.items() if text.startswith("States.")] == WRITTEN
    assert {text for text in sent.values() if not text.startswith("States.")} == {"$.progress.message"}


@pytest.mark.parametrize("state", WRITTEN)
def test_every_command_of_a_message_can_be_typed(state):
    text = formatted(expression(state), ARGUMENTS)
    assert list(findings(text)) == []
    for words in commands(text):
        if words[0] == "pilot-light":
            assert words[1] == "recover" and {word for word in words if word.startswith("--")} <= FLAGS
            # Without its path it would read the destination's parameters. The first Region does not have them.
            assert words[-4:] == ["--parameters", "/pilot-light/destination", "--state-machine", ARGUMENTS["$$.StateMachine.Id"]]
        elif words[2] == "get-execution-history":
            assert words[-1] == ARGUMENTS["$$.Execution.Id"]


@pytest.mark.parametrize("state", WRITTEN)
def test_the_local_aws_formats_the_message_in_the_same_way(state):
    assert stepfunctions._evaluate_intrinsic(expression(state), DATA, CONTEXT) == formatted(expression(state), ARGUMENTS)


def test_the_request_for_approval_contains_the_plan_and_the_commands_to_answer():
    text = formatted(expression("Approve"), ARGUMENTS)
    approve, refuse, _ = commands(text)
    assert SUMMARY in text and "Without an answer within 21600 seconds, it ends and changes nothing." in text
    assert approve[:3] == ["aws", "stepfunctions", "send-task-success"] and refuse[:3] == ["aws", "stepfunctions", "send-task-failure"]
    for words in (approve, refuse):
        assert words[words.index("--task-token") + 1] == TOKEN and words[words.index("--region") + 1] == "ap-southeast-1"
    assert json.loads(approve[approve.index("--task-output") + 1]) == {}
    assert refuse[refuse.index("--error") + 1] == "RecoveryRefused"


def test_each_problem_of_a_manifest_has_its_own_line():
    assert FAULTS.splitlines() == [line.removeprefix("AccessDenied: ") for line in formatted(expression("NotifyFaults"), ARGUMENTS).splitlines()][2:5]
    path = machine()["States"]["Faults"]["Parameters"]["told.$"]
    failure = {"failure": {"Cause": json.dumps({"errorType": "InvalidInput", "errorMessage": FAULTS})}}
    assert stepfunctions._evaluate_intrinsic(path, failure, {})["errorMessage"] == FAULTS


@pytest.mark.parametrize("change,expected", [
    (("--task-output \\'\\{\\}\\'", "--task-output \\{\\}x"), "--task-output is no JSON"),
    (("--cause \\'not now\\'", "--cause \\'not now"), "a shell cannot read"),
])
def test_a_planted_bug_in_a_command_is_found(change, expected):
    assert change[0] in expression("Approve")
    assert [finding for finding in findings(formatted(expression("Approve").replace(*change), ARGUMENTS)) if expected in finding]


def test_a_planted_bug_in_the_escaping_is_found():
    with pytest.raises(FormatError, match="must be escaped"):
        formatted(expression("Approve").replace("\\{\\}", "{x}"), ARGUMENTS)
