"""The stacks write exactly the parameters that the workers know, with the same defaults."""

import re

import pytest
from checks.files import ROOT, SCEPTRE, Tag, config, template
from pilot_light_sceptre.durations import seconds

POLICY = ROOT / "shared" / "domain" / "src" / "policy"
ACCOUNTS = ["source", "destination"]
# Parameters that no worker reads. Other stacks read them.
STACKS_OWN = {"ApprovalTimeout", "FailoverName", "FailbackName", "DrillName", "DrillSchedule", "DrillManifest", "RefreshSchedule",
              "RefreshManifest", "LogRetentionDays", "Architecture", "Tracing"}


def known(account):
    """{name: default or None} from the Rust source of an account's policy."""
    source = "".join(
        (POLICY / name).read_text().split("#[cfg(test)]")[0] for name in (f"{account}.rs", "mod.rs"))
    names = dict.fromkeys(re.findall(r'(?:reader\.(?:optional|flag|defaulted)|lookup_region)\(\s*(?:&mut reader,\s*)?"(\w+)"', source))
    for others in re.findall(r"reader\.others\(&\[([^\]]*)\]", source):
        names |= dict.fromkeys(re.findall(r'"(\w+)"', others))
    names |= re.findall(r'reader\.defaulted\(\s*"(\w+)",\s*"([^"]*)"', source)
    return names | {name: value.upper() for name, value in re.findall(r'reader\.flag\("(\w+)", (true|false)\)', source)}


def stack(account):
    return template(SCEPTRE / "templates" / f"parameters-{account}.yaml")


def written(document, account):
    """The names of the SSM parameters that a template writes."""
    resources = [r for r in document["Resources"].values() if r["Type"] == "AWS::SSM::Parameter"]
    paths = [resource["Properties"]["Name"].rpartition("/") for resource in resources]
    assert {path for path, _, _ in paths} == {f"/pilot-light/{account}"} == {document["Outputs"]["Path"]["Value"]}
    return {name for _, _, name in paths}


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_stacks_write_exactly_the_parameters_that_the_workers_know(account):
    assert known(account).keys() == written(stack(account), account) == stack(account)["Parameters"].keys() - STACKS_OWN


@pytest.mark.parametrize("account", ACCOUNTS)
def test_parameters_that_only_stacks_need_are_passed_on_unchanged(account):
    outputs = stack(account)["Outputs"]
    given = {name: Tag("Ref", name) for name in STACKS_OWN} | {"Tracing": Tag("If", ["TracingIsTrue", "TRUE", "FALSE"])}
    assert {name: outputs.get(name, {}).get("Value") for name in STACKS_OWN} == given


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_defaults_of_the_templates_are_those_of_the_workers(account):
    parameters = stack(account)["Parameters"]
    expected = {name: default for name, default in known(account).items() if default is not None}
    # A flag reads NO as FALSE.
    defaults = {name: parameters[name].get("Default") for name in expected}
    assert {name: "FALSE" if value == "NO" and expected[name] == "FALSE" else value for name, value in defaults.items()} == expected


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_file_that_users_edit_contains_every_parameter(account):
    shown = config(SCEPTRE / "config" / account / "parameters.yaml")["parameters"]
    assert shown.keys() == stack(account)["Parameters"].keys()


@pytest.mark.parametrize("account", ACCOUNTS)
def test_every_parameter_has_a_rule_and_an_explanation_of_it(account):
    for name, parameter in stack(account)["Parameters"].items():
        assert {"AllowedPattern", "AllowedValues", "MinLength"} & parameter.keys(), name
        assert {"Description", "ConstraintDescription"} <= parameter.keys(), name
        if "AllowedPattern" in parameter and "Default" in parameter:
            assert re.search(parameter["AllowedPattern"], parameter["Default"]), name


