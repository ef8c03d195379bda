"""The rules of every worker's state machine, as one function that returns findings. The rules of recovery are in recovery_asl.py.

The names of errors are read from the Rust source that defines them.
"""

import re

from .files import ROOT

ERRORS = ROOT / "shared" / "domain" / "src" / "run" / "error.rs"
# Temporary errors of a call that failed, or whose success is unknown. Source: AWS's "Handle Lambda service exceptions".
SERVICE = {
    "Lambda.ServiceException", "Lambda.AWSLambdaException", "Lambda.SdkClientException", "Lambda.TooManyRequestsException",
    "Lambda.ClientExecutionTimeoutException",
}
# A process that died or exceeded its time, under every name in Lambda and Step Functions. States.Timeout is a call without an answer.
CRASHES = {"Lambda.Unknown", "Sandbox.Timedout", "Runtime.ExitError", "States.Timeout"}
AWS_NAMES = {"States.ALL", "States.TaskFailed"} | SERVICE | CRASHES
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
    found = [*wiring(machine)]
    if not isinstance(machine.get("TimeoutSeconds"), int):
        found.append("the machine has no TimeoutSeconds")
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            found += task(name, state, names)
        if state["Type"] == "Fail" and not {"ErrorPath", "CausePath"} <= state.keys():
            found.append(f"{name}: the failure loses its error or its cause")
    first = machine["States"].get(machine["StartAt"], {})
    handled = {error for retry in first.get("Retry", []) for error in retry["ErrorEquals"]}
    found += [f"{machine['StartAt']}: {name} is not retried" for name in sorted(retryable - handled)]
    found += [f"{machine['StartAt']}: {kind} ({name}) is not retried" for kind, name in unhandled(handled)]
    found += [f"{machine['StartAt']}: {name} is retried, but does not pass by itself"
              for name in sorted(handled & (names - retryable))]
    return [*found, *times(machine, first)]


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


def times(machine, first):
    """Findings if all pauses and two full runs of the function do not fit into the machine's time, or if that time is too long."""
    rules = [rule for rule in first.get("Retry", []) if {"IntervalSeconds", "MaxAttempts"} <= rule.keys()]
    needed = sum(waits(rule) for rule in rules) + 2 * first.get("TimeoutSeconds", 0)
    limit = machine.get("TimeoutSeconds", 0)
    if needed > limit:
        yield f"retries need {needed:.0f} s, and the machine stops after {limit} s: nobody would receive the cause"
    if limit > 1800:
        yield f"the machine may run for {limit} s: with a schedule of 5 minutes, at most six executions may overlap"
