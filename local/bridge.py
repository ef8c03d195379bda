"""Turns the end of each local execution into the AWS/States metric that Step Functions would have published.

ministack emits the status events but not the metrics; with them its CloudWatch evaluates our alarms for real.
For the local run only: on AWS there is nothing of this.
"""

import json
import threading

METRICS = {
    "SUCCEEDED": "ExecutionsSucceeded",
    "FAILED": "ExecutionsFailed",
    "TIMED_OUT": "ExecutionsTimedOut",
    "ABORTED": "ExecutionsAborted",
}
QUEUE = "pilot-light-local-bridge"


class Bridge:
    """One thread per (account, Region); also counts what it saw, by state machine and status."""

    def __init__(self, aws, places):
        self.aws = aws
        self.places = places
        self.counts = {}
        self.problem = None
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.threads = []

    def start(self):
        for account, region in self.places:
            url = self.subscribe(account, region)
            thread = threading.Thread(target=self.run, args=(account, region, url), daemon=True)
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

    def subscribe(self, account, region):
        queue = self.aws.client("sqs", account, region).create_queue(QueueName=QUEUE)["QueueUrl"]
        events = self.aws.client("events", account, region)
        events.put_rule(Name=QUEUE, EventPattern=json.dumps({
            "source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"]}))
        events.put_targets(Rule=QUEUE, Targets=[{"Id": "queue", "Arn": f"arn:aws:sqs:{region}:{account}:{QUEUE}"}])
        return queue

    def run(self, account, region, url):
        sqs = self.aws.client("sqs", account, region)
        cloudwatch = self.aws.client("cloudwatch", account, region)
        while not self.stopping.is_set():
            try:
                answer = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
                for message in answer.get("Messages", []):
                    self.publish(cloudwatch, json.loads(message["Body"])["detail"])
                    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            except Exception as error:  # A thread's failure must be seen, and must not end the others.
                if not self.stopping.is_set():
                    self.problem = error
                    self.stopping.wait(0.5)

    def publish(self, cloudwatch, detail):
        metric = METRICS.get(detail["status"])
        if metric is None:
            return
        arn = detail["stateMachineArn"]
        with self.lock:
            key = (arn.rsplit(":", 1)[1], detail["status"])
            self.counts[key] = self.counts.get(key, 0) + 1
        cloudwatch.put_metric_data(Namespace="AWS/States", MetricData=[{
            "MetricName": metric, "Dimensions": [{"Name": "StateMachineArn", "Value": arn}], "Value": 1, "Unit": "Count"}])
