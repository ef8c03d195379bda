"""The rules of announcements, as functions that return findings.

The state machine of a worker hands them over, and the state machine of notifications.yaml sends them.
"""

import re

from .asl import REPEATED, longest_task
from .files import ROOT

SENT_AGAIN = "aws-sdk:sfn:redriveExecution"
MESSAGE = {"Subject.$": "$.subject", "Message.$": "$.text"}


def announcing_findings(machine):
    """The findings about the way from the report to the state machine of announcements."""
    states = machine["States"]
    return [*offered(states), *handed_over(states), *offered_after_a_failure(states)]


def offered(states):
    """Findings unless each report with announcements leads to the Map, and the output keeps the report."""
    ((name, announce),) = [(name, state) for name, state in states.items() if state["Type"] == "Map"]
    choice = states["Run"]["Next"]
    if states[choice]["Type"] != "Choice":
        yield "Run: its announcements are not read"
        return
    (rule,) = states[choice]["Choices"]
    conditions = rule["And"]
    if {"Variable": "$.announcements[0]", "IsPresent": True} not in conditions or rule["Next"] != name:
        yield f"{choice}: a report without announcements must end there, and one with announcements must lead to {name}"
    if {"Variable": "$.dry_run", "BooleanEquals": False} not in conditions:
        yield f"{choice}: a dry run must not announce"
    if not announce.get("ResultPath", "$").startswith("$."):
        yield f"{name}: loses the report"
    checked = states[announce["Next"]]
    (stuck,) = checked["Choices"]
    told = states[stuck["Next"]]
    if stuck["Variable"] != f"{announce.get('ResultPath')}.unsent[0]" or ":sns:publish" not in told.get("Resource", ""):
        yield f"{announce['Next']}: nobody learns of a message that is stuck"
    elif not keeps_its_end(states, told["Next"]) or states[told["Catch"][-1]["Next"]]["Type"] != "Fail":
        yield f"{stuck['Next']}: the run must end as it did, unless nobody can learn of the message that is stuck"
    ends = [states[choice]["Default"], states[announce["Next"]]["Default"]]
    yield from (f"{end}: the announcements of a failed run must not hide its failure" for end in ends if not keeps_its_end(states, end))


def keeps_its_end(states, name):
    """True if a run that failed fails after that state, and every other one succeeds."""
    state = states[name]
    if state["Type"] != "Choice":
        return False
    failed = [rule["Next"] for rule in state["Choices"] if rule == {"Variable": "$.failure", "IsPresent": True, "Next": rule["Next"]}]
    return [states[name]["Type"] for name in failed] == ["Fail"] and states[state["Default"]]["Type"] == "Succeed"


def offered_after_a_failure(states):
    """Findings unless a failed run is followed by a dry run, whose announcements take the way of all others."""
    looks = [name for name, state in states.items() if state.get("Parameters") == {"dry_run": True}]
    if len(looks) != 1 or states[looks[0]]["Resource"] != states["Run"]["Resource"]:
        yield "Run: while all runs fail, nothing is announced"
        return
    look = states[looks[0]]
    for catch in states["Run"]["Catch"]:
        told = states[catch["Next"]]
        if [told["Next"], *(other["Next"] for other in told["Catch"])] != [looks[0]] * 2:
            yield f"{catch['Next']}: while all runs fail, nothing is announced"
    if [states[catch["Next"]]["Type"] for catch in look["Catch"]] != ["Fail"]:
        yield f"{looks[0]}: a look that fails must leave the failure as it was"
    expected = {"failure.$": "$.failure", "announcements.$": f"{look['ResultPath']}.announcements", "dry_run": False}
    seen = states[look["Next"]]
    if seen.get("Parameters") != expected or seen["Next"] != states["Run"]["Next"]:
        yield f"{look['Next']}: must put the announcements where those of a successful run are, and keep the failure"


