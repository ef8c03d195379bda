"""The permissions of every role: they allow each recorded request, and they allow nothing else.

Some permissions are forbidden to every role, or to all roles but a few. They are listed here.
"""

import json
import pathlib
import re

import cfnlint
import pytest
from checks.deployed import Stack
from checks.files import ROOT, SCEPTRE, TEMPLATES, Tag, config, local_variables, template
from checks.iam import Unknown, allows, listed, ways
from checks.needed import ANNOUNCE, ANNOUNCE_ROLE, MACHINES, NOTIFICATIONS_TEMPLATE, all_cases, new_request, records, roles_of_rules
from checks.roles import (
    DESTINATION, SOURCE, STACKS, Case, description, findings, inline, items, managed, of_worker, raw, with_more, without, worker_template)

AWS = json.loads((pathlib.Path(cfnlint.__file__).parent / "data" / "AdditionalSpecs" / "Policies.json").read_text())
ROLES = [*STACKS, *MACHINES, ANNOUNCE, *roles_of_rules()]
# Actions that are useful to a thief of a role. Only the roles listed here may have them.
HOSTILE = {
    # Recovery deletes only final snapshots of refreshes: test_recovery_policy checks the limits.
    "rds:DeleteDBSnapshot": {"source-delete", "destination-copy", "destination-delete", "destination-recover"},
    # Only without the share worker, to end its shares.
    "rds:ModifyDBSnapshotAttribute": {"source-share", "source-delete"},
    **dict.fromkeys([
        "rds:RemoveTagsFromResource", "rds:DeleteDBClusterSnapshot", "rds:StartExportTask", "rds:ModifyDBClusterSnapshotAttribute", "rds:*", "*",
        "kms:DisableKey", "kms:ScheduleKeyDeletion", "kms:PutKeyPolicy", "iam:PutRolePolicy", "sts:AssumeRole", "ssm:PutParameter",
        "lambda:UpdateFunctionCode", "events:DisableRule"], set()),
}
# Resource types that AWS defines for an action and that no worker uses: other ways to restore or to replicate, DB security groups outside
# a VPC, a changed subnet group, a cluster's parameter group for its instances.
NOT_NAMED = {
    ("rds:RestoreDBInstanceFromDBSnapshot", "cluster-snapshot"), ("rds:CreateDBInstanceReadReplica", "cluster"), ("rds:CreateDBCluster", "db"),
    ("rds:CreateDBInstance", "secgrp"), ("rds:ModifyDBInstance", "secgrp"), ("rds:ModifyDBInstance", "subgrp"), ("rds:ModifyDBCluster", "pg"),
    ("rds:CrossRegionCommunication", "cluster-snapshot"),
}
# AWS defines a resource type for this action, but not for metrics.
STARS = {"cloudwatch:PutMetricData": "dataset"}
# Patterns of actions that AWS documents for copies of encrypted snapshots and for encrypted topics.
PATTERNS = {"kms:ReEncrypt*", "kms:GenerateDataKey*"}


def parts_of(role):
    """The parts of a role, as its template has them."""
    if role in STACKS:
        return of_worker(role)
    if role in MACHINES:
        return list(inline(worker_template(MACHINES[role]), "StateMachineRole"))
    if role == ANNOUNCE:
        return list(inline(template(NOTIFICATIONS_TEMPLATE), ANNOUNCE_ROLE))
    return list(inline(*roles_of_rules()[role]))


def statements_of(role):
    return [(part, raw(statement)) for part in parts_of(role) for statement in part.statements]


def of_account(side):
    """The cases of the workers' roles of one account. The recover worker is in both accounts."""
    return [case for role, cases in all_cases().items() if role.startswith(side) or role == "destination-recover" for case in cases]


@pytest.mark.parametrize("role", ROLES)
def test_every_recorded_request_is_allowed_and_no_permission_is_redundant(role):
    assert list(findings(all_cases()[role])) == []


