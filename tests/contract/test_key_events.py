"""The policies of keys, and the messages about every dangerous action on a key in any Region."""

import copy

import pytest
from checks.files import SCEPTRE, Tag, config, name_of, template
from checks.messages import FormatError, commands, findings, transformed, unquoted
from checks.references import configs

CALLS = {"Disabled": "DisableKey", "DeletionScheduled": "ScheduleKeyDeletion", "PolicyChanged": "PutKeyPolicy", "RotationOff": "DisableKeyRotation"}
TYPED = {"Disabled": "enable-key", "DeletionScheduled": "cancel-key-deletion", "PolicyChanged": "get-key-policy", "RotationOff": "enable-key-rotation",
         "Deleted": "describe-db-snapshots"}
VALUES = {"account": "222222222222", "key": "1234abcd-12ab-34cd-56ef-1234567890ab", "region": "us-west-2", "time": "2027-01-01T00:00:00Z",
          "who": "arn:aws:iam::222222222222:user/operator", "address": "192.0.2.1", "days": "7"}
USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]
GRANT = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]


def resources(name):
    return template(SCEPTRE / "templates" / f"{name}.yaml")["Resources"]


def rules(name):
    return {key: resource["Properties"] for key, resource in resources(name).items() if resource["Type"] == "AWS::Events::Rule"}


def pattern_findings(rule, calls):
    """The findings about a rule's pattern for API calls on keys."""
    expected = {
        "source": ["aws.kms"], "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {"eventSource": ["kms.amazonaws.com"], "eventName": calls, "errorCode": [{"exists": False}],
                   "resources": {"ARN": Tag("Ref", "KeyArns")}}}
    if rule["EventPattern"] != expected:
        yield f"the pattern of {', '.join(calls)} is {rule['EventPattern']}"


@pytest.mark.parametrize("name", CALLS)
def test_each_dangerous_call_has_its_rule(name):
    assert list(pattern_findings(rules("key-events")[name], [CALLS[name]])) == []


def test_the_deletion_of_a_key_is_reported_without_cloudtrail():
    pattern = {"source": ["aws.kms"], "detail-type": ["KMS CMK Deletion"], "resources": Tag("Ref", "KeyArns")}
    assert rules("key-events")["Deleted"]["EventPattern"] == rules("key-events-forward")["Deletions"]["EventPattern"] == pattern


