"""The causes of all alarms and messages: real causes, as far as the local AWS allows, with the time at which each began.

`bring_about` causes them in two accounts. EXPECTED lists the messages that must arrive.
"""

import functools
import json
import time

from local import estate, recovery, report
from local.stand_ins.background import Background

DELETE, FAILOVER, DRILL = "source-delete", "failover", "drill"
SOURCE, DESTINATION = estate.PLACES
QUOTA = 10
VARIABLES = {
    "source": {"DeleteSchedule": "rate(1 hour)", "BackupInterval": "1m", "RetentionDays": "1h"},
    "destination": {"RpoTarget": "2m", "DrillSchedule": "rate(1 minute)", "DrillManifest": json.dumps({"StatePayload": [{"layer": 1, "resources": [
        {"resourceType": "RestoreDrill", "resourceName": "orders", "parameters": {"DBInstanceIdentifier": "orders"}}]}]})},
}
# {the name of an alarm or the beginning of a text: its cause} of every message that must arrive.
EXPECTED = {
    "pilot-light-destination-copy-failed": "its key is disabled; a run of copy",
    "a key of recovery points was DISABLED": "kms disable-key",
    "pilot-light-destination-copy-rpo": "its key is disabled: no new copy is made",
    "pilot-light-source-share-blocked": "a database with the default key",
    "pilot-light-source-share-silent": "events disable-rule",
    "pilot-light-source-take-quota": "six more snapshots by hand: nine of ten are used",
    "pilot-light-destination-copy-function-errors": "three runs that fail",
    "pilot-light-source-delete-timed-out": "a run that waits for a retry beyond its time limit",
    "pilot-light-source-delete-aborted": "stepfunctions stop-execution",
    "pilot-light-destination-delete-throttled": "a value published by hand: the local Step Functions never throttles",
    "pilot-light-destination-delete-function-throttled": "lambda put-function-concurrency 0; a run",
    "pilot-light-destination-delete-not-started": "the state machine is deleted; its schedule fires",
    "pilot-light-destination-recover-alarms-failover-failed": "a failover that cannot begin",
    "pilot-light-destination-recover-alarms-failover-timed-out": "a failover that waits for approval beyond its time limit",
    "pilot-light-destination-recover-alarms-failover-aborted": "stepfunctions stop-execution",
    "pilot-light-destination-recover-worker-alarms-function-errors": "three invalid manifests",
    "pilot-light-destination-recover-worker-alarms-function-throttled": "lambda put-function-concurrency 0; a failover",
    "pilot-light-destination-recover-worker-alarms-drill-not-started": "the state machine is deleted; its schedule fires",
    "pilot-light-destination-recover-worker-alarms-drill-silent": "the state machine is deleted: no more drill succeeds",
    "A KEY OF RECOVERY POINTS WILL BE DELETED": "kms schedule-key-deletion, in the other Region",
    "A KEY OF RECOVERY POINTS IS DELETED": "the event sent by hand, since the waiting period is seven days",
    "the policy of a key of recovery points was CHANGED": "kms put-key-policy",
    "the ROTATION of a key of recovery points was switched off": "kms disable-key-rotation",
}
# Other alarms of the same causes.
ALSO = {
    "pilot-light-source-take-blocked": "the quota is full",
    "pilot-light-destination-copy-silent": "its key is disabled: no run succeeds",
    "pilot-light-destination-delete-failed": "its function is throttled",
    "pilot-light-destination-delete-silent": "the state machine is deleted",
    "pilot-light-source-delete-function-throttled": "lambda put-function-concurrency 0; a run",
}


class Inbox(Background):
    """All messages of the queues on the topics of both accounts: (seconds, subject, text, alarm or {}, topic)."""

    def __init__(self, aws, queues):
        self.arrived = []
        super().__init__(*(functools.partial(self.receive, aws.client("sqs", *place), queue) for place, queue in zip(estate.PLACES, queues)))

    def receive(self, sqs, queue):
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1).get("Messages", []):
            body = json.loads(message["Body"])
            topic = "inform" if "InformTopic" in body["TopicArn"] else "page"
            self.arrived.append((time.monotonic(), body.get("Subject", ""), body["Message"], report.alarm_of(body), topic))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])

    def first(self, name, since=0.0, state="ALARM"):
        """The first message since `since` about the alarm `name` in a state, or with `name` in its text."""
        for at, subject, text, alarm, topic in list(self.arrived):
            if at >= since and ((alarm.get("AlarmName"), alarm.get("NewStateValue")) == (name, state) if alarm else name in text):
                return at, subject, text, alarm, topic
        return None


