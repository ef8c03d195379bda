"""The frozen installation of 0.1.0 contains every state that an upgrade can find.

`test_frozen_files.py` checks that its files are unchanged. Other tests upgrade it.
"""

import collections
import json
import pathlib

import pytest
import yaml

FROZEN = pathlib.Path(__file__).resolve().parent / "0.1.0"
COMMIT = "da2b6d43a59f9ef342ce331201596467a6183a49"
SOURCE, SOURCE_REGION = "111111111111", "us-east-1"
DESTINATION, DESTINATION_REGION = "222222222222", "us-west-2"
TOOL = "Snapshot Tool for RDS"
WORKERS = {"source-take", "source-share", "source-delete", "destination-copy", "destination-delete"}
CUSTOMER_KEY = f"arn:aws:kms:{SOURCE_REGION}:{SOURCE}:key/databases"
SIZE_LIMIT = 3_000_000
# The older tool sets only these tags. Pilot Light also sets SharedWith when it shares, and SourceSnapshotArn when it copies.
OLDER_TAKEN = {"CreatedBy": TOOL, "shareAndCopy": "YES"}
OLDER_COPY = {"CopiedBy": TOOL}


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's short tags as plain values."""


def plain(loader, _, node):
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


Loader.add_multi_constructor("!", plain)


class World:
    """One dump of the simulator's world, with the snapshots of each account and Region."""

    def __init__(self, mode):
        self.mode = mode
        self.data = read(f"world-{mode}.json")
        places = {(place["account"], place["region"]): place for place in self.data["places"]}
        self.instances = {name_of(record): record for place in places.values() for record in place["instances"]}
        self.clusters = {name_of(record): record for place in places.values() for record in place["clusters"]}
        self.source = places[SOURCE, SOURCE_REGION]["snapshots"]
        self.between = places[DESTINATION, SOURCE_REGION]["snapshots"]
        self.copies = places[DESTINATION, DESTINATION_REGION]["snapshots"]
        self.snapshots = [record for place in places.values() for record in place["snapshots"]]

    def skipped(self, worker):
        return self.data["next_reports"][worker]["skipped"]

    def blocked(self, worker):
        """{database: blocker} of the last run."""
        entries = self.data["last_reports"][worker]["blockers"]
        return {entry["subject"].split(":")[-1].split("-")[0]: entry for entry in entries}


def read(name):
    return json.loads((FROZEN / name).read_text())


def name_of(record):
    return record["arn"].split(":")[-1]


def before_upgrade(world, snapshots, tags):
    """The older tool's snapshots from before the first instant with Pilot Light."""
    began = world.data["began"]
    return [record for record in snapshots if tags.items() <= record["tags"].items()
            and "SourceSnapshotArn" not in record["tags"] and (record["created_at"] or began) < began]


def databases(snapshots):
    return {record["database"] for record in snapshots}


@pytest.fixture(scope="module", params=["one-step", "two-hop"])
def world(request):
    return World(request.param)


def test_the_frozen_files_are_small():
    assert sum(path.stat().st_size for path in FROZEN.rglob("*") if path.is_file()) < SIZE_LIMIT


def test_a_world_names_its_version_and_spans_two_days(world):
    data = world.data
    assert (data["format"], data["version"], data["commit"], data["copy_mode"]) == (1, "0.1.0", COMMIT, world.mode)
    assert data["settings"]["one_step"] == (world.mode == "one-step")
    assert (data["began"][:10], data["now"][:16]) == ("2024-10-04", "2024-10-06T00:00")


def test_adopted_snapshots_are_in_both_accounts_from_the_beginning(world):
    assert databases(before_upgrade(world, world.source, OLDER_TAKEN)) == {"reports", "retired"}
    older = before_upgrade(world, world.copies, OLDER_COPY)
    expected = dict.fromkeys(("orders", "billing", "plain", "reports", "retired"), 3)
    assert collections.Counter(record["database"] for record in older) == expected
    assert all(record["copied_from"].startswith(f"arn:aws:rds:{SOURCE_REGION}:{DESTINATION}:snapshot:") for record in older)


