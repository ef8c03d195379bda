"""The key ARNs in `KmsKey…` parameters, for policies that name each key.

A value is None, an ARN, or a list such as ARN,orders=OTHER-ARN.
"""

from sceptre.resolvers import Resolver


class KeyArns(Resolver):
    """The ARNs in all of several such values, or None. Argument: the list of values."""

    def resolve(self):
        return ",".join(key_arns(self.argument)) or "None"


def key_arns(values):
    entries = (entry.strip().split("=")[-1] for value in values for entry in value.split(","))
    return sorted({entry for entry in entries if entry.startswith("arn:")})
