"""The hook that lets no command begin on a group of which a value cannot work.

It looks at what people write: every value of every stack of the group that is no other stack's output. Those are checked by CloudFormation
itself, and by this hook where a stack asks for it once they are known. What is allowed is in the templates and in checks.py.
"""

import posixpath
import threading

import cfn_tools
from sceptre.exceptions import SceptreException
from sceptre.hooks import Hook
from sceptre.resolvers import Resolver

from .checks import faults

STACKS = {}
VERDICTS = {}
LOCK = threading.Lock()
# What one account and Region has once only, as the outputs of the parameter stacks show it.
ONLY_ONCE = ("Path", "FailoverName", "FailbackName", "DrillName")


class CheckParameters(Hook):
    """`!check_parameters group` checks what is written in the whole group, once; `!check_parameters stack` one stack, with all it reads."""

    def setup(self):
        # Sceptre shares a group's hooks between its stacks: each must be known by itself before the first of them runs.
        STACKS[self.stack.name] = self.stack

    def run(self):
        if self.argument == "stack":
            return refuse(self.stack.name, stack_faults(self.stack, self.stack.parameters, account_of(self.stack)))
        group = posixpath.dirname(self.stack.name)
        with LOCK:
            if group not in VERDICTS:
                account = account_of(self.stack)
                VERDICTS[group] = [fault for stack in stacks_of(group) for fault in written_faults(stack, account)]
        refuse(group, VERDICTS[group])


def refuse(name, found):
    if found:
        raise SceptreException(f"{name}: {len(found)} of the parameters cannot be used, and nothing was changed: {'; '.join(found)}")


def stacks_of(group):
    return [STACKS[name] for name in sorted(STACKS) if posixpath.dirname(name) == group and not STACKS[name].ignore]


def written_faults(stack, account):
    """What is wrong with what people wrote for a stack, and with whom it would get in the way of."""
    given = {name: value if isinstance(value, Resolver) else as_text(value) for name, value in stack.config.get("parameters", {}).items()}
    found = stack_faults(stack, given, account)
    if not found and "Path" in template_of(stack).get("Outputs", {}):
        found = collisions(stack, given)
    return [f"{stack.name}: {fault}" for fault in found]


def stack_faults(stack, given, account):
    return faults(template_of(stack).get("Parameters", {}), given, (account, stack.region))


def collisions(stack, given):
    """Other groups' stacks in this account and Region that hold what this group needs for itself."""
    template = template_of(stack)
    outputs = {name: template["Outputs"][name]["Value"] for name in ONLY_ONCE if name in template["Outputs"]}
    mine = {name: value if isinstance(value, str) else given.get(name, template["Parameters"].get(name, {}).get("Default"))
            for name, value in outputs.items()}
    for other in deployed(stack):
        theirs = {output["OutputKey"]: output["OutputValue"] for output in other.get("Outputs", [])}
        if other["StackName"] == stack.external_name or "Path" not in theirs or not other["StackName"].startswith(stack.project_code):
            continue
        if theirs["Path"] == mine["Path"]:
            yield f"{mine['Path']} is {other['StackName']}'s already: an account has one group of a kind in a Region; give another Region"
            continue
        yield from (f"{name} is {mine[name]!r}: {other['StackName']} has a state machine of that name here; give another name"
                    for name in ONLY_ONCE[1:] if mine[name] in [theirs.get(one) for one in ONLY_ONCE[1:]])


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
    """A value as Sceptre hands it on."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, (str, list)) else str(value)
