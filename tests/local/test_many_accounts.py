"""Two source accounts with databases of the same names and two destination accounts: no database is mistaken for another.

One source account has databases in two Regions. The groups are created with `make group` in a copy of the project. The tests start the runs
by hand.
"""

import json
import shutil

import pytest
from local import deploy, estate, zips
from local.aws import ROOT, LocalAws
from pilot_light_sceptre.groups import make
from pilot_light_sceptre.target import target_folder
from tests.local.runs import run
from tests.local.regions import until

FIRST, SECOND, US = "111111111111", "333333333333", "us-east-1"
THIRD, FOURTH = "222222222222", "444444444444"
SOURCES = [FIRST, SECOND]
# {group: (account, Region)}. The account THIRD keeps copies in two Regions.
DESTINATIONS = {"destination": (THIRD, "us-west-2"), "destination-eu": (FOURTH, "eu-west-1"), "destination-two": (THIRD, "eu-central-1")}
# The first source also has `orders` in another Region. Its own group keeps the copies in the other destination account.
EU, OF_EU = (FIRST, "eu-west-1"), (FOURTH, "eu-central-1")
DATABASES = ["billing", "orders"]
SLOW = "rate(1 hour)"
# One var file serves all groups.
VARIABLES = {
    group: {"DestinationAccount": f"{THIRD},{FOURTH}", "BackupSchedule": SLOW, "ShareSchedule": SLOW} for group in ("source", "source-eu")
} | {
    group: {"SourceAccounts": ",".join(SOURCES), "CopySchedule": SLOW, "DeleteSchedule": SLOW} for group in (*DESTINATIONS, "destination-of-eu")
}
VARIABLES["destination-of-eu"]["SourceAccounts"] = FIRST


class Estate:
    """The accounts, the project with their groups, and the actions on them."""

    def __init__(self, aws, folder):
        self.aws = aws
        self.project = folder / "sceptre"
        shutil.copytree(ROOT / "sceptre", self.project, symlinks=True)
        (folder / "statemachines").symlink_to(ROOT / "statemachines")
        for group in ("destination-eu", "destination-two"):
            make(self.project / "config", group, "destination", DESTINATIONS[group][1], US)
        make(self.project / "config", "source-eu", "source", EU[1])
        make(self.project / "config", "destination-of-eu", "destination", OF_EU[1], EU[1])
        self.variables = folder / "mine.json"
        self.variables.write_text(json.dumps(VARIABLES | {"artifacts": str(zips.ZIPS)}))

    def launch(self, account, path):
        return deploy.launch(self.aws, account, path, more=[self.variables], project=self.project)

    def run(self, place, machine):
        return run(self.aws, place, machine)

    def snapshots(self, account, region):
        return estate.snapshots(self.aws, account, region)

    def create(self, account, region, databases):
        key = self.aws.client("kms", account, region).create_key(Description="databases")["KeyMetadata"]["Arn"]
        self.aws.register_key(key, [account, THIRD, FOURTH])
        for name in databases:
            self.aws.client("rds", account, region).create_db_instance(
                DBInstanceIdentifier=name, Engine="postgres", DBInstanceClass="db.t4g.micro", AllocatedStorage=20,
                MasterUsername="pilot", MasterUserPassword="not-a-secret", StorageEncrypted=True, KmsKeyId=key)

    def keys(self, group, place, source_region=US):
        """The group's own key, and its key in the source's Region. Registers both with the simulator."""
        account, region = place
        key = lambda where, stack: deploy.outputs(self.aws, account, where, f"pilot-light-{group}-{stack}")["KeyArn"]
        found = key(region, "key"), key(source_region, "key-source-region")
        for arn in found:
            self.aws.register_key(arn, [account])
        return found


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    zips.zip_workers()
    places = [(account, US) for account in SOURCES] + list(DESTINATIONS.values()) + [EU, OF_EU]
    with LocalAws(places, logs=target_folder() / "test-many", snapshot="0..1", copy="0..1") as aws:
        many = Estate(aws, tmp_path_factory.mktemp("many"))
        for account in SOURCES:
            many.create(account, US, DATABASES)
        many.create(*EU, ["orders"])
        # The stacks of one group are launched one after the other, since they share their first stacks.
        for worker in ("share", "take"):
            estate.side_by_side(
                *[lambda account=account: many.launch(account, f"source/{worker}.yaml") for account in SOURCES],
                lambda: many.launch(FIRST, f"source-eu/{worker}.yaml"))
        estate.side_by_side(
            *[lambda group=group: many.launch(DESTINATIONS[group][0], f"{group}/copy.yaml") for group in DESTINATIONS],
            lambda: many.launch(FOURTH, "destination-of-eu/copy.yaml"))
        many.launch(FOURTH, "destination-eu/delete.yaml")
        many.launch(THIRD, "destination-two")
        many.of = {group: many.keys(group, place)[0] for group, place in DESTINATIONS.items()}
        many.of["destination-of-eu"] = many.keys("destination-of-eu", OF_EU, EU[1])[0]
        yield many


