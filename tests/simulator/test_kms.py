"""Keys, aliases and policies over HTTP, as a client of KMS sees them, and their use for a database."""

import json

import pytest
from botocore.exceptions import ClientError
from serving import EAST, OTHER, OURS, THIRD, WEST


def code(call, **ask):
    with pytest.raises(ClientError) as caught:
        call(**ask)
    return caught.value.response["Error"]["Code"]


def policy(*principals):
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_key_is_created_named_by_an_alias_and_used_for_a_database(simulator):
    kms = simulator.client(OURS, EAST, "kms")
    created = kms.create_key(Description="backups", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
    assert (created["KeyState"], created["KeyManager"], created["AWSAccountId"]) == ("Enabled", "CUSTOMER", OURS)
    kms.create_alias(AliasName="alias/backups", TargetKeyId=created["KeyId"])
    described = kms.describe_key(KeyId="alias/backups")["KeyMetadata"]
    assert (described["Arn"], described["Description"]) == (created["Arn"], "backups")
    database = simulator.database(StorageEncrypted=True, KmsKeyId="alias/backups")
    assert database["KmsKeyId"] == created["Arn"]
    (alias,) = kms.list_aliases(KeyId=created["KeyId"])["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == ("alias/backups", created["KeyId"])
    assert alias["AliasArn"] == f"arn:aws:kms:{EAST}:{OURS}:alias/backups"
    assert code(kms.create_alias, AliasName="alias/backups", TargetKeyId=created["KeyId"]) == "AlreadyExistsException"
    kms.delete_alias(AliasName="alias/backups")
    assert code(kms.describe_key, KeyId="alias/backups") == "NotFoundException"


def test_keys_and_aliases_are_listed_page_by_page_for_their_place_only(simulator):
    kms = simulator.client(OURS, EAST, "kms")
    arns = {kms.create_key()["KeyMetadata"]["Arn"] for _ in range(5)}
    for number, arn in enumerate(sorted(arns)):
        kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=arn)
    keys = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2})
    assert sorted(key["KeyArn"] for page in keys for key in page["Keys"]) == sorted(arns)
    aliases = kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 3})
    names = [[alias["AliasName"] for alias in page["Aliases"]] for page in aliases]
    assert names == [["alias/0", "alias/1", "alias/2"], ["alias/3", "alias/4"]]
    for account, region in [(OURS, WEST), (OTHER, EAST)]:
        elsewhere = simulator.client(account, region, "kms")
        assert (elsewhere.list_keys()["Keys"], elsewhere.list_aliases()["Aliases"]) == ([], [])


def test_a_policy_admits_other_accounts_and_can_be_read_again(simulator):
    kms = simulator.client(OURS, EAST, "kms")
    given = policy(f"arn:aws:iam::{OURS}:root", f"arn:aws:iam::{OTHER}:root")
    arn = kms.create_key(Policy=given)["KeyMetadata"]["Arn"]
    assert kms.get_key_policy(KeyId=arn)["Policy"] == given
    other, third = simulator.client(OTHER, EAST, "kms"), simulator.client(THIRD, EAST, "kms")
    assert other.describe_key(KeyId=arn)["KeyMetadata"]["Arn"] == arn
    assert code(third.describe_key, KeyId=arn) == "AccessDeniedException"
    kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=policy(THIRD))
    assert third.describe_key(KeyId=arn)["KeyMetadata"]["Arn"] == arn
    assert code(other.describe_key, KeyId=arn) == "AccessDeniedException"
    assert code(kms.put_key_policy, KeyId=arn, Policy="{}") == "MalformedPolicyDocumentException"
    own = kms.create_key()["KeyMetadata"]["Arn"]
    assert f"arn:aws:iam::{OURS}:root" in kms.get_key_policy(KeyId=own)["Policy"]
    assert code(kms.create_key, KeySpec="RSA_2048") == "UnsupportedOperationException"
