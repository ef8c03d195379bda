"""Every error code of AWS that applies, with its HTTP status and shape."""

import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError
from serving import EAST, OTHER, OURS, WEST


def refusal(call, **ask):
    with pytest.raises(ClientError) as caught:
        call(**ask)
    answer = caught.value.response
    return answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Message"]


def code(call, **ask):
    return refusal(call, **ask)[:2]


def copy(rds, source, target="copy", **options):
    return lambda: rds.copy_db_snapshot(
        SourceDBSnapshotIdentifier=source, TargetDBSnapshotIdentifier=target, **options
    )


def test_a_missing_resource_is_refused_with_awss_code(simulator):
    simulator.database()
    simulator.snapshot("a")
    rds = simulator.client()
    missing = ("DBSnapshotNotFound", 404)
    assert code(rds.describe_db_snapshots, DBSnapshotIdentifier="b") == missing
    assert code(rds.delete_db_snapshot, DBSnapshotIdentifier="b") == missing
    assert code(rds.describe_db_snapshot_attributes, DBSnapshotIdentifier="b") == missing
    assert code(copy(rds, "b")) == missing
    assert code(copy(simulator.client(OTHER), f"arn:aws:rds:{EAST}:{OURS}:snapshot:a")) == missing
    assert code(rds.describe_db_instances, DBInstanceIdentifier="x") == ("DBInstanceNotFound", 404)
    ask = {"DBInstanceIdentifier": "x", "DBSnapshotIdentifier": "b"}
    assert code(rds.create_db_snapshot, **ask) == ("DBInstanceNotFound", 404)


def test_an_existing_resource_is_refused_with_awss_code(simulator):
    simulator.database()
    simulator.snapshot("a")
    rds = simulator.client()
    ask = {"DBInstanceIdentifier": "orders", "DBSnapshotIdentifier": "A"}
    assert code(rds.create_db_snapshot, **ask) == ("DBSnapshotAlreadyExists", 400)
    assert code(copy(rds, "a", "a")) == ("DBSnapshotAlreadyExists", 400)
    with pytest.raises(ClientError, match="DBInstanceAlreadyExists"):
        simulator.database("Orders", Engine="mysql")


def test_an_action_is_refused_in_a_state_that_does_not_allow_it(simulator):
    simulator.database()
    simulator.settings(snapshot_seconds="3600")
    simulator.snapshot("a")
    rds = simulator.client()
    ask = {"DBInstanceIdentifier": "orders", "DBSnapshotIdentifier": "b"}
    assert code(rds.create_db_snapshot, **ask) == ("InvalidDBInstanceState", 400)
    state = ("InvalidDBSnapshotState", 400)
    assert code(rds.delete_db_snapshot, DBSnapshotIdentifier="a") == state
    assert code(copy(rds, "a")) == state
    assert code(lambda: simulator.share("a", OTHER)) == state


def test_both_quotas_have_one_code_and_two_messages(simulator):
    simulator.settings(quota=2)
    simulator.database()
    for name in ["a", "b"]:
        simulator.snapshot(name)
    given, status, message = refusal(lambda: simulator.snapshot("c"))
    assert (given, status, message) == (
        "SnapshotQuotaExceeded",
        400,
        "Cannot create more than 2 manual snapshots",
    )
    simulator.settings(quota=100, copy_seconds="3600")
    west = simulator.client(OURS, WEST)
    source = f"arn:aws:rds:{EAST}:{OURS}:snapshot:a"
    for number in range(20):
        copy(west, source, f"c{number}")()
    given, status, message = refusal(copy(west, source, "c20"))
    assert (given, status) == ("SnapshotQuotaExceeded", 400)
    assert "copies" in message and "manual" not in message


def test_sharing_is_refused_beyond_awss_limits(simulator):
    simulator.database("plain")
    simulator.database("secret", StorageEncrypted=True)
    for name in ["plain", "secret"]:
        simulator.snapshot(name, name)
    many = [f"{number:012}" for number in range(21)]
    assert code(lambda: simulator.share("plain", *many)) == ("SharedSnapshotQuotaExceeded", 400)
    simulator.share("plain", *many[:20])
    assert code(lambda: simulator.share("secret", OTHER)) == ("InvalidParameterCombination", 400)
    assert code(lambda: simulator.share("plain", "12345")) == ("InvalidParameterValue", 400)


