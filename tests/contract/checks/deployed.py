"""Templates as CloudFormation would resolve them, for the values that policies depend on: parameters, names and ARNs.

Only the functions that policies use are implemented. The rest of a template is not resolved.
"""

import re

from .files import Tag

NOTHING = object()
# The service and the form of the resource in an ARN. A permission for a log group covers its streams.
ARNS = {
    "AWS::Lambda::Function": ("lambda", "function:{FunctionName}"),
    "AWS::Logs::LogGroup": ("logs", "log-group:{LogGroupName}:*"),
    "AWS::StepFunctions::StateMachine": ("states", "stateMachine:{StateMachineName}"),
    "AWS::SNS::Topic": ("sns", "{LogicalId}"),
    "AWS::KMS::Key": ("kms", "key/{LogicalId}"),
}
# `!Ref` of these gives the ARN.
ARN_BY_REF = {"AWS::StepFunctions::StateMachine", "AWS::SNS::Topic"}


class Stack:
    """A template, in an account and Region, with values for its parameters."""

    def __init__(self, template, account, region, name="stack", parameters=None):
        self.template = template
        self.place = f"{region}:{account}"
        declared = template.get("Parameters", {})
        defaults = {key: self.typed(declared[key], one["Default"]) for key, one in declared.items() if "Default" in one}
        given = {key: self.typed(declared[key], value) for key, value in (parameters or {}).items() if key in declared}
        self.values = defaults | given | {
            "AWS::Partition": "aws", "AWS::Region": region, "AWS::AccountId": account, "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": name, "AWS::NoValue": NOTHING,
        }

    @staticmethod
    def typed(declared, value):
        return value.split(",") if declared["Type"] == "CommaDelimitedList" and isinstance(value, str) else value

    def resolve(self, value):
        """The value with its functions resolved. NOTHING represents an omitted list item."""
        if isinstance(value, Tag):
            return getattr(self, f"fn_{value.name.lower()}")(value.value)
        if isinstance(value, list):
            return self.flat(value)
        if isinstance(value, dict):
            return {key: self.resolve(one) for key, one in value.items()}
        return value

    def flat(self, values):
        return [one for one in map(self.resolve, values) if one is not NOTHING]

    def fn_ref(self, name):
        if name in self.values:
            return self.values[name]
        resource = self.template["Resources"][name]
        return self.arn(name) if resource["Type"] in ARN_BY_REF else self.named(resource)

    def fn_getatt(self, text):
        name, _, attribute = text.partition(".")
        if attribute != "Arn":
            raise ValueError(f"{text} is not implemented here")
        return self.arn(name)

    def fn_sub(self, text):
        return re.sub(r"\$\{([^}]+)\}", lambda found: str(self.fn_ref(found[1])), text)

    def fn_if(self, branches):
        condition, yes, no = branches
        return self.resolve(yes if self.condition(condition) else no)

    def fn_split(self, arguments):
        separator, text = self.flat(arguments)
        return text.split(separator)

    def fn_select(self, arguments):
        index, values = self.flat(arguments)
        return values[int(index)]

    def fn_equals(self, sides):
        one, other = self.flat(sides)
        return str(one) == str(other)

    def fn_not(self, sides):
        return not self.resolve(sides[0])

    def fn_or(self, sides):
        return any(self.resolve(side) for side in sides)

    def fn_and(self, sides):
        return all(self.resolve(side) for side in sides)

    def fn_condition(self, name):
        return self.condition(name)

    def condition(self, name):
        return self.resolve(self.template["Conditions"][name])

    def arn(self, name):
        resource = self.template["Resources"][name]
        service, form = ARNS[resource["Type"]]
        return f"arn:aws:{service}:{self.place}:{form.format(LogicalId=name, **{key: self.resolve(value) for key, value in self.names(resource)})}"

    def named(self, resource):
        ((_, name),) = self.names(resource)
        return self.resolve(name)

    @staticmethod
    def names(resource):
        return [(key, value) for key, value in resource["Properties"].items() if key in (
            "FunctionName", "LogGroupName", "StateMachineName")]
