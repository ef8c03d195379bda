"""The permissions that each role needs: recorded for workers, read from definitions for Lambda, state machines and schedules.

`record-calls` runs the workers through all their paths on the simulator; its lines are used as they are.
"""

import functools
import json
import os
import pathlib
import re
import subprocess

from pilot_light_sceptre.target import target_folder
from .asl import announce_machine, tasks
from .deployed import Stack
from .files import ROOT, SCEPTRE, TEMPLATES, Tag, template
from .roles import NOTIFICATIONS, SOURCE, STACKS, Case, inline, of_worker, stack_of, worker_template

# One worker for each template with a state machine.
MACHINES = {"the state machine of worker": "source-take", "the state machine of recover": "destination-recover"}
ANNOUNCE, ANNOUNCE_ROLE = "the state machine of notifications", "AnnounceRole"
NOTIFICATIONS_TEMPLATE = SCEPTRE / "templates" / "notifications.yaml"
# The action of EventBridge on a target, by the service of its ARN.
RULE_ACTIONS = {"states": "states:StartExecution", "events": "events:PutEvents"}
# Traced functions and state machines send to X-Ray ("AWS Lambda and AWS X-Ray", "X-Ray and Step Functions").
SENDS = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
TRACING = {
    "AWS::Lambda::Function": ("TracingConfig", SENDS),
    "AWS::StepFunctions::StateMachine": ("TracingConfiguration", [*SENDS, "xray:GetSamplingRules", "xray:GetSamplingTargets"]),
}
PLACE = {"account": SOURCE, "region": "us-east-1", "parameters": {"ParameterPath": "/pilot-light/source"}}


def binary():
    path = pathlib.Path(os.environ.get("PILOT_LIGHT_RECORD_CALLS", target_folder() / "debug" / "record-calls"))
    if not path.is_file():
        raise RuntimeError(f"{path} is missing: run: cargo build --workspace")
    return path


@functools.cache
def records():
    """{worker: [(deployment, its recorded requests)]}."""
    output = subprocess.run([binary()], stdout=subprocess.PIPE, text=True, check=True).stdout
    found = {}
    for line in map(json.loads, output.splitlines()):
        by_deployment = found.setdefault(line["worker"], {})
        _, requests = by_deployment.setdefault(json.dumps(line["deployment"], sort_keys=True), (line["deployment"], []))
        requests.append(line)
    return {worker: list(by_deployment.values()) for worker, by_deployment in found.items()}


def of_lambda(worker, deployment):
    """The requests of Lambda itself with a function's role: "Viewing CloudWatch logs" in its guide. The log group exists already."""
    place = f"{deployment['region']}:{deployment['account']}"
    stream = f"arn:aws:logs:{place}:log-group:/aws/lambda/pilot-light-{worker}:log-stream:2026/03/01/[$LATEST]0"
    return [new_request("logs:CreateLogStream", stream), new_request("logs:PutLogEvents", stream)]


def new_request(action, resource, **context):
    return {"action": action, "resource": resource, "context": context}


def worker_cases(worker):
    parts = of_worker(worker)
    traced = of_tracing(worker_template(worker), "AWS::Lambda::Function")
    return [Case(worker, parts, [stack_of(part, worker, deployment) for part in parts], requests + of_lambda(worker, deployment) + traced)
            for deployment, requests in records()[worker]]


def of_tracing(document, kind):
    """The requests of a function or a state machine for its traces, if its template allows tracing."""
    setting, actions = TRACING[kind]
    may = any(resource["Type"] == kind and setting in resource["Properties"] for resource in document["Resources"].values())
    return [new_request(action, "*") for action in actions if may]


def machine_case(name):
    """The state machine's role. Each task of the definition is an action. A publisher to an encrypted topic also uses the topic's key."""
    worker = MACHINES[name]
    document = worker_template(worker)
    parts = list(inline(document, "StateMachineRole"))
    stacks = [stack_of(part, worker, PLACE) for part in parts]
    definition = "recover.asl.json" if worker == "destination-recover" else "worker.asl.json"
    values = NOTIFICATIONS | {"FunctionArn": stacks[0].arn("Function"), "Partition": "aws", "Region": PLACE["region"], "AccountId": SOURCE,
                              "ApprovalSeconds": "60"}
    # The results of drills go to the other topic.
    machines = [substituted(definition, values | {"ResultTopicArn": values[topic]}) for topic in ("TopicArn", "InformTopicArn")]
    requests = [request for machine in machines for _, state in tasks(machine) for request in of_task(state, values["TopicKeyArn"])]
    return Case(name, parts, stacks, requests + of_tracing(document, "AWS::StepFunctions::StateMachine"))


def substituted(definition, values):
    """A definition with the values of its placeholders."""
    text = (ROOT / "statemachines" / definition).read_text()
    return json.loads(re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], found[1]), text))


def of_task(state, topic_key):
    """The requests of one task."""
    resource, given = state["Resource"], state.get("Parameters", {})
    if ":lambda:" in resource:
        return [new_request("lambda:InvokeFunction", resource)]
    if ":sns:publish" in resource:
        return [new_request("sns:Publish", given["TopicArn"]), new_request("kms:Decrypt", topic_key), new_request("kms:GenerateDataKey", topic_key)]
    if resource.endswith(":sfn:startExecution"):
        return [new_request("states:StartExecution", given["StateMachineArn"])]
    if resource.endswith(":sfn:redriveExecution"):
        (execution,) = re.findall(r"'(arn:[^']+)\{\}'", given["ExecutionArn.$"])
        return [new_request("states:RedriveExecution", f"{execution}rpo-orders-1")]
    raise ValueError(f"{resource} is not implemented here")


def announce_case():
    """The role of the state machine that sends announcements."""
    document = template(NOTIFICATIONS_TEMPLATE)
    stack = Stack(document, PLACE["account"], PLACE["region"], "pilot-light-source-notifications")
    parts = list(inline(document, ANNOUNCE_ROLE))
    machine = announce_machine({"Topic": stack.arn("Topic"), "InformTopic": stack.arn("InformTopic")})
    requests = [request for _, state in tasks(machine) for request in of_task(state, stack.arn("Key"))]
    return Case(ANNOUNCE, parts, [stack] * len(parts), requests)


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
    """The role's requests by EventBridge. Each target's ARN determines the action."""
    document, role = roles_of_rules()[name]
    stack = Stack(document, PLACE["account"], PLACE["region"], parameters={parameter: parameter for parameter in document["Parameters"]})
    parts = list(inline(document, role))
    arns = [stack.resolve(target["Arn"]) for target in targets(document) if target.get("RoleArn") == Tag("GetAtt", f"{role}.Arn")]
    return Case(name, parts, [stack] * len(parts), [new_request(RULE_ACTIONS[arn.split(":")[2]], arn) for arn in arns])


@functools.cache
def all_cases():
    """{role: its cases}."""
    cases = {worker: worker_cases(worker) for worker in STACKS}
    cases |= {name: [machine_case(name)] for name in MACHINES} | {ANNOUNCE: [announce_case()]}
    return cases | {name: [rules_case(name)] for name in roles_of_rules()}
