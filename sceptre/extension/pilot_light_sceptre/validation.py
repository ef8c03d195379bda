"""The hook that stops every command on a group that has an invalid value.

It checks the values that users write: every value of every stack of the group that is not the output of another stack. CloudFormation
itself checks outputs. For stacks that request it, this hook also checks them once they are known. The rules are in the templates and in
checks.py.
"""

import posixpath
import threading

import cfn_tools
from sceptre.exceptions import SceptreException
from sceptre.hooks import Hook
from sceptre.resolvers import Resolver

from .checks import problems

STACKS = {}
VERDICTS = {}
LOCK = threading.Lock()
# The outputs of the parameter stacks whose values must be unique in an account and Region.
ONLY_ONCE = ("Path", "FailoverName", "FailbackName", "DrillName")


class CheckParameters(Hook):
    """`!check_parameters group` checks the written values of a whole group, once. `!check_parameters stack` checks all values of one stack."""

    def setup(self):
        # Sceptre shares a group's hooks between its stacks. So each stack must be recorded before the first hook runs.
        STACKS[self.stack.name] = self.stack

    def run(self):
        if self.argument == "stack":
            return refuse(self.stack.name, stack_problems(self.stack, self.stack.parameters, account_of(self.stack)))
        group = posixpath.dirname(self.stack.name)
        with LOCK:
            if group not in VERDICTS:
                account = account_of(self.stack)
                VERDICTS[group] = [problem for stack in stacks_of(group) for problem in written_problems(stack, account)]
        refuse(group, VERDICTS[group])


def refuse(name, found):
    if found:
        raise SceptreException(f"{name}: {len(found)} of the parameters cannot be used, so nothing was changed: {'; '.join(found)}")


def stacks_of(group):
    return [STACKS[name] for name in sorted(STACKS) if posixpath.dirname(name) == group and not STACKS[name].ignore]


def written_problems(stack, account):
    """The problems of the values that users wrote for a stack, and its conflicts with other groups."""
    given = {name: value if isinstance(value, Resolver) else as_text(value) for name, value in stack.config.get("parameters", {}).items()}
    found = stack_problems(stack, given, account)
    if not found and "Path" in template_of(stack).get("Outputs", {}):
        found = collisions(stack, given)
    return [f"{stack.name}: {problem}" for problem in found]


def stack_problems(stack, given, account):
    return problems(template_of(stack).get("Parameters", {}), given, (account, stack.region))


def collisions(stack, given):
    """The conflicts with other groups' stacks in this account and Region over values that must be unique."""
    template = template_of(stack)
    outputs = {name: template["Outputs"][name]["Value"] for name in ONLY_ONCE if name in template["Outputs"]}
    own = {name: value if isinstance(value, str) else given.get(name, template["Parameters"].get(name, {}).get("Default"))
            for name, value in outputs.items()}
    for other in deployed(stack):
        others = {output["OutputKey"]: output["OutputValue"] for output in other.get("Outputs", [])}
        if other["StackName"] == stack.external_name or "Path" not in others or not other["StackName"].startswith(stack.project_code):
            continue
        if others["Path"] == own["Path"]:
            yield (f"{own['Path']} belongs to {other['StackName']} already: "
                   "an account has only one group of a kind in a Region; give another Region")
            continue
        yield from (f"{name} is {own[name]!r}: {other['StackName']} has a state machine of that name here; give another name"
                    for name in ONLY_ONCE[1:] if own[name] in [others.get(output) for output in ONLY_ONCE[1:]])


def deployed(stack):
    """Every stack of the account in the stack's Region."""
    page = {"NextToken": None}
    while "NextToken" in page:
        wanted = {"NextToken": page["NextToken"]} if page["NextToken"] else {}
        page = stack.connection_manager.call(service="cloudformation", command="describe_stacks", kwargs=wanted)
        yield from page["Stacks"]


def template_of(stack):
    return cfn_tools.load_yaml(stack.template.body)


def account_of(stack):
    return stack.connection_manager.call(service="sts", command="get_caller_identity", kwargs={})["Account"]


def as_text(value):
    """A value as Sceptre passes it to the template."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, (str, list)) else str(value)
