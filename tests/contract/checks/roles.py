"""The roles of the deployment: the statements of their policies in the templates, and the stacks that resolve them.

The requests that need the permissions are in needed.py.
"""

import copy
import functools
from dataclasses import dataclass, field

from .deployed import NOTHING, Stack
from .files import SCEPTRE, Tag, config, local_variables, template
from .iam import listed, ways

SOURCE, DESTINATION = "111111111111", "222222222222"
# The stack of each worker. The recover worker is in both accounts.
STACKS = {
    "source-take": "source/take.yaml", "source-share": "source/share.yaml", "source-delete": "source/delete.yaml",
    "destination-copy": "destination/copy.yaml", "destination-delete": "destination/delete.yaml",
    "destination-recover": "destination/recover.yaml",
}


@dataclass
class Part:
    """The statements of one policy, and the template that contains them."""

    name: str
    template: dict
    statements: list = field(repr=False)

    def resolved(self, stack):
        """(position, statement) of the statements that the stack includes."""
        found = ((position, stack.resolve(statement)) for position, statement in enumerate(self.statements))
        return [(position, statement) for position, statement in found if statement is not NOTHING]


@functools.cache
def worker_template(worker):
    return template(SCEPTRE / "templates" / configured(worker)["template"]["path"])


def configured(worker):
    return config(SCEPTRE / "config" / STACKS[worker], local_variables())


def inline(document, role):
    """The inline policies of a role, and the policies of the template that are attached to it."""
    for policy in document["Resources"][role]["Properties"].get("Policies", []):
        yield Part(f"{role} {policy['PolicyName']}", document, policy["PolicyDocument"]["Statement"])
    for name, resource in document["Resources"].items():
        if resource["Type"] == "AWS::IAM::Policy" and Tag("Ref", role) in resource["Properties"]["Roles"]:
            yield Part(name, document, resource["Properties"]["PolicyDocument"]["Statement"])


@functools.cache
def managed(worker):
    """The managed policy in the configuration of a worker's stack."""
    stack, _, output = configured(worker)["parameters"]["PolicyArn"].value.partition("::")
    document = template(SCEPTRE / "templates" / config(SCEPTRE / "config" / stack, local_variables())["template"]["path"])
    policy = document["Outputs"][output]["Value"].value
    return Part(policy, document, document["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"])


def of_worker(worker):
    return [managed(worker), *inline(worker_template(worker), "Role")]


def stack_of(part, worker, deployment):
    """The stack of one part of a worker's role."""
    parameters = deployment["parameters"] | {"Worker": worker, "Enabled": "TRUE"} | NOTIFICATIONS
    return Stack(part.template, deployment["account"], deployment["region"], f"pilot-light-{worker}", parameters)


TOPIC = f"arn:aws:sns:us-east-1:{SOURCE}:pilot-light"
INFORM_TOPIC = f"arn:aws:sns:us-east-1:{SOURCE}:pilot-light-inform"
TOPIC_KEY = f"arn:aws:kms:us-east-1:{SOURCE}:key/topic"
# The outputs of the stack notifications that the stacks of workers get.
NOTIFICATIONS = {"TopicArn": TOPIC, "InformTopicArn": INFORM_TOPIC, "TopicKeyArn": TOPIC_KEY, "AnnounceName": "pilot-light-source-notifications"}


@dataclass
class Case:
    """A role's policies in one deployment, and the requests of the role there."""

    role: str
    parts: list = field(repr=False)
    stacks: list = field(repr=False)
    requests: list = field(repr=False)

    def granted(self):
        """(part, position, statement) of every statement that grants something."""
        for number, (part, stack) in enumerate(zip(self.parts, self.stacks)):
            for position, statement in part.resolved(stack):
                yield number, position, statement


def findings(cases):
    """Findings for requests that are not granted, and for permissions that no request needs: of one role, in all its deployments."""
    needed, reached = set(), {}
    for case in cases:
        granted = list(case.granted())
        for request in case.requests:
            found = [(number, position, *place(case.parts[number], position, way))
                     for number, position, statement in granted for way in ways(statement, request)]
            if not found:
                yield f"{case.role} may not {request['action']} on {request['resource']} with {request['context']}"
            # The request needs an action or a resource that all its ways have in common.
            of_actions = {("Action", number, position, action) for number, position, action, _ in found}
            of_resources = {("Resource", number, position, resource) for number, position, _, resource in found}
            needed |= of_actions if len(of_actions) == 1 else set()
            needed |= of_resources if len(of_resources) == 1 else set()
            for item in of_resources:
                reached.setdefault((id(case), item), set()).add(request["resource"])
    for item in sorted({item for case in cases for item in items(case.parts)} - needed):
        yield f"{cases[0].role}: {description(cases[0].parts, item)} is granted, and nothing needs it"
    yield from too_wide(cases, reached)


def too_wide(cases, reached):
    """Findings for a star for the Region or the account where one value is enough in every deployment.

    Stars in names are not checked, since databases and manifests determine the names.
    """
    for item in items(cases[0].parts):
        kind, number, position, index = item
        value = listed(raw(cases[0].parts[number].statements[position])[kind])[index]
        segments = getattr(value, "value", value).replace("AWS::", "").split(":")
        for segment, scope in ((3, "Region"), (4, "account")):
            if kind == "Action" or len(segments) < 6 or segments[segment] != "*":
                continue
            used = [{arn.split(":")[segment] for arn in reached.get((id(case), item), [])} for case in cases]
            if all(len(values) < 2 for values in used):
                yield f"{cases[0].role}: {description(cases[0].parts, item)} is for any {scope}, and one is enough"


def items(parts):
    """The places of all actions and resources of all statements: (kind, number of the part, position, index)."""
    for number, part in enumerate(parts):
        for position in range(len(part.statements)):
            statement = raw(part.statements[position])
            for kind in ("Action", "Resource"):
                for index in range(len(listed(statement[kind]))):
                    yield kind, number, position, index


def place(part, position, way):
    """The positions of a way's action and resource in the template. A parameter that holds several resources is one resource there."""
    action, resource = way
    return action, resource if isinstance(raw(part.statements[position])["Resource"], list) else 0


def raw(statement):
    """The statement itself, also where a condition decides whether the stack includes it."""
    return statement if isinstance(statement, dict) else statement.value[1]


def description(parts, item):
    kind, number, position, index = item
    statement = raw(parts[number].statements[position])
    value = listed(statement[kind])[index]
    return f"{parts[number].name} {statement.get('Sid', position)}: {getattr(value, 'value', value)}"


def without(cases, item):
    """The same cases with one action or resource removed from the template."""
    kind, number, position, index = item

    def change(parts):
        statement = raw(parts[number].statements[position])
        statement[kind] = [value for n, value in enumerate(listed(statement[kind])) if n != index]

    return changed(cases, change)


def with_more(cases, kind, number, position, value):
    """The same cases with one action or resource added."""

    def change(parts):
        statement = raw(parts[number].statements[position])
        statement[kind] = [*listed(statement[kind]), value]

    return changed(cases, change)


def changed(cases, change):
    parts = [Part(part.name, part.template, copy.deepcopy(part.statements)) for part in cases[0].parts]
    change(parts)
    return [Case(case.role, parts, case.stacks, case.requests) for case in cases]
