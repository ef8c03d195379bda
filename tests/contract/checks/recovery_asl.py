"""The rules of recovery's state machine beside those of every state machine, as functions that return findings."""

import json
import re

from . import asl
from .files import ROOT, SCEPTRE, template

# The wire contract between the worker and its state machine.
EXECUTION = {"id.$": "$$.Execution.Id", "started.$": "$$.Execution.StartTime"}
SELECTED = {
    "validate": {"input.$": "$.input"},
    "start": {"layers.$": "$.layers", "progress.$": "$.progress"},
    "check": {"layers.$": "$.layers", "progress.$": "$.progress"},
}
VERDICTS = {"next", "waiting", "recovered", "failed"}
LONGEST_HISTORY = 25_000
# Entered, scheduled, started, succeeded, exited; a wait and a choice are entered and left; a retry fails, is scheduled and started.
TASK_EVENTS, STATE_EVENTS, RETRY_EVENTS = 5, 2, 3
MACHINES = {"Failover": "failover", "Failback": "failback", "Drill": "drill"}


def declared(enum, folder=ROOT / "destination-account" / "recover" / "src"):
    """The variants of one of the worker's enums, in the words of the wire."""
    source = "\n".join(path.read_text() for path in sorted(folder.rglob("*.rs")))
    body = re.search(rf"enum {enum} \{{\n(.*?)\n\}}", source, re.S)
    return set(re.findall(r"^    ([A-Z]\w*)", body[1], re.M)) if body else set()


def text():
    return (ROOT / "statemachines" / "recover.asl.json").read_text()


def machine(purpose="failover"):
    """The definition with the longest values put in, as the template does."""
    values = {"Purpose": purpose, "FunctionArn": "arn:aws:lambda:ap-southeast-1:222222222222:function:pilot-light-destination-recover",
              "TopicArn": "arn:aws:sns:ap-southeast-1:222222222222:pilot-light", "Partition": "aws", "AccountId": "2" * 12,
              "Region": "ap-southeast-1", "LogGroup": "/aws/lambda/pilot-light-destination-recover", "ApprovalSeconds": "21600",
              "ParameterPath": "/pilot-light/destination"}
    return json.loads(re.sub(r"\$\{(\w+)\}", lambda match: values[match.group(1)], text()))


def findings(machine, names, retryable):
    """What is wrong with the machine, in words; nothing if all is well."""
    yield from asl.wiring(machine)
    if not isinstance(machine.get("TimeoutSeconds"), int):
        yield "the machine has no TimeoutSeconds"
    for name, state in machine["States"].items():
        if state["Type"] == "Task":
            yield from asl.task(name, state, names)
        if state["Type"] == "Fail" and not ({"Error", "ErrorPath"} & state.keys() and {"Cause", "CausePath"} & state.keys()):
            yield f"{name}: the failure loses its error or its cause"
    yield from operations(machine)
    if workers(machine).keys() != SELECTED.keys():
        return
    yield from lasting(machine, retryable)
    yield from verdicts(machine)
    yield from consent(machine)
    yield from ends(machine)
    if history(machine) > LONGEST_HISTORY:
        yield f"a recovery of {machine['TimeoutSeconds']} s can have {history(machine):.0f} events: Step Functions ends it at {LONGEST_HISTORY}"


def workers(machine):
    """{operation: (name, state)} of the tasks that call the worker."""
    tasks = [(name, state) for name, state in machine["States"].items() if ":lambda:" in state.get("Resource", "")]
    return {state["Parameters"]["operation"]: (name, state) for name, state in tasks}


def operations(machine):
    """Each operation once, given what the contract says and nothing else, its answer where the next one looks."""
    found = workers(machine)
    if found.keys() != SELECTED.keys():
        yield f"the worker is asked to {', '.join(sorted(found))}"
    for operation, (name, state) in found.items():
        purpose = state["Parameters"].get("purpose")
        wanted = {"operation": operation, "purpose": purpose, "execution": EXECUTION} | SELECTED.get(operation, {})
        if state["Parameters"] != wanted or purpose not in MACHINES.values():
            yield f"{name}: hands the worker {state['Parameters']}"
        if state.get("ResultPath") != ("$" if operation == "validate" else "$.progress"):
            yield f"{name}: puts the answer at {state.get('ResultPath')}"


def lasting(machine, retryable):
    """Whatever passes by itself is waited for, and once something has begun for hours; what does not, is not."""
    for operation, (name, state) in workers(machine).items():
        rules = {error: rule for rule in state["Retry"] for error in rule["ErrorEquals"]}
        yield from (f"{name}: {what} ({error}) is not retried" for what, error in asl.unhandled(rules.keys()))
        yield from (f"{name}: {error} is not retried" for error in sorted(retryable - rules.keys()))
        yield from (f"{name}: {error} is retried, but does not pass by itself"
                    for error in sorted((asl.error_names() - retryable) & rules.keys()))
        for error in sorted(retryable & rules.keys()):
            # Full jitter: half of the longest on the average.
            average = asl.waits(rules[error]) / 2
            if operation != "validate" and average < 2 * 3600:
                yield f"{name}: {error} ends the recovery after {average:.0f} s"
            if 2 * average > machine["TimeoutSeconds"] / 2:
                yield f"{name}: {error} is retried for {2 * average:.0f} s, and nobody is told meanwhile"


def choice_on(machine, what):
    """(name, state) of the choice that looks at it."""
    return next((name, state) for name, state in machine["States"].items() if what in json.dumps(state.get("Choices", "")))


