"""The check of a group's parameters: one problem for each invalid parameter, with its value and the allowed values.

The form of a single value is checked against the template (AllowedPattern and the like). The other rules here are rules of the workers too
(shared/domain/src/policy), so that a bad value stops the deployment instead of the first run. Nothing here needs AWS or Sceptre.
"""

import re

from .cron import ScheduleError, normalise
from .durations import seconds
from .manifests import schedule as manifest_schedule
from .schedules import silence

LONGEST = 3653 * 86400
MOST_ACCOUNTS = 20
MACHINES = ("FailoverName", "FailbackName", "DrillName")
KEY = re.compile(r"arn:[^:]+:kms:([^:]+):([0-9]{12}):key/.+")
# The workers' engine runs regular expressions in linear time. So it has none of these features.
PYTHON_ONLY = re.compile(r"\(\?(?:<?[=!]|P=|\()|(?<!\\)(?:\\\\)*\\[1-9]")

# Errors of Python's engine that are errors of the workers' engine too. The workers' engine accepts more (\p{L}, (?<name>…)), so all other
# errors are left to it.
BROKEN = ("missing )", "unbalanced parenthesis", "unterminated character set", "nothing to repeat", "bad escape (end of pattern)")


def problems(declared, given, place):
    """["Name is 'value': the allowed values", …] for the values `given` that do not fit a template's `declared` parameters, in its order.

    `place` is the (account, Region) of the deployment. A value that is not text is not known yet and is not checked.
    """
    found = {name: f"there is no such parameter: the names are {', '.join(declared)}" for name in given if name not in declared}
    for name, parameter in declared.items():
        if name not in given and "Default" not in parameter:
            found[name] = f"it must be given: {parameter.get('ConstraintDescription', parameter.get('Description', ''))}"
        elif isinstance(given.get(name), str):
            found[name] = refusal(parameter, given[name])
    known = {name: str(parameter["Default"]) for name, parameter in declared.items() if "Default" in parameter} | given
    known = {name: value for name, value in known.items() if isinstance(value, str) and not found.get(name)}
    for name, problem in semantics(known, place):
        found[name] = found.get(name) or problem
    order = list(declared)
    named = sorted((name for name in found if found[name]), key=lambda name: order.index(name) if name in order else -1)
    return [f"{name} is {shown(given.get(name, known.get(name)))}: {found[name]}" for name in named]


def shown(value):
    """A value as a message shows it. Manifests are long, so it is cut."""
    return "not given" if value is None else repr(value if len(value) <= 120 else value[:119] + "…")


def refusal(parameter, value):
    """The values that the template itself allows instead of this one, or None if it accepts this one."""
    rule = parameter.get("ConstraintDescription")
    allowed = [str(option) for option in parameter.get("AllowedValues", [])]
    values = value.split(",") if parameter.get("Type") == "CommaDelimitedList" else [value]
    for item in values:
        if allowed and item not in allowed:
            return rule or f"must be one of {', '.join(allowed)}"
        if "AllowedPattern" in parameter and not re.fullmatch(parameter["AllowedPattern"], item):
            return rule or f"must match {parameter['AllowedPattern']}"
        if len(item) < int(parameter.get("MinLength", 0)):
            return rule or f"must have {parameter['MinLength']} characters or more"
    if parameter.get("Type") == "Number":
        return refusal_of_number(parameter, value)
    return None


def refusal_of_number(parameter, value):
    low, high = (float(parameter.get(name, default)) for name, default in (("MinValue", "-inf"), ("MaxValue", "inf")))
    try:
        return None if low <= float(value) <= high else f"must be a number from {low:g} to {high:g}"
    except ValueError:
        return "must be a number"


def semantics(known, place):
    """(name, allowed values) of known values that are well-formed and cannot work."""
    yield from schedules(known)
    yield from durations(known)
    yield from patterns(known)
    yield from keys(known, place)
    yield from accounts(known, place)
    yield from names(known)


