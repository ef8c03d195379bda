"""The stand-in for two features of Step Functions that ministack lacks: the metrics and the time limit of executions.

The metrics are those of the executions and of the functions that they call. With these metrics, cloudwatch.py evaluates the alarms on real
executions. ministack provides the status events and the history.
"""

import json
import threading
import time

from .background import Background

METRICS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
QUEUE = "pilot-light-local-executions"
# ministack itself counts a refused call among the function's Throttles.
REFUSED = "TooManyRequestsException"


class StepFunctions(Background):
    """One thread per (account, Region). It also counts the executions that ended, by state machine and status."""

    def __init__(self, aws, places):
        self.counts = {}
        self.lock = threading.Lock()
        super().__init__(*(Place(aws, self, *place).look for place in places))

    def count(self, machine, status):
        """The number of a state machine's executions that ended with a status (SUCCEEDED, FAILED, …)."""
        with self.lock:
            return self.counts.get((machine, status), 0)

    def add(self, machine, status):
        with self.lock:
            self.counts[machine, status] = self.counts.get((machine, status), 0) + 1


class Place:
    """An account and Region. `running` has the executions there by ARN, each with its deadline and the number of its history's events already seen."""

    def __init__(self, aws, counter, account, region):
        self.counter = counter
        self.sqs, self.states, self.cloudwatch = (aws.client(name, account, region) for name in ("sqs", "stepfunctions", "cloudwatch"))
        self.running = {}
        self.overdue = set()
        self.url = self.sqs.create_queue(QueueName=QUEUE)["QueueUrl"]
        events = aws.client("events", account, region)
        events.put_rule(Name=QUEUE, EventPattern=json.dumps({
            "source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"]}))
        events.put_targets(Rule=QUEUE, Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{region}:{account}:{QUEUE}"}])

    def look(self):
        answer = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        for message in answer.get("Messages", []):
            self.changed(json.loads(message["Body"])["detail"])
            self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])
        for arn, (deadline, _) in list(self.running.items()):
            self.count_errors(arn)
            if arn in self.running and time.time() > deadline and arn not in self.overdue:
                self.stop(arn)

    def stop(self, arn):
        """Ends an overdue execution."""
        try:
            self.states.stop_execution(executionArn=arn, error="States.Timeout")
            self.overdue.add(arn)
        except self.states.exceptions.ExecutionDoesNotExist:
            del self.running[arn]
        except self.states.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "ValidationException":
                raise
            # It has ended by itself in this moment. The message about its end is in the queue.

    def changed(self, detail):
        arn, machine, status = detail["executionArn"], detail["stateMachineArn"], detail["status"]
        if status == "RUNNING":
            self.running[arn] = detail["startDate"] / 1000 + self.allowed(machine), 0
            return
        if arn in self.overdue:
            status = "TIMED_OUT"
        if arn in self.running:
            self.count_errors(arn)
            self.running.pop(arn, None)
        self.counter.add(machine.rsplit(":", 1)[1], status)
        self.put("AWS/States", METRICS[status], "StateMachineArn", machine)

    def allowed(self, machine):
        """The time limit of an execution, in seconds."""
        try:
            definition = self.states.describe_state_machine(stateMachineArn=machine)["definition"]
        except self.states.exceptions.StateMachineDoesNotExist:  # It was deleted in the meantime.
            return float("inf")
        return json.loads(definition).get("TimeoutSeconds", float("inf"))

    def count_errors(self, arn):
        """Publishes the function calls that failed since the last look, as Lambda counts them."""
        deadline, seen = self.running[arn]
        try:
            events = self.states.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        except self.states.exceptions.ExecutionDoesNotExist:  # ministack deletes it with its state machine. On AWS it would continue.
            del self.running[arn]
            return
        self.running[arn] = deadline, len(events)
        for event in events[seen:]:
            failed = event.get("taskFailedEventDetails", {})
            if ":function:" in failed.get("resource", "") and REFUSED not in failed.get("cause", ""):
                self.put("AWS/Lambda", "Errors", "FunctionName", failed["resource"].rsplit(":", 1)[1])

    def put(self, namespace, metric, dimension, value):
        self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{
            "MetricName": metric, "Dimensions": [{"Name": dimension, "Value": value}], "Value": 1, "Unit": "Count"}])
