"""The templates are valid, and every name in the deployment refers to something that exists."""

import copy
import os
import pathlib
import subprocess
import sys

import pytest
import yaml
from checks.files import SCEPTRE, TEMPLATES, Tag
from checks.references import configs, is_json, packages, stack_references, substitutions, worker_files, worker_references

BIN = pathlib.Path(sys.executable).parent


def lint(paths):
    done = subprocess.run([BIN / "cfn-lint", "--format", "parseable", *paths], stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip().splitlines()


def test_cfn_lint_has_no_findings():
    assert lint(TEMPLATES) == []


@pytest.mark.parametrize("preset", [None, *sorted(path.name for path in (SCEPTRE / "presets").glob("*.yaml"))])
def test_cfn_lint_has_no_findings_on_what_sceptre_generates(preset, tmp_path):
    env = os.environ | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_ENDPOINT_URL": "http://127.0.0.1:9"}
    variables = ["--var-file", f"presets/{preset}"] if preset else []
    texts = []
    for group in ("source", "destination"):
        output = subprocess.run([BIN / "sceptre", "--no-colour", *variables, "generate", group], cwd=SCEPTRE, env=env,
                              stdout=subprocess.PIPE, text=True, check=True).stdout
        texts += yaml.safe_load_all(output)
    assert len(texts) == len(configs())
    assert lint_texts(tuple(sorted(set(texts))), tmp_path) == []


LINTED = {}


def lint_texts(texts, folder):
    """The findings about templates. Templates that another preset has too are checked once."""
    for number, text in enumerate(texts):
        (folder / f"{number}.yaml").write_text(text)
    if texts not in LINTED:
        LINTED[texts] = lint(sorted(folder.glob("*.yaml")))
    return LINTED[texts]


def test_cfn_lint_finds_a_planted_bug(tmp_path):
    broken = tmp_path / "worker.yaml"
    broken.write_text((SCEPTRE / "templates" / "worker.yaml").read_text().replace("!GetAtt Function.Arn", "!GetAtt Fonction.Arn"))
    assert any("Fonction" in finding for finding in lint([broken]))


def test_every_stack_output_and_parameter_exists():
    assert list(stack_references(configs())) == []


def test_planted_bugs_in_the_configs_are_found():
    planted = copy.deepcopy(configs())
    planted["source/take.yaml"]["parameters"]["TopicArn"] = Tag("stack_output", "source/notifications.yaml::Topic")
    planted["source/share.yaml"]["parameters"]["ParameterPath"] = Tag("stack_output", "source/params.yaml::Path")
    planted["source/delete.yaml"]["parameters"]["Wroker"] = "source-delete"
    del planted["destination/copy.yaml"]["parameters"]["PolicyArn"]
    assert sorted(stack_references(planted)) == [
        "destination/copy.yaml: PolicyArn is not given",
        "source/delete.yaml: its template has no parameter Wroker",
        "source/share.yaml: there is no source/params.yaml",
        "source/take.yaml: source/notifications.yaml has no output Topic",
    ]


def test_the_names_in_each_worker_stack_agree():
    assert list(worker_references(configs(), packages())) == []
    assert sum(configured["template"]["path"] == "worker.yaml" for configured in configs().values()) == 5


def test_a_worker_stack_with_mixed_up_names_is_found():
    planted = configs()
    planted["destination/delete.yaml"]["parameters"] |= {
        "PolicyArn": Tag("stack_output", "destination/policies.yaml::Copy"), "CodeKey": Tag("worker_key", "source-delete")}
    assert len(list(worker_references(planted, packages()))) == 2
    lost = configs()
    del lost["destination/copy-alarms.yaml"]["parameters"]["AgePeriods"]
    lost["source/take-alarms.yaml"]["parameters"] |= {
        "RpoSeconds": Tag("duration_seconds", {"parameter": "RpoTarget", "value": Tag("stack_output", "source/parameters.yaml::RpoTarget")}),
        "FunctionName": Tag("stack_output", "source/share.yaml::FunctionName")}
    lost["source/delete-alarms.yaml"]["parameters"]["SilencePeriod"].value["value"] = Tag("stack_output", "source/parameters.yaml::ShareSchedule")
    assert sorted(worker_references(lost, packages())) == [
        "destination/copy-alarms.yaml: has AgePeriod, RpoSeconds for the alarm on the age",
        "source/delete-alarms.yaml: SilencePeriod depends on another schedule",
        "source/take-alarms.yaml: FunctionName is source/share.yaml::FunctionName",
        "source/take-alarms.yaml: has RpoSeconds for the alarm on the age",
    ]
    assert len(list(worker_references(configs(), packages() - {"source-take"}))) == 1


def test_every_placeholder_of_the_definition_is_substituted():
    text, worker = worker_files()
    assert is_json(text)
    assert list(substitutions(text, worker)) == []
    assert list(substitutions(text.replace("${LogGroup}", "${LogsGroup}"), worker)) == [
        "${LogsGroup} has no value", "LogGroup is not used"]
