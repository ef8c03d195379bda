"""Installed tools, built zips and their contents are the requested ones: locks with hashes, zips of the same bytes, and their SBOMs."""

import re
import zipfile

import pytest
from checks.files import ROOT
from scripts.check_lock import differences, findings
from scripts.package import repack
from scripts.sbom import bill

LOCKS = ["requirements", "requirements-clients", "requirements-scan"]
WANTED = "boto3==1.2\n# A comment.\npytest\n"
LOCK = "boto3==1.2 \\\n    --hash=sha256:aa\npytest==9.0 ; python_version >= '3.10' \\\n    --hash=sha256:bb \\\n    --hash=sha256:cc\n"


@pytest.mark.parametrize("name", LOCKS)
def test_the_lock_satisfies_the_requirements(name):
    assert list(findings((ROOT / f"{name}.in").read_text(), (ROOT / f"{name}.txt").read_text())) == []


@pytest.mark.parametrize("wanted,lock,expected", [
    (WANTED, LOCK, []),
    (WANTED + "cbor2\n", LOCK, ["cbor2 is not locked"]),
    (WANTED.replace("1.2", "1.3"), LOCK, ["boto3==1.3 is required, boto3==1.2 is locked"]),
    (WANTED, LOCK.replace("boto3==1.2", "boto3>=1.2"), ["boto3>=1.2 is not pinned"]),
    (WANTED, LOCK.replace(" \\\n    --hash=sha256:aa", ""), ["boto3==1.2 has no hash"]),
])
def test_a_lock_that_does_not_satisfy_the_requirements_is_found(wanted, lock, expected):
    assert list(findings(wanted, lock)) == expected


def test_an_environment_that_differs_from_the_lock_is_found():
    lock = "iniconfig==1.0 --hash=sha256:aa\npip-tools==7 --hash=sha256:bb\n"
    assert list(differences("iniconfig\n", lock, {"iniconfig": "1.1", "typing": "3", "pip": "23"})) == [
        "pip-tools is locked, and nothing needs it",
        "iniconfig: 1.0 is locked, 1.1 is installed", "pip-tools: 7 is locked, none is installed", "typing: none is locked, 3 is installed"]


def test_every_list_of_packages_is_installed_with_hashes():
    makefile = (ROOT / "Makefile").read_text()
    lists = re.findall(r"(?m)^.*PIP_INSTALL\).* -r (\S+).*$", makefile)
    assert lists == [f"{name}.txt" for name in LOCKS]
    assert all("--require-hashes" in line for line in makefile.splitlines() if " -r requirements" in line)


def test_the_same_program_gives_the_same_zip(tmp_path):
    made = []
    for when, mode in ((2020, 0o700), (2026, 0o755)):
        path = tmp_path / f"{when}.zip"
        entry = zipfile.ZipInfo("bootstrap", (when, 1, 1, 0, 0, 0))
        entry.external_attr = mode << 16
        with zipfile.ZipFile(path, "w") as zipped:
            zipped.writestr(entry, b"program")
        before = path.read_bytes()
        repack(path, b"program")
        made.append((before, path.read_bytes()))
    assert made[0][0] != made[1][0] and made[0][1] == made[1][1]
    with zipfile.ZipFile(path) as zipped:
        assert [(entry.filename, entry.external_attr >> 16) for entry in zipped.infolist()] == [("bootstrap", 0o755)]


@pytest.fixture(scope="module", name="document")
def the_bill_of_one_worker():
    return bill(ROOT, "source-take", "x86_64", "ab" * 32)


def names(document):
    return {component["name"] for component in document["components"]}


def test_a_bill_of_materials_lists_exactly_the_crates_of_its_worker(document):
    assert {"aws-sdk-rds", "tokio", "pilot-light-domain"} <= names(document)
    # Crates of the tests, of another platform, of the command line and of another worker.
    assert not names(document) & {"proptest", "windows-sys", "clap", "destination-recover", "pilot-light-simulator"}
    assert "source-take" not in names(document)
    assert document["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": "ab" * 32}]


def test_a_bill_of_materials_has_the_versions_and_checksums_of_the_lock(document):
    lock = (ROOT / "Cargo.lock").read_text()
    for component in document["components"]:
        if component["name"].startswith("pilot-light-"):
            continue
        entry = f'name = "{component["name"]}"\nversion = "{component["version"]}"\nsource = '
        (checksum,) = [hashed["content"] for hashed in component["hashes"]]
        assert entry in lock and f'checksum = "{checksum}"' in lock.split(entry, 1)[1][:250], component["name"]
        assert component["licenses"] and component["purl"] == component["bom-ref"]


def test_the_graph_of_a_bill_of_materials_is_closed_with_the_worker_as_root(document):
    known = {component["bom-ref"] for component in document["components"]} | {document["metadata"]["component"]["bom-ref"]}
    graph = {node["ref"]: node["dependsOn"] for node in document["dependencies"]}
    assert graph.keys() == known and {needed for needs in graph.values() for needed in needs} <= known
    todo, reached = [document["metadata"]["component"]["bom-ref"]], set()
    while todo:
        here = todo.pop()
        if here not in reached:
            reached.add(here)
            todo += graph[here]
    assert reached == known


def test_a_bill_of_materials_is_reproducible_and_depends_on_the_processor(document):
    assert bill(ROOT, "source-take", "x86_64", "ab" * 32) == document
    assert names(bill(ROOT, "source-take", "arm64", "ab" * 32)) >= {"aws-sdk-rds", "tokio"}
