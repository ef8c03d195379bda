"""The rules of every worker's state machine, as one function that returns findings. The rules of recovery are in recovery_asl.py, those of
announcements in announcing.py.

The names of errors are read from the Rust source that defines them.
"""

import json
import re

from .files import ROOT, SCEPTRE, template

ERRORS = ROOT / "shared" / "domain" / "src" / "run" / "error.rs"
# Temporary errors of a call that failed, or whose success is unknown. Source: AWS's "Handle Lambda service exceptions".
SERVICE = {
    "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
}
# A process that died or exceeded its time, under every name in Lambda and Step Functions. States.Timeout is a call without an answer.
CRASHES = {"Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "States.Timeout"}
# The name of an execution that exists already, as an integration with the SDK returns it. AWS documents neither spelling.
REPEATED = {"Sfn.ExecutionAlreadyExistsException", "Sfn.ExecutionAlreadyExists"}
AWS_NAMES = {"States.ALL", "States.TaskFailed"} | SERVICE | CRASHES | REPEATED
# AWS's limits, in characters.
MESSAGE_LIMITS = {"Subject": 100}


def error_names():
    """The wire names of the workers' errors."""
    return set(re.findall(r'Self::\w+ => "(\w+)"', body_of("fn as_str", ERRORS.read_text())))


def retryable_names():
    """The wire names of the errors that a retry may overcome."""
    variants = dict(re.findall(r'Self::(\w+) => "(\w+)"', body_of("fn as_str", ERRORS.read_text())))
    return {variants[name] for name in re.findall(r"Self::(\w+)", body_of("fn is_retryable", ERRORS.read_text()))}


def body_of(function, source):
    start = source.index(function)
    return source[start:source.index("\n    }\n", start)]


def findings(machine, names, retryable):
    """The findings about a state machine, as texts."""
    found = [finding for part in parts(machine) for finding in wiring(part)]
    if not isinstance(machine.get("TimeoutSeconds"), int):
        found.append("the machine has no TimeoutSeconds")
    for name, state in tasks(machine):
        found += task(name, state, names)
    for name, state in machine["States"].items():
        if state["Type"] == "Fail" and not {"ErrorPath", "CausePath"} <= state.keys():
            found.append(f"{name}: the failure loses its error or its cause")
    first = machine["States"].get(machine["StartAt"], {})
    handled = {error for retry in first.get("Retry", []) for error in retry["ErrorEquals"]}
    found += [f"{machine['StartAt']}: {name} is not retried" for name in sorted(retryable - handled)]
    found += [f"{machine['StartAt']}: {kind} ({name}) is not retried" for kind, name in unhandled(handled)]
    found += [f"{machine['StartAt']}: {name} is retried, but does not pass by itself"
              for name in sorted(handled & (names - retryable))]
    return [*found, *times(machine, first)]


def parts(machine):
    """A machine and the machines inside its states, each with its StartAt and States."""
    yield machine
    for state in machine["States"].values():
        if state["Type"] == "Map":
            yield from parts(state["ItemProcessor"])
        assert state["Type"] != "Parallel", "branches are not implemented here"


def tasks(machine):
    """(name, state) of every task of a machine, also of those inside other states."""
    return [(name, state) for part in parts(machine) for name, state in part["States"].items() if state["Type"] == "Task"]


def announce_machine(values):
    """The definition of the state machine of announcements, with the ARNs of both topics."""
    resource = template(SCEPTRE / "templates" / "notifications.yaml")["Resources"]["Announce"]
    text = resource["Properties"]["DefinitionString"].value
    return json.loads(re.sub(r"\$\{([\w:]+)\}", lambda found: ({"AWS::Partition": "aws"} | values)[found[1]], text))


def unhandled(handled):
    """(kind, name) of AWS's temporary failures that are not retried. A worker's run can always be repeated."""
    yield from (("a crash", name) for name in sorted(CRASHES - handled))
    yield from (("a failure of Lambda", name) for name in sorted(SERVICE - handled))


def wiring(machine):
    states = machine["States"]
    used = {machine["StartAt"]}
    for name, state in states.items():
        targets = [state["Next"]] if "Next" in state else []
        targets += [rule["Next"] for rule in [*state.get("Catch", []), *state.get("Choices", [])]]
        targets += [state["Default"]] if "Default" in state else []
        for target in targets:
            if target not in states:
                yield f"{name}: leads to {target}, which does not exist"
        used |= set(targets)
    for name in sorted(states.keys() - used):
        yield f"{name}: nothing leads to it"


def task(name, state, names):
    if not isinstance(state.get("TimeoutSeconds"), int):
        yield f"{name}: no TimeoutSeconds"
    catches = state.get("Catch", [])
    if not catches or catches[-1]["ErrorEquals"] != ["States.ALL"]:
        yield f"{name}: the last Catch must be States.ALL"
    for catch in catches:
        if not catch.get("ResultPath", "$").startswith("$."):
            yield f"{name}: a Catch overwrites the input"
    for rule in [*state.get("Retry", []), *catches]:
        for error in rule["ErrorEquals"]:
            if error not in names | AWS_NAMES:
                yield f"{name}: {error} is not an error that any task returns"
            if error == "States.ALL" and len(rule["ErrorEquals"]) > 1:
                yield f"{name}: States.ALL must be the only error of its rule"
    for retry in state.get("Retry", []):
        if "MaxAttempts" not in retry:
            yield f"{name}: a Retry without MaxAttempts"
        if retry.get("MaxAttempts", 0) > 1 and not {"MaxDelaySeconds", "JitterStrategy"} <= retry.keys():
            yield f"{name}: a Retry without MaxDelaySeconds or JitterStrategy"
    for field, limit in MESSAGE_LIMITS.items():
        if len(longest(state.get("Parameters", {}).get(field, ""))) > limit:
            yield f"{name}: {field} can get longer than {limit} characters"


def longest(text):
    """The text with the longest values in place of its placeholders."""
    for placeholder, value in {"Worker": "destination-delete", "AccountId": "1" * 12, "Region": "ap-southeast-1"}.items():
        text = text.replace("${" + placeholder + "}", value)
    return text


def waits(retry):
    """The longest sum of a rule's pauses, in seconds."""
    pauses, pause = [], retry["IntervalSeconds"]
    for _ in range(retry["MaxAttempts"]):
        pauses.append(min(pause, retry.get("MaxDelaySeconds", pause)))
        pause *= retry.get("BackoffRate", 2)
    return sum(pauses)


def longest_task(state):
    """The longest time of a task, with all its attempts and the pauses between them, in seconds."""
    rules = [rule for rule in state.get("Retry", []) if {"IntervalSeconds", "MaxAttempts"} <= rule.keys()]
    return sum(waits(rule) + rule["MaxAttempts"] * state["TimeoutSeconds"] for rule in rules) + state["TimeoutSeconds"]


def of_messages(machine, end):
    """The longest time of a message after which the machine ends in that way."""
    states = machine["States"]
    return max((longest_task(state) for state in states.values()
                if ":sns:publish" in state.get("Resource", "") and states.get(state["Next"], {}).get("Type") == end), default=0)


def announcing(machine):
    """The longest time of the tasks inside a Map, if its items go side by side."""
    return sum(longest_task(state) for part in parts(machine) if part is not machine for _, state in tasks(part))


def times(machine, first):
    """Findings if the run and its messages do not fit into the machine's time, or if that time is too long.

    The run needs all its pauses and two full runs of the function. Then it needs either the message about its failure, or the announcements
    and the message that they are stuck. The announcements are sent side by side.
    """
    rules = [rule for rule in first.get("Retry", []) if {"IntervalSeconds", "MaxAttempts"} <= rule.keys()]
    needed = sum(waits(rule) for rule in rules) + 2 * first.get("TimeoutSeconds", 0)
    needed += max(of_messages(machine, "Fail"), announcing(machine) + of_messages(machine, "Succeed"))
    limit = machine.get("TimeoutSeconds", 0)
    if needed > limit:
        yield f"retries need {needed:.0f} s, and the machine stops after {limit} s: nobody would receive the cause"
    if limit > 1800:
        yield f"the machine may run for {limit} s: with a schedule of 5 minutes, at most six executions may overlap"
