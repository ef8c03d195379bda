"""What the recover worker's policy keeps to besides what `test_least_privilege` shows of every role's."""

import copy
import re

import pytest
from files import SCEPTRE, Tag, template

# Statements that must reach the other Region, which the manifest names.
OTHER_REGION = {
    "See", "CreateReplicas", "CreateClusters", "ChangeGlobalClusters", "ReachTheOtherRegion", "UseKeysThroughRDS", "LetRDSUseTheKeys",
}


def document():
    return template(SCEPTRE / "templates" / "policies-recover.yaml")


def statements(policy):
    return policy["Resources"]["Recover"]["Properties"]["PolicyDocument"]["Statement"]


def listed(value):
    return value if isinstance(value, list) else [value]


def arns(statement):
    """Its ARNs, the pseudo parameters without the colons that would look like an ARN's."""
    found = (resource.value if isinstance(resource, Tag) else resource for resource in listed(statement["Resource"]))
    return [arn.replace("${AWS::", "${") for arn in found]


def places(policy):
    """This account alone, and this Region alone but where it must be any."""
    for statement in statements(policy):
        for arn in arns(statement):
            if arn == "*":
                continue
            region, account = arn.split(":")[3:5]
            if account != "${AccountId}":
                yield f"{statement['Sid']}: {arn} is of any account"
            if region == "*" and statement["Sid"] not in OTHER_REGION:
                yield f"{statement['Sid']}: {arn} is in any Region"


def test_it_is_for_this_account_and_changes_are_for_this_region():
    assert list(places(document())) == []


def test_what_is_given_away_is_limited():
    by_sid = {statement["Sid"]: statement.get("Condition") for statement in statements(document())}
    assert by_sid["GiveRDSTheRoleForEnhancedMonitoring"] == {"StringEquals": {"iam:PassedToService": "monitoring.rds.amazonaws.com"}}
    assert by_sid["BeTheFirstToUseRDS"] == {"StringEquals": {"iam:AWSServiceName": "rds.amazonaws.com"}}
    assert by_sid["TagWhatItCreates"] == {"Null": {"aws:RequestTag/PilotLightRecovery": "false"}}


def test_every_resource_has_its_reason_beside_it():
    lines = (SCEPTRE / "templates" / "policies-recover.yaml").read_text().splitlines()
    resources = [number for number, line in enumerate(lines) if line.strip().startswith("Resource:")]
    assert len(resources) == len(statements(document()))
    assert [lines[number] for number in resources if not re.match(r"\s*#", lines[number - 1])] == []


@pytest.mark.parametrize("resource,said", [
    ("arn:${AWS::Partition}:rds:*:${AWS::AccountId}:db:*", "db:* is in any Region"),
    ("arn:${AWS::Partition}:rds:${AWS::Region}:*:db:*", "db:* is of any account"),
])
def test_a_planted_bug_is_found(resource, said):
    planted = copy.deepcopy(document())
    (statement,) = [statement for statement in statements(planted) if statement["Sid"] == "DeleteWhatIsReplaced"]
    statement["Resource"].append(Tag("Sub", resource))
    (finding,) = places(planted)
    assert said in finding
