"""The real state machines of copy and of announcements on the local AWS, with a stub in place of the worker: each event is announced once.

The stub needs no databases, so the simulator does not run. Retries take no time here.
"""

import json
import pathlib

import pytest
from local import deploy, estate, zips
from local.watch import Watch
from pilot_light_sceptre.target import target_folder
from test_recovery_machine import WithoutDatabases
from tests.contract.checks.messages import findings as unusable

PLACE = estate.DESTINATION, estate.DESTINATION_REGION
STACK = "pilot-light-destination-notifications"
MACHINE = f"arn:aws:states:{PLACE[1]}:{PLACE[0]}:stateMachine:{STACK}"


def late(database, since="2026-03-01T10-00Z", urgency="page"):
    """The announcement of a database that became late at a time."""
    return {"urgency": urgency, "name": f"late-{database}-{since}", "subject": f"Pilot Light: {database} is LATE",
            "text": f"The newest copy of '{database}' is too old: \\ {{}} it's 70 min.\n\nSee why:\n  pilot-light plan destination-copy"}


class Inboxes:
    """A queue on each topic, and the messages that have arrived there, the oldest first."""

    def __init__(self, aws):
        self.sqs, self.sns = (aws.client(name, *PLACE) for name in ("sqs", "sns"))
        outputs = deploy.outputs(aws, *PLACE, STACK)
        self.topics = {"page": outputs["TopicArn"], "inform": outputs["InformTopicArn"]}
        self.queues, self.arrived = {}, {name: [] for name in self.topics}
        for name in self.topics:
            self.queues[name] = self.sqs.create_queue(QueueName=name)["QueueUrl"]
            self.subscribe(name)

    def subscribe(self, name):
        self.sns.subscribe(TopicArn=self.topics[name], Protocol="sqs", Endpoint=f"arn:aws:sqs:{PLACE[1]}:{PLACE[0]}:{name}")

    def look(self, name):
        """The messages of a topic so far, without those of alarms."""
        for message in self.sqs.receive_message(QueueUrl=self.queues[name], MaxNumberOfMessages=10).get("Messages", []):
            self.sqs.delete_message(QueueUrl=self.queues[name], ReceiptHandle=message["ReceiptHandle"])
            self.arrived[name].append(json.loads(message["Body"]))
        return [message for message in self.arrived[name] if not message["Message"].startswith("{")]

    def alarms(self, name):
        """The names of the alarms that a topic has reported as raised."""
        self.look(name)
        found = [json.loads(message["Message"]) for message in self.arrived[name] if message["Message"].startswith("{")]
        return {alarm["AlarmName"] for alarm in found if alarm["NewStateValue"] == "ALARM"}


class Copying:
    """The deployed stacks of copy, and runs that announce."""

    def __init__(self, aws):
        self.watch = Watch(aws, names=("copy",))
        self.states = self.watch.clients["copy"]
        self.inboxes = Inboxes(aws)

    def run(self, *announcements, **more):
        """A run that announces, and the end of everything that it started."""
        ended = self.watch.run("copy", event={"announcements": list(announcements), **more})
        running = lambda: self.states.list_executions(stateMachineArn=MACHINE, statusFilter="RUNNING")["executions"]
        self.watch.until("the announcements", lambda: not running(), 60)
        return ended

    def subjects(self):
        """{topic: the subjects of its messages so far}. A message in a queue arrives there at once."""
        return {name: [message["Subject"] for message in self.inboxes.look(name)] for name in self.inboxes.topics}

    def new(self, *announcements, **more):
        """{topic: the subjects of the messages that a run causes}. The run must succeed."""
        before = self.subjects()
        assert self.run(*announcements, **more).status == "SUCCEEDED"
        return {name: after[len(before[name]):] for name, after in self.subjects().items()}

    def status(self, announcement):
        arn = f"{MACHINE.replace(':stateMachine:', ':execution:')}:{announcement['name']}"
        return self.states.describe_execution(executionArn=arn)["status"]


@pytest.fixture(scope="module")
def copying(tmp_path_factory):
    folder = tmp_path_factory.mktemp("announcements")
    zips.zip_one(pathlib.Path(__file__).with_name("announcing_stub.py"), folder / "zips" / "destination-copy" / "bootstrap.zip")
    variables = folder / "vars.yaml"
    variables.write_text(json.dumps({"artifacts": str(folder / "zips")}))
    with WithoutDatabases([PLACE], logs=target_folder() / "test-announcements", env={"SFN_WAIT_SCALE": "0"}) as aws:
        deploy.launch(aws, estate.DESTINATION, "destination/copy-alarms.yaml", more=[variables])
        yield Copying(aws)


