"""0.1.0 launched on the local AWS, this version launched over it with the same values, and 0.1.0 again.

The workers are those of this version, as processes. Their decisions over two days are tested in main.rs.
"""

import datetime
import json
import re
import shutil

import frozen
import pytest
from frozen import ACCOUNTS, KEYS, Deployment, given
from local import deploy, estate, zips
from local.aws import ROOT, LocalAws
from local.watch import Watch
from pilot_light_sceptre.target import target_folder

WORKERS = ("take", "share", "copy", "source-delete", "destination-delete")
INTERVAL = datetime.timedelta(minutes=30)
# The bucket of the artifacts in its template, and every reference to it.
RENAMED_BUCKET = r"(?<=^  )Bucket(?=:$)|(?<=!Ref )Bucket$|(?<=!GetAtt )Bucket(?=\.)|(?<=\{)Bucket(?=\.)"
TOOL = "Snapshot Tool for RDS"
# 0.1.0 left a selected member of a cluster unprotected without a word. It is blocked now.
MEMBER_OF_CLUSTER = "aurora-1"
NEWLY_RAISED = {"pilot-light-source-take-blocked"}


class Upgrade:
    """Both accounts, and everything that was found at each stage."""

    def __init__(self, aws, folder):
        self.aws = aws
        self.deployment = Deployment(aws)
        self.watch = Watch(aws, names=WORKERS)
        self.values = folder / "values.json"
        self.values.write_text(json.dumps({group: given(group) for group in ACCOUNTS}))
        self.found = {}

    def install(self):
        self.deployment.launch()
        for group, place in ACCOUNTS.items():
            estate.subscribe_queue(self.aws, *place, group)
            bucket = self.deployment.client("s3", group).list_buckets()["Buckets"][0]["Name"]
            self.deployment.client("s3", group).put_object(Bucket=bucket, Key="kept", Body=b"by a person")
        self.load_world()
        # A first run of each, so that no alarm waits for one.
        self.look("installed", {name: self.watch.run(name, event={"dry_run": True}) for name in WORKERS})

    def upgrade(self):
        estate.side_by_side(*[lambda group=group: self.launch(group, group) for group in ACCOUNTS])
        self.look("upgraded", {name: self.watch.run(name) for name in WORKERS})

        # From then on, the alarms have been evaluated with the metrics of these runs.
        self.watch.until("the alarms on blocked databases", lambda: blocked_before() <= self.deployment.alarms(), 60)
        self.found["upgraded"]["alarms"] = self.deployment.alarms()

    def go_back(self):
        self.deployment.launch()
        self.look("back", {name: self.watch.run(name, event={"dry_run": True}) for name in WORKERS})

    def launch(self, group, path, project=ROOT / "sceptre"):
        return deploy.sceptre(self.aws, ACCOUNTS[group][0], "launch", path, "-y", more=[self.values], project=project)

    def look(self, stage, runs):
        self.found[stage] = {
            "runs": runs, "state": self.deployment.state(), "alarms": self.deployment.alarms(),
            "parameters": {group: self.deployment.parameters(group) for group in ACCOUNTS},
            "subscriptions": {group: self.deployment.subscriptions(group) for group in ACCOUNTS},
            "objects": {group: self.objects(group) for group in ACCOUNTS},
            "snapshots": {one["arn"]: one for one in self.aws.admin("world")["snapshots"]}}

    def objects(self, group):
        s3 = self.deployment.client("s3", group)
        return {(bucket["Name"], one["Key"]) for bucket in s3.list_buckets()["Buckets"]
                for one in s3.list_objects_v2(Bucket=bucket["Name"]).get("Contents", [])}

    def load_world(self):
        """Loads the frozen world, moved to the present by whole intervals, with the keys of the launched stacks."""
        now = datetime.datetime.now(datetime.timezone.utc)
        text = (frozen.FOLDER / "world-two-hop.json").read_text()
        world = json.loads(moved(text, now))
        self.before = {one["arn"]: one for place in world["places"] for one in place["snapshots"]}
        self.aws.admin("saved", world)
        # 0.1.0 relied on AWS deleting failed snapshots. Both versions are compared in the same world.
        self.aws.admin("settings", {"failed_can_be_deleted": True})
        parameters = self.deployment.parameters("destination")
        for key in KEYS:
            self.aws.register_key(parameters[key], [])