def verdicts(machine):
    """Each verdict leads where it must, and one that nobody knows is no end in itself."""
    name, choice = choice_on(machine, "$.progress.verdict")
    rules = [(rule, condition) for rule in choice["Choices"] for condition in rule.get("And", [rule])]
    told = {condition["StringEquals"]: rule["Next"] for rule, condition in rules if condition["Variable"] == "$.progress.verdict"}
    yield from (f"{name}: {verdict} is no case" for verdict in sorted(VERDICTS - told.keys()))
    yield from (f"{name}: {verdict} is no verdict" for verdict in sorted(told.keys() - VERDICTS))
    if "Default" not in choice:
        yield f"{name}: an unknown verdict would be a States.NoChoiceMatched"
    asked = {operation: name for operation, (name, _) in workers(machine).items()}
    for operation in ("start", "check"):
        if workers(machine)[operation][1]["Next"] != name:
            yield f"{asked[operation]}: nobody looks at its verdict"
    if told.get("next") != asked["start"]:
        yield f"{name}: next leads to {told.get('next')}"
    wait = machine["States"].get(told.get("waiting"), {})
    if (wait.get("Type"), wait.get("Next")) != ("Wait", asked["check"]):
        yield f"{name}: waiting leads to {told.get('waiting')}"


def reachable(machine, start, without=()):
    """The states that can come after, `start` itself among them."""
    seen, ahead = set(), [start]
    while ahead:
        name = ahead.pop()
        if name in seen or name in without or name not in machine["States"]:
            continue
        seen.add(name)
        state = machine["States"][name]
        ahead += [state[key] for key in ("Next", "Default") if key in state]
        ahead += [rule["Next"] for rule in [*state.get("Catch", []), *state.get("Choices", [])]]
    return seen


def consent(machine):
    """Nothing begins in a dry run, nor without the approval that is asked for."""
    states = machine["States"]
    start = workers(machine)["start"][0]
    ask, asking = next((name, state) for name, state in states.items() if state.get("Resource", "").endswith(".waitForTaskToken"))
    begin, _ = choice_on(machine, "$.dry_run")
    rules = [(rule.get("Variable"), rule.get("BooleanEquals"), rule["Next"]) for rule in states[begin].get("Choices", [])]
    if start in reachable(machine, machine["StartAt"], without={begin}):
        yield f"{start}: can begin without the choice that {begin} is"
    if not rules or rules[0][:2] != ("$.dry_run", True) or states[rules[0][2]]["Type"] != "Succeed":
        yield f"{begin}: a dry run must end there, before anything else is looked at"
    if ("$.approval", True, ask) not in rules:
        yield f"{begin}: approval is not asked for"
    for catch in asking["Catch"]:
        if start in reachable(machine, catch["Next"]):
            yield f"{ask}: goes on after {', '.join(catch['ErrorEquals'])}"


def ends(machine):
    """A recovery succeeds, and a failure fails, also when no message could be sent."""
    states = machine["States"]
    for name, state in states.items():
        if state.get("Resource", "").endswith(":sns:publish"):
            (catch,) = state["Catch"]
            if catch["Next"] != state["Next"] or states.get(state["Next"], {}).get("Type") not in ("Succeed", "Fail"):
                yield f"{name}: whether the message was sent decides how it ends"
    for rule in choice_on(machine, "$.progress.verdict")[1]["Choices"]:
        told = states.get(rule["Next"], {})
        kind = {"recovered": "Succeed", "failed": "Fail"}.get(rule.get("StringEquals"))
        if kind and states[told["Next"]]["Type"] != kind:
            yield f"{rule['Next']}: {rule['StringEquals']} is no {kind}"
        if kind and told["Parameters"].get("Message.$") != "$.progress.message":
            yield f"{rule['Next']}: sends another text than the worker's"


def history(machine):
    """The most events that an execution can come to: looks as often as they can be, each with the retries that cost most."""
    check = workers(machine)["check"][1]
    limit, pauses, events = machine["TimeoutSeconds"], [], 0
    for rule in choice_on(machine, "$.progress.verdict")[1]["Choices"]:
        target = machine["States"][rule["Next"]]
        if target["Type"] == "Wait":
            since = next((c["NumericGreaterThan"] for c in rule.get("And", []) if "NumericGreaterThan" in c), 0)
            pauses.append((since, target["Seconds"]))
    for since, pause in sorted(pauses, reverse=True):
        events += (limit - since) * max(rate(pause, rule, retries) for rule in check["Retry"] for retries in range(10))
        limit = since
    return events


def rate(pause, rule, retries):
    """Events a second, if each look is retried so often."""
    loop = 2 * STATE_EVENTS + TASK_EVENTS + RETRY_EVENTS * retries
    return loop / (pause + asl.waits(rule | {"MaxAttempts": retries}) / 2)


def substitutions(definition, document):
    """Each of the three machines puts in what the definition names, and differs in its purpose alone."""
    used = set(re.findall(r"\$\{(\w+)\}", definition))
    others = None
    for resource, purpose in MACHINES.items():
        properties = document["Resources"][resource]["Properties"]
        given = dict(properties["DefinitionSubstitutions"])
        yield from (f"{resource}: ${{{name}}} is not put in" for name in sorted(used - given.keys()))
        yield from (f"{resource}: {name} is put in nowhere" for name in sorted(given.keys() - used))
        if given.pop("Purpose", None) != purpose or properties["StateMachineName"].value != f"{resource}Name":
            yield f"{resource}: has another one's purpose or name"
        if others not in (None, given):
            yield f"{resource}: differs from the others in more than its purpose"
        others = given


def document():
    return template(SCEPTRE / "templates" / "recover.yaml")
