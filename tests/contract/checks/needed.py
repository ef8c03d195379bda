"""The permissions that each role needs: recorded for workers, read from definitions for Lambda, state machines and schedules.

`record-calls` runs the workers through all their paths on the simulator; its lines are used as they are.
"""

import functools
import json
import os
import pathlib
import subprocess

from .deployed import Stack
from .files import ROOT, TEMPLATES, Tag, template
from .roles import SOURCE, STACKS, TOPIC, TOPIC_KEY, Case, inline, of_worker, stack_of, worker_template

# One worker for each template with a state machine.
MACHINES = {"the state machine of worker": "source-take", "the state machine of recover": "destination-recover"}
# What EventBridge does to a target, by the service of its ARN.
RULE_ACTIONS = {"states": "states:StartExecution", "events": "events:PutEvents"}
# What is traced sends to X-Ray ("AWS Lambda and AWS X-Ray", "X-Ray and Step Functions").
SENDS = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
TRACING = {
    "AWS::Lambda::Function": ("TracingConfig", SENDS),
    "AWS::StepFunctions::StateMachine": ("TracingConfiguration", [*SENDS, "xray:GetSamplingRules", "xray:GetSamplingTargets"]),
}
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
    traced = of_tracing(worker_template(worker), "AWS::Lambda::Function")
    return [Case(worker, parts, [stack_of(part, worker, deployment) for part in parts], asked + of_lambda(worker, deployment) + traced)
            for deployment, asked in records()[worker]]


def of_tracing(document, kind):
    """What a function or a state machine wants for its traces, if its template lets it be traced."""
    setting, actions = TRACING[kind]
    may = any(resource["Type"] == kind and setting in resource["Properties"] for resource in document["Resources"].values())
    return [wanted(action, "*") for action in actions if may]


def machine_case(name):
    """The state machine's role: every task of the definition is an action. A topic under a key wants that of who publishes."""
    worker = MACHINES[name]
    document = worker_template(worker)
    parts = list(inline(document, "StateMachineRole"))
    stacks = [stack_of(part, worker, PLACE) for part in parts]
    function, topic = stacks[0].arn("Function"), TOPIC
    asked = of_tracing(document, "AWS::StepFunctions::StateMachine")
    for task, state in tasks(worker):
        if state["Resource"] == "${FunctionArn}":
            asked.append(wanted("lambda:InvokeFunction", function))
        elif ":sns:publish" in state["Resource"] and state["Parameters"]["TopicArn"] == "${TopicArn}":
            asked += [wanted("sns:Publish", topic), wanted("kms:Decrypt", TOPIC_KEY), wanted("kms:GenerateDataKey", TOPIC_KEY)]
        else:
            raise ValueError(f"{task}: {state['Resource']} is not known here")
    return Case(name, parts, stacks, asked)


def tasks(worker):
    """The tasks of its definition, in which no state holds others."""
    name = "recover.asl.json" if worker == "destination-recover" else "worker.asl.json"
    # A number is put in where a name is.
    text = (ROOT / "statemachines" / name).read_text().replace("${ApprovalSeconds}", "60")
    states = json.loads(text)["States"]
    assert {state["Type"] for state in states.values()}.isdisjoint({"Map", "Parallel"})
    return [(name, state) for name, state in states.items() if state["Type"] == "Task"]


def roles_of_rules():
    """{name: (template, role)} of every role that a rule of EventBridge has for its targets."""
    found = {}
    for path in TEMPLATES:
        document = template(path)
        for target in targets(document):
            if "RoleArn" in target:
                found[f"the rules of {path.stem}"] = document, target["RoleArn"].value.removesuffix(".Arn")
    return found


def targets(document):
    rules = [resource for resource in document["Resources"].values() if resource["Type"] == "AWS::Events::Rule"]
    return [target for rule in rules for target in rule["Properties"]["Targets"]]


def rules_case(name):
    """What EventBridge does with such a role: each target's ARN says what is started, or handed on."""
    document, role = roles_of_rules()[name]
    stack = Stack(document, PLACE["account"], PLACE["region"], parameters={parameter: parameter for parameter in document["Parameters"]})
    parts = list(inline(document, role))
    arns = [stack.resolve(target["Arn"]) for target in targets(document) if target.get("RoleArn") == Tag("GetAtt", f"{role}.Arn")]
    return Case(name, parts, [stack] * len(parts), [wanted(RULE_ACTIONS[arn.split(":")[2]], arn) for arn in arns])


@functools.cache
def all_cases():
    """{role: its cases}."""
    cases = {worker: worker_cases(worker) for worker in STACKS}
    return cases | {name: [machine_case(name)] for name in MACHINES} | {name: [rules_case(name)] for name in roles_of_rules()}
