"""The frozen installation of 0.1.0 is unchanged, and holds every state that an upgrade can meet. Upgrading it is tested elsewhere."""

import collections
import hashlib
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
# The older tool sets only these tags: ours add SharedWith when they share, and SourceSnapshotArn when they copy.
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
    """One dump, with the snapshots of each place at hand."""

    def __init__(self, mode):
        self.mode = mode
        self.data = read(f"world-{mode}.json")
        places = {(place["account"], place["region"]): place for place in self.data["places"]}
        self.instances = {name_of(one): one for place in places.values() for one in place["instances"]}
        self.clusters = {name_of(one): one for place in places.values() for one in place["clusters"]}
        self.source = places[SOURCE, SOURCE_REGION]["snapshots"]
        self.between = places[DESTINATION, SOURCE_REGION]["snapshots"]
        self.copies = places[DESTINATION, DESTINATION_REGION]["snapshots"]
        self.snapshots = [one for place in places.values() for one in place["snapshots"]]

    def skipped(self, worker):
        return self.data["next_reports"][worker]["skipped"]

    def blocked(self, worker):
        """{database: reason} of the last run."""
        entries = self.data["last_reports"][worker]["blockers"]
        return {entry["subject"].split(":")[-1].split("-")[0]: entry for entry in entries}


def read(name):
    return json.loads((FROZEN / name).read_text())


def name_of(record):
    return record["arn"].split(":")[-1]


def before_upgrade(world, snapshots, tags):
    """The older tool's snapshots from before the first instant with Pilot Light."""
    began = world.data["began"]
    return [one for one in snapshots if tags.items() <= one["tags"].items()
            and "SourceSnapshotArn" not in one["tags"] and (one["created_at"] or began) < began]


def databases(snapshots):
    return {one["database"] for one in snapshots}


@pytest.fixture(scope="module", params=["one-step", "two-hop"])
def world(request):
    return World(request.param)


