"""`make group` creates a group in another Region. Its files are links to the original's files."""

import shutil

import pytest
from checks.files import SCEPTRE, config
from checks.references import stack_references
from pilot_light_sceptre.groups import OWN, main, make, with_values


@pytest.fixture
def configs_folder(tmp_path):
    shutil.copytree(SCEPTRE / "config", tmp_path / "config")
    return tmp_path / "config"


def group(folder):
    return {path.relative_to(folder.parent).as_posix(): config(path) for path in folder.glob("*.yaml") if path.name != "config.yaml"}


@pytest.mark.parametrize("origin,arguments,regions", [
    ("source", ["eu-west-1"], {"region": "eu-west-1"}),
    ("destination", ["eu-central-1", "eu-west-1"], {"region": "eu-central-1", "source_region": "eu-west-1"}),
])
def test_a_new_group_refers_to_its_own_stacks_and_regions(configs_folder, origin, arguments, regions):
    make(configs_folder, "more", origin, *arguments)
    made, model = group(configs_folder / "more"), group(configs_folder / origin)
    assert {name.split("/")[1] for name in made} == {name.split("/")[1] for name in model}
    assert list(stack_references(made)) == []
    assert config(configs_folder / "more" / "config.yaml").items() >= (regions | {"group": "more"}).items()
    assert made["more/key.yaml"]["parameters"]["Alias"] == "pilot-light-more"
    if origin == "destination":
        given = made["more/parameters.yaml"]["parameters"]
        assert (given["SourceRegionOverride"], given["DestinationRegion"]) == ("eu-west-1", "eu-central-1")
        assert made["more/key-source-region.yaml"]["region"] == "eu-west-1"
    assert "sceptre launch more -y" in (configs_folder / "more" / "parameters.yaml").read_text()


def test_the_other_lines_of_a_config_are_kept():
    text = "# Where.\nregion: {{ var.x }}\ngroup: &group source\nstack_tags:\n  Group: *group\n"
    assert with_values(text, region="eu-west-1", source_region="", group="more") == (
        "# Where.\nregion: eu-west-1\ngroup: &group more\nstack_tags:\n  Group: *group\n")


def test_files_that_users_edit_are_copied_and_all_others_are_links(configs_folder):
    make(configs_folder, "source-eu", "source", "eu-west-1")
    links = {path.name: path.is_symlink() for path in (configs_folder / "source-eu").glob("*.yaml")}
    assert {name for name, is_link in links.items() if not is_link} == set(OWN) & links.keys() >= {"config.yaml", "parameters.yaml"}
    (configs_folder / "source" / "take.yaml").write_text("changed: true\n")
    assert config(configs_folder / "source-eu" / "take.yaml") == {"changed": True}


def test_one_file_of_variables_serves_several_groups(configs_folder):
    make(configs_folder, "source-eu", "source", "eu-west-1")
    variables = {"source": {"BackupInterval": "1h"}, "source-eu": {"BackupInterval": "15m"}}
    given = [config(configs_folder / name / "parameters.yaml", variables)["parameters"]["BackupInterval"] for name in variables]
    assert given == ["1h", "15m"]


@pytest.mark.parametrize("arguments,expected", [
    (["source", "source", "eu-west-1"], "exists already"),
    (["Source_EU", "source", "eu-west-1"], "NAME is 'Source_EU': give at most 40 lower-case letters"),
    (["a" * 41, "source", "eu-west-1"], "at most 40"),
    (["more", "sauce", "eu-west-1"], "FROM is 'sauce'"),
    (["more", "source", "Ireland"], "REGION is 'Ireland': give a Region such as eu-west-1"),
    (["more", "source", "eu-west-1", "us-east-1"], "the group source has no source Region; leave it out"),
    (["more", "destination", "eu-west-1"], "SOURCE_REGION: give the Region"),
    (["more", "destination", "eu-west-1", "Ireland"], "SOURCE_REGION is 'Ireland'"),
])
def test_invalid_arguments_are_refused_and_no_file_is_created(configs_folder, capsys, arguments, expected):
    before = sorted(configs_folder.rglob("*"))
    assert main(["--config", str(configs_folder), *arguments]) == 2
    assert expected in capsys.readouterr().err
    assert sorted(configs_folder.rglob("*")) == before
