"""Commands in messages can be typed as they are: the shell leaves every one unchanged."""

import json

import pytest
from checks.asl import longest
from checks.files import ROOT
from checks.messages import FormatError, commands, findings, formatted
from ministack.services import stepfunctions

ARGUMENTS = {
    "$.failure.Error": "AccessDenied",
    "$.failure.Cause": '{"errorMessage": "copying orders: it\'s {not} allowed \\ here"}',
    "$$.Execution.Id": "arn:aws:states:us-west-2:222222222222:execution:pilot-light-destination-copy:e1",
    "$$.StateMachine.Id": "arn:aws:states:us-west-2:222222222222:stateMachine:pilot-light-destination-copy",
}
DATA = {"failure": {"Error": ARGUMENTS["$.failure.Error"], "Cause": ARGUMENTS["$.failure.Cause"]}}
STUCK = "orders is late\n\nIt's {late} \\ now.\n\nSfn.SfnException: not authorized"
CONTEXT = {"Execution": {"Id": ARGUMENTS["$$.Execution.Id"]}, "StateMachine": {"Id": ARGUMENTS["$$.StateMachine.Id"]}}


def expression(state):
    machine = json.loads((ROOT / "statemachines" / "worker.asl.json").read_text())
    text = longest(machine["States"][state]["Parameters"]["Message.$"])
    return text.replace("${LogGroup}", "/aws/lambda/pilot-light-destination-copy")


@pytest.mark.parametrize("state", ["Notify", "Page"])
def test_every_command_of_a_message_can_be_typed(state):
    text = formatted(expression(state), ARGUMENTS)
    assert list(findings(text)) == []
    assert all(value in text for value in ARGUMENTS.values())
    logs, history, start = commands(text)
    assert (logs[1], history[2], start[2]) == ("logs", "get-execution-history", "start-execution")
    assert history[-1] == ARGUMENTS["$$.Execution.Id"]
    assert json.loads(start[start.index("--input") + 1]) == {"dry_run": True}


@pytest.mark.parametrize("state", ["Notify", "Page"])
def test_the_local_aws_formats_the_message_in_the_same_way(state):
    assert stepfunctions._evaluate_intrinsic(expression(state), DATA, CONTEXT) == formatted(expression(state), ARGUMENTS)


def test_the_message_about_stuck_messages_contains_the_first_of_them_and_the_command_that_shows_all():
    text = expression("Unannounced").replace("${AnnounceName}", "pilot-light-destination-notifications")
    path = "$.announced.unsent[0]"
    assert path in text
    # The other arguments are as above. `formatted` knows neither a function as an argument nor an index.
    written = text.replace(f"States.ArrayLength({path[:-3]}), {path}", "$.number, $.first")
    found = formatted(written, ARGUMENTS | {"$.number": "2", "$.first": STUCK})
    assert list(findings(found)) == [] and STUCK in found and "Messages: 2." in found
    show, look = commands(found)
    assert (show[2], show[-1], look[2]) == ("describe-execution", ARGUMENTS["$$.Execution.Id"], "list-state-machines")
    assert stepfunctions._evaluate_intrinsic(text, {"announced": {"unsent": [STUCK, "another"]}}, CONTEXT) == found


def test_a_message_that_is_stuck_keeps_its_text_and_the_reason():
    machine = json.loads((ROOT / "statemachines" / "worker.asl.json").read_text())
    text = machine["States"]["Announce"]["ItemProcessor"]["States"]["NotHandedOver"]["Parameters"]["unsent.$"]
    values = ARGUMENTS | {"$.subject": "orders is late", "$.text": "It's {late} \\ now."}
    data = DATA | {"subject": values["$.subject"], "text": values["$.text"]}
    assert formatted(text, values) == stepfunctions._evaluate_intrinsic(text, data, CONTEXT)
    assert formatted(text, values).startswith("orders is late\n\nIt's {late} \\ now.\n\nAccessDenied: ")


def test_missing_quotes_in_a_command_are_found():
    planted = expression("Notify").replace("\\'", "")
    assert list(findings(formatted(planted, ARGUMENTS))) == ["--input is no JSON once the shell has read it: {dry_run:true}"]
    assert list(findings("Type:\n  aws logs tail 'x")) == ["a shell cannot read a command: No closing quotation"]
    assert list(findings("Look at the logs.")) == ["it contains no command"]


@pytest.mark.parametrize("change,expected", [
    (("\\'", "'"), "a quote in the string"),
    (("\\{", "{"), "must be escaped"),
    (("Error: {}", "Error: "), "more arguments"),
    (("Error: ", "Error\\: "), "is no escape"),
])
def test_a_planted_bug_in_the_escaping_is_found(change, expected):
    with pytest.raises(FormatError, match=expected):
        formatted(expression("Page").replace(*change), ARGUMENTS)