def test_no_frozen_file_has_changed_and_none_was_added_or_removed():
    lines = (FROZEN / "SHA256SUMS").read_text().splitlines()
    expected = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    files = [path for path in FROZEN.rglob("*") if path.is_file() and path.name != "SHA256SUMS"]
    found = {path.relative_to(FROZEN).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert found == expected, "frozen files are never edited or regenerated: restore them from the commit that added them"


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
    assert collections.Counter(one["database"] for one in older) == dict.fromkeys(("orders", "billing", "plain", "reports", "retired"), 3)
    assert all(one["copied_from"].startswith(f"arn:aws:rds:{SOURCE_REGION}:{DESTINATION}:snapshot:") for one in older)


def test_the_older_tools_copies_are_under_the_three_kinds_of_key(world):
    owners = {one["database"]: (one["kms_key"] or ":::::").split(":")[4] for one in before_upgrade(world, world.copies, OLDER_COPY)}
    assert (owners["orders"], owners["billing"], owners["plain"]) == (DESTINATION, SOURCE, "")


def test_the_older_tools_snapshots_of_the_last_hours_are_beside_ours(world):
    recent = [one for one in world.source if one["arn"].endswith("-2024-10-05-14-16")]
    assert databases(recent) == {"orders", "billing", "plain", "archive"}
    assert all(OLDER_TAKEN.items() <= one["tags"].items() for one in recent)


def test_snapshots_were_taken_shared_and_copied_at_every_interval_of_the_retention(world):
    for database in ("orders", "billing", "plain"):
        ours = [one for one in world.source if one["database"] == database and one["tags"].get("CreatedBy") == TOOL]
        available = [one for one in ours if one["status"] == "available"]
        shared = [one for one in available if one["shared_with"] == [DESTINATION] and one["tags"]["SharedWith"] == DESTINATION]
        copies = [one for one in world.copies if one["database"] == database and "SourceSnapshotArn" in one["tags"]]
        assert 24 <= len(shared) == len(available) <= 28
        assert 24 <= len(copies) <= 34
        assert {one["tags"]["SourceAccount"] for one in copies} == {SOURCE}
        assert {one["kms_key"] for one in copies} == {f"arn:aws:kms:{DESTINATION_REGION}:{DESTINATION}:key/copies"}


def test_a_copy_was_made_from_the_source_at_once_or_from_an_intermediate(world):
    owner = SOURCE if world.mode == "one-step" else DESTINATION
    copies = [one for one in world.copies if "SourceSnapshotArn" in one["tags"]]
    assert {one["copied_from"].split(":")[4] for one in copies} == {owner}
    assert {one["tags"]["SourceSnapshotArn"].split(":")[4] for one in copies} == {SOURCE}
    assert bool(world.between) == (world.mode == "two-hop")
    assert all(one["tags"]["IntermediateFor"] == DESTINATION_REGION for one in world.between)


def test_snapshots_and_copies_are_in_progress_with_their_end(world):
    working = {one["arn"]: one["work"] for one in world.snapshots if one["work"] != "Nothing"}
    kinds = {(list(work)[0], arn.split(":")[3], arn.split(":")[4]) for arn, work in working.items()}
    hop = {("Copying", SOURCE_REGION, DESTINATION)} if world.mode == "two-hop" else set()
    assert kinds == {("Taking", SOURCE_REGION, SOURCE), ("Copying", DESTINATION_REGION, DESTINATION)} | hop
    ends = {arn: next(iter(work.values()))["until"] for arn, work in working.items()}
    assert {event["of"]: event["at"] for event in world.data["agenda"]} == ends
    assert all(end > world.data["now"] for end in ends.values())
    queued = {one["copy"]: one["reads_from"] for queue in world.data["copy_queues"] for one in queue["copies"]}
    copying = {arn for arn, work in working.items() if "Copying" in work}
    assert queued.keys() == copying
    assert set(queued.values()) <= {one["arn"] for one in world.snapshots}


def test_every_kind_of_database_is_there(world):
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


def test_everything_left_alone_is_reported_with_its_reason(world):
    take, copy = world.skipped("source-take"), world.skipped("destination-copy")
    assert {reason: take[reason] for reason in ("ClusterMember", "CustomEngine", "NotSelected", "InstanceBusy")} == {
        "ClusterMember": 1, "CustomEngine": 1, "NotSelected": 1, "InstanceBusy": 1}
    assert copy["ForeignAccount"] == 1
    assert world.skipped("source-delete")["NotOurs"] == 2 and world.skipped("destination-delete")["NotOurs"] == 1
    assert {"KeepDaily", "NewestUsable", "Retained", "NotUsable"} <= world.skipped("destination-delete").keys()


def test_a_failed_an_automated_and_an_untagged_snapshot_are_there(world):
    assert [one["database"] for one in world.source if one["status"] == "failed"] == ["plain"]
    assert [one["database"] for one in world.source if one["origin"] == "automated"] == ["orders"]
    assert "lambda-dr-snapshot-orders-2024-10-02" in {name_of(one) for one in world.source if not one["tags"]}


def test_every_record_holds_all_that_a_reload_needs(world):
    snapshot = {"arn", "origin", "database", "shape", "options", "instance_created_at", "status", "created_at", "original_created_at",
                "database_time", "copied_from", "source_region", "kms_key", "option_group", "tags", "shared_with", "is_public", "work"}
    instance = {"arn", "shape", "status", "created_at", "cluster", "replica_of", "replicas", "kms_key", "tags", "options", "next",
                "before_snapshot", "new_name"}
    assert {frozenset(one) for one in world.snapshots} == {frozenset(snapshot)}
    assert {frozenset(one) for one in world.instances.values()} == {frozenset(instance)}
    assert {one["created_at"] is None for one in world.snapshots if one["status"] == "available"} == {False}
    keys = {key["arn"] for key in world.data["keys"]}
    used = {one["kms_key"] for one in [*world.snapshots, *world.instances.values()]} - {None}
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
        assert {one["Properties"]["Name"] for one in resources if one["Type"] == "AWS::SSM::Parameter"} == account["parameters"].keys()
