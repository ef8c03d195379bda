"""The checks before a deployment: an error for an invalid value names the parameter, the value and the allowed values."""

import types

import cfn_tools
import pytest
from checks.files import SCEPTRE, Tag, config, rendered
from checks.references import configs
from pilot_light_sceptre.checks import problems
from pilot_light_sceptre.validation import collisions

PLACES = {"source": ("111111111111", "us-east-1"), "destination": ("222222222222", "us-west-2")}
GIVEN = {"source": {"DestinationAccount": "222222222222"}, "destination": {"SourceAccounts": "111111111111"}}
ARN = "arn:aws:kms:{}:{}:key/abc-1"
THEIRS, ELSEWHERE = ARN.format("us-west-2", "111111111111"), ARN.format("us-east-1", "222222222222")
MANIFEST = '{"StatePayload":[{"layer":1,"resources":[]}]}'


def declared(template):
    return cfn_tools.load_yaml((SCEPTRE / "templates" / f"{template}.yaml").read_text())["Parameters"]


def found(account, **values):
    shown = config(SCEPTRE / "config" / account / "parameters.yaml")["parameters"]
    return problems(declared(f"parameters-{account}"), shown | GIVEN[account] | values, PLACES[account])


@pytest.mark.parametrize("account", PLACES)
def test_the_shipped_configuration_lacks_only_the_other_account(account):
    assert found(account) == []
    (missing,) = found(account, **{name: "REQUIRED" for name in GIVEN[account]})
    assert missing.endswith("is 'REQUIRED': must be 12-digit account ids in quotes, separated by commas; or None, where nothing crosses accounts")


@pytest.mark.parametrize("account,name,value,expected", [
    ("source", "DestinationAccount", "111111111111", "111111111111 is this account itself"),
    ("source", "DestinationAccount", "None", "give the id of the other account, or set ShareSnapshots to FALSE"),
    ("source", "DestinationAccount", ",".join(f"{n:012}" for n in range(21)), "give 20 accounts at most"),
    ("source", "KmsKeyShare", ELSEWHERE, "the key belongs to account 222222222222; give a key of this account, 111111111111"),
    ("source", "KmsKeyShare", ARN.format("us-west-2", "111111111111"), "the key is in us-west-2; give a key in us-east-1"),
    ("source", "KmsKeyShare", "alias/mine", "must be the ARN of a key"),
    ("source", "BackupSchedule", "rate(30 seconds)", "must be cron"),
    ("source", "BackupSchedule", "rate(0 minutes)", "must be cron"),
    ("source", "ShareSchedule", "cron(0 0 1 * * ? *)", "six bare fields"),
    ("source", "DeleteSchedule", "cron(0 1 * * * *)", "exactly one of"),
    ("source", "DeleteSchedule", "rate(8 days)", "longer than CloudWatch can monitor"),
    ("source", "BackupInterval", "30s", "must be a whole number of minutes, hours or days"),
    ("source", "RetentionDays", "3654", "ten years at most"),
    ("source", "KeepLast", "10001", "from 1 to 10000"),
    ("source", "InstanceNamePattern", "orders(", "it is not a regular expression"),
    ("source", "InstanceNamePattern", "[a-", "it is not a regular expression"),
    ("source", "InstanceNamePattern", "*-prod", "it is not a regular expression"),
    ("source", "InstanceNamePattern", "^(?!test)", "look-around"),
    ("source", "InstanceNamePattern", r"(a)\1", "look-around"),
    ("source", "InstanceNamePattern", "", "must not be empty"),
    ("source", "ShareSnapshots", "maybe", "must be TRUE or FALSE"),
    ("source", "DrillName", "dr-orchestrator-stepfunction-FAILOVER", "FailoverName has the same value"),
    ("source", "BackupIntervall", "1h", "there is no such parameter: the names are InstanceNamePattern, "),
    ("destination", "SourceAccounts", "111111111111, 222222222222", "222222222222 is this account itself"),
    ("destination", "SourceAccounts", "None", "set CrossAccountCopy to FALSE"),
    ("destination", "KmsKeyDestination", THEIRS, "the key belongs to account 111111111111; give a key of this account, 222222222222"),
    ("destination", "KmsKeyDestination", ELSEWHERE, "the key is in us-east-1; give a key in us-west-2"),
    ("destination", "KmsKeySource", f"{ELSEWHERE},orders={THEIRS}", "the key belongs to account 111111111111"),
    ("destination", "KmsKeySource", f"{ELSEWHERE},{ELSEWHERE}", "the plain value is given twice"),
    ("destination", "KmsKeySource", f"orders={ELSEWHERE},orders={ELSEWHERE}", "orders is given twice"),
    ("destination", "DrillManifest", "drill.json", "must be a manifest in JSON"),
    ("destination", "SnapshotPattern", "(?<!a)b", "look-around"),
])
def test_an_invalid_value_is_refused_naming_the_parameter_the_value_and_the_allowed_values(account, name, value, expected):
    (message,) = found(account, **{name: value})
    assert message.startswith(f"{name} is {value!r}"[:60]) and expected in message


def test_a_schedule_without_a_manifest_is_refused_and_a_manifest_without_a_schedule_is_not():
    assert found("source", DrillManifest=MANIFEST) == []
    (message,) = found("source", DrillSchedule="rate(7 days)")
    assert message.startswith("DrillManifest is 'None': it is None, so its schedule has nothing to start")