def test_the_other_region_forwards_every_event_that_is_reported_in_the_topics_region():
    forward = rules("key-events-forward")
    assert list(pattern_findings(forward["Calls"], list(CALLS.values()))) == []
    planted = copy.deepcopy(forward["Calls"])
    planted["EventPattern"]["detail"]["eventName"].remove("PutKeyPolicy")
    assert list(pattern_findings(planted, list(CALLS.values())))
    home = Tag("Sub", "arn:${AWS::Partition}:events:${HomeRegion}:${AWS::AccountId}:event-bus/default")
    for rule in forward.values():
        (target,) = rule["Targets"]
        assert (target["Arn"], target["RoleArn"]) == (home, Tag("GetAtt", "Role.Arn"))
    (statement,) = resources("key-events-forward")["Role"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
    assert (statement["Action"], statement["Resource"]) == ("events:PutEvents", home)


def test_no_event_is_forwarded_to_its_own_region():
    found = [resource for resource in resources("key-events-forward").values() if resource["Type"] == "AWS::Events::Rule"]
    assert [resource.get("Condition") for resource in found] == ["IsElsewhere"] * 2


@pytest.mark.parametrize("name", TYPED)
def test_a_message_names_the_key_and_contains_usable_commands(name):
    (target,) = rules("key-events")[name]["Targets"]
    transformer = target["InputTransformer"]
    # EventBridge accepts no index of a list.
    assert all("[" not in path for path in transformer["InputPathsMap"].values())
    text = unquoted(transformed(transformer["InputTemplate"], {key: VALUES[key] for key in transformer["InputPathsMap"]}))
    assert list(findings(text)) == []
    assert VALUES["key"] in text and VALUES["region"] in text and ("who" in transformer["InputPathsMap"]) == (name in CALLS)
    assert TYPED[name] in {words[2] for words in commands(text)}


def test_a_planted_bug_in_a_message_is_found():
    text = rules("key-events")["Disabled"]["Targets"][0]["InputTransformer"]["InputTemplate"]
    with pytest.raises(FormatError, match="only in quotes"):
        transformed(text.replace("Enable it again", 'Enable it "again"'), VALUES)
    with pytest.raises(FormatError, match="no input path"):
        transformed(text, {})
    unreadable = text.replace("enable-key", "'enable-key")
    assert list(findings(unquoted(transformed(unreadable, VALUES)))) == ["a shell cannot read a command: No closing quotation"]


@pytest.mark.parametrize("group,watched", [
    ("source", ["key.yaml::KeyArn", "parameters.yaml::KmsKeyShare"]),
    ("destination", ["parameters.yaml::KmsKeySource", "parameters.yaml::KmsKeyDestination"]),
])
def test_every_key_in_use_has_its_rules_in_its_own_region(group, watched):
    found = configs()
    keys = {name for name, configured in found.items() if name.startswith(f"{group}/") and configured["template"]["path"] == "key.yaml"}
    for name in keys:
        watching = name.replace("/key", "/key-events")
        listed = found[watching]["parameters"]["KeyArns"].value
        assert {tag.value for tag in listed} == {f"{group}/{output}" for output in watched}
        assert found[watching].get("region") == found[name].get("region"), "a rule sees the events of its own Region"


def test_the_destination_uses_the_keys_of_its_own_stacks():
    given = configs()["destination/parameters.yaml"]["parameters"]
    assert (given["KmsKeySource"].value, given["KmsKeyDestination"].value) == (
        "destination/key-source-region.yaml::KeyArn", "destination/key.yaml::KeyArn")


def key_statements():
    """{Sid: statement} of the key policy, with the conditional statements."""
    listed = resources("key")["Key"]["Properties"]["KeyPolicy"]["Statement"]
    return {statement["Sid"]: statement for statement in (item if isinstance(item, dict) else item.value[1] for item in listed)}


def test_accounts_that_share_a_key_get_only_the_permissions_that_a_copy_needs():
    statements = key_statements()
    assert set(statements) == {"TheAccountDecidesThroughIAM", "OthersMayCopyThroughRDS", "OthersMaySeeIt", "OthersMayLetRDSUseIt"}
    own = statements.pop("TheAccountDecidesThroughIAM")
    assert own["Principal"]["AWS"] == Tag("Sub", "arn:${AWS::Partition}:iam::${AWS::AccountId}:root")
    assert {str(item["Principal"]) for item in statements.values()} == {str({"AWS": Tag("Split", [",", Tag("Ref", "SharedWith")])})}
    copying, granting = statements["OthersMayCopyThroughRDS"], statements["OthersMayLetRDSUseIt"]
    assert (copying["Action"], copying["Condition"]) == (USE, {"StringLike": {"kms:ViaService": Tag("Sub", "rds.*.${AWS::URLSuffix}")}})
    assert (granting["Action"], granting["Condition"]) == (GRANT, {"Bool": {"kms:GrantIsForAWSResource": "true"}})
    assert statements["OthersMaySeeIt"]["Action"] == "kms:DescribeKey"


def test_a_key_is_rotated_and_outlives_its_stack():
    key = resources("key")["Key"]
    assert (key["DeletionPolicy"], key["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert (key["Properties"]["EnableKeyRotation"], key["Properties"]["PendingWindowInDays"]) == (True, 30)


def test_the_destinations_keys_are_shared_with_nobody():
    shared = {name_of(path): config(path)["parameters"].get("SharedWith", "None") for path in (SCEPTRE / "config").glob("*/key*.yaml")
              if config(path)["template"]["path"] == "key.yaml"}
    assert {name for name, accounts in shared.items() if accounts != "None"} == {"source/key.yaml"}
