"""The calls of the workers to the local AWS, made by the real SDK clients, compared with the policies of their deployed roles."""

import json
import re
import urllib.parse

from tests.contract.checks.iam import allows, listed


def recorded(aws, proxy):
    """{(worker, account): what it asked for}, of the simulator and of all else; people's calls are left out."""
    record = aws.admin("permissions")
    assert record["left_out"] == 0
    found = {}
    for one in record["permissions"] + proxy.asked:
        if one["principal"].startswith("pilot-light-"):
            found.setdefault((one["principal"].removeprefix("pilot-light-"), one["account"]), []).append(one)
    return found


def granted(aws, places):
    """{(worker, account): the statements of its role}, those of an account's Regions together."""
    found = {}
    for account, region in places:
        iam = aws.client("iam", account, region)
        for function in aws.client("lambda", account, region).list_functions()["Functions"]:
            worker = re.match(r"Pilot Light (\S+),", function["Description"])[1]
            found.setdefault((worker, account), []).extend(statements(iam, function["Role"].rpartition("/")[2]))
    return found


def statements(iam, role):
    """Of all its policies, managed and inline."""
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        policy = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        yield from statements_of(version["Document"])
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield from statements_of(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])


def statements_of(document):
    document = document if isinstance(document, dict) else json.loads(urllib.parse.unquote(document))
    return listed(document["Statement"])


def findings(asked, roles):
    for (worker, account), all_asked in asked.items():
        for one in all_asked:
            if not allows(roles[worker, account], one):
                yield f"{worker} in {account} may not {one['action']} on {one['resource']} with {one['context']}"


def without(roles, action):
    """The same roles, none of which has that action."""
    def less(statement):
        return statement | {"Action": [one for one in listed(statement["Action"]) if one != action]}

    return {role: [less(statement) for statement in found] for role, found in roles.items()}