def handed_over(states):
    """Findings unless each announcement starts an execution of its name, and every answer leads to the right state."""
    inner = next(state["ItemProcessor"] for state in states.values() if state["Type"] == "Map")
    items, first = inner["States"], inner["StartAt"]
    start = items[first]
    expected = {"StateMachineArn": "arn:${Partition}:states:${Region}:${AccountId}:stateMachine:${AnnounceName}",
                "Name.$": "$.name", "Input.$": "States.JsonToString($)"}
    if not start["Resource"].endswith(":aws-sdk:sfn:startExecution") or start["Parameters"] != expected:
        yield f"{first}: starts {start['Parameters']}"
    retries = start["Retry"]
    if set(retries[0]["ErrorEquals"]) != REPEATED or retries[0]["MaxAttempts"] != 0:
        yield f"{first}: an announced event must not be retried"
    again = [name for name, state in items.items() if state.get("Resource", "").endswith(SENT_AGAIN)]
    if len(again) != 1:
        yield "a message whose execution failed is never sent"
        return
    repeated = [catch["Next"] for catch in start["Catch"] if set(catch["ErrorEquals"]) == REPEATED]
    if repeated != again:
        yield f"{first}: an announced event must lead to {again[0]} under both spellings"
    if any(catch["Next"] != items[again[0]]["Next"] for catch in items[again[0]]["Catch"]):
        yield f"{again[0]}: cannot be redriven is the usual answer, and no failure"
    others = [items[catch["Next"]] for catch in start["Catch"] if catch["ErrorEquals"] == ["States.ALL"]]
    if len(others) != 1 or not others[0].get("End"):
        yield f"{first}: a message that cannot be handed over must not fail the run"
        return
    kept = others[0].get("Parameters", {}).get("unsent.$", "")
    lost = [path for path in ("$.subject", "$.text", "$.failure.Error", "$.failure.Cause") if path not in kept]
    yield from (f"NotHandedOver: loses {path}" for path in lost)


def sending_findings(machine):
    """The findings about the state machine that sends an announcement. Its topics are named page and inform."""
    return [*by_urgency(machine["States"]), *sent(machine)]


def by_urgency(states):
    (choice,) = [state for state in states.values() if state["Type"] == "Choice"]
    leads = {rule["StringEquals"]: rule["Next"] for rule in choice["Choices"] if rule["Variable"] == "$.urgency"}
    topic = lambda name: states[name]["Parameters"]["TopicArn"]
    yield from (f"{urgency} leads to the topic {topic(name)}" for urgency, name in leads.items() if topic(name) != urgency)
    if topic(choice["Default"]) != "page":
        yield f"an unknown urgency leads to the topic {topic(choice['Default'])}"


def sent(machine):
    for name, state in machine["States"].items():
        if state["Type"] != "Task":
            continue
        if {key: value for key, value in state["Parameters"].items() if key != "TopicArn"} != MESSAGE:
            yield f"{name}: sends {state['Parameters']}"
        if "Catch" in state:
            yield f"{name}: a failure that is caught cannot be redriven"
        if not any(rule["ErrorEquals"] == ["States.ALL"] and rule["MaxAttempts"] > 2 for rule in state.get("Retry", [])):
            yield f"{name}: gives up at once"
        if longest_task(state) > machine["TimeoutSeconds"]:
            yield f"{name}: its attempts need {longest_task(state):.0f} s, and the machine stops after {machine['TimeoutSeconds']} s"


def declared():
    """(fields, urgencies) of an announcement as the workers write it, read from the Rust source."""
    source = (ROOT / "shared/domain/src/run/announcement.rs").read_text()
    fields = re.search(r"pub struct Announcement \{\n(.*?)\n\}", source, re.S)[1]
    renaming, variants = re.search(r'rename_all = "(\w+)"\)\]\npub enum Urgency \{\n(.*?)\n\}', source, re.S).groups()
    assert renaming == "lowercase"
    return set(re.findall(r"pub (\w+):", fields)), {name.lower() for name in re.findall(r"^    ([A-Z]\w*)", variants, re.M)}