def test_each_late_database_is_announced_once_although_the_alarm_is_on(copying):
    orders, billing = late("orders"), late("billing")
    assert copying.new() == {"page": [], "inform": []}
    assert copying.new(orders) == {"page": [orders["subject"]], "inform": []}
    # The second database becomes late while the first one still is.
    assert copying.new(orders, billing) == {"page": [billing["subject"]], "inform": []}
    for _ in range(3):
        assert copying.new(orders, billing) == {"page": [], "inform": []}
    # It was on time in between, so this is another event.
    again = late("orders", "2026-03-02T10-00Z")
    assert copying.new(again, billing) == {"page": [again["subject"]], "inform": []}
    assert copying.inboxes.look("page")[0]["Message"] == orders["text"]


def test_an_announcement_that_informs_goes_to_the_other_topic(copying):
    renamed = late("renamed", urgency="inform")
    assert copying.new(renamed, late("shop")) == {"page": [late("shop")["subject"]], "inform": [renamed["subject"]]}
    assert copying.new(renamed, late("shop")) == {"page": [], "inform": []}


def test_an_urgency_that_the_state_machine_does_not_know_pages(copying):
    assert copying.new(late("ledger", urgency="shout")) == {"page": [late("ledger")["subject"]], "inform": []}


def test_the_output_of_a_run_is_still_its_report(copying):
    report = copying.run(late("orders")).report
    assert report == {"worker": "destination-copy", "dry_run": False, "considered": 2, "announcements": [late("orders")],
                      "announced": {"unsent": []}}
    assert copying.run().report == {"worker": "destination-copy", "dry_run": False, "considered": 2, "announcements": []}


def test_a_dry_run_announces_nothing(copying):
    assert copying.new(late("archive"), dry_run=True) == {"page": [], "inform": []}
    assert copying.new(late("archive")) == {"page": [late("archive")["subject"]], "inform": []}


def test_a_failed_run_informs_and_what_it_could_not_announce_is_announced_nevertheless(copying):
    before = copying.subjects()
    ended = copying.run(late("failing"), fails="AccessDenied")
    assert (ended.status, ended.error) == ("FAILED", "AccessDenied")
    after = copying.subjects()
    assert after["page"][len(before["page"]):] == [late("failing")["subject"]]
    assert after["inform"][len(before["inform"]):] == ["Pilot Light: destination-copy failed in 222222222222 us-west-2"]
    copying.run(late("failing"), fails="SafetyRefused")
    assert copying.subjects()["page"][-1] == "Pilot Light: A PERSON MUST LOOK: destination-copy refused to delete"


def test_a_message_that_sns_refused_is_reported_and_sent_by_a_later_run(copying):
    lost, inboxes = late("lost", urgency="inform"), copying.inboxes
    inboxes.sns.delete_topic(TopicArn=inboxes.topics["inform"])
    assert copying.new(lost) == {"page": [], "inform": []}
    assert copying.status(lost) == "FAILED"
    copying.watch.until("the alarm", lambda: f"{STACK}-failed" in inboxes.alarms("page"), 120)
    assert copying.new(lost) == {"page": [], "inform": []}
    inboxes.sns.create_topic(Name=inboxes.topics["inform"].rsplit(":", 1)[1])
    inboxes.subscribe("inform")
    assert copying.new(lost) == {"page": [], "inform": [lost["subject"]]}
    assert copying.status(lost) == "SUCCEEDED"
    assert copying.new(lost) == {"page": [], "inform": []}


def test_without_the_state_machine_the_run_succeeds_and_every_run_says_what_is_stuck(copying):
    """This test comes last: it deletes the state machine."""
    copying.states.delete_state_machine(stateMachineArn=MACHINE)
    stuck = "Pilot Light: messages of destination-copy are stuck in 222222222222 us-west-2"
    run = lambda: copying.watch.run("copy", event={"announcements": [late("orders"), late("billing")]})
    for number in (1, 2):
        ended = run()
        assert (ended.status, len(ended.report["announced"]["unsent"])) == ("SUCCEEDED", 2)
        assert [message["Subject"] for message in copying.inboxes.look("page")].count(stuck) == number
    text = copying.inboxes.look("page")[-1]["Message"]
    assert late("orders")["text"] in text and "Messages: 2." in text and "StateMachineDoesNotExist" in text
    assert list(unusable(text)) == []
