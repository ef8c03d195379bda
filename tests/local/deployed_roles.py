"""The calls of the workers to the local AWS, made by the real SDK clients, compared with the policies of their deployed roles."""

import json
import re
import urllib.parse

from tests.contract.checks.iam import allows, listed


def recorded(aws, proxy):
    """{(worker, account): its requests} to the simulator and to ministack, without the calls of people."""
    record = aws.admin("permissions")
    assert record["left_out"] == 0
    found = {}
    for request in record["permissions"] + proxy.requests:
        if request["principal"].startswith("pilot-light-"):
            found.setdefault((request["principal"].removeprefix("pilot-light-"), request["account"]), []).append(request)
    return found


def granted(aws, places):
    """{(worker, account): the statements of its roles} in all Regions of the account."""
    found = {}
    for account, region in places:
        iam = aws.client("iam", account, region)
        for function in aws.client("lambda", account, region).list_functions()["Functions"]:
            worker = re.match(r"Pilot Light (\S+),", function["Description"])[1]
            found.setdefault((worker, account), []).extend(statements(iam, function["Role"].rpartition("/")[2]))
    return found


def statements(iam, role):
    """The statements of all policies of a role, managed and inline."""
    for attached in iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"]:
        policy = iam.get_policy(PolicyArn=attached["PolicyArn"])["Policy"]
        version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        yield from statements_of(version["Document"])
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        yield from statements_of(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])


def statements_of(document):
    document = document if isinstance(document, dict) else json.loads(urllib.parse.unquote(document))
    return listed(document["Statement"])


def findings(requests, roles):
    """A finding for each request that the role does not allow."""
    for (worker, account), recorded_requests in requests.items():
        for request in recorded_requests:
            if not allows(roles[worker, account], request):
                yield f"{worker} in {account} may not {request['action']} on {request['resource']} with {request['context']}"


def without(roles, action):
    """The same roles without an action."""
    def less(statement):
        return statement | {"Action": [name for name in listed(statement["Action"]) if name != action]}

    return {role: [less(statement) for statement in found] for role, found in roles.items()}
