"""Other people's backup tools on the simulator: shelvery, Cloud Custodian, and the calls of the Snapshot Tool for Amazon RDS.

The Snapshot Tool is no package. Its own code is not here: the tests make the calls that its functions make, in their order.
"""

import re
import sys
from datetime import datetime, timedelta, timezone

import pytest
from foreign import Tools, start_other_services, tagged
from serving import EAST, OTHER, OWN, WEST


@pytest.fixture(scope="module")
def other_services(tmp_path_factory):
    child, url = start_other_services(tmp_path_factory.mktemp("ministack"))
    yield url
    child.stop()


@pytest.fixture
def tools(simulator, other_services, tmp_path):
    return Tools(simulator, other_services, tmp_path)


def manual(simulator, account=OWN, region=EAST):
    """The manual snapshots of a place, by identifier."""
    pages = simulator.client(account, region).get_paginator("describe_db_snapshots")
    found = pages.paginate(SnapshotType="manual")
    return {one["DBSnapshotIdentifier"]: one for page in found for one in page["DBSnapshots"]}


def tags_of(snapshot):
    return {tag["Key"]: tag["Value"] for tag in snapshot["TagList"]}


def shared_with(simulator, name, region=EAST):
    answer = simulator.client(OWN, region).describe_db_snapshot_attributes(DBSnapshotIdentifier=name)
    return answer["DBSnapshotAttributesResult"]["DBSnapshotAttributes"][0]["AttributeValues"]


def test_shelvery_takes_copies_shares_and_cleans_its_backups(simulator, tools):
    simulator.database("orders", Tags=tagged(**{"shelvery:create_backup": "true"}))
    simulator.database("ignored")
    created = {
        "shelvery_rds_backup_mode": "RDS_CREATE_SNAPSHOT",
        "shelvery_dr_regions": WEST,
        "shelvery_share_aws_account_ids": OTHER,
    }
    # Its parallel actions would each create a bucket that is missing. Outside us-east-1, S3 refuses the second.
    tools.run("shelvery", "rds", "create_data_buckets", **created)
    said = tools.run("shelvery", "rds", "create_backups", **created)
    assert not re.search(r"[1-9]\d* failed", said), said
    (backup,) = manual(simulator).values()
    name = backup["DBSnapshotIdentifier"]
    assert (backup["DBInstanceIdentifier"], tags_of(backup)["shelvery:entity_id"]) == ("orders", "orders")
    (copy,) = manual(simulator, region=WEST).values()
    assert copy["SourceDBSnapshotIdentifier"] == backup["DBSnapshotArn"]
    assert tags_of(copy)["shelvery:dr_copy"] == "true"
    assert shared_with(simulator, name) == shared_with(simulator, name, WEST) == [OTHER]
    # Its retention counts whole days since the minute of the backup, so that none is kept.
    kept = {f"shelvery_keep_{period}_backups": "0" for period in ["daily", "weekly", "monthly", "yearly"]}
    said = tools.run("shelvery", "rds", "clean_backups", **kept)
    assert "1 ok, 0 failed" in said, said
    assert manual(simulator) == {}


POLICIES = f"""
policies:
  - name: share
    resource: rds-snapshot
    filters:
      - {{type: value, key: "tag:Team", value: ours}}
      - {{type: value, key: Engine, value: postgres}}
    actions:
      - {{type: set-permissions, add: ["{OTHER}"]}}
  - name: copy
    resource: rds-snapshot
    filters:
      - {{type: cross-account, whitelist: ["333333333333"]}}
    actions:
      - {{type: region-copy, target_region: {WEST}, target_key: KEY, tags: {{CopiedFor: recovery}}}}
      - {{type: set-permissions, remove: matched}}
  - name: prune
    resource: rds-snapshot
    filters:
      - {{SnapshotType: manual}}
      - not: [{{type: latest}}]
      - {{type: age, days: 0, op: ge}}
    actions: [delete]
"""


@pytest.mark.skipif(sys.version_info < (3, 10, 2), reason="this version of Cloud Custodian needs Python 3.10.2")
def test_cloud_custodian_filters_shares_copies_across_regions_and_deletes(simulator, tools):
    here, there = simulator.key("here"), simulator.key("there", region=WEST)
    simulator.database("orders", StorageEncrypted=True, KmsKeyId=here)
    simulator.database("stock", Engine="mysql")
    for name, database in [("old", "orders"), ("new", "orders"), ("other", "stock")]:
        simulator.snapshot(name, database, Tags=tagged(Team="ours"))
    (tools.folder / "policies.yml").write_text(POLICIES.replace("KEY", there))
    said = tools.run(
        "custodian", "run", "-s", "out", "--cache-period", "0", "--region", EAST, "policies.yml"
    )
    counts = dict(re.findall(r"policy:(\w+) resource:rds-snapshot region:\S+ count:(\d+)", said))
    assert counts == {"share": "2", "copy": "2", "prune": "1"}, said
    assert set(manual(simulator)) == {"new", "other"}
    assert shared_with(simulator, "new") == shared_with(simulator, "other") == []
    copies = manual(simulator, region=WEST)
    assert {(name, copy["KmsKeyId"]) for name, copy in copies.items()} == {("old", there), ("new", there)}
    # Deleting a source that a copy still reads would fail the copy.
    assert {copy["Status"] for copy in copies.values()} == {"available"}
    assert tags_of(copies["new"]) == {"Team": "ours", "CopiedFor": "recovery"}


