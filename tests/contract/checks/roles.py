"""Every role of the deployment with the statements of its policies, as the templates have them, and the stacks that resolve them.

What needs those permissions is elsewhere.
"""

import copy
import functools
from dataclasses import dataclass, field

from .deployed import NOTHING, Stack
from .files import SCEPTRE, Tag, config, local_variables, template
from .iam import listed, ways

SOURCE, DESTINATION = "111111111111", "222222222222"
# Which stack runs which worker; recovery is in both accounts.
STACKS = {
    "source-take": "source/take.yaml", "source-share": "source/share.yaml", "source-delete": "source/delete.yaml",
    "destination-copy": "destination/copy.yaml", "destination-delete": "destination/delete.yaml",
    "destination-recover": "destination/recover.yaml",
}


@dataclass
class Part:
    """The statements of one policy, and the template that they stand in."""

    name: str
    template: dict
    statements: list = field(repr=False)

    def resolved(self, stack):
        """(position, statement) of those that are there."""
        found = ((position, stack.resolve(statement)) for position, statement in enumerate(self.statements))
        return [(position, statement) for position, statement in found if statement is not NOTHING]


@functools.cache
def worker_template(worker):
    return template(SCEPTRE / "templates" / configured(worker)["template"]["path"])


def configured(worker):
    return config(SCEPTRE / "config" / STACKS[worker], local_variables())


def inline(document, role):
    """The policies that stand in a role itself, and those beside it that are attached to it."""
    for policy in document["Resources"][role]["Properties"].get("Policies", []):
        yield Part(f"{role} {policy['PolicyName']}", document, policy["PolicyDocument"]["Statement"])
    for name, resource in document["Resources"].items():
        if resource["Type"] == "AWS::IAM::Policy" and Tag("Ref", role) in resource["Properties"]["Roles"]:
            yield Part(name, document, resource["Properties"]["PolicyDocument"]["Statement"])


@functools.cache
def managed(worker):
    """The managed policy that a worker's stack is given by its configuration."""
    stack, _, output = configured(worker)["parameters"]["PolicyArn"].value.partition("::")
    document = template(SCEPTRE / "templates" / config(SCEPTRE / "config" / stack, local_variables())["template"]["path"])
    policy = document["Outputs"][output]["Value"].value
    return Part(policy, document, document["Resources"][policy]["Properties"]["PolicyDocument"]["Statement"])


def of_worker(worker):
    return [managed(worker), *inline(worker_template(worker), "Role")]


def stack_of(part, worker, deployment):
    """The stack of one part of a worker's role."""
    parameters = deployment["parameters"] | {"Worker": worker, "TopicArn": TOPIC, "TopicKeyArn": TOPIC_KEY, "Enabled": "TRUE"}
    return Stack(part.template, deployment["account"], deployment["region"], f"pilot-light-{worker}", parameters)


TOPIC = f"arn:aws:sns:us-east-1:{SOURCE}:pilot-light"
TOPIC_KEY = f"arn:aws:kms:us-east-1:{SOURCE}:key/topic"


@dataclass
class Case:
    """A role's policies as they are deployed once, and what was asked of it there."""

    role: str
    parts: list = field(repr=False)
    stacks: list = field(repr=False)
    asked: list = field(repr=False)

    def granted(self):
        """(part, position, statement) of everything that is granted."""
        for number, (part, stack) in enumerate(zip(self.parts, self.stacks)):
            for position, statement in part.resolved(stack):
                yield number, position, statement


def findings(cases):
    """What is asked and not granted, and what is granted and could go: of one role, in all its deployments."""
    needed, reached = set(), {}
    for case in cases:
        granted = list(case.granted())
        for asked in case.asked:
            found = [(number, position, *place(case.parts[number], position, way))
                     for number, position, statement in granted for way in ways(statement, asked)]
            if not found:
                yield f"{case.role} may not {asked['action']} on {asked['resource']} with {asked['context']}"
            # What all ways have in common, this permission needs.
            of_actions = {("Action", number, position, action) for number, position, action, _ in found}
            of_resources = {("Resource", number, position, resource) for number, position, _, resource in found}
            needed |= of_actions if len(of_actions) == 1 else set()
            needed |= of_resources if len(of_resources) == 1 else set()
            for item in of_resources:
                reached.setdefault((id(case), item), set()).add(asked["resource"])
    for item in sorted({item for case in cases for item in items(case.parts)} - needed):
        yield f"{cases[0].role}: {told(cases[0].parts, item)} is granted, and nothing needs it"
    yield from too_wide(cases, reached)


def too_wide(cases, reached):
    """Stars for Region and account that one would do for, in every deployment. What a name is, is for databases and manifests to say."""
    for item in items(cases[0].parts):
        kind, number, position, index = item
        value = listed(raw(cases[0].parts[number].statements[position])[kind])[index]
        segments = getattr(value, "value", value).replace("AWS::", "").split(":")
        for segment, what in ((3, "Region"), (4, "account")):
            if kind == "Action" or len(segments) < 6 or segments[segment] != "*":
                continue
            used = [{arn.split(":")[segment] for arn in reached.get((id(case), item), [])} for case in cases]
            if all(len(values) < 2 for values in used):
                yield f"{cases[0].role}: {told(cases[0].parts, item)} is for any {what}, and one would do"


def items(parts):
    """Every action and every resource of every statement, by their places."""
    for number, part in enumerate(parts):
        for position in range(len(part.statements)):
            statement = raw(part.statements[position])
            for kind in ("Action", "Resource"):
                for index in range(len(listed(statement[kind]))):
                    yield kind, number, position, index


def place(part, position, way):
    """Where action and resource of a way stand in the template: a parameter that holds several resources is one there."""
    action, resource = way
    return action, resource if isinstance(raw(part.statements[position])["Resource"], list) else 0


def raw(statement):
    """The statement itself, where a condition decides whether it is there."""
    return statement if isinstance(statement, dict) else statement.value[1]


def told(parts, item):
    kind, number, position, index = item
    statement = raw(parts[number].statements[position])
    value = listed(statement[kind])[index]
    return f"{parts[number].name} {statement.get('Sid', position)}: {getattr(value, 'value', value)}"


def without(cases, item):
    """The same cases with one action or resource taken out of the template."""
    kind, number, position, index = item

    def change(parts):
        statement = raw(parts[number].statements[position])
        statement[kind] = [value for n, value in enumerate(listed(statement[kind])) if n != index]

    return changed(cases, change)


def with_more(cases, kind, number, position, value):
    """The same cases with one action or resource put in."""

    def change(parts):
        statement = raw(parts[number].statements[position])
        statement[kind] = [*listed(statement[kind]), value]

    return changed(cases, change)


def changed(cases, change):
    parts = [Part(part.name, part.template, copy.deepcopy(part.statements)) for part in cases[0].parts]
    change(parts)
    return [Case(case.role, parts, case.stacks, case.asked) for case in cases]
