"""The import rules: the folders of the domain and the crates keep to the layers of ARCHITECTURE.md.

No module of the crates below imports in a circle. `test_imports.py` tests the reader of the imports.
"""

import re
import tomllib

import pytest

from checks import crates
from checks.files import ROOT
from checks.imports import circles, imports_of, refusals

# Crates whose modules must have no import circles. The simulator is not among them: its world is one struct with methods in many files.
WITHOUT_CIRCLES = ["shared/domain", "shared/schedule", "simulation", "cli"]
FOLDERS = {package["name"]: package["manifest_path"].removeprefix(f"{ROOT}/").removesuffix("/Cargo.toml") for package in crates.packages()}


def block(name):
    return re.search(rf"```{name}\n(.*?)```", (ROOT / "ARCHITECTURE.md").read_text(), re.S).group(1)


def rooms():
    """The layers of the domain's rooms, lowest first. Each layer is a set of names."""
    return [set(layer.split()) for layer in block("layers").split("|")]


def allowed():
    """{layer of crates: the layers that it may import}."""
    rows = (line.split(":") for line in block("crates").splitlines())
    return {name: others.split() for name, others in rows}


def floor_of(name, order):
    return next(number for number, layer in enumerate(order) if name in layer)


def upward(arrows, order):
    """The arrows from a layer to a layer that is not below it. Arrows within one name do not count."""
    return [(name, other) for name, other in arrows if name != other and floor_of(other, order) >= floor_of(name, order)]


def room_of(file):
    """The folder of a file below `src`, or the name of a file directly in `src`."""
    return file.split("/")[0].removesuffix(".rs")


def test_no_room_of_the_domain_imports_from_a_room_above_it():
    arrows = {(room_of(file), room_of(other)) for file, others in imports_of("shared/domain").items() for other in others}
    assert upward(sorted(arrows), rooms()) == []


def test_every_room_of_the_domain_has_a_layer():
    assert sorted(name for layer in rooms() for name in layer) == sorted({room_of(file) for file in imports_of("shared/domain")})


def test_a_planted_upward_arrow_is_found():
    order = [{"model"}, {"aws", "run"}]
    assert upward([("model", "run"), ("run", "model"), ("aws", "run")], order) == [("model", "run"), ("aws", "run")]
    assert (room_of("lib.rs"), room_of("bridge.rs"), room_of("model/arn.rs")) == ("lib", "bridge", "model")


@pytest.mark.parametrize("crate", WITHOUT_CIRCLES)
def test_no_modules_of_a_crate_import_each_other_in_a_circle(crate):
    imports = imports_of(crate)
    assert sum(map(len, imports.values())) > 10, "the imports were not read"
    assert circles(imports) == []


@pytest.mark.parametrize("folder", FOLDERS.values())
def test_no_crate_hides_an_import(folder):
    assert list(refusals(folder)) == []


def test_no_crate_depends_on_a_crate_that_its_layer_may_not_import():
    assert list(crates.findings(crates.packages(), allowed())) == []


def test_the_rows_of_the_crates_lead_only_upwards():
    rows = allowed()
    assert rows.keys() == set(crates.LAYER.values())
    names = list(rows)
    assert [(name, other) for name, others in rows.items() for other in others if names.index(other) >= names.index(name)] == []