@pytest.mark.parametrize("account,name,good,bad", [
    ("source", "DestinationAccount", ["222222222222", "222222222222, 333333333333", "None"], ["22222222222", "REQUIRED", "a"]),
    ("source", "BackupInterval", ["24", "30m", "1h"], ["0", "-1", "1s", ""]),
    ("source", "BackupSchedule", ["0 1 * * ? *", "cron(0 1 * * ? *)", "rate(5 minutes)"], ["rate(0 minutes)", "rate(5 min)", "hourly"]),
    ("source", "SourceRegionOverride", ["NO", "us-gov-west-1", "cn-north-1"], ["Virginia", "us-east"]),
    ("source", "KmsKeyShare", ["None", "arn:aws-cn:kms:cn-north-1:111111111111:key/abc-1"], ["alias/x"]),
    ("destination", "SourceAccounts", ["111111111111"], ["11111111111", "REQUIRED"]),
    ("destination", "KmsKeyDestination",
     ["arn:aws:kms:us-west-2:222222222222:key/a,orders=arn:aws:kms:us-west-2:222222222222:key/b"],
     ["arn:aws:kms:us-west-2:222222222222:alias/a", "key/a"]),
    ("destination", "KeepDaily", ["0", "7", "365", "3650", "3660"], ["-1", "3661", "07", "1.5", "7d", ""]),
    ("destination", "CopyRetentionDays", ["None", "7", "12h"], ["0", "-1"]),
    ("destination", "KeepRetired", ["None", "90", "90d", "12h"], ["0", "-1", "1y", ""]),
    ("destination", "ApprovalTimeout", ["1m", "90m", "360m", "1h", "6h", "2"], ["0m", "361m", "7h", "1d", "None", ""]),
    ("destination", "DrillSchedule", ["None", "rate(7 days)", "0 3 1 * ? *"], ["weekly", ""]),
    ("destination", "DrillManifest", ["None", '{"StatePayload":[]}', '{\n"StatePayload":[]}\n'], ["", "[]", "drill.json"]),
    ("source", "FailbackName", ["dr-orchestrator-stepfunction-FAILBACK"], ["", "a b", "a" * 81]),
])
def test_the_patterns_accept_valid_values_and_refuse_invalid_ones(account, name, good, bad):
    pattern = stack(account)["Parameters"][name]["AllowedPattern"]
    assert [value for value in good if not re.search(pattern, value)] == []
    assert [value for value in bad if re.search(pattern, value)] == []


@pytest.mark.parametrize("account,name", [("source", "DestinationAccount"), ("destination", "SourceAccounts")])
def test_nothing_is_deployed_before_the_other_account_is_given(account, name):
    shown = config(SCEPTRE / "config" / account / "parameters.yaml")["parameters"][name]
    assert not re.search(stack(account)["Parameters"][name]["AllowedPattern"], shown)


def points_kept(text, shown, interval):
    """The number of recovery points per database in the comment at RetentionDays, and the number that its formula gives for the values shown."""
    retention, example = re.search(rf"interval of {interval}\D.*?(\d+h) keeps (\d+) per database", text, re.S).groups()
    assert retention == shown["RetentionDays"]
    until_deleted = seconds(retention) + seconds("1h")
    return int(example), until_deleted // seconds(interval) + 1 + int(shown.get("KeepDaily", "0"))


@pytest.mark.parametrize("account,formula", [
    ("source", "databases x ((RetentionDays + 1 hour) / BackupInterval + 1)"),
    ("destination", "databases x ((RetentionDays + 1 hour) / the source's BackupInterval + 1 + KeepDaily)"),
])
def test_the_quota_example_is_the_result_of_its_formula(account, formula):
    path = SCEPTRE / "config" / account / "parameters.yaml"
    assert formula in path.read_text()
    interval = config(SCEPTRE / "config/source/parameters.yaml")["parameters"]["BackupInterval"]
    example, kept = points_kept(path.read_text(), config(path)["parameters"], interval)
    assert example == kept
    assert f"{100 // kept} " in path.read_text().split(f"keeps {kept} per database", 1)[1][:40]


def test_the_source_keeps_snapshots_for_as_long_as_a_copy_may_take():
    shown = config(SCEPTRE / "config/source/parameters.yaml")["parameters"]
    assert seconds(shown["RetentionDays"]) >= 12 * 3600
    assert "MUST EXCEED THE LONGEST" in (SCEPTRE / "config/source/parameters.yaml").read_text()


@pytest.mark.parametrize("account", ACCOUNTS)
def test_the_texts_on_custom_engines_promise_no_more_than_aws(account):
    for text in (stack(account)["Parameters"]["CustomEngines"]["Description"],
                 (SCEPTRE / "config" / account / "parameters.yaml").read_text()):
        assert "RDS Custom" in text and "blocked" in text and "engines" not in text


def test_a_renamed_parameter_is_found():
    document = stack("source")
    document["Resources"]["KeepLastParameter"]["Properties"]["Name"] = "/pilot-light/source/KeepNewest"
    assert known("source").keys() != written(document, "source")


def test_variables_override_the_values_of_the_file():
    shown = config(SCEPTRE / "config/source/parameters.yaml", {"source": {"BackupInterval": "1m", "ShareSnapshots": "FALSE"}})
    assert (shown["parameters"]["BackupInterval"], shown["parameters"]["ShareSnapshots"]) == ("1m", "FALSE")


def test_yaml_tags_of_a_config_are_not_read_as_text():
    shown = config(SCEPTRE / "config/destination/parameters.yaml")["parameters"]
    assert isinstance(shown["KmsKeyDestination"], Tag) and shown["KmsKeySource"] != shown["KmsKeyDestination"]