class SnapshotTool:
    """The calls of the Snapshot Tool's functions, with two accounts, and a destination Region of its own."""

    TOOL = "Snapshot Tool for RDS"

    def __init__(self, simulator, kms_source, kms_destination):
        self.source = simulator.client(OWN, EAST)
        self.middle, self.destination = simulator.client(OTHER, EAST), simulator.client(OTHER, WEST)
        self.keys = simulator.client(OTHER, EAST, "kms")
        self.kms_source, self.kms_destination = kms_source, kms_destination

    @staticmethod
    def listed(rds, call="describe_db_snapshots", of="DBSnapshots", **ask):
        return [found for page in rds.get_paginator(call).paginate(**ask) for found in page[of]]

    @staticmethod
    def tags(rds, arn):
        return {tag["Key"]: tag["Value"] for tag in rds.list_tags_for_resource(ResourceName=arn)["TagList"]}

    def take(self, now):
        for instance in self.listed(self.source, "describe_db_instances", "DBInstances"):
            if self.tags(self.source, instance["DBInstanceArn"]).get("CopyDBSnapshot") != "True":
                continue
            stamp = now.strftime("%Y-%m-%d-%H-%M")
            self.source.create_db_snapshot(
                DBSnapshotIdentifier=f"{instance['DBInstanceIdentifier']}-{stamp}",
                DBInstanceIdentifier=instance["DBInstanceIdentifier"],
                Tags=tagged(CreatedBy=self.TOOL, CreatedOn=stamp, shareAndCopy="YES"),
            )

    def share(self):
        for one in self.listed(self.source, SnapshotType="manual"):
            tags = self.tags(self.source, one["DBSnapshotArn"])
            if (tags.get("shareAndCopy"), one["Status"]) == ("YES", "available"):
                self.source.modify_db_snapshot_attribute(
                    DBSnapshotIdentifier=one["DBSnapshotIdentifier"], AttributeName="restore", ValuesToAdd=[OTHER]
                )

    def copy(self):
        """One run; answers the number of copies that are pending."""
        seen = self.listed(self.middle, IncludeShared=True)
        shared = {one["DBSnapshotArn"].rpartition(":")[2]: one for one in seen if one["SnapshotType"] == "shared"}
        own = {one["DBSnapshotIdentifier"]: one for one in seen if one["SnapshotType"] == "manual"}
        arrived = {one["DBSnapshotIdentifier"]: one for one in self.listed(self.destination)}
        pending = 0
        for name, one in shared.items():
            if name not in own and name not in arrived:
                self.middle.copy_db_snapshot(
                    SourceDBSnapshotIdentifier=one["DBSnapshotIdentifier"], TargetDBSnapshotIdentifier=name,
                    Tags=tagged(CopiedBy=self.TOOL), **({"KmsKeyId": self.kms_source} if one["Encrypted"] else {}),
                )  # fmt: skip
                pending += 1
            elif name not in arrived:
                self.destination.copy_db_snapshot(
                    SourceDBSnapshotIdentifier=own[name]["DBSnapshotArn"], TargetDBSnapshotIdentifier=name,
                    SourceRegion=EAST, CopyTags=True,
                    **({"KmsKeyId": self.kms_destination} if own[name]["Encrypted"] else {}),
                )  # fmt: skip
            elif name in own and arrived[name]["Status"] == "available":
                self.middle.delete_db_snapshot(DBSnapshotIdentifier=name)
        return pending

    def delete(self, rds, tag):
        for one in self.listed(rds, SnapshotType="manual"):
            if self.tags(rds, one["DBSnapshotArn"]).get(tag) == self.TOOL:
                rds.delete_db_snapshot(DBSnapshotIdentifier=one["DBSnapshotIdentifier"])


def test_the_calls_of_the_snapshot_tool_take_share_copy_in_two_hops_and_delete(simulator):
    source_key = simulator.key("source", OWN, EAST, users=[OTHER])
    middle, there = simulator.key("middle", OTHER, EAST), simulator.key("there", OTHER, WEST)
    simulator.database("orders", StorageEncrypted=True, KmsKeyId=source_key, Tags=tagged(CopyDBSnapshot="True"))
    simulator.database("stock", Engine="mysql", Tags=tagged(CopyDBSnapshot="True"))
    simulator.database("ignored", Tags=tagged(CopyDBSnapshot="False"))
    tool = SnapshotTool(simulator, middle, there)
    now = datetime.now(timezone.utc)
    names = {f"{name}-{now:%Y-%m-%d-%H-%M}" for name in ["orders", "stock"]}
    tool.take(now)
    assert set(manual(simulator)) == names
    tool.share()
    assert [tool.copy(), tool.copy(), tool.copy()] == [2, 0, 0]
    assert manual(simulator, OTHER, EAST) == {}
    arrived = manual(simulator, OTHER, WEST)
    assert set(arrived) == names
    assert {tags_of(one)["CopiedBy"] for one in arrived.values()} == {SnapshotTool.TOOL}
    assert {one.get("KmsKeyId") for one in arrived.values()} == {there, None}
    # It asks KMS who manages a key.
    assert tool.keys.describe_key(KeyId=middle.rpartition("/")[2])["KeyMetadata"]["KeyManager"] == "CUSTOMER"
    tool.take(now + timedelta(minutes=1))
    assert len(manual(simulator)) == 4
    tool.delete(tool.source, "CreatedBy")
    tool.delete(tool.destination, "CopiedBy")
    assert manual(simulator) == manual(simulator, OTHER, WEST) == {}
