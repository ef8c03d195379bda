"""The rules of the recover worker's policy, beside those that `test_least_privilege` checks for every role."""

import copy
import re

import pytest
from checks.files import ROOT, SCEPTRE, Tag, template

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
    """The ARNs of a statement. The pseudo parameters lose their colons, which would look like the colons of an ARN."""
    found = (resource.value if isinstance(resource, Tag) else resource for resource in listed(statement["Resource"]))
    return [arn.replace("${AWS::", "${") for arn in found]


def deletions(policy):
    """Findings unless only snapshots with the name and the tag of refreshes can be deleted."""
    prefix, tag = prefix_and_tag()
    for statement in statements(policy):
        if "rds:DeleteDBSnapshot" not in listed(statement["Action"]):
            continue
        for arn in arns(statement):
            guarded = statement.get("Condition") == {"Null": {f"aws:ResourceTag/{tag}": "false"}}
            if not guarded or not arn.endswith(f":snapshot:{prefix}-*"):
                yield f"{statement['Sid']}: can delete {':'.join(arn.split(':')[5:])} without {tag} or a name of Pilot Light"


def prefix_and_tag():
    """(prefix, tag) that the worker gives to the final snapshots of refreshes."""
    source = ROOT / "destination-account" / "recover" / "src"
    _, _, named = (source / "names.rs").read_text().partition("fn refreshed(")
    return re.search(r'named\("(\w+)"', named)[1], re.search(r'REFRESHED: &str = "(\w+)"', (source / "tagging.rs").read_text())[1]


def places(policy):
    """Findings for other accounts, and for other Regions unless the statement needs them."""
    for statement in statements(policy):
        for arn in arns(statement):
            if arn == "*":
                continue
            region, account = arn.split(":")[3:5]
            if account != "${AccountId}":
                yield f"{statement['Sid']}: {arn} is of any account"
            if region == "*" and statement["Sid"] not in OTHER_REGION:
                yield f"{statement['Sid']}: {arn} is in any Region"


def test_permissions_are_limited_to_this_account_and_changes_to_this_region():
    assert list(places(document())) == []


def test_only_snapshots_of_refreshes_can_be_deleted():
    assert list(deletions(document())) == []


def test_the_use_of_roles_and_keys_is_limited_by_conditions():
    by_sid = {statement["Sid"]: statement.get("Condition") for statement in statements(document())}
    assert by_sid["GiveRDSTheRoleForEnhancedMonitoring"] == {"StringEquals": {"iam:PassedToService": "monitoring.rds.amazonaws.com"}}
    assert by_sid["BeTheFirstToUseRDS"] == {"StringEquals": {"iam:AWSServiceName": "rds.amazonaws.com"}}
    assert by_sid["TagWhatItCreates"] == {"Null": {"aws:RequestTag/PilotLightRecovery": "false"}}


def test_every_wide_resource_has_its_reason_beside_it():
    lines = (SCEPTRE / "templates" / "policies-recover.yaml").read_text().splitlines()
    resources = [number for number, line in enumerate(lines) if line.strip().startswith("Resource:")]
    assert len(resources) == len(statements(document()))
    assert [lines[number] for number in resources if not re.match(r"\s*#", lines[number - 1])] == []


def change(sid, **changes):
    def mutate(policy):
        (statement,) = [statement for statement in statements(policy) if statement["Sid"] == sid]
        for key, value in changes.items():
            statement[key] = [*listed(statement[key]), value] if key != "Condition" else value
    return mutate


@pytest.mark.parametrize("mutate,expected", [
    (change("DeleteWhatIsReplaced", Resource=Tag("Sub", "arn:${AWS::Partition}:rds:*:${AWS::AccountId}:db:*")), "db:* is in any Region"),
    (change("DeleteWhatIsReplaced", Resource=Tag("Sub", "arn:${AWS::Partition}:rds:${AWS::Region}:*:db:*")), "db:* is of any account"),
    (change("DeleteWhatIsReplaced", Action="rds:DeleteDBSnapshot"), "DeleteWhatIsReplaced: can delete snapshot:* without PilotLightRefreshed"),
    (change("DeleteOlderFinalSnapshotsOfRefreshes", Resource=Tag("Sub", "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:snapshot:*")),
     "can delete snapshot:*"),
    (change("DeleteOlderFinalSnapshotsOfRefreshes", Condition={}), "can delete snapshot:refreshed-* without PilotLightRefreshed"),
])
def test_a_planted_bug_is_found(mutate, expected):
    planted = copy.deepcopy(document())
    mutate(planted)
    assert any(expected in finding for finding in [*places(planted), *deletions(planted)])
