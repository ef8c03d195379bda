"""The import rules: the folders of the domain and the crates keep to the layers of ARCHITECTURE.md.

No module of these crates imports in a circle.
"""

import re
import tomllib

import pytest

from checks.imports import circles, imports_of
from checks.files import ROOT

CRATES = {
    "domain": ["shared/domain"],
    "aws": ["shared/aws"],
    "schedule": ["shared/schedule"],
    "workers": [
        "source-account/take",
        "source-account/share",
        "source-account/delete",
        "destination-account/copy",
        "destination-account/delete",
        "destination-account/recover",
    ],
    "simulator": ["simulator"],
    "simulation": ["simulation"],
    "cli": ["cli"],
}
# Crates whose modules must have no import circles. The simulator is not among them: its world is one struct with methods in many files.
WITHOUT_CIRCLES = ["shared/domain", "shared/schedule", "simulation", "cli"]


def layers(name):
    """The layers of one line of ARCHITECTURE.md, lowest first. Each layer is a set of names."""
    block = re.search(r"```layers\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text(), re.S).group(1)
    line = re.search(rf"^{name}: (.*)$", block, re.M).group(1)
    return [set(layer.split()) for layer in line.split("|")]


def floor_of(name, order):
    return next(number for number, layer in enumerate(order) if name in layer)


def upward(arrows, order):
    """The arrows from a layer to a layer that is not below it. Arrows within one name do not count."""
    return [(name, other) for name, other in arrows if name != other and floor_of(other, order) >= floor_of(name, order)]


def folder_of(file):
    parts = file.split("/")
    return parts[0] if len(parts) > 1 else None


def test_no_folder_of_the_domain_imports_from_a_folder_above_it():
    arrows = {(folder_of(file), folder_of(other)) for file, others in imports_of("shared/domain").items() for other in others}
    order = layers("domain")
    assert upward([(name, other) for name, other in arrows if name and other], order) == []


def test_every_folder_of_the_domain_and_every_crate_has_a_layer():
    found = {path.name for path in (ROOT / "shared/domain/src").iterdir() if any(path.glob("*.rs"))}
    assert set().union(*layers("domain")) == found
    assert set().union(*layers("crates")) == set(CRATES)


def test_no_crate_depends_on_a_crate_above_it():
    names = {}
    for crate, folders in CRATES.items():
        for folder in folders:
            names[tomllib.loads((ROOT / folder / "Cargo.toml").read_text())["package"]["name"]] = crate
    arrows = set()
    for crate, folders in CRATES.items():
        for folder in folders:
            manifest = tomllib.loads((ROOT / folder / "Cargo.toml").read_text())
            arrows |= {(crate, names[name]) for name in manifest.get("dependencies", {}) if name in names}
    assert upward(arrows, layers("crates")) == []


@pytest.mark.parametrize("crate", WITHOUT_CIRCLES)
def test_no_modules_of_a_crate_import_each_other_in_a_circle(crate):
    imports = imports_of(crate)
    assert sum(map(len, imports.values())) > 10, "the imports were not read"
    assert circles(imports) == []


def test_a_planted_circle_and_a_planted_upward_arrow_are_found():
    assert circles({"a.rs": {"b.rs"}, "b.rs": {"c.rs"}, "c.rs": {"a.rs"}, "d.rs": {"a.rs"}}) == [["a.rs", "b.rs", "c.rs"]]
    order = [{"model"}, {"aws", "run"}]
    assert upward([("model", "run"), ("run", "model"), ("aws", "run")], order) == [("model", "run"), ("aws", "run")]


@pytest.mark.parametrize("folder", CRATES["workers"])
def test_only_the_binary_of_a_worker_uses_the_aws_crate(folder):
    manifest = tomllib.loads((ROOT / folder / "Cargo.toml").read_text())
    assert manifest["dependencies"]["pilot-light-aws"] == {"workspace": True, "optional": True}
    assert manifest["features"] == {"default": ["lambda"], "lambda": ["dep:pilot-light-aws"]}
    users = [path.name for path in (ROOT / folder / "src").rglob("*.rs") if "pilot_light_aws" in path.read_text()]
    assert users == ["main.rs"]