@pytest.mark.parametrize("worker", sorted(crates.WORKERS))
def test_only_the_binary_of_a_worker_uses_the_aws_crate(worker):
    manifest = tomllib.loads((ROOT / FOLDERS[worker] / "Cargo.toml").read_text())
    assert manifest["dependencies"]["pilot-light-aws"] == {"workspace": True, "optional": True}
    assert manifest["features"] == {"default": ["lambda"], "lambda": ["dep:pilot-light-aws"]}
    users = [path.name for path in (ROOT / FOLDERS[worker] / "src").rglob("*.rs") if "pilot_light_aws" in path.read_text()]
    assert users == ["main.rs"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """The manifests of this workspace, with an empty file for each target, and a crate outside of it."""
    root = tmp_path_factory.mktemp("planted") / "workspace"
    (root.parent / "outside/src").mkdir(parents=True)
    (root.parent / "outside/src/lib.rs").touch()
    (root.parent / "outside/Cargo.toml").write_text('[package]\nname = "outside"\n')
    manifests = {path: (ROOT / path / "Cargo.toml").read_text() for path in (".", *FOLDERS.values())}
    for package in crates.packages():
        for target in package["targets"]:
            path = root / target["src_path"].removeprefix(f"{ROOT}/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    return root, manifests


def extra(dependency, kind="dependencies"):
    return f"[target.x.{kind}]\n{dependency}"


@pytest.mark.parametrize("package,added,finding", [
    ("pilot-light-domain", "[build-dependencies]\npilot-light-schedule.workspace = true", "must not depend on pilot-light-schedule"),
    ("pilot-light-domain", extra("pilot-light-schedule.workspace = true"), "must not depend on pilot-light-schedule"),
    ("pilot-light-domain", extra('x = { package = "pilot-light-schedule", path = "../schedule" }'),
     "must not depend on pilot-light-schedule"),
    ("pilot-light-domain", extra("renamed.workspace = true"), "must not depend on pilot-light-schedule"),
    ("pilot-light-domain", extra("aws-sdk-rds.workspace = true"), "must not depend on aws-sdk-rds"),
    ("pilot-light-domain", extra("lambda_runtime.workspace = true"), "must not depend on lambda_runtime"),
    ("pilot-light-simulation", extra("pilot-light-aws.workspace = true"), "must not depend on pilot-light-aws"),
    ("pilot-light-simulation", extra("pilot-light-aws.workspace = true", "dev-dependencies"), "must not depend on pilot-light-aws"),
    ("pilot-light-tests", extra("pilot-light-aws.workspace = true"), "must not depend on pilot-light-aws"),
    ("pilot-light-tests", extra("aws-sdk-rds.workspace = true", "dev-dependencies"), "must not depend on aws-sdk-rds"),
    ("pilot-light-simulation", extra('source-take = { workspace = true, features = ["lambda"] }'),
     "must use source-take without its features"),
    ("pilot-light-simulation", extra('source-take = { path = "../source-account/take" }'), "must use source-take without its features"),
    ("pilot-light-simulation", '[features]\nx = ["source-take/lambda"]', "must not have the feature source-take/lambda"),
    ("pilot-light-simulation", extra('d = { package = "pilot-light-domain", path = "../shared/domain" }'), "renames pilot-light-domain"),
    ("source-take", extra('outside = { path = "../../../outside" }'), "depends on outside, which is not in the workspace"),
    ("source-take", extra("source-share.workspace = true"), "must not depend on source-share"),
    ("source-take", extra("pilot-light-schedule.workspace = true"), "must not depend on pilot-light-schedule"),
])
def test_a_planted_dependency_is_found(workspace, package, added, finding):
    assert f"{package} {finding}" in with_planted(workspace, package, added)


def test_a_dependency_of_tests_on_a_higher_crate_is_admitted(workspace):
    assert with_planted(workspace, "pilot-light-domain", extra("pilot-light-simulator.workspace = true", "dev-dependencies")) == []


def with_planted(workspace, package, added):
    """The findings if the manifest of a package has some lines more."""
    root, manifests = workspace
    renamed = '[workspace.dependencies.renamed]\npackage = "pilot-light-schedule"\npath = "shared/schedule"'
    for folder, text in manifests.items():
        more = {".": renamed, FOLDERS[package]: added}.get(folder, "")
        (root / folder / "Cargo.toml").write_text(f"{text}\n{more}\n")
    return list(crates.findings(crates.packages(root), allowed()))


def test_a_new_or_a_missing_package_is_found():
    found = crates.packages()
    stranger = {"name": "stranger", "dependencies": [], "features": {}}
    assert list(crates.findings([*found, stranger], allowed())) == ["stranger has no layer in LAYER, or is no longer a package"]
    assert list(crates.findings(found[1:], allowed()))[0] == f"{found[0]['name']} has no layer in LAYER, or is no longer a package"