def test_the_older_tools_copies_are_under_the_three_kinds_of_key(world):
    copies = before_upgrade(world, world.copies, OLDER_COPY)
    owners = {record["database"]: (record["kms_key"] or ":::::").split(":")[4] for record in copies}
    assert (owners["orders"], owners["billing"], owners["plain"]) == (DESTINATION, SOURCE, "")


def test_snapshots_of_the_older_tool_and_of_pilot_light_exist_in_the_last_hours(world):
    recent = [record for record in world.source if record["arn"].endswith("-2024-10-05-14-16")]
    assert databases(recent) == {"orders", "billing", "plain", "archive"}
    assert all(OLDER_TAKEN.items() <= record["tags"].items() for record in recent)


def test_snapshots_were_taken_shared_and_copied_at_every_interval_of_the_retention(world):
    for database in ("orders", "billing", "plain"):
        own = [record for record in world.source if record["database"] == database and record["tags"].get("CreatedBy") == TOOL]
        available = [record for record in own if record["status"] == "available"]
        shared = [record for record in available if record["shared_with"] == [DESTINATION] and record["tags"]["SharedWith"] == DESTINATION]
        copies = [record for record in world.copies if record["database"] == database and "SourceSnapshotArn" in record["tags"]]
        assert 24 <= len(shared) == len(available) <= 28
        assert 24 <= len(copies) <= 34
        assert {record["tags"]["SourceAccount"] for record in copies} == {SOURCE}
        assert {record["kms_key"] for record in copies} == {f"arn:aws:kms:{DESTINATION_REGION}:{DESTINATION}:key/copies"}


def test_a_copy_was_made_from_the_source_at_once_or_from_an_intermediate(world):
    owner = SOURCE if world.mode == "one-step" else DESTINATION
    copies = [record for record in world.copies if "SourceSnapshotArn" in record["tags"]]
    assert {record["copied_from"].split(":")[4] for record in copies} == {owner}
    assert {record["tags"]["SourceSnapshotArn"].split(":")[4] for record in copies} == {SOURCE}
    assert bool(world.between) == (world.mode == "two-hop")
    assert all(record["tags"]["IntermediateFor"] == DESTINATION_REGION for record in world.between)


def test_snapshots_and_copies_are_in_progress_with_their_end(world):
    working = {record["arn"]: record["work"] for record in world.snapshots if record["work"] != "Nothing"}
    kinds = {(list(work)[0], arn.split(":")[3], arn.split(":")[4]) for arn, work in working.items()}
    hop = {("Copying", SOURCE_REGION, DESTINATION)} if world.mode == "two-hop" else set()
    assert kinds == {("Taking", SOURCE_REGION, SOURCE), ("Copying", DESTINATION_REGION, DESTINATION)} | hop
    ends = {arn: next(iter(work.values()))["until"] for arn, work in working.items()}
    assert {event["of"]: event["at"] for event in world.data["agenda"]} == ends
    assert all(end > world.data["now"] for end in ends.values())
    queued = {record["copy"]: record["reads_from"] for queue in world.data["copy_queues"] for record in queue["copies"]}
    copying = {arn for arn, work in working.items() if "Copying" in work}
    assert queued.keys() == copying
    assert set(queued.values()) <= {record["arn"] for record in world.snapshots}


def test_every_kind_of_database_exists(world):
    instances = world.instances
    assert instances.keys() == {"orders", "billing", "plain", "archive", "ledger", "reports", "aurora-1", "erp", "scratch"}
    assert instances["orders"]["kms_key"] == CUSTOMER_KEY
    assert instances["plain"]["kms_key"] is None
    default = [key["arn"] for key in world.data["keys"] if key["origin"] == "Aws"]
    assert instances["archive"]["kms_key"] in default
    assert (instances["aurora-1"]["cluster"], world.clusters["aurora"]["members"]) == ("aurora", ["aurora-1"])
    assert instances["reports"]["status"] == "stopped"


def test_blocked_databases_are_reported_with_their_reason(world):
    assert world.blocked("source-share")["archive"]["what"] == "DefaultKey"
    assert "KMSKeyNotAccessibleFault" in world.blocked("destination-copy")["ledger"]["detail"]
    assert {"archive", "ledger"}.isdisjoint(databases(world.copies))


