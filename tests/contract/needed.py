"""What each role is asked for: by workers, as recorded; by Lambda, state machines and schedules, as their definitions say.

`record-calls` runs the workers through all their paths on the simulator; its lines are used as they are.
"""

import functools
import json
import os
import pathlib
import subprocess

from files import ROOT, Tag
from roles import SOURCE, STACKS, TOPIC, TOPIC_KEY, Case, inline, of_worker, stack_of, worker_template

PLACE = {"account": SOURCE, "region": "us-east-1", "parameters": {"ParameterPath": "/pilot-light/source"}}


def binary():
    path = pathlib.Path(os.environ.get("PILOT_LIGHT_RECORD_CALLS", ROOT / "target" / "debug" / "record-calls"))
    if not path.is_file():
        raise RuntimeError(f"{path} is missing: run: cargo build --workspace")
    return path


@functools.cache
def records():
    """{worker: [(deployment, what was asked there)]}."""
    said = subprocess.run([binary()], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for line in map(json.loads, said.splitlines()):
        by_deployment = found.setdefault(line["worker"], {})
        _, asked = by_deployment.setdefault(json.dumps(line["deployment"], sort_keys=True), (line["deployment"], []))
        asked.append(line)
    return {worker: list(by_deployment.values()) for worker, by_deployment in found.items()}


def of_lambda(worker, deployment):
    """What Lambda itself does with a function's role: "Viewing CloudWatch logs" in its developer guide. The group is there already."""
    place = f"{deployment['region']}:{deployment['account']}"
    stream = f"arn:aws:logs:{place}:log-group:/aws/lambda/pilot-light-{worker}:log-stream:2026/03/01/[$LATEST]0"
    return [wanted("logs:CreateLogStream", stream), wanted("logs:PutLogEvents", stream)]


def wanted(action, resource, **context):
    return {"action": action, "resource": resource, "context": context}


def worker_cases(worker):
    parts = of_worker(worker)
    return [Case(worker, parts, [stack_of(part, worker, deployment) for part in parts], asked + of_lambda(worker, deployment))
            for deployment, asked in records()[worker]]


def machine_case(worker):
    """The state machine's role: every task of the definition is an action. A topic under a key wants that of who publishes."""
    document = worker_template(worker)
    parts = list(inline(document, "StateMachineRole"))
    stacks = [stack_of(part, worker, PLACE) for part in parts]
    function, topic = stacks[0].arn("Function"), TOPIC
    asked = []
    for name, state in tasks(worker):
        if state["Resource"] == "${FunctionArn}":
            asked.append(wanted("lambda:InvokeFunction", function))
        elif ":sns:publish" in state["Resource"] and state["Parameters"]["TopicArn"] == "${TopicArn}":
            asked += [wanted("sns:Publish", topic), wanted("kms:Decrypt", TOPIC_KEY), wanted("kms:GenerateDataKey", TOPIC_KEY)]
        else:
            raise ValueError(f"{name}: {state['Resource']} is not known here")
    return Case(f"the state machine of {worker}", parts, stacks, asked)


def tasks(worker):
    """The tasks of its definition, in which no state holds others."""
    name = "recover.asl.json" if worker == "destination-recover" else "worker.asl.json"
    # A number is put in where a name is.
    text = (ROOT / "statemachines" / name).read_text().replace("${ApprovalSeconds}", "60")
    states = json.loads(text)["States"]
    assert {state["Type"] for state in states.values()}.isdisjoint({"Map", "Parallel"})
    return [(name, state) for name, state in states.items() if state["Type"] == "Task"]


def schedule_case(worker):
    """The schedules' role: every target that is started with it."""
    document = worker_template(worker)
    parts = list(inline(document, "ScheduleRole"))
    stacks = [stack_of(part, worker, PLACE) for part in parts]
    rules = [resource for resource in document["Resources"].values() if resource["Type"] == "AWS::Events::Rule"]
    targets = [target for rule in rules for target in rule["Properties"]["Targets"]]
    assert all(target["RoleArn"] == Tag("GetAtt", "ScheduleRole.Arn") for target in targets)
    asked = [wanted("states:StartExecution", stacks[0].resolve(target["Arn"])) for target in targets]
    return Case(f"the schedules of {worker}", parts, stacks, asked)


@functools.cache
def all_cases():
    """{role: its cases}."""
    cases = {worker: worker_cases(worker) for worker in STACKS}
    for worker in ("source-take", "destination-recover"):
        for case in (machine_case(worker), schedule_case(worker)):
            cases[case.role] = [case]
    return cases
