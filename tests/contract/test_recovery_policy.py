"""The recover worker may do what its contract in the domain crate names, on the kinds of resources AWS asks for, and nothing else."""

import copy
import json
import pathlib
import re

import cfnlint
import pytest
from files import ROOT, SCEPTRE, Tag, template

RECOVERY = ROOT / "shared" / "domain" / "src" / "recovery"
AWS = json.loads((pathlib.Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json").read_text())
# What AWS wants permission for besides the action that is called, or what stands in no call of ours by its name.
BESIDES = {
    "rds:CreateDBSnapshot": "the final snapshot of an instance", "rds:CreateDBClusterSnapshot": "that of a cluster",
    "rds:CrossRegionCommunication": "a replica of another Region's instance",
    "ssm:GetParameter": "resolve:ssm:", "iam:PassRole": "MonitoringRoleArn", "iam:CreateServiceLinkedRole": "the first instance ever",
    **dict.fromkeys(["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant",
                     "kms:ListGrants", "kms:RevokeGrant"], "encrypted databases"),
}
# Kinds that AWS knows for an action, and that our calls never name.
NOT_NAMED = {
    "RestoreDBInstanceFromDBSnapshot": {"cluster-snapshot"}, "CreateDBInstanceReadReplica": {"cluster"}, "CreateDBCluster": {"db"},
    "ModifyDBInstance": {"subgrp"},
}
# Statements that must reach the other Region, which the manifest names.
OTHER_REGION = {"See", "CreateReplicas", "CreateClusters", "ChangeGlobalClusters", "UseKeysThroughRDS", "LetRDSUseTheKeys"}


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


def wanted():
    """The actions that the Rust contract names: those of changes, and the reads in the words of the gateway's traits."""
    changes = re.findall(r'=>\s*\{?\s*"(\w+)"', (RECOVERY / "change.rs").read_text().partition("fn action")[2])
    reads = re.findall(r"`(Describe\w+|ListExports)`", (RECOVERY / "cloud.rs").read_text())
    service = lambda action: "cloudformation" if action == "ListExports" else "elasticache" if "ReplicationGroup" in action else "rds"
    return {f"{service(action)}:{action}" for action in [*changes, *reads]}


def findings(policy):
    granted = {action for statement in statements(policy) for action in listed(statement["Action"])}
    yield from (f"{action} is not granted" for action in sorted((wanted() | BESIDES.keys()) - granted))
    yield from (f"{action} is granted, and nothing needs it" for action in sorted(granted - wanted() - BESIDES.keys()))
    for statement in statements(policy):
        yield from kinds(statement)
        yield from places(statement)
        yield from deletions(statement)


def deletions(statement):
    """Snapshots go only by the name and the tag that the worker gives to those of refreshes."""
    if "rds:DeleteDBSnapshot" not in listed(statement["Action"]):
        return
    prefix, tag = given_names()
    for arn in arns(statement):
        guarded = statement.get("Condition") == {"Null": {f"aws:ResourceTag/{tag}": "false"}}
        if not guarded or not arn.endswith(f":snapshot:{prefix}-*"):
            yield f"{statement['Sid']}: can delete {':'.join(arn.split(':')[5:])} without {tag} or a name of ours"


def given_names():
    """What the worker calls the final snapshots of refreshes, and the tag that it gives them."""
    source = ROOT / "destination-account" / "recover" / "src"
    _, _, named = (source / "names.rs").read_text().partition("fn refreshed(")
    return re.search(r'named\("(\w+)"', named)[1], re.search(r'REFRESHED: &str = "(\w+)"', (source / "tagging.rs").read_text())[1]


def kinds(statement):
    """Each action has the kinds of resources that AWS asks for, and no kind stands there in vain."""
    given = {arn.split(":")[5] for arn in arns(statement) if ":rds:" in arn or ":elasticache:" in arn}
    used = set()
    for action in listed(statement["Action"]):
        service, _, name = action.partition(":")
        if service not in ("rds", "elasticache") or name in ("AddTagsToResource", "CrossRegionCommunication"):
            used |= given
            continue
        known = set(AWS[service]["Actions"][name.lower()].get("Resources", []))
        needed = known - NOT_NAMED.get(name, set())
        yield from (f"{action} may touch no {kind}" for kind in sorted(needed - given))
        used |= known
    yield from (f"{statement['Sid']}: no action of it touches {kind}" for kind in sorted(given - used))


def places(statement):
    """This account alone, and this Region alone but where it must be any."""
    for arn in arns(statement):
        if arn == "*":
            continue
        region, account = arn.split(":")[3:5]
        if account != "${AccountId}":
            yield f"{statement['Sid']}: {arn} is of any account"
        if region == "*" and statement["Sid"] not in OTHER_REGION:
            yield f"{statement['Sid']}: {arn} is in any Region"


def test_the_policy_is_what_the_contract_asks_for():
    assert len(wanted()) == 23
    assert list(findings(document())) == []


def test_what_is_given_away_is_limited():
    by_sid = {statement["Sid"]: statement.get("Condition") for statement in statements(document())}
    assert by_sid["GiveRDSTheRoleForEnhancedMonitoring"] == {"StringEquals": {"iam:PassedToService": "monitoring.rds.amazonaws.com"}}
    assert by_sid["BeTheFirstToUseRDS"] == {"StringEquals": {"iam:AWSServiceName": "rds.amazonaws.com"}}
    assert by_sid["DeleteOlderFinalSnapshotsOfRefreshes"] == {"Null": {"aws:ResourceTag/PilotLightRefreshed": "false"}}
    assert by_sid["TagWhatItCreates"] == {"Null": {"aws:RequestTag/PilotLightRecovery": "false"}}
    for sid, statement in ((statement["Sid"], statement) for statement in statements(document())):
        if any(action.startswith("kms:") for action in listed(statement["Action"])):
            assert re.search("kms:(ViaService|GrantIsForAWSResource)", str(statement["Condition"])), sid


def test_every_resource_has_its_reason_beside_it():
    lines = (SCEPTRE / "templates" / "policies-recover.yaml").read_text().splitlines()
    resources = [number for number, line in enumerate(lines) if line.strip().startswith("Resource:")]
    assert len(resources) == len(statements(document()))
    assert [lines[number] for number in resources if not lines[number - 1].strip().startswith("#")] == []


def test_iam_takes_a_policy_of_this_size():
    sized = json.dumps(statements(document()), default=lambda tag: re.sub(r"\$\{AWS::(\w+)\}", lambda name: {
        "Partition": "aws", "Region": "ap-southeast-1", "AccountId": "2" * 12, "URLSuffix": "amazonaws.com"}[name[1]], tag.value))
    assert len(re.sub(r"\s", "", sized)) + 60 < 6144


def drop(sid, action):
    def mutate(policy):
        (statement,) = [statement for statement in statements(policy) if statement["Sid"] == sid]
        statement["Action"] = [granted for granted in listed(statement["Action"]) if granted != action]
    return mutate


def add(sid, action=None, resource=None):
    def mutate(policy):
        (statement,) = [statement for statement in statements(policy) if statement["Sid"] == sid]
        if action:
            statement["Action"] = [*listed(statement["Action"]), action]
        if resource:
            statement["Resource"] = [*listed(statement["Resource"]), Tag("Sub", resource)]
    return mutate


def unconditional(sid):
    def mutate(policy):
        (statement,) = [statement for statement in statements(policy) if statement["Sid"] == sid]
        del statement["Condition"]
    return mutate


def forget_option_groups(policy):
    for statement in statements(policy):
        statement["Resource"] = [resource for resource in listed(statement["Resource"]) if ":og:" not in getattr(resource, "value", resource)]


@pytest.mark.parametrize("mutate,said", [
    (drop("DeleteWhatIsReplaced", "rds:DeleteDBCluster"), "rds:DeleteDBCluster is not granted"),
    (drop("DeleteWhatIsReplaced", "rds:CreateDBSnapshot"), "rds:CreateDBSnapshot is not granted"),
    (drop("See", "elasticache:DescribeGlobalReplicationGroups"), "elasticache:DescribeGlobalReplicationGroups is not granted"),
    (add("DeleteWhatIsReplaced", "rds:DeleteDBClusterSnapshot"), "rds:DeleteDBClusterSnapshot is granted, and nothing needs it"),
    (add("DeleteWhatIsReplaced", "rds:DeleteDBSnapshot"), "DeleteWhatIsReplaced: can delete snapshot:* without PilotLightRefreshed"),
    (add("DeleteOlderFinalSnapshotsOfRefreshes", resource="arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:snapshot:*"),
     "can delete snapshot:*"),
    (unconditional("DeleteOlderFinalSnapshotsOfRefreshes"), "can delete snapshot:refreshed-* without PilotLightRefreshed"),
    (forget_option_groups, "rds:RestoreDBInstanceFromDBSnapshot may touch no og"),
    (add("See", resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:proxy:*"), "See: no action of it touches proxy"),
    (add("DeleteWhatIsReplaced", resource="arn:${AWS::Partition}:rds:*:${AWS::AccountId}:db:*"), "db:* is in any Region"),
    (add("See", resource="arn:${AWS::Partition}:rds:${AWS::Region}:*:db:*"), "db:* is of any account"),
])
def test_a_planted_bug_is_found(mutate, said):
    planted = copy.deepcopy(document())
    mutate(planted)
    assert any(said in finding for finding in findings(planted)), list(findings(planted))