def uncompared(templates):
    """Findings for roles with permissions that are not in ROLES, and for policies that belong to none of ROLES."""
    compared = [(worker_template(worker), "Role") for worker in STACKS]
    compared += [(worker_template(worker), "StateMachineRole") for worker in MACHINES.values()] + list(roles_of_rules().values())
    compared += [(template(NOTIFICATIONS_TEMPLATE), ANNOUNCE_ROLE)]
    policies = [(part.template, part.name) for role in ROLES for part in parts_of(role)]
    for path, document in templates.items():
        for name, resource in document["Resources"].items():
            is_policy = resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy")
            if is_policy and (document, name) not in policies:
                yield f"{path.name}: {name} is not compared with recorded requests"
            may = resource["Type"] == "AWS::IAM::Role" and {"Policies", "ManagedPolicyArns"} & resource["Properties"].keys()
            if may and (document, name) not in compared:
                yield f"{path.name}: {name} is not compared with recorded requests"


def test_every_role_with_permissions_is_compared():
    templates = {path: template(path) for path in TEMPLATES}
    assert list(uncompared(templates)) == []
    planted = {"Type": "AWS::IAM::Role", "Properties": {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"]}}
    templates[TEMPLATES[0]]["Resources"]["Back"] = planted
    assert list(uncompared(templates)) == [f"{TEMPLATES[0].name}: Back is not compared with recorded requests"]


@pytest.mark.parametrize("role,item", [
    pytest.param(role, item, id=re.sub(r"\W+", "-", f"{role} {description(parts, item)}"))
    for role in ROLES for parts in [parts_of(role)] for item in items(parts)])
def test_removing_any_action_or_resource_makes_a_request_fail(role, item):
    assert any("may not" in finding for finding in findings(without(all_cases()[role], item)))


@pytest.mark.parametrize("role", ROLES)
def test_an_added_action_is_found_redundant(role):
    own = {action for _, statement in statements_of(role) for action in listed(statement["Action"])}
    others = {action for other in ROLES for _, statement in statements_of(other) for action in listed(statement["Action"])}
    for action in sorted((others | HOSTILE.keys()) - own):
        cases = with_more(all_cases()[role], "Action", 0, 0, action)
        assert any(f"{action} is granted, and nothing needs it" in finding for finding in findings(cases)), action


@pytest.mark.parametrize("role,resource,expected", [
    ("source-delete", "arn:${AWS::Partition}:rds:us-west-2:${AWS::AccountId}:snapshot:*", "nothing needs it"),
    ("source-delete", "arn:${AWS::Partition}:rds:*:${AWS::AccountId}:snapshot:*", "is for any Region"),
    ("source-share", "arn:${AWS::Partition}:rds:${SourceRegion}:*:snapshot:*", "is for any account"),
    ("destination-delete", "arn:${AWS::Partition}:rds:${CopyRegion}:*:snapshot:*", "is for any account"),
    ("destination-recover", "arn:${AWS::Partition}:rds:${AWS::Region}:${AWS::AccountId}:proxy:*", "nothing needs it"),
])
def test_an_added_resource_is_found_redundant_or_too_wide(role, resource, expected):
    cases = with_more(all_cases()[role], "Resource", 0, 0, Tag("Sub", resource))
    assert any(expected in finding for finding in findings(cases)), list(findings(cases))


def test_a_condition_that_the_evaluator_does_not_know_is_an_error():
    until = {"DateLessThan": {"aws:CurrentTime": "2030-01-01"}}
    statement = {"Effect": "Allow", "Action": "rds:DeleteDBSnapshot", "Resource": "*", "Condition": until}
    with pytest.raises(Unknown):
        ways(statement, new_request("rds:DeleteDBSnapshot", "arn"))
    with pytest.raises(Unknown):
        ways({"Effect": "Deny", "Action": "*", "Resource": "*"}, new_request("rds:DeleteDBSnapshot", "arn"))


def all_requests():
    """The recorded requests of all workers in all deployments."""
    return [request for deployments in records().values() for _, requests in deployments for request in requests]


def test_every_action_of_the_contracts_is_recorded():
    """A change or a read that is added to the traits must be recorded in at least one path."""
    domain = ROOT / "shared" / "domain" / "src"
    changes = re.findall(r'=>\s*\{?\s*"(\w+)"', (domain / "recovery" / "change.rs").read_text().partition("fn action")[2])
    traits = "".join((domain / path).read_text() for path in ("aws/gateway.rs", "aws/cloud.rs", "recovery/cloud.rs"))
    known = {action for service in ("rds", "kms", "elasticache", "ssm", "cloudformation", "cloudwatch") for action in AWS[service]["Actions"]}
    named = [name for name in re.findall(r"`(\w+)`", traits) if name.lower() in known]
    recorded = {request["action"].partition(":")[2] for request in all_requests()}
    assert len(changes) > 10 and len(named) > 10
    assert {*changes, *named} - recorded == set()


def kind(arn):
    """The kind of resource in an ARN: `snapshot`, `key`, `role`."""
    return re.split("[:/]", arn.split(":", 5)[5])[0]


def test_aws_defines_every_action_with_the_types_of_resources_granted():
    recorded = {}
    for request in all_requests():
        recorded.setdefault(request["action"], set()).add("*" if request["resource"] == "*" else kind(request["resource"]))
    for action, kinds in recorded.items():
        service, _, name = action.partition(":")
        known = set(AWS[service]["Actions"][name.lower()].get("Resources", []))
        if action == "rds:AddTagsToResource":
            assert kinds <= known
        elif kinds == {"*"}:
            assert known <= {STARS.get(action)}, action
        else:
            assert kinds == {name for name in known if (action, name) not in NOT_NAMED}, action


@pytest.mark.parametrize("role", ROLES)
def test_no_action_contains_a_star(role):
    patterns = {action for _, statement in statements_of(role) for action in listed(statement["Action"]) if "*" in action}
    assert patterns <= PATTERNS


def star_lines(path):
    """(line, the line before it) of every resource that is a star."""
    lines = path.read_text().splitlines()
    return [(line, lines[number - 1]) for number, line in enumerate(lines) if re.match(r"""\s*(Resource:|-) ["']?\*["']?$""", line)]


@pytest.mark.parametrize("name", ["policies-source", "policies-destination", "policies-recover", "worker", "recover"])
def test_a_star_as_resource_has_its_reason_and_aws_defines_no_resource_type(name):
    path = SCEPTRE / "templates" / f"{name}.yaml"
    document = template(path)
    stars = star_lines(path)
    assert stars and all("AWS defines no resource" in before for _, before in stars)
    granted = [statement for role in ROLES for part, statement in statements_of(role)
               if part.template == document and "*" in listed(statement["Resource"])]
    assert len({statement["Sid"] for statement in granted}) == len(stars)
    for action in (action for statement in granted for action in listed(statement["Action"])):
        service, _, called = action.partition(":")
        assert set(AWS[service]["Actions"][called.lower()].get("Resources", [])) <= {STARS.get(action)}, action


@pytest.mark.parametrize("role", ROLES)
def test_actions_useful_to_a_thief_are_granted_only_to_the_workers_that_need_them(role):
    for action, allowed in HOSTILE.items():
        granted = {name.lower() for _, statement in statements_of(role) for name in listed(statement["Action"])}
        assert role in allowed or action.lower() not in granted, action


def unlimited(role, statements):
    """Findings for statements that lack a necessary condition."""
    for statement in statements:
        # Within one account, the older tool's copies have the tags of their sources.
        is_of_source = role.startswith("source") or statement["Sid"] == "DeleteTheOlderToolsCopies"
        tag = "aws:ResourceTag/CreatedBy" if is_of_source else "aws:ResourceTag/CopiedBy"
        actions = set(listed(statement["Action"]))
        conditions = statement.get("Condition", {})
        keys = {key for condition in conditions.values() for key in condition}
        if role != "destination-recover" and actions & {"rds:DeleteDBSnapshot", "rds:ModifyDBSnapshotAttribute"} and (
                conditions.get("StringEquals", {}).get(tag) != "Snapshot Tool for RDS"):
            yield f"{statement['Sid']}: is not limited to snapshots with the tag of Pilot Light"
        if actions & {"kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"} and conditions.get("Bool") != {"kms:GrantIsForAWSResource": "true"}:
            yield f"{statement['Sid']}: grants are not limited to AWS services"
        if any(action.startswith("kms:") for action in actions - {"kms:DescribeKey"}) and "kms:ViaService" not in keys:
            yield f"{statement['Sid']}: the keys can be used without a service of AWS"


@pytest.mark.parametrize("role", STACKS)
def test_deletions_and_keys_are_limited_by_conditions(role):
    assert list(unlimited(role, [statement for _, statement in statements_of(role)])) == []


@pytest.mark.parametrize("role,sid,kept", [
    ("source-delete", "DeleteOurSnapshots", {}), ("destination-delete", "DeleteOurCopies", {}),
    ("destination-delete", "DeleteTheOlderToolsCopies", {}), ("source-share", "ShareWhatIsMeantToBeShared", {}),
    ("destination-copy", "RemoveItsIntermediatesAndFailedCopies", {}), ("destination-copy", "DecryptTheSourceThroughRDS", {}),
    ("destination-copy", "LetRDSUseItsKeys", {"StringEquals": {"kms:ViaService": "rds.us-east-1.amazonaws.com"}}),
    ("destination-recover", "LetRDSUseTheKeys", {"Bool": {"kms:GrantIsForAWSResource": "true"}}),
    ("destination-recover", "ReadSecureParametersThroughSSM", {}),
])
def test_a_removed_condition_is_found(role, sid, kept):
    planted = [statement | {"Condition": kept} for _, statement in statements_of(role) if statement["Sid"] == sid]
    assert [finding.split(":")[0] for finding in unlimited(role, planted)] == [sid]


def test_no_role_of_the_source_reaches_another_account():
    for case in of_account("source"):
        account = case.stacks[0].values["AWS::AccountId"]
        for _, _, statement in case.granted():
            owners = {arn.split(":")[4] for arn in listed(statement["Resource"]) if arn != "*"}
            assert owners <= {account}, (case.role, statement["Sid"])


def deletions_of_copies():
    """The recorded requests of the destination that delete copies."""
    requests = [request for _, requests in records()["destination-delete"] for request in requests]
    return [request for request in requests if request["action"] == "rds:DeleteDBSnapshot"]


def test_no_role_of_the_source_can_delete_or_withdraw_a_copy():
    """The copies are in another account, or they have tags that are not the source's."""
    deletions = deletions_of_copies()
    assert {deletion["resource"].split(":")[4] for deletion in deletions} == {SOURCE, DESTINATION}
    for case in of_account("source-"):
        statements = [statement for _, _, statement in case.granted()]
        for action in ("rds:DeleteDBSnapshot", "rds:ModifyDBSnapshotAttribute"):
            assert not any(allows(statements, deletion | {"action": action}) for deletion in deletions), case.role


def test_a_role_that_could_delete_copies_would_be_found():
    (case, *_) = all_cases()["source-delete"]
    (deletion, *_) = deletions_of_copies()
    foreign = managed("destination-delete")
    region, account = deletion["resource"].split(":")[3:5]
    stack = Stack(foreign.template, account, region, parameters={"CopyRegion": region})
    planted = Case(case.role, [*case.parts, foreign], [*case.stacks, stack], [])
    assert allows([statement for _, _, statement in planted.granted()], deletion)


def test_the_destinations_keys_admit_no_other_account():
    """No role of the destination may share copies. The policies of the keys are the only policies of resources."""
    for name in ("key", "key-source-region"):
        given = config(SCEPTRE / "config" / "destination" / f"{name}.yaml", local_variables())
        stack = Stack(template(SCEPTRE / "templates" / given["template"]["path"]), DESTINATION, "us-west-2", parameters=given["parameters"])
        policy = stack.resolve(stack.template["Resources"]["Key"]["Properties"]["KeyPolicy"])
        principals = {principal for statement in policy["Statement"] for principal in listed(statement["Principal"].get("AWS", []))}
        assert principals and {principal.split(":")[4] for principal in principals} == {DESTINATION}


@pytest.mark.parametrize("role", STACKS)
def test_no_policy_exceeds_iams_size_limit(role):
    """The limit is 6,144 characters without white space. The names of the Regions here are the longest."""
    part = managed(role)
    keys = [f"arn:aws:kms:ap-southeast-1:{DESTINATION}:key/{'0' * 36}"] * 2
    stack = Stack(part.template, DESTINATION, "ap-southeast-1", parameters={
        "SourceRegion": "ap-southeast-1", "CopyRegion": "ap-southeast-2", "KmsKeyShare": keys[0], "OwnKeys": keys})
    document = {"Version": "2012-10-17", "Statement": [statement for _, statement in part.resolved(stack)]}
    assert len(json.dumps(document, separators=(",", ":"))) < 6144
