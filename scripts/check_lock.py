"""Whether the Python locks are what their .in files ask for, without the network; run by `make lint`.

Every requirement is pinned and hashed, everything asked for is locked as asked, and what is installed here is the lock:
no more, no less, no other version. `make lock` renews them.
"""

import importlib.metadata
import pathlib
import re
import sys

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = pathlib.Path(__file__).resolve().parent.parent
# What a new environment brings along, and our own extension.
OWN = {"pip", "setuptools", "wheel", "pilot-light-sceptre"}


def asked(text):
    """The requirements of an .in file."""
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [Requirement(line) for line in lines if line]


def locked(text):
    """[(requirement, number of its hashes)] of a lock."""
    entries = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*$", "", text)).splitlines()
    return [(Requirement(entry.partition("--hash")[0].strip()), entry.count("--hash=sha256:")) for entry in entries if entry.strip()]


def findings(wanted, lock):
    """What is wrong between an .in file and its lock, both as text."""
    entries = locked(lock)
    names = {canonicalize_name(requirement.name) for requirement, _ in entries}
    for requirement, hashes in entries:
        if not re.fullmatch(r"==[^*,]+", str(requirement.specifier)):
            yield f"{requirement} is not pinned"
        if not hashes:
            yield f"{requirement} has no hash"
    for requirement in asked(wanted):
        name = canonicalize_name(requirement.name)
        if name not in names:
            yield f"{requirement} is not locked"
        for entry, _ in entries:
            if canonicalize_name(entry.name) == name and not requirement.specifier.contains(str(entry.specifier)[2:]):
                yield f"{requirement} is asked for, {entry} is locked"


def differences(wanted, lock, installed):
    """What an environment {name: version} has other than what the .in file leads to and the lock says, for this Python."""
    here = {canonicalize_name(r.name): str(r.specifier)[2:] for r, _ in locked(lock) if r.marker is None or r.marker.evaluate()}
    needed = closure(wanted)
    yield from (f"{name} is needed by what is asked for, and not locked" for name in sorted(needed - here.keys()))
    yield from (f"{name} is locked, and nothing needs it" for name in sorted(here.keys() - needed))
    for name in sorted((here.keys() | installed.keys()) - OWN):
        if here.get(name) != installed.get(name):
            yield f"{name}: {here.get(name, 'none')} is locked, {installed.get(name, 'none')} is installed"


def closure(wanted):
    """The names that an .in file leads to in this environment, by what the packages say of themselves."""
    found, todo = set(), [(canonicalize_name(r.name), r.extras) for r in asked(wanted)]
    while todo:
        name, extras = todo.pop()
        if (name, frozenset(extras)) in found:
            continue
        found.add((name, frozenset(extras)))
        try:
            requires = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        for requirement in map(Requirement, requires):
            if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras or [""]):
                todo.append((canonicalize_name(requirement.name), requirement.extras))
    return {name for name, _ in found}


def installed_here():
    return {canonicalize_name(found.metadata["Name"]): found.version for found in importlib.metadata.distributions()}


def main():
    said = []
    for name in ("requirements", "requirements-clients", "requirements-scan"):
        wanted, lock = (ROOT / f"{name}.in").read_text(), (ROOT / f"{name}.txt").read_text()
        said += [f"{name}.txt: {finding}" for finding in findings(wanted, lock)]
        if name == "requirements":
            said += [f"{name}.txt: {difference}" for difference in differences(wanted, lock, installed_here())]
    print("\n".join(said) or "The Python locks are what is asked for, and what is installed.")
    sys.exit(1 if said else 0)


if __name__ == "__main__":
    main()
