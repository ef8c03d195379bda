"""Durations as users write them (30m, 1h, 7d; a bare number is hours), in seconds for alarms.

The workers read the same text themselves and report its problems. This file must only read valid texts correctly.
"""

import re

from sceptre.exceptions import SceptreException
from sceptre.resolvers import Resolver

UNIT_SECONDS = {"m": 60, "h": 3600, "d": 86400, "": 3600}


class DurationSeconds(Resolver):
    """Argument: {parameter: the name that the user knows, value: its value}."""

    def resolve(self):
        value = self.argument["value"]
        try:
            return str(seconds(value))
        except ValueError as error:
            raise SceptreException(f"{self.stack.name}: {self.argument['parameter']} is {value!r}: {error}") from None


def seconds(text):
    match = re.fullmatch(r"([1-9][0-9]*)([mhd]?)", str(text), re.ASCII)
    if match is None:
        raise ValueError("allowed are whole minutes, hours or days such as 30m, 1h or 7d; a bare number means hours")
    return int(match.group(1)) * UNIT_SECONDS[match.group(2)]
