"""The dependencies between the crates of the workspace, as `cargo metadata` reports them, and the rules for them."""

import json
import re
import subprocess

from checks.files import ROOT

# The layer of each package, by its name in ARCHITECTURE.md.
LAYER = {
    "pilot-light-domain": "domain",
    "pilot-light-schedule": "schedule",
    "pilot-light-aws": "aws",
    "pilot-light-simulator": "simulator",
    "pilot-light-simulation": "simulation",
    "pilot-light": "cli",
    "pilot-light-tests": "scenes",
    "source-take": "worker",
    "source-share": "worker",
    "source-delete": "worker",
    "destination-copy": "worker",
    "destination-delete": "worker",
    "destination-recover": "worker",
}
WORKERS = {name for name, layer in LAYER.items() if layer == "worker"}
# The packages of AWS, which only the layer `aws` may have, whatever the kind of the dependency.
_OF_AWS = ("aws-", "lambda_")


def packages(root=ROOT):
    """The packages of the workspace, with their dependencies of all kinds and targets under their true names."""
    command = ["cargo", "metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path", str(root / "Cargo.toml")]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["packages"]


def findings(workspace, allowed):
    """The dependencies that `allowed`, {layer: layers that it may import}, does not admit."""
    names = {package["name"] for package in workspace}
    yield from (f"{name} has no layer in LAYER, or is no longer a package" for name in sorted(names ^ LAYER.keys()))
    for package in workspace:
        name, layer = package["name"], LAYER.get(package["name"])
        for needed in package["dependencies"]:
            if not _is_admitted(layer, needed, allowed):
                yield f"{name} must not depend on {needed['name']}"
            if needed.get("path") and needed["name"] not in names:
                yield f"{name} depends on {needed['name']}, which is not in the workspace"
            if needed["name"] in names and needed["rename"]:
                yield f"{name} renames {needed['name']}"
            if needed["name"] in WORKERS and (needed["uses_default_features"] or needed["features"]):
                yield f"{name} must use {needed['name']} without its features"
        if name not in WORKERS:
            features = (feature for values in package["features"].values() for feature in values)
            yield from (f"{name} must not have the feature {feature}" for feature in features if re.split("[?/]", feature)[0] in WORKERS)


def _is_admitted(layer, needed, allowed):
    """Whether a layer may have a dependency. Dependencies of tests are free, except for those of AWS."""
    name, other = needed["name"], LAYER.get(needed["name"])
    if name.startswith(_OF_AWS):
        return layer == "aws"
    if other is None or (needed["kind"] == "dev" and other != "aws"):
        return True
    return other in allowed.get(layer, ())
