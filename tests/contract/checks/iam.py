"""Whether IAM allows something: statements of policies against what AWS asks. Only what our policies use is known; anything else is an error.

A statement is a dict as in a policy's JSON; what is asked for has an action, a resource and a context, as the simulator records it.
"""

import functools
import re


class Unknown(ValueError):
    """A statement that this evaluator does not understand."""


@functools.cache
def pattern(text):
    """A pattern of IAM: stars and question marks, nothing else."""
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.S)


def matches(text, wanted):
    return pattern(text).fullmatch(wanted) is not None


def listed(value):
    return value if isinstance(value, list) else [value]


OPERATORS = {
    "StringEquals": lambda given, values: given in values,
    "StringLike": lambda given, values: given is not None and any(matches(value, given) for value in values),
    "ArnLike": lambda given, values: given is not None and any(matches(value, given) for value in values),
    "Bool": lambda given, values: given is not None and given.lower() in [value.lower() for value in values],
    "Null": lambda given, values: ("true" if given is None else "false") in values,
}


def holds(condition, context):
    """Every operator, and every key of it."""
    for operator, keys in condition.items():
        if operator not in OPERATORS:
            raise Unknown(f"the operator {operator}")
        for key, values in keys.items():
            if not OPERATORS[operator](context.get(key), listed(values)):
                return False
    return True


def check(statement):
    """An error for a statement that is more than an Allow of actions on resources."""
    if statement.get("Effect") != "Allow" or statement.keys() - {"Sid", "Effect", "Action", "Resource", "Condition"}:
        raise Unknown(f"the statement {statement}")


def ways(statement, asked):
    """By which of its actions and resources a statement allows what is asked, as pairs of their positions."""
    check(statement)
    actions = [n for n, action in enumerate(listed(statement["Action"])) if matches(action.lower(), asked["action"].lower())]
    if not actions or not holds(statement.get("Condition", {}), asked["context"]):
        return []
    resources = [n for n, resource in enumerate(listed(statement["Resource"])) if matches(resource, asked["resource"])]
    return [(action, resource) for action in actions for resource in resources]


def allows(statements, asked):
    return any(ways(statement, asked) for statement in statements)
