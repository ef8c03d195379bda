"""The evaluation of IAM policies: whether their statements allow a request.

Only the features that our own policies use are implemented. Any other feature is an error. A statement is a dict as in a policy's JSON. A
request is a dict with an action, a resource and a context, as the simulator records it.
"""

import functools
import re


class Unknown(ValueError):
    """A statement that this evaluator does not understand."""


@functools.cache
def pattern(text):
    """A pattern of IAM. Only stars and question marks are special."""
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
    """Whether all operators hold for all their keys."""
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


def ways(statement, request):
    """The (action, resource) positions by which a statement allows a request."""
    check(statement)
    actions = [n for n, action in enumerate(listed(statement["Action"])) if matches(action.lower(), request["action"].lower())]
    if not actions or not holds(statement.get("Condition", {}), request["context"]):
        return []
    resources = [n for n, resource in enumerate(listed(statement["Resource"])) if matches(resource, request["resource"])]
    return [(action, resource) for action in actions for resource in resources]


def allows(statements, request):
    return any(ways(statement, request) for statement in statements)