def blocked_before():
    """The alarms on the databases that 0.1.0 reported as blocked."""
    reports = frozen.read(frozen.FOLDER / "world-two-hop.json")["last_reports"]
    return {f"pilot-light-{worker}-blocked" for worker, report in reports.items() if report["blocked"]}


def moved(text, now):
    """The text of a world with all its times and the times in its names moved by whole intervals, to at most one interval before now."""
    then = datetime.datetime.fromisoformat(json.loads(text)["now"].replace("Z", "+00:00"))
    by = (now - then) // INTERVAL * INTERVAL

    def later(form):
        return lambda found: f"{datetime.datetime.strptime(found[0], form) + by:{form}}"

    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", later("%Y-%m-%dT%H:%M:%S"), text)
    return re.sub(r"\d{4}-\d\d-\d\d-\d\d-\d\d", later("%Y-%m-%d-%H-%M"), text)


@pytest.fixture(scope="module")
def upgrade(tmp_path_factory):
    zips.zip_workers()
    with LocalAws(estate.PLACES, logs=target_folder() / "test-upgrade") as aws:
        upgrade = Upgrade(aws, tmp_path_factory.mktemp("upgrade"))
        upgrade.install()
        upgrade.upgrade()
        upgrade.go_back()
        yield upgrade


@pytest.mark.parametrize("name", frozen.stacks())
def test_the_recorded_parameters_of_a_stack_are_those_of_its_frozen_template(name):
    declared = re.search(r"^Parameters:\n((?:  .*\n|\n)*)", frozen.template(name), re.MULTILINE)
    names = re.findall(r"^  (\w+):$", declared[1], re.MULTILINE) if declared else []
    assert set(frozen.stacks()[name]["parameters"]) == set(names)


@pytest.mark.parametrize("stage", ["installed", "upgraded", "back"])
@pytest.mark.parametrize("group", ACCOUNTS)
def test_every_parameter_of_0_1_0_is_known_and_keeps_its_value(upgrade, stage, group):
    parameters = upgrade.found[stage]["parameters"][group]
    assert {key: parameters.get(key) for key in given(group)} == given(group)
    before = upgrade.found["installed"]["parameters"][group]
    assert {key: parameters.get(key) for key in KEYS} == {key: before.get(key) for key in KEYS}


@pytest.mark.parametrize("stage", ["upgraded", "back"])
def test_no_resource_that_holds_a_state_is_replaced_or_lost(upgrade, stage):
    before = upgrade.found["installed"]
    assert len(before["state"]) > 60
    assert lost(before["state"], upgrade.found[stage]["state"]) == []
    for group in ACCOUNTS:
        assert before["subscriptions"][group] and before["subscriptions"][group] <= upgrade.found[stage]["subscriptions"][group]
        assert before["objects"][group] and before["objects"][group] <= upgrade.found[stage]["objects"][group]


@pytest.mark.parametrize("stage", ["upgraded", "back"])
def test_no_alarm_is_raised_that_was_not_raised_before(upgrade, stage):
    assert blocked_before() == {"pilot-light-source-share-blocked", "pilot-light-destination-copy-blocked"}
    assert upgrade.found[stage]["alarms"] <= upgrade.found["installed"]["alarms"] | blocked_before() | NEWLY_RAISED


@pytest.mark.parametrize("stage", ["installed", "upgraded", "back"])
def test_every_run_succeeds_and_blocks_only_what_was_blocked(upgrade, stage):
    blocked = {"take": 1, "share": 1, "copy": 1}
    for name, run in upgrade.found[stage]["runs"].items():
        assert (run.status, run.error) == ("SUCCEEDED", ""), f"{name}: {run.cause}"
        assert run.report["failed"] == 0 and run.report["blocked"] <= blocked.get(name, 0), name
    (blocker,) = upgrade.found[stage]["runs"]["take"].report["blockers"]
    assert (blocker["subject"].rsplit("/", 1)[1], blocker["what"]) == (MEMBER_OF_CLUSTER, "ClusterMember")


