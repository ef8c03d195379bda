"""The rules of the state machine of recovery, as functions that return findings. The rules of every state machine are in asl.py."""

import json
import re

from . import asl
from .files import ROOT, SCEPTRE, Tag, template

# The wire contract between the worker and its state machine.
EXECUTION = {"id.$": "$$.Execution.Id", "started.$": "$$.Execution.StartTime"}
SELECTED = {
    "validate": {"input.$": "$.input"},
    "start": {"layers.$": "$.layers", "progress.$": "$.progress", "sends_late": True},
    "check": {"layers.$": "$.layers", "progress.$": "$.progress", "sends_late": True},
}
VERDICTS = {"next", "waiting", "late", "recovered", "failed"}
LONGEST_HISTORY = 25_000
# A task has the events entered, scheduled, started, succeeded and exited. A wait and a choice have the events entered and exited.
# A retry adds the events failed, scheduled and started.
TASK_EVENTS, STATE_EVENTS, RETRY_EVENTS = 5, 2, 3
MACHINES = {"Failover": "failover", "Failback": "failback", "Drill": "drill"}


def declared(enum, folder=ROOT / "destination-account" / "recover" / "src"):
    """The wire names of the variants of one of the worker's enums."""
    source = "\n".join(path.read_text() for path in sorted(folder.rglob("*.rs")))
    body = re.search(rf"enum {enum} \{{\n(.*?)\n\}}", source, re.S)
    return set(re.findall(r"^    ([A-Z]\w*)", body[1], re.M)) if body else set()


def text():
    return (ROOT / "statemachines" / "recover.asl.json").read_text()


def machine(purpose="failover"):
    """The definition with the longest values in place of its placeholders."""
    values = {"Purpose": purpose, "FunctionArn": "arn:aws:lambda:ap-southeast-1:222222222222:function:pilot-light-destination-recover",
              "TopicArn": "arn:aws:sns:ap-southeast-1:222222222222:pilot-light", "Partition": "aws", "AccountId": "2" * 12,
              "ResultTopicArn": f"arn:aws:sns:ap-southeast-1:222222222222:{'inform' if purpose == 'drill' else 'pilot-light'}",
              "Region": "ap-southeast-1", "LogGroup": "/aws/lambda/pilot-light-destination-recover", "ApprovalSeconds": "21600",
              "ParameterPath": "/pilot-light/destination"}
    return json.loads(re.sub(r"\$\{(\w+)\}", lambda match: values[match.group(1)], text()))


def findings(machine, names, retryable):
    """The findings about the machine, as texts."""
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
        yield f"a recovery of {machine['TimeoutSeconds']} s can have {history(machine):.0f} events: the limit is {LONGEST_HISTORY}"


def workers(machine):
    """{operation: (name, state)} of the tasks that call the worker."""
    tasks = [(name, state) for name, state in machine["States"].items() if ":lambda:" in state.get("Resource", "")]
    return {state["Parameters"]["operation"]: (name, state) for name, state in tasks}


def operations(machine):
    """Findings unless each operation occurs once, gets the contract's input, and stores its answer where the next state reads it."""
    found = workers(machine)
    if found.keys() != SELECTED.keys():
        yield f"the machine calls the worker for {', '.join(sorted(found))}"
    for operation, (name, state) in found.items():
        purpose = state["Parameters"].get("purpose")
        wanted = {"operation": operation, "purpose": purpose, "execution": EXECUTION} | SELECTED.get(operation, {})
        if state["Parameters"] != wanted or purpose not in MACHINES.values():
            yield f"{name}: passes {state['Parameters']} to the worker"
        if state.get("ResultPath") != ("$" if operation == "validate" else "$.progress"):
            yield f"{name}: stores the answer at {state.get('ResultPath')}"


def lasting(machine, retryable):
    """Temporary errors are retried, after the start for hours. Permanent errors are not retried."""
    for operation, (name, state) in workers(machine).items():
        rules = {error: rule for rule in state["Retry"] for error in rule["ErrorEquals"]}
        yield from (f"{name}: {kind} ({error}) is not retried" for kind, error in asl.unhandled(rules.keys()))
        yield from (f"{name}: {error} is not retried" for error in sorted(retryable - rules.keys()))
        yield from (f"{name}: {error} is retried, but does not pass by itself"
                    for error in sorted((asl.error_names() - retryable) & rules.keys()))
        for error in sorted(retryable & rules.keys()):
            # Full jitter: the average is half of the maximum.
            average = asl.waits(rules[error]) / 2
            if operation != "validate" and average < 2 * 3600:
                yield f"{name}: {error} ends the recovery after {average:.0f} s"
            if 2 * average > machine["TimeoutSeconds"] / 2:
                yield f"{name}: {error} is retried for {2 * average:.0f} s, and nobody is notified meanwhile"


def choice_on(machine, path):
    """(name, state) of the choice that reads a path."""
    return next((name, state) for name, state in machine["States"].items() if path in json.dumps(state.get("Choices", "")))