class Story:
    """The deployed accounts, and the time of each cause."""

    def __init__(self, aws, watch, keys, inbox):
        self.aws, self.watch, self.keys, self.inbox = aws, watch, keys, inbox
        self.at = {}

    def client(self, service, place):
        return self.aws.client(service, *place)

    def now(self, *names):
        """Records the time of the cause of these messages."""
        for name in names:
            assert name in EXPECTED, name
            self.at[name] = time.monotonic()

    def healthy(self):
        """Runs each machine successfully once, so that the silence alarms of the start are over."""
        self.aws.admin("settings", {"quota": QUOTA})
        estate.create_database(self.aws, "orders", self.keys.source)
        rds = self.client("rds", SOURCE)
        self.watch.until("the database", lambda: rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "available", 30)
        self.watch.run("take")
        self.watch.until("a snapshot", lambda: estate.points(self.aws, "orders")[0], 30)
        for name in ("share", "copy", DELETE, "destination-delete"):
            self.watch.run(name)
        self.watch.until("a copy", lambda: estate.points(self.aws, "orders")[1], 30)
        self.watch.run("copy")
        self.manifest = json.loads(recovery.pilot_light(self.aws, "recover", "template", "--all"))
        self.watch.run(DRILL, event=json.loads(VARIABLES["destination"]["DrillManifest"]) | {"dry_run": True})

    def bring_about(self):
        """Causes the alarms one after the other. Causes that take minutes to raise an alarm come first."""
        self.share_stops()
        self.drills_stop()
        self.the_key_is_disabled()
        self.deletions_fail()
        self.failovers_fail()
        self.keys_are_attacked()

    def share_stops(self):
        """Creates a database that can never be shared. Then stops the schedule of share."""
        estate.create_database(self.aws, "ledger")
        estate.create_database(self.aws, "billing", self.keys.source)
        rds = self.client("rds", SOURCE)
        self.watch.until("the databases", lambda: {"available"} == {
            instance["DBInstanceStatus"] for instance in rds.describe_db_instances()["DBInstances"]}, 30)
        self.watch.run("take")
        self.watch.until("snapshots", lambda: all(estate.points(self.aws, name)[0] for name in ("ledger", "billing")), 30)
        # The key is disabled before billing is shared, so that copy has a snapshot that it cannot copy.
        self.now("a key of recovery points was DISABLED", "pilot-light-destination-copy-rpo")
        self.client("kms", DESTINATION).disable_key(KeyId=self.keys.destination)
        self.aws.set_key_enabled(self.keys.destination, False)
        # Scheduled runs of copy fail from now on, and raise these alarms once: they stay raised.
        self.now("pilot-light-source-share-blocked", "pilot-light-destination-copy-failed", "pilot-light-destination-copy-function-errors")
        self.watch.run("share")
        self.now("pilot-light-source-share-silent")
        self.client("events", SOURCE).disable_rule(Name="pilot-light-source-share")
        self.now("pilot-light-source-take-quota")
        for number in range(2):
            self.watch.until("idle databases", lambda: {"available"} == {
                instance["DBInstanceStatus"] for instance in rds.describe_db_instances()["DBInstances"]}, 30)
            for name in ("orders", "billing", "ledger"):
                rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier=f"{name}-by-hand-{number}")

    def drills_stop(self):
        self.now("pilot-light-destination-recover-worker-alarms-drill-not-started", "pilot-light-destination-recover-worker-alarms-drill-silent")
        self.delete(DRILL)

    def the_key_is_disabled(self):
        for _ in range(3):
            self.watch.run("copy")

    def deletions_fail(self):
        states = self.client("stepfunctions", SOURCE)
        name = "pilot-light-source-delete"
        # The retry of a refused call starts after 10 s. The execution ends after 5 s.
        self.client("lambda", SOURCE).put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        set_time_limit(states, estate.machine_arn(DELETE), 5)
        self.now(f"{name}-timed-out")
        states.start_execution(stateMachineArn=estate.machine_arn(DELETE), input="{}")
        stopped = states.start_execution(stateMachineArn=estate.machine_arn(DELETE), input="{}")["executionArn"]
        self.now(f"{name}-aborted")
        states.stop_execution(executionArn=stopped)
        name = "pilot-light-destination-delete"
        self.client("lambda", DESTINATION).put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
        self.now(f"{name}-function-throttled", f"{name}-throttled")
        self.client("cloudwatch", DESTINATION).put_metric_data(Namespace="AWS/States", MetricData=[{
            "MetricName": "ExecutionThrottled", "Value": 1,
            "Dimensions": [{"Name": "StateMachineArn", "Value": estate.machine_arn("destination-delete")}]}])
        self.watch.run("destination-delete")
        self.now(f"{name}-not-started")
        self.delete("destination-delete")

    def failovers_fail(self):
        states = self.client("stepfunctions", DESTINATION)
        machine, alarms = estate.machine_arn(FAILOVER), "pilot-light-destination-recover-alarms-failover"
        start = lambda manifest: states.start_execution(stateMachineArn=machine, input=json.dumps(manifest))["executionArn"]
        worker = "pilot-light-destination-recover-worker-alarms-function"
        self.now(f"{alarms}-failed", f"{worker}-errors")
        for _ in range(3):
            start({})
        requests = lambda: sum("waits for approval" in subject for _, subject, _, _, _ in list(self.inbox.arrived))

        def waits_for_approval():
            """Starts a recovery that waits for approval. The check of its manifest needs the key, which is disabled."""
            before = requests()
            self.aws.set_key_enabled(self.keys.destination, True)
            waiting = start(self.manifest | {"approval": True})
            self.watch.until("the request for approval", lambda: requests() > before, 30)
            self.aws.set_key_enabled(self.keys.destination, False)
            return waiting

        waiting = waits_for_approval()
        self.now(f"{alarms}-aborted")
        states.stop_execution(executionArn=waiting)
        set_time_limit(states, machine, 5)
        self.now(f"{alarms}-timed-out")
        waits_for_approval()
        self.arrived(f"{alarms}-timed-out", 30)
        self.client("lambda", DESTINATION).put_function_concurrency(FunctionName="pilot-light-destination-recover", ReservedConcurrentExecutions=0)
        self.now(f"{worker}-throttled")
        start(self.manifest)

    def keys_are_attacked(self):
        kms = self.client("kms", SOURCE)
        self.now("the ROTATION of a key of recovery points was switched off")
        kms.disable_key_rotation(KeyId=self.keys.source)
        policy = json.loads(kms.get_key_policy(KeyId=self.keys.source, PolicyName="default")["Policy"])
        policy["Statement"] = policy["Statement"][:1]
        self.now("the policy of a key of recovery points was CHANGED")
        kms.put_key_policy(KeyId=self.keys.source, PolicyName="default", Policy=json.dumps(policy))
        self.now("A KEY OF RECOVERY POINTS WILL BE DELETED")
        self.client("kms", (estate.DESTINATION, estate.SOURCE_REGION)).schedule_key_deletion(
            KeyId=self.keys.intermediate, PendingWindowInDays=7)

    def delete(self, name):
        """Deletes a state machine and stops watching it."""
        self.watch.clients.pop(name).delete_state_machine(stateMachineArn=estate.machine_arn(name))

    def arrived(self, name, seconds):
        return self.watch.until(name, lambda: self.inbox.first(name, self.at[name]), seconds)


def set_time_limit(states, machine, seconds):
    """Changes the time limit of a state machine's executions."""
    definition = json.loads(states.describe_state_machine(stateMachineArn=machine)["definition"])
    states.update_state_machine(stateMachineArn=machine, definition=json.dumps(definition | {"TimeoutSeconds": seconds}))
