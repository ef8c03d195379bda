"""The stand-in for EventBridge when a schedule cannot start its state machine: a dead letter for each firing. SQS's metric of the queue comes with it.

ministack only logs such a failure. The first dead letter is sent at once, as if the schedule had just fired.
"""

import json
import time

from .background import Background

# EventBridge's shortest rate, in seconds.
BETWEEN_FIRINGS = 60
PAUSE_SECONDS = 2


class DeadLetters(Background):
    """One thread for some (account, Region) pairs."""

    def __init__(self, aws, places):
        super().__init__(self.look_everywhere, pause=PAUSE_SECONDS)
        self.places = [[aws.client(name, *place) for name in ("events", "stepfunctions", "sqs", "cloudwatch")] for place in places]
        self.sent = {}

    def look_everywhere(self):
        for clients in self.places:
            self.look(*clients)

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
        """Sends the dead letter of one firing, with EventBridge's error. EventBridge does not retry a target that does not exist."""
        if time.monotonic() - self.sent.get(rule["Arn"], -BETWEEN_FIRINGS) < BETWEEN_FIRINGS:
            return
        self.sent[rule["Arn"]] = time.monotonic()
        attributes = {"RULE_ARN": rule["Arn"], "TARGET_ARN": target["Arn"], "ERROR_CODE": "RESOURCE_NOT_FOUND",
                      "ERROR_MESSAGE": "State Machine Does Not Exist"}
        url = sqs.get_queue_url(QueueName=target["DeadLetterConfig"]["Arn"].rsplit(":", 1)[1])["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody=json.dumps({"source": "aws.events", "detail-type": "Scheduled Event"}), MessageAttributes={
            name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()})