def test_every_database_of_each_source_reaches_each_destination_under_its_own_key(many):
    for account in SOURCES:
        many.run((account, US), "source-take")
        until("snapshots", lambda account=account: statuses(many, (account, US)) == ["available"] * 2, 30)
        assert many.run((account, US), "source-share")["failed"] == 0
    taken = {snapshot["DBSnapshotArn"] for account in SOURCES for snapshot in many.snapshots(account, US)}
    assert len(taken) == 4
    for group, place in DESTINATIONS.items():
        many.run(place, f"{group}-copy")
        until("copies", lambda place=place: statuses(many, place) == ["available"] * 4, 30)
        copies = many.snapshots(*place)
        assert {tags(copy)["SourceSnapshotArn"] for copy in copies} == taken
        assert {copy["KmsKeyId"] for copy in copies} == {many.of[group]}
        # The databases have the same names, and their copies are still separate.
        assert sorted(copy["DBInstanceIdentifier"] for copy in copies) == sorted(DATABASES * 2)
        assert len({copy["DBSnapshotIdentifier"] for copy in copies}) == 4
        assert {(tags(copy)["SourceAccount"], copy["DBInstanceIdentifier"]) for copy in copies} == {
            (account, name) for account in SOURCES for name in DATABASES}


def test_a_database_of_the_same_name_in_another_region_has_its_own_copies(many):
    many.run(EU, "source-eu-take")
    until("a snapshot", lambda: statuses(many, EU) == ["available"], 30)
    many.run(EU, "source-eu-share")
    many.run(OF_EU, "destination-of-eu-copy")
    until("a copy", lambda: statuses(many, OF_EU) == ["available"], 30)
    (copy,), (taken,) = many.snapshots(*OF_EU), many.snapshots(*EU)
    assert (tags(copy)["SourceSnapshotArn"], copy["KmsKeyId"]) == (taken["DBSnapshotArn"], many.of["destination-of-eu"])


def test_a_second_run_of_any_group_finds_nothing_to_do(many):
    for group, place in DESTINATIONS.items():
        assert many.run(place, f"{group}-copy")["acted"] == {}


def test_a_deletion_in_one_destination_keeps_the_newest_of_each_database(many):
    place = DESTINATIONS["destination-eu"]
    report = many.run(place, "destination-eu-delete")
    assert (report["acted"], report["considered"]) == ({}, 4)
    assert len(many.snapshots(*place)) == 4


def test_the_silence_of_a_group_is_reported_to_its_own_topic(many):
    queues = {group: estate.subscribe_queue(many.aws, *place, group) for group, place in DESTINATIONS.items()}
    account, region = DESTINATIONS["destination-two"]
    alarm = "pilot-light-destination-two-copy-silent"
    many.aws.client("cloudwatch", account, region).set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="test")
    received = {}
    for group in ("destination-two", "destination", "destination-eu"):
        messages = many.aws.client("sqs", *DESTINATIONS[group]).receive_message(QueueUrl=queues[group], WaitTimeSeconds=1)
        received[group] = [json.loads(json.loads(message["Body"])["Message"])["AlarmName"] for message in messages.get("Messages", [])]
    assert received == {"destination-two": [alarm], "destination": [], "destination-eu": []}


def test_a_second_group_in_the_same_account_and_region_is_refused_before_anything_is_changed(many):
    make(many.project / "config", "destination-three", "destination", "us-west-2", "eu-west-1")
    many.variables.write_text(json.dumps(VARIABLES | {"destination-three": VARIABLES["destination"], "artifacts": str(zips.ZIPS)}))
    stacks = lambda: {stack["StackName"] for stack in many.aws.client("cloudformation", THIRD, "us-west-2").describe_stacks()["Stacks"]}
    before = stacks()
    with pytest.raises(deploy.DeployError, match="/pilot-light/destination belongs to pilot-light-destination-parameters already: an account has only one group"):
        many.launch(THIRD, "destination-three")
    assert stacks() == before


def test_an_invalid_email_address_is_refused_in_a_groups_own_file(many):
    notifications = many.project / "config" / "destination-two" / "notifications.yaml"
    shipped = notifications.read_text()
    notifications.write_text(shipped.replace("Email: None", "Email: somebody"))
    with pytest.raises(deploy.DeployError, match="destination-two/notifications: Email is 'somebody': must be an e-mail address, or None"):
        many.launch(THIRD, "destination-two")
    notifications.write_text(shipped)


def statuses(many, place):
    return [snapshot["Status"] for snapshot in many.snapshots(*place)]


def tags(snapshot):
    return {tag["Key"]: tag["Value"] for tag in snapshot["TagList"]}
