"""Each preset can be deployed, states its RPO, and contains only the values that it changes."""

import json
import os
import re
import subprocess

import pytest
import yaml
from checks.files import CONFIGS, SCEPTRE, Tag, config, name_of, rendered
from checks.references import configs, reads_of_ignored
from pilot_light_sceptre.checks import problems
from pilot_light_sceptre.target import target_folder
from test_checks import PLACES, declared

PRESETS = sorted((SCEPTRE / "presets").glob("*.yaml"))
GIVEN = {"source": {"DestinationAccount": "222222222222"}, "destination": {"SourceAccounts": "111111111111"}}


def variables(path):
    """The variables of a preset, with the values that every deployment must give."""
    preset = yaml.safe_load(path.read_text())
    return preset | {account: GIVEN[account] | preset.get(account, {}) for account in PLACES}


def parameters(path, account):
    return config(SCEPTRE / "config" / account / "parameters.yaml", variables(path))["parameters"]


def regions(path):
    return {account: rendered(SCEPTRE / "config" / account / "config.yaml", variables(path))["region"] for account in PLACES}


def test_the_presets_are_the_documented_ones():
    assert [path.stem for path in PRESETS] == ["hourly", "rpo-1h", "same-account", "same-region"]
    text = (SCEPTRE / "README.md").read_text()
    assert [path.stem for path in PRESETS if f"`{path.stem}`" not in text] == []


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_a_preset_states_its_calculated_rpo(path, tmp_path):
    for account in PLACES:
        (tmp_path / account).mkdir()
        text = {name: value for name, value in parameters(path, account).items() if isinstance(value, str) and name != "ShareSnapshots"}
        (tmp_path / account / "parameters.yaml").write_text(yaml.safe_dump({"parameters": text}))
    stated = re.search(r"RPO: (\d+) minutes at worst, with snapshots of up to (\d+) and copies of up to (\d+) minutes", path.read_text())
    minutes, snapshot, copy = stated.groups()
    terms = worst(tmp_path, snapshot, copy)
    if parameters(path, "source")["ShareSnapshots"] == "FALSE":
        # The command assumes that snapshots are shared. Within one account they are not shared.
        terms = {name: term for name, term in terms.items() if "share run" not in name}
    assert sum(terms.values()) == int(minutes)
    assert int(minutes) <= {"1h": 60, "90m": 90}[parameters(path, "destination")["RpoTarget"]]


def worst(directory, snapshot, copy):
    """{term: minutes} of the worst age, from `pilot-light schedule`."""
    program = os.environ.get("PILOT_LIGHT", target_folder() / "debug" / "pilot-light")
    command = [program, "schedule", "--config", directory, "--snapshot", f"{snapshot}m", "--copy", f"{copy}m", "--output", "json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    schedule = json.loads(done.stdout)["asked"]
    terms = {term["name"]: term["minutes"] for term in schedule["terms"]}
    assert sum(terms.values()) == schedule["worst_age_minutes"]
    return terms


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
@pytest.mark.parametrize("account", PLACES)
def test_every_preset_passes_the_checks_of_a_launch(path, account):
    owner = PLACES["source" if path.stem == "same-account" else account][0]
    assert problems(declared(f"parameters-{account}"), parameters(path, account), (owner, regions(path)[account])) == []


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_the_regions_of_both_groups_agree_in_every_preset(path):
    given, where = parameters(path, "destination"), regions(path)
    assert (given["SourceRegionOverride"], given["DestinationRegion"]) == (where["source"], where["destination"])
    key = config(SCEPTRE / "config/destination/key-source-region.yaml", variables(path))
    assert (key["region"], key["ignore"]) == (where["source"], given["KmsKeySource"] == "None")
    assert (where["source"] == where["destination"]) is (path.stem == "same-region")


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_no_stack_depends_on_a_stack_that_is_not_launched(path):
    assert list(reads_of_ignored(configs(variables(path)))) == []


def test_a_stack_that_depends_on_one_not_launched_is_found():
    planted = configs(variables(SCEPTRE / "presets" / "same-region.yaml"))
    planted["destination/copy.yaml"]["parameters"]["TopicArn"] = Tag("stack_output", "destination/key-source-region.yaml::KeyArn")
    assert list(reads_of_ignored(planted)) == ["destination/copy.yaml: destination/key-source-region.yaml is not launched"]


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_a_preset_contains_only_values_that_differ(path):
    for account in PLACES:
        named = yaml.safe_load(path.read_text()).get(account, {}).keys()
        assert len(named) <= 4 and named <= declared(f"parameters-{account}").keys()


def test_the_default_preset_equals_the_shipped_configuration():
    for path in CONFIGS:
        assert config(path, variables(SCEPTRE / "presets" / "rpo-1h.yaml")) == config(path, GIVEN), name_of(path)