def test_the_processes_delete_nothing_that_0_1_0_would_keep_and_change_nothing_of_others(upgrade):
    after = upgrade.found["upgraded"]["snapshots"]
    gone = [one for arn, one in upgrade.before.items() if arn not in after]
    assert gone and [one["arn"] for one in gone if kept(one, upgrade.before.values())] == []
    others = {arn: one for arn, one in upgrade.before.items() if TOOL not in one["tags"].values()}
    assert len(others) >= 4
    assert {arn: after[arn]["tags"] for arn in others} == {arn: one["tags"] for arn, one in others.items()}


def test_the_processes_copy_nothing_twice(upgrade):
    copies = [one for one in upgrade.found["back"]["snapshots"].values() if one["account"] == estate.DESTINATION]
    places = [(one["region"], one["tags"].get("SourceSnapshotArn", one["id"])) for one in copies if one["status"] != "failed"]
    assert len(places) > 60 and sorted(places) == sorted(set(places))


def test_0_1_0_finds_nothing_to_take_or_copy_again_once_it_is_back(upgrade):
    acted = {name: run.report["acted"] for name, run in upgrade.found["upgraded"]["runs"].items()}
    planned = {name: run.report["planned"] for name, run in upgrade.found["back"]["runs"].items()}
    assert acted["source-delete"] and acted["destination-delete"]
    assert (planned["take"], planned["share"]) == (0, 0)


def test_a_renamed_parameter_is_caught(upgrade, tmp_path):
    files = ("templates/parameters-source.yaml", "config/source/parameters.yaml")
    project = changed(tmp_path, dict.fromkeys(files, ("RetentionDays", "KeepFor")))
    with pytest.raises(deploy.DeployError, match="RetentionDays is '12h': there is no such parameter"):
        upgrade.launch("source", "source/parameters.yaml", project)


def test_a_renamed_resource_is_caught(upgrade, tmp_path):
    project = changed(tmp_path, {"templates/artifacts.yaml": (RENAMED_BUCKET, "Artifacts")})
    upgrade.launch("source", "source/artifacts.yaml", project)
    kinds = {kind for _, _, kind, _ in lost(upgrade.found["installed"]["state"], upgrade.deployment.state())}
    assert kinds == {"AWS::S3::Bucket"}


def changed(folder, replacements):
    """A copy of the project in which each file has a replacement."""
    project = folder / "sceptre"
    shutil.copytree(ROOT / "sceptre", project)
    (folder / "target").symlink_to(target_folder())
    (folder / "statemachines").symlink_to(ROOT / "statemachines")
    for path, (old, new) in replacements.items():
        text = (project / path).read_text()
        replaced = re.sub(old, new, text, flags=re.MULTILINE)
        assert replaced != text
        (project / path).write_text(replaced)
    return project


def lost(before, after):
    return sorted(before - after)


def kept(point, points):
    """Whether 0.1.0 would keep a snapshot, by the frozen values: RetentionDays 12h, KeepLast 1, and KeepDaily 7 in the destination."""
    now = datetime.datetime.now(datetime.timezone.utc)
    time = lambda one: datetime.datetime.fromisoformat((one["original_created_at"] or one["created_at"] or "").replace("Z", "+00:00"))
    if TOOL not in (point["tags"].get("CreatedBy"), point["tags"].get("CopiedBy")):
        return True
    # The rules of intermediates are in rules.rs.
    if point["status"] == "failed" or "IntermediateFor" in point["tags"]:
        return False
    place = point["arn"].split(":")[3:5]
    same = [one for one in points if one["arn"].split(":")[3:5] == place and one["database"] == point["database"]
            and one["status"] == "available" and TOOL in one["tags"].values()]
    newest = sorted(map(time, same), reverse=True)
    days = list(dict.fromkeys(at.date() for at in newest))[:7] if place == [estate.DESTINATION_REGION, estate.DESTINATION] else []
    daily = {max(at for at in newest if at.date() == day) for day in days}
    return point["status"] != "available" or now - time(point) <= datetime.timedelta(hours=12) or time(point) in daily | set(newest[:1])
