"""What EventBridge does when a schedule cannot start its state machine: a dead letter each time, and the queue's metric as SQS publishes it.

ministack only notes it in its log, so the first letter comes as if the schedule fired at once. For the local run only.
"""

import json
import threading
import time

# The shortest rate that EventBridge has.
BETWEEN_FIRINGS = 60
PAUSE_SECONDS = 2


class Undelivered:
    """One thread for some (account, Region) pairs, between `with` and its end."""

    def __init__(self, aws, places):
        self.places = [[aws.client(name, *place) for name in ("events", "stepfunctions", "sqs", "cloudwatch")] for place in places]
        self.sent = {}
        self.problem = None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        self.thread.join(timeout=5)

    def run(self):
        while not self.stopping.wait(PAUSE_SECONDS):
            try:
                for clients in self.places:
                    self.look(*clients)
            except Exception as error:  # A thread's failure must be seen.
                if not self.stopping.is_set():
                    self.problem = error

    def look(self, events, states, sqs, cloudwatch):
        machines = {machine["stateMachineArn"] for machine in states.list_state_machines()["stateMachines"]}
        for rule in events.list_rules()["Rules"]:
            if "ScheduleExpression" in rule and rule["State"] == "ENABLED":
                for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]:
                    if target["Arn"] not in machines and "DeadLetterConfig" in target:
                        self.send(sqs, rule, target)
        for url in sqs.list_queues()["QueueUrls"]:
            if url.endswith("-dead-letters"):
                waiting = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
                cloudwatch.put_metric_data(Namespace="AWS/SQS", MetricData=[{
                    "MetricName": "ApproximateNumberOfMessagesVisible", "Dimensions": [{"Name": "QueueName", "Value": url.rsplit("/", 1)[1]}],
                    "Value": int(waiting["ApproximateNumberOfMessages"]), "Unit": "Count"}])

    def send(self, sqs, rule, target):
        """A dead letter for a firing, with what EventBridge says of it; a target that does not exist is not tried again."""
        if time.monotonic() - self.sent.get(rule["Arn"], -BETWEEN_FIRINGS) < BETWEEN_FIRINGS:
            return
        self.sent[rule["Arn"]] = time.monotonic()
        said = {"RULE_ARN": rule["Arn"], "TARGET_ARN": target["Arn"], "ERROR_CODE": "RESOURCE_NOT_FOUND",
                "ERROR_MESSAGE": "State Machine Does Not Exist"}
        url = sqs.get_queue_url(QueueName=target["DeadLetterConfig"]["Arn"].rsplit(":", 1)[1])["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"source": "aws.events", "detail-type": "Scheduled Event"}), MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in said.items()})
