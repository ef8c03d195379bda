"""The schedules of drills and refreshes. Each is off unless both a schedule and its manifest are given.

The worker validates the contents of a manifest. This file checks only that the text is a manifest, so that no schedule starts a run without
work.
"""

import json

from sceptre.exceptions import SceptreException
from sceptre.resolvers import Resolver

from .cron import ScheduleError, normalise

# The types that the state machine of drills accepts.
SCHEDULED = ("RestoreDrill", "RefreshFromSnapshot")
# The longest parameter that CloudFormation accepts, in bytes.
LONGEST = 4096


class ManifestSchedule(Resolver):
    """The schedule, or None. Argument: {parameter: the name that the user knows, value: its value, manifest: the manifest}."""

    def resolve(self):
        name = self.argument["parameter"]
        try:
            return schedule(self.argument["value"], self.argument["manifest"])
        except ScheduleError as error:
            raise SceptreException(f"{self.stack.name}: {name} is {self.argument['value']!r}: {error}") from None
        except ValueError as error:
            raise SceptreException(f"{self.stack.name}: {name.replace('Schedule', 'Manifest')}: {error}") from None


def schedule(text, manifest):
    """The full schedule expression for `text`, or None where there is no schedule."""
    if text == "None":
        return "None"
    expression = normalise(text)
    check(manifest)
    return expression


def check(manifest):
    """Raises ValueError for a text that cannot be a manifest."""
    if manifest == "None":
        raise ValueError("it is None, so its schedule has nothing to start: give a manifest, or None for the schedule")
    if len(manifest.encode()) > LONGEST:
        raise ValueError(f"it has {len(manifest.encode())} bytes: CloudFormation takes at most {LONGEST}; put the layers into SSM parameters "
                         'and give {"StatePayload":"resolve:ssm:NAME"}')
    try:
        layers = json.loads(manifest)["StatePayload"]
    except (ValueError, KeyError, TypeError):
        layers = None
    if isinstance(layers, str) and layers.startswith("resolve:ssm:"):
        return
    if not isinstance(layers, list) or not layers:
        raise ValueError('it is not a manifest: give JSON such as {"StatePayload":[{"layer":1,"resources":[…]}]}')
    for layer in layers:
        for resource in layer.get("resources", []) if isinstance(layer, dict) else []:
            kind = resource.get("resourceType") if isinstance(resource, dict) else None
            if kind not in SCHEDULED:
                raise ValueError(f"it has the resourceType {kind!r}: a schedule starts only {' and '.join(SCHEDULED)}; "
                                 "`pilot-light recover template --drill` writes such a manifest")