def verdicts(machine):
    """Findings unless each verdict leads to the right state and an unknown verdict has a default."""
    name, choice = choice_on(machine, "$.progress.verdict")
    rules = [(rule, condition) for rule in choice["Choices"] for condition in rule.get("And", [rule])]
    next_states = {condition["StringEquals"]: rule["Next"] for rule, condition in rules if condition["Variable"] == "$.progress.verdict"}
    yield from (f"{name}: {verdict} is no case" for verdict in sorted(VERDICTS - next_states.keys()))
    yield from (f"{name}: {verdict} is no verdict" for verdict in sorted(next_states.keys() - VERDICTS))
    if "Default" not in choice:
        yield f"{name}: an unknown verdict would be a States.NoChoiceMatched"
    names = {operation: name for operation, (name, _) in workers(machine).items()}
    for operation in ("start", "check"):
        if workers(machine)[operation][1]["Next"] != name:
            yield f"{names[operation]}: no choice reads its verdict"
    if next_states.get("next") != names["start"]:
        yield f"{name}: next leads to {next_states.get('next')}"
    wait = machine["States"].get(next_states.get("waiting"), {})
    if (wait.get("Type"), wait.get("Next")) != ("Wait", names["check"]):
        yield f"{name}: waiting leads to {next_states.get('waiting')}"


def reachable(machine, start, without=()):
    """`start` and the states that can follow it."""
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
    """Findings if a recovery can start in a dry run, or without the approval that the input requires."""
    states = machine["States"]
    start = workers(machine)["start"][0]
    approve, approval = next((name, state) for name, state in states.items() if state.get("Resource", "").endswith(".waitForTaskToken"))
    begin, _ = choice_on(machine, "$.dry_run")
    rules = [(rule.get("Variable"), rule.get("BooleanEquals"), rule["Next"]) for rule in states[begin].get("Choices", [])]
    if start in reachable(machine, machine["StartAt"], without={begin}):
        yield f"{start}: can start without the choice {begin}"
    if not rules or rules[0][:2] != ("$.dry_run", True) or states[rules[0][2]]["Type"] != "Succeed":
        yield f"{begin}: a dry run must end there, before any other rule"
    if ("$.approval", True, approve) not in rules:
        yield f"{begin}: approval is not requested"
    for catch in approval["Catch"]:
        if start in reachable(machine, catch["Next"]):
            yield f"{approve}: continues after {', '.join(catch['ErrorEquals'])}"


def ends(machine):
    """Findings unless a recovery succeeds and a failure fails, whether or not the message was sent."""
    states = machine["States"]
    for name, state in states.items():
        if state.get("Resource", "").endswith(":sns:publish"):
            (catch,) = state["Catch"]
            if catch["Next"] != state["Next"] or states.get(state["Next"], {}).get("Type") not in ("Succeed", "Fail", "Wait"):
                yield f"{name}: its result depends on whether the message was sent"
    yield from topics(states)
    for rule in choice_on(machine, "$.progress.verdict")[1]["Choices"]:
        message = states.get(rule["Next"], {})
        kind = {"recovered": "Succeed", "failed": "Fail", "late": "Wait"}.get(rule.get("StringEquals"))
        if kind and states[message["Next"]]["Type"] != kind:
            yield f"{rule['Next']}: {rule['StringEquals']} does not lead to {kind}"
        if kind and message["Parameters"].get("Message.$") != "$.progress.message":
            yield f"{rule['Next']}: sends a text that is not the worker's"


def topics(states):
    """Findings unless a drill asks for approval on the page topic and sends everything else to the inform topic. The others always page."""
    for name, state in states.items():
        if ":sns:publish" in state.get("Resource", ""):
            is_question = state["Resource"].endswith(".waitForTaskToken")
            topic, purpose = state["Parameters"]["TopicArn"], states["Validate"]["Parameters"]["purpose"]
            if topic.endswith(":inform") != (purpose == "drill" and not is_question):
                yield f"{name}: a {purpose} sends it to {topic}"


def history(machine):
    """The largest number of events of an execution: the most frequent checks, each with the retries that have the most events."""
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
    """The number of events per second, if each check has this number of retries."""
    loop = 2 * STATE_EVENTS + TASK_EVENTS + RETRY_EVENTS * retries
    return loop / (pause + asl.waits(rule | {"MaxAttempts": retries}) / 2)


def substitutions(definition, document):
    """Findings unless each of the three machines replaces the definition's placeholders.

    A machine differs from the others only in its purpose and in the topic of its results.
    """
    used = set(re.findall(r"\$\{(\w+)\}", definition))
    others = None
    for resource, purpose in MACHINES.items():
        properties = document["Resources"][resource]["Properties"]
        given = dict(properties["DefinitionSubstitutions"])
        yield from (f"{resource}: ${{{name}}} has no value" for name in sorted(used - given.keys()))
        yield from (f"{resource}: {name} is not used" for name in sorted(given.keys() - used))
        if given.pop("Purpose", None) != purpose or properties["StateMachineName"].value != f"{resource}Name":
            yield f"{resource}: has the purpose or name of another machine"
        topic = "InformTopicArn" if purpose == "drill" else "TopicArn"
        if given.pop("ResultTopicArn", None) != Tag("Ref", topic):
            yield f"{resource}: its results do not go to {topic}"
        if others not in (None, given):
            yield f"{resource}: differs from the others in more than its purpose and the topic of its results"
        others = given


def document():
    return template(SCEPTRE / "templates" / "recover.yaml")