def test_a_key_that_cannot_be_used_is_refused(simulator):
    ours = simulator.key("ours")
    theirs, west = simulator.key("theirs", OTHER), simulator.key("west", OTHER, WEST)
    simulator.database(StorageEncrypted=True, KmsKeyId=ours)
    source = simulator.snapshot("a")
    simulator.share("a", OTHER)
    rds, inaccessible = simulator.client(OTHER), ("KMSKeyNotAccessibleFault", 400)
    assert code(copy(rds, source, KmsKeyId=theirs)) == inaccessible
    simulator.key("ours", users=[OTHER])
    for wrong in [west, "None", "arn:aws:kms:us-east-1:222222222222:key/unknown"]:
        assert code(copy(rds, source, KmsKeyId=wrong)) == inaccessible
    simulator.admin("keys/state", {"arn": theirs, "enabled": False})
    assert code(copy(rds, source, KmsKeyId=theirs)) == inaccessible
    simulator.admin("keys/state", {"arn": theirs, "enabled": True})
    for client in [rds, simulator.client(OURS, WEST)]:
        assert code(copy(client, source)) == ("InvalidParameterValue", 400)
    copy(rds, source, KmsKeyId=theirs)()
    ask = {"DBInstanceIdentifier": "x", "DBSnapshotIdentifier": source}
    assert code(rds.restore_db_instance_from_db_snapshot, **ask) == ("InvalidParameterCombination", 400)


def test_a_parameter_that_aws_does_not_accept_is_refused(simulator):
    simulator.database(DeletionProtection=True)
    arn = simulator.snapshot("a")
    simulator.share("a", OTHER)
    rds, value, combination = (
        simulator.client(),
        ("InvalidParameterValue", 400),
        ("InvalidParameterCombination", 400),
    )
    for name in ["1a", "a-", "a--b", "a_b", "a" * 256]:
        ask = {"DBInstanceIdentifier": "orders", "DBSnapshotIdentifier": name}
        assert code(rds.create_db_snapshot, **ask) == value, name
    for tag in [{"Key": "aws:a", "Value": "b"}, {"Key": "a", "Value": "b,c"}]:
        assert code(copy(rds, "a", Tags=[tag])) == value
    assert code(rds.delete_db_instance, DBInstanceIdentifier="orders", SkipFinalSnapshot=True) == combination
    assert code(rds.list_tags_for_resource, ResourceName="orders") == value
    simulator.settings(one_step=False)
    assert code(copy(simulator.client(OTHER, WEST), arn)) == combination


def test_an_unknown_action_has_awss_own_error_shape(simulator):
    given, status, message = refusal(simulator.client().describe_db_proxies)
    assert (given, status) == ("InvalidAction", 400)
    assert message == "Could not find operation DescribeDBProxies for version 2014-10-31"


@pytest.mark.parametrize(
    "key, expected",
    [("AKIAIOSFODNN7EXAMPLE", ("InvalidClientTokenId", 403)), ("12345678901", ("InvalidClientTokenId", 403))],
)
def test_credentials_that_are_not_an_account_are_refused(simulator, key, expected):
    assert code(simulator.client(key).describe_db_instances) == expected


def raw(simulator, body, headers=None, path="/"):
    request = urllib.request.Request(simulator.url + path, data=body, headers=headers or {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_malformed_request_is_refused(simulator):
    scope = f"{OURS}/20260101/{EAST}/rds/aws4_request"
    signed = {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"}
    for body, headers, path, status, expected in [
        (b"Action=DescribeDBInstances", {}, "/", 403, "MissingAuthenticationToken"),
        (b"Action=DescribeDBInstances", {"Authorization": "Basic x"}, "/", 400, "IncompleteSignature"),
        (b"", signed, "/", 400, "MissingAction"),
        (b"\xff\xfe=<&", signed, "/", 400, "MissingAction"),
        (b"Action=%3Cb%3E", signed, "/", 400, "&lt;b&gt;"),
        (b"Action=DescribeDBInstances&Version=1999-01-01", signed, "/", 400, "InvalidAction"),
        (b"Action=CreateDBSnapshot", signed, "/", 400, "MissingParameter"),
        (b"Action=DescribeDBInstances&MaxRecords=many", signed, "/", 400, "InvalidParameterValue"),
        (b"Action=DescribeDBInstances", signed, "/elsewhere", 404, "MalformedInput"),
    ]:
        answer = raw(simulator, body, headers, path)
        assert answer[0] == status and expected in answer[1], (body, answer)
        assert answer[1].startswith("<ErrorResponse") and "<RequestId>" in answer[1]
    assert raw(simulator, b"x" * (2 << 20), signed)[0] == 413
    assert raw(simulator, b"Action=DescribeDBInstances", signed)[0] == 200
