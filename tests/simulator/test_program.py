"""The program: KMS on the same port, the admin interface, starting and stopping."""

import signal
import subprocess

import pytest
from botocore.exceptions import ClientError
from serving import EAST, OTHER, OURS, THIRD, binary, serve


def code(call, **ask):
    with pytest.raises(ClientError) as caught:
        call(**ask)
    return caught.value.response["Error"]["Code"]


def test_keys_are_described_enabled_and_disabled_through_kms(simulator):
    arn = simulator.key("ours", users=[OTHER])
    kms = simulator.client(OURS, EAST, "kms")
    described = kms.describe_key(KeyId="ours")["KeyMetadata"]
    assert (described["Arn"], described["KeyState"], described["KeyManager"]) == (arn, "Enabled", "CUSTOMER")
    kms.disable_key(KeyId=arn)
    seen = simulator.client(OTHER, EAST, "kms").describe_key(KeyId=arn)["KeyMetadata"]
    assert (seen["KeyState"], seen["Enabled"], seen["AWSAccountId"]) == ("Disabled", False, OURS)
    kms.enable_key(KeyId=arn)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["Enabled"]
    assert code(simulator.client(THIRD, EAST, "kms").describe_key, KeyId=arn) == "AccessDeniedException"
    assert code(kms.describe_key, KeyId="unknown") == "NotFoundException"
    assert code(kms.list_grants, KeyId=arn) == "UnknownOperationException"
    assert (
        code(simulator.client("AKIA", EAST, "kms").describe_key, KeyId=arn) == "UnrecognizedClientException"
    )


def test_the_default_key_exists_after_its_first_use(simulator):
    kms = simulator.client(OURS, EAST, "kms")
    assert code(kms.describe_key, KeyId="alias/aws/rds") == "NotFoundException"
    created = simulator.database(StorageEncrypted=True)
    described = kms.describe_key(KeyId="alias/aws/rds")["KeyMetadata"]
    assert (described["Arn"], described["KeyManager"]) == (created["KmsKeyId"], "AWS")


def test_the_world_and_its_calls_can_be_read(simulator):
    key = simulator.key("ours", users=[OTHER])
    simulator.database(StorageEncrypted=True, KmsKeyId=key)
    arn = simulator.snapshot("a", Tags=[{"Key": "k", "Value": "v"}])
    simulator.share("a", OTHER)
    _, world = simulator.admin("world")
    assert [(found["id"], found["status"]) for found in world["databases"]] == [("orders", "available")]
    snapshot = world["snapshots"][0]
    expected = {
        "arn": arn, "account": OURS, "region": EAST, "id": "a", "database": "orders", "origin": "manual",
        "status": "available", "kms_key": key, "default_key": False, "tags": {"k": "v"},
        "shared_with": [OTHER], "public": False, "copied_from": None,
    }  # fmt: skip
    assert {name: snapshot[name] for name in expected} == expected
    assert snapshot["created_at"] and snapshot["original_created_at"] and snapshot["database_time"]
    assert [(found["arn"], found["users"], found["state"]) for found in world["keys"]] == [
        (key, [OTHER], "Enabled")
    ]
    simulator.client().describe_db_snapshots()
    _, calls = simulator.admin("calls")
    counts = {
        (count["account"], count["region"], count["action"]): count["calls"] for count in calls["counts"]
    }
    assert counts[(OURS, EAST, "CreateDBSnapshot")] == counts[(OURS, EAST, "DescribeDBSnapshots")] == 1
    assert calls["total"] == len(calls["latest"]) == 4
    assert [call["action"] for call in calls["latest"]][-1] == "DescribeDBSnapshots"


def test_settings_can_be_changed_and_invalid_ones_are_refused(simulator):
    status, settings = simulator.admin("settings", {"copy_seconds": "3..6", "quota": 5})
    assert (status, settings["copy_seconds"], settings["quota"]) == (200, "3..6", 5)
    assert simulator.admin("settings") == (200, settings)
    for wrong in [{"copy_seconds": "6..3"}, {"quota": -1}, {"quotas": 1}, []]:
        assert simulator.admin("settings", wrong)[0] == 400
    assert simulator.admin("keys", {"arn": "arn:aws:kms:us-east-1:1:key/a"})[0] == 400
    assert (
        simulator.admin("keys/state", {"arn": f"arn:aws:kms:{EAST}:{OURS}:key/x", "enabled": True})[0] == 404
    )
    assert simulator.admin("elsewhere")[0] == 404
    simulator.admin("reset", {})
    assert simulator.admin("settings")[1]["quota"] == 100


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_program_prints_one_line_and_ends_cleanly(number):
    process, _ = serve()
    process.send_signal(number)
    rest, _ = process.communicate(timeout=10)
    assert (process.returncode, rest) == (0, "")


@pytest.mark.parametrize(
    "options", [["--port", "x"], [], ["--port", "0", "--copy-seconds", "9..1"], ["--port", "0", "--what"]]
)
def test_wrong_usage_is_reported_and_exits_with_2(options):
    done = subprocess.run([str(binary()), "serve", *options], capture_output=True, text=True, timeout=10)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error:" in done.stderr


def test_a_port_in_use_is_reported_and_exits_with_1():
    process, url = serve()
    done = subprocess.run(
        [str(binary()), "serve", "--port", url.rsplit(":", 1)[1]], capture_output=True, text=True, timeout=10
    )
    process.terminate()
    assert process.wait(10) == 0
    assert (done.returncode, done.stdout) == (1, "")
    assert "cannot serve" in done.stderr
