"""Does what Step Functions does of an execution and ministack does not: its metrics, those of the functions it calls, and its time-out.

ministack emits status events and a history; with them cloudwatch.py evaluates our alarms on what really happened.
For the local run only: on AWS there is nothing of this.
"""

import json
import threading
import time

METRICS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
QUEUE = "pilot-light-local-bridge"
# ministack counts a refused call among the function's Throttles by itself.
REFUSED = "TooManyRequestsException"


class Bridge:
    """One thread per (account, Region); also counts what it saw, by state machine and status."""

    def __init__(self, aws, places):
        self.places = [Place(aws, self, *place) for place in places]
        self.counts = {}
        self.problem = None
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.threads = []

    def start(self):
        for place in self.places:
            thread = threading.Thread(target=self.run, args=(place,), daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=5)

    def count(self, machine, status):
        """How many executions of a state machine ended so (SUCCEEDED, FAILED, …)."""
        with self.lock:
            return self.counts.get((machine, status), 0)

    def add(self, machine, status):
        with self.lock:
            self.counts[machine, status] = self.counts.get((machine, status), 0) + 1

    def run(self, place):
        while not self.stopping.is_set():
            try:
                place.look()
            except Exception as error:  # A thread's failure must be seen, and must not end the others.
                if not self.stopping.is_set():
                    self.problem = error
                    self.stopping.wait(0.5)


class Place:
    """An account and Region: the executions that run there, by ARN, each with when it must end and how many events of its history were seen."""

    def __init__(self, aws, bridge, account, region):
        self.bridge = bridge
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
            try:
                self.count_errors(arn)
                if time.time() > deadline and arn not in self.overdue:
                    self.overdue.add(arn)
                    self.states.stop_execution(executionArn=arn, error="States.Timeout")
            except self.states.exceptions.ExecutionDoesNotExist:  # It is gone with its state machine; on AWS it would go on.
                del self.running[arn]

    def changed(self, detail):
        arn, machine, status = detail["executionArn"], detail["stateMachineArn"], detail["status"]
        if status == "RUNNING":
            self.running[arn] = detail["startDate"] / 1000 + self.allowed(machine), 0
            return
        if arn in self.overdue:
            status = "TIMED_OUT"
        if arn in self.running:
            self.count_errors(arn)
            del self.running[arn]
        self.bridge.add(machine.rsplit(":", 1)[1], status)
        self.put("AWS/States", METRICS[status], "StateMachineArn", machine)

    def allowed(self, machine):
        """The seconds that an execution may take."""
        try:
            definition = self.states.describe_state_machine(stateMachineArn=machine)["definition"]
        except self.states.exceptions.StateMachineDoesNotExist:  # Deleted since.
            return float("inf")
        return json.loads(definition).get("TimeoutSeconds", float("inf"))

    def count_errors(self, arn):
        """Calls of functions that failed since the last look, as Lambda counts them."""
        deadline, seen = self.running[arn]
        events = self.states.get_execution_history(executionArn=arn, maxResults=1000)["events"]
        self.running[arn] = deadline, len(events)
        for event in events[seen:]:
            failed = event.get("taskFailedEventDetails", {})
            if ":function:" in failed.get("resource", "") and REFUSED not in failed.get("cause", ""):
                self.put("AWS/Lambda", "Errors", "FunctionName", failed["resource"].rsplit(":", 1)[1])

    def put(self, namespace, metric, dimension, value):
        self.cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{
            "MetricName": metric, "Dimensions": [{"Name": dimension, "Value": value}], "Value": 1, "Unit": "Count"}])
