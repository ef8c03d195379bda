"""The executions of state machines, by default those of the five workers. Each execution that ends is reported once."""

import json
import time
from dataclasses import dataclass

from .estate import MACHINES, RECOVERIES, machine_arn


class TookTooLong(RuntimeError):
    """The error of a wait that exceeded its time limit."""


@dataclass
class Execution:
    """An execution that has ended. `report` is its output, or the report in the message of its failure, or {}."""

    name: str
    status: str
    report: dict
    error: str
    cause: str


class Watch:
    """All executions that have ended so far. `on_end` is called once with each."""

    def __init__(self, aws, on_end=lambda execution: None, names=tuple(MACHINES)):
        self.clients = {name: aws.client("stepfunctions", *(MACHINES | RECOVERIES)[name][1:]) for name in names}
        self.on_end = on_end
        self.ended = {}
        self.running = 0

    def look(self):
        self.running = 0
        for name, client in self.clients.items():
            listed = client.list_executions(stateMachineArn=machine_arn(name), maxResults=50)["executions"]
            for execution in reversed(listed):
                arn = execution["executionArn"]
                self.running += execution["status"] == "RUNNING"
                if execution["status"] != "RUNNING" and arn not in self.ended:
                    self.ended[arn] = described(name, client.describe_execution(executionArn=arn))
                    self.on_end(self.ended[arn])

    def of(self, name, status="SUCCEEDED"):
        return [execution for execution in self.ended.values() if (execution.name, execution.status) == (name, status)]

    def reports(self, name):
        """The reports of all runs of a worker. A run that failed before it had a plan has none."""
        return [execution.report for execution in self.ended.values() if execution.name == name and execution.report]

    def until(self, subject, done, seconds):
        """Checks every second until done() is truthy, and returns that value."""
        deadline = time.monotonic() + seconds
        while True:
            self.look()
            value = done()
            if value:
                return value
            if time.monotonic() > deadline:
                raise TookTooLong(f"{subject}: not within {seconds} s")
            time.sleep(1)

    def run(self, name, seconds=60, event=None):
        """Starts a run by hand and waits for its end."""
        arn = self.clients[name].start_execution(
            stateMachineArn=machine_arn(name), input=json.dumps(event or {}))["executionArn"]
        return self.until(f"a run of {name}", lambda: self.ended.get(arn), seconds)


def described(name, execution):
    cause = execution.get("cause", "")
    output = json.loads(execution.get("output") or "{}") or reported(cause)
    return Execution(name, execution["status"], output if isinstance(output, dict) else {}, execution.get("error", ""), cause)


def reported(cause):
    """The report in the message of a failed run, or {}."""
    try:
        return json.loads(json.loads(cause)["errorMessage"].split("; report: ", 1)[1])
    except (ValueError, KeyError, IndexError, TypeError):
        return {}