def test_everything_that_a_worker_skips_is_reported_with_its_reason(world):
    take, copy = world.skipped("source-take"), world.skipped("destination-copy")
    assert {reason: take[reason] for reason in ("ClusterMember", "CustomEngine", "NotSelected", "InstanceBusy")} == {
        "ClusterMember": 1, "CustomEngine": 1, "NotSelected": 1, "InstanceBusy": 1}
    assert copy["ForeignAccount"] == 1
    assert world.skipped("source-delete")["NotOurs"] == 2 and world.skipped("destination-delete")["NotOurs"] == 1
    assert {"KeepDaily", "NewestUsable", "Retained", "NotUsable"} <= world.skipped("destination-delete").keys()


def test_a_failed_an_automated_and_an_untagged_snapshot_exist(world):
    assert [record["database"] for record in world.source if record["status"] == "failed"] == ["plain"]
    assert [record["database"] for record in world.source if record["origin"] == "automated"] == ["orders"]
    assert "lambda-dr-snapshot-orders-2024-10-02" in {name_of(record) for record in world.source if not record["tags"]}


def test_every_record_holds_all_that_a_reload_needs(world):
    snapshot = {"arn", "origin", "database", "shape", "options", "instance_created_at", "status", "created_at", "original_created_at",
                "database_time", "copied_from", "source_region", "kms_key", "option_group", "tags", "shared_with", "is_public", "work"}
    instance = {"arn", "shape", "status", "created_at", "cluster", "replica_of", "replicas", "kms_key", "tags", "options", "next",
                "before_snapshot", "new_name"}
    assert {frozenset(record) for record in world.snapshots} == {frozenset(snapshot)}
    assert {frozenset(record) for record in world.instances.values()} == {frozenset(instance)}
    assert {record["created_at"] is None for record in world.snapshots if record["status"] == "available"} == {False}
    keys = {key["arn"] for key in world.data["keys"]}
    used = {record["kms_key"] for record in [*world.snapshots, *world.instances.values()]} - {None}
    assert used <= keys
    assert {key["state"] for key in world.data["keys"]} == {"Enabled"}


def test_every_worker_has_its_schedule_and_reports(world):
    data = world.data
    assert data["schedules"].keys() == data["last_reports"].keys() == data["next_reports"].keys() == WORKERS
    assert {report["error"] for report in [*data["last_reports"].values(), *data["next_reports"].values()]} == {None}
    assert {report["dry_run"] for report in data["next_reports"].values()} == {True}


def test_the_workers_ran_with_the_ssm_values_but_for_the_pattern(world):
    for group, account in read("ssm.json").items():
        frozen = {name.rsplit("/", 1)[1]: value for name, value in account["parameters"].items()}
        assert {name.rsplit("/", 1)[0] for name in account["parameters"]} == {f"/pilot-light/{group}"}
        ran = world.data["parameters"][group]
        changed = {name for name in frozen.keys() | ran.keys() if frozen.get(name) != ran.get(name)}
        assert changed == ({"InstanceNamePattern"} if group == "source" else set())


def test_every_stack_has_a_template_of_the_parameters_that_ssm_holds():
    stacks = read("stacks.json")
    files = {path.relative_to(FROZEN / "templates").as_posix() for path in (FROZEN / "templates").rglob("*.yaml")}
    assert files == stacks.keys() and len(files) == 40
    assert {name for name, stack in stacks.items() if not stack["launched"]} == {"source/chat.yaml", "destination/chat.yaml"}
    templates = {name: yaml.load((FROZEN / "templates" / name).read_text(), Loader) for name in files}
    assert all(template["AWSTemplateFormatVersion"] == "2010-09-09" and template["Resources"] for template in templates.values())
    for group, account in read("ssm.json").items():
        resources = templates[f"{group}/parameters.yaml"]["Resources"].values()
        written = {record["Properties"]["Name"] for record in resources if record["Type"] == "AWS::SSM::Parameter"}
        assert written == account["parameters"].keys()
