"""The presets for other accounts or Regions than the default, launched unchanged: a snapshot becomes a copy under the destination's key."""

import json

import pytest
from local import deploy, estate, zips
from local.aws import ROOT, LocalAws
from pilot_light_sceptre.target import target_folder
from tests.local.runs import run
from tests.local.regions import until

SLOW = "rate(1 hour)"
MINE = {"source": {"BackupSchedule": SLOW, "ShareSchedule": SLOW}, "destination": {"CopySchedule": SLOW}}
ACCOUNTS = {"source": {"DestinationAccount": "222222222222"}, "destination": {"SourceAccounts": "111111111111"}}
# {preset: ((source, destination), the values that users add, the source's workers)}.
PRESETS = {
    "same-region": ((("111111111111", "us-east-1"), ("222222222222", "us-east-1")), ACCOUNTS, ["take", "share"]),
    "same-account": ((("333333333333", "us-east-1"), ("333333333333", "us-west-2")), {}, ["take"]),
}


@pytest.fixture(scope="module")
def aws():
    zips.zip_workers()
    places = sorted({place for places, _, _ in PRESETS.values() for place in places})
    with LocalAws(places, logs=target_folder() / "test-presets", snapshot="0..1", copy="0..1") as aws:
        yield aws


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_protects_a_database(aws, preset, tmp_path):
    (source, destination), given, workers = PRESETS[preset]
    mine = tmp_path / "mine.json"
    mine.write_text(json.dumps({group: MINE[group] | given.get(group, {}) for group in MINE} | {"artifacts": str(zips.ZIPS)}))
    options = {"variables": ROOT / "sceptre" / "presets" / f"{preset}.yaml", "more": [mine]}
    for worker in workers:
        deploy.launch(aws, source[0], f"source/{worker}.yaml", **options)
    launched = deploy.launch(aws, destination[0], "destination/copy.yaml", **options)
    assert "destination/key-source-region" not in launched
    key = deploy.outputs(aws, *destination, "pilot-light-destination-key")["KeyArn"]
    aws.register_key(key, [destination[0]])
    create(aws, source)
    for worker in workers:
        run(aws, source, f"source-{worker}")
        until("a snapshot", lambda: [snapshot["Status"] for snapshot in estate.snapshots(aws, *source)] == ["available"], 20)
    run(aws, destination, "destination-copy")
    until("a copy", lambda: copies(aws, destination), 20)
    (copy,) = copies(aws, destination)
    assert (copy["DBInstanceIdentifier"], copy["KmsKeyId"], copy["Status"]) == ("orders", key, "available")
    assert run(aws, destination, "destination-copy")["acted"] == {}


def create(aws, place):
    rds = aws.client("rds", *place)
    rds.create_db_instance(DBInstanceIdentifier="orders", Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20,
                           MasterUsername="pilot", MasterUserPassword="not-a-secret", StorageEncrypted=False)
    until("orders", lambda: rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "available", 20)


def copies(aws, place):
    found = estate.snapshots(aws, *place)
    tag = {"Key": "CopiedBy", "Value": "Snapshot Tool for RDS"}
    return [snapshot for snapshot in found if tag in snapshot["TagList"] and snapshot["Status"] == "available"]
