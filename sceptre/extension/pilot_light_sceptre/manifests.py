"""The schedules of drills and refreshes: off unless both a schedule and the manifest it starts with are given.

The manifest's contents are the worker's to judge; here it must only be one, so that no schedule starts with nothing to do.
"""

import json

from sceptre.exceptions import SceptreException
from sceptre.resolvers import Resolver

from .cron import ScheduleError, normalise

# CloudFormation takes no longer parameter.
LONGEST = 4096


class ManifestSchedule(Resolver):
    """Argument: {parameter: name the user knows, value: its value, manifest: the manifest}. The schedule, or None."""

    def resolve(self):
        name = self.argument["parameter"]
        try:
            return schedule(self.argument["value"], self.argument["manifest"])
        except ScheduleError as error:
            raise SceptreException(f"{self.stack.name}: {name} is {self.argument['value']!r}: {error}") from None
        except ValueError as error:
            raise SceptreException(f"{self.stack.name}: {name.replace('Schedule', 'Manifest')}: {error}") from None


def schedule(text, manifest):
    """The full schedule expression for `text`, or None, where there is none."""
    if text == "None":
        return "None"
    expression = normalise(text)
    check(manifest)
    return expression


def check(manifest):
    """Raises ValueError for what cannot be a manifest."""
    if manifest == "None":
        raise ValueError("it is None, and its schedule has nothing to start: give a manifest, or None for the schedule")
    if len(manifest.encode()) > LONGEST:
        raise ValueError(f"it has {len(manifest.encode())} bytes: CloudFormation takes {LONGEST}; start larger ones yourself")
    try:
        layers = json.loads(manifest)["StatePayload"]
    except (ValueError, KeyError, TypeError):
        layers = None
    if not isinstance(layers, list) or not layers:
        raise ValueError('it is no manifest: that is JSON such as {"StatePayload":[{"layer":1,"resources":[…]}]}')