def schedules(known):
    for name, value in known.items():
        if not name.endswith("Schedule") or value == "None":
            continue
        manifest = name.replace("Schedule", "Manifest")
        try:
            if manifest not in known:
                silence(normalise(value))
            else:
                manifest_schedule(value, known[manifest])
        except ScheduleError as error:
            yield name, str(error)
        except ValueError as error:
            yield manifest, str(error)


def durations(known):
    for name in ("BackupInterval", "RetentionDays", "CopyRetentionDays", "KeepRetired", "RpoTarget", "RtoTarget"):
        value = known.get(name, "None")
        days = "d" if (name.endswith("Days") or name == "KeepRetired") and value.isdigit() else ""
        if value != "None" and seconds(value + days) > LONGEST:
            yield name, "give ten years at most"
    if int(known.get("KeepLast", 1)) > 10_000:
        yield "KeepLast", "give a whole number from 1 to 10000"


def patterns(known):
    for name in ("InstanceNamePattern", "InstanceNameExclusion", "SnapshotPattern", "SnapshotExclusion"):
        value = known.get(name, "")
        try:
            re.compile(value)
        except re.error as error:
            if error.msg.startswith(BROKEN):
                yield name, f"it is not a regular expression: {error}"
        if PYTHON_ONLY.search(value):
            yield name, "look-around, back-references and conditions are not available; write it without them"


def keys(known, place):
    """Keys must be this account's own, in the Region where they are used."""
    account, own_region = place
    region = {
        "KmsKeyShare": known.get("SourceRegionOverride"), "KmsKeySource": known.get("SourceRegionOverride"),
        "KmsKeyDestination": known.get("DestinationRegion"),
    }
    for name in region.keys() & known.keys():
        wanted = own_region if region[name] in ("NO", "None", "false") else region[name]
        whose = [entry.strip().rpartition("=")[::2] for entry in known[name].split(",") if known[name] != "None"]
        databases = [database for database, _ in whose]
        for database, arn in whose:
            key_region, owner = KEY.fullmatch(arn).groups()
            if owner != account:
                yield name, f"the key belongs to account {owner}; give a key of this account, {account}, out of reach of the other account"
            elif wanted and key_region != wanted:
                yield name, f"the key is in {key_region}; give a key in {wanted}"
            elif databases.count(database) > 1:
                yield name, f"{database or 'the plain value'} is given twice"


def accounts(known, place):
    account, own_region = place
    listed = lambda name: [] if known[name] == "None" else [item.strip() for item in known[name].split(",")]
    shares, crosses = is_true(known.get("ShareSnapshots")), is_true(known.get("CrossAccountCopy"))
    for name, needed, otherwise in (("DestinationAccount", shares, "ShareSnapshots"), ("SourceAccounts", crosses, "CrossAccountCopy")):
        if name not in known or not needed:
            continue
        if not listed(name):
            yield name, f"give the id of the other account, or set {otherwise} to FALSE"
        elif account in listed(name):
            yield name, f"{account} is this account itself; give the other account, or set {otherwise} to FALSE"
        elif len(listed(name)) > MOST_ACCOUNTS:
            yield name, f"give {MOST_ACCOUNTS} accounts at most"
    if "CrossAccountCopy" in known and not crosses and {"SourceRegionOverride", "DestinationRegion"} <= known.keys():
        given = lambda name: own_region if known[name] in ("NO", "None", "false") else known[name]
        if given("SourceRegionOverride") == given("DestinationRegion"):
            yield "DestinationRegion", "with CrossAccountCopy=FALSE it must be another Region than the Region of the snapshots"


def is_true(value):
    return (value or "").upper() == "TRUE"


def names(known):
    """Each state machine of an account and Region needs a name of its own."""
    for position, name in enumerate(MACHINES):
        for other in MACHINES[:position]:
            if name in known and known[name] == known.get(other):
                yield name, f"{other} has the same value; each state machine needs a name of its own"
