"""docs/parameters.md agrees with the templates and lists every parameter that users may give."""

import shutil

import yaml
from checks.files import CONFIGS, ROOT, SCEPTRE, config, template_of
from scripts.docs import parameters


def test_the_page_is_up_to_date():
    assert (ROOT / "docs" / "parameters.md").read_text() == parameters.render(), "run: make docs"


def test_a_changed_template_changes_the_page(tmp_path):
    shutil.copytree(SCEPTRE / "templates", tmp_path / "templates")
    shutil.copytree(SCEPTRE / "config", tmp_path / "config")
    assert parameters.render(tmp_path) == parameters.render()
    path = tmp_path / "templates" / "parameters-source.yaml"
    path.write_text(path.read_text().replace("  KeepLast:\n", "  KeepNewest:\n", 1))
    assert "| `KeepNewest` | source |" in parameters.render(tmp_path)


def test_every_parameter_that_users_give_is_listed_and_no_other():
    named = {row[0] for row in parameters.rows()}
    for path in CONFIGS:
        if path.name == "parameters.yaml":
            assert template_of(config(path))["Parameters"].keys() <= named, path
    assert "Email" in named and named.isdisjoint({"TopicArn", "ArtifactsBucket", "PolicyArn", "ParameterPath", "Worker", "Enabled", "SharedWith"})


def test_every_older_name_belongs_to_an_existing_parameter():
    older = yaml.safe_load(parameters.OLDER_NAMES.read_text())
    everything = {name for path in CONFIGS for name in template_of(config(path)).get("Parameters", {})}
    assert older["parameters"].keys() - everything == set()
    assert {tool for names in older["parameters"].values() for tool in names} <= older["tools"].keys()