def test_all_problems_of_a_stack_are_reported_at_once_in_the_templates_order():
    invalid = {"DestinationAccount": "REQUIRED", "KmsKeyShare": ELSEWHERE, "BackupSchedule": "rate(30 seconds)", "RetentionDays": "0"}
    messages = found("source", **invalid)
    names = [message.partition(" is ")[0] for message in messages]
    assert names == ["BackupSchedule", "DestinationAccount", "RetentionDays", "KmsKeyShare"]


@pytest.mark.parametrize("account,values", [
    ("source", {"ShareSnapshots": "FALSE", "DestinationAccount": "None"}),
    ("source", {"SourceRegionOverride": "eu-west-1", "KmsKeyShare": ARN.format("eu-west-1", "111111111111")}),
    ("source", {"BackupInterval": "24", "BackupSchedule": "0 1 * * ? *", "RetentionDays": "7", "TaggedInstance": "False"}),
    ("source", {"InstanceNamePattern": r"^(?:orders|billing)\d+$"}),
    ("source", {"InstanceNamePattern": r"^(?P<team>shop)-\w+$"}),
    ("source", {"InstanceNamePattern": r"^(?<team>\p{L}+)-(?i:PROD)$"}),
    ("destination", {"CrossAccountCopy": "FALSE", "SourceAccounts": "None"}),
    ("destination", {"KmsKeySource": "None", "KmsKeyDestination": f"{ARN.format('us-west-2', '222222222222')}"}),
])
def test_valid_values_are_accepted(account, values):
    assert found(account, **values) == []


def test_copies_within_one_account_need_another_region():
    (message,) = found("destination", CrossAccountCopy="FALSE", SourceRegionOverride="NO", DestinationRegion="None")
    assert message == "DestinationRegion is 'None': with CrossAccountCopy=FALSE it must be another Region than the Region of the snapshots"


def test_an_output_of_another_stack_is_not_checked_before_it_is_known():
    assert found("destination", KmsKeySource=Tag("stack_output", "x"), KmsKeyDestination=["not", "text"]) == []


def test_an_invalid_email_address_is_refused():
    (message,) = problems(declared("notifications"), {"Email": "somebody"}, PLACES["source"])
    assert message == "Email is 'somebody': must be an e-mail address, or None"


def unchecked(all_configs):
    """Stacks on which a command would begin before the group is checked."""
    everybody = rendered(SCEPTRE / "config" / "config.yaml", {})["hooks"]
    for name, configured in all_configs.items():
        hooks = configured.get("hooks", everybody)
        wanted = dict.fromkeys(["before_launch", "before_validate", "before_diff"], [Tag("check_parameters", "group")])
        if name.endswith("/parameters.yaml"):
            wanted |= dict.fromkeys(["before_create", "before_update"], [Tag("check_parameters", "stack")])
        yield from (f"{name}: {command}" for command, check in wanted.items() if hooks.get(command) != check)


def test_every_stack_checks_its_group_before_anything_else_happens():
    assert list(unchecked(configs())) == []


def test_a_stack_whose_own_hooks_lack_the_check_is_found():
    planted = configs()
    del planted["source/take.yaml"]["hooks"]["before_launch"]
    planted["destination/parameters.yaml"]["hooks"]["before_update"] = [Tag("check_parameters", "group")]
    assert sorted(unchecked(planted)) == ["destination/parameters.yaml: before_update", "source/take.yaml: before_launch"]


def stack(deployed, account="source", name="source-eu"):
    """A parameters stack of an account that contains the stacks `deployed` (name: outputs). AWS lists one stack per page."""
    pages = [{"Stacks": [{"StackName": title, "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]}],
              "NextToken": str(number)} for number, (title, outputs) in enumerate(deployed.items(), 1)] + [{"Stacks": []}]
    return types.SimpleNamespace(
        external_name=f"pilot-light-{name}-parameters", project_code="pilot-light",
        template=types.SimpleNamespace(body=(SCEPTRE / "templates" / f"parameters-{account}.yaml").read_text()),
        connection_manager=types.SimpleNamespace(call=lambda kwargs, **_: pages[int(kwargs.get("NextToken", 0))]))


NAMES = {"FailoverName": "dr-orchestrator-stepfunction-FAILOVER", "FailbackName": "dr-orchestrator-stepfunction-FAILBACK", "DrillName": "drills"}


def test_a_second_group_of_a_kind_in_one_account_and_region_is_refused():
    others = {"app": {}, "pilot-light-source-parameters": {"Path": "/pilot-light/source"} | NAMES}
    (message,) = collisions(stack(others), {})
    assert message.startswith(
        "/pilot-light/source belongs to pilot-light-source-parameters already: an account has only one group of a kind in a Region")
    assert list(collisions(stack(others, name="source"), {})) == []


def test_state_machines_of_two_groups_in_one_account_and_region_need_different_names():
    others = {"pilot-light-destination-parameters": {"Path": "/pilot-light/destination"} | NAMES, "app": {"Path": "/pilot-light/source"}}
    messages = list(collisions(stack(others), {"DrillName": "drills"}))
    assert [message.partition(" is ")[0] for message in messages] == ["FailoverName", "FailbackName", "DrillName"]
    assert "pilot-light-destination-parameters has a state machine of that name here" in messages[0]
    assert list(collisions(stack(others), {"FailoverName": "a", "FailbackName": "b", "DrillName": "c"})) == []
