#!/usr/bin/env python3
"""A stub of destination-recover that answers with the steps of a script, so that a test needs only the state machine.

It is zipped as `bootstrap` and uses the Lambda runtime's interface. The first resource's parameters.script is the path of the script. The
script is a JSON list of steps. A step is a verdict, an error or a crash. Each call appends its input to the file beside the script (.calls)
and answers with the next step.
"""

import json
import os
import urllib.request


class Failure(Exception):
    """An error with a name, as a worker returns it."""

    def __init__(self, name, message):
        super().__init__(message)
        self.name = name


def answer(event):
    given = event.get("input")
    layers = event.get("layers") or (given.get("StatePayload") if isinstance(given, dict) else None)
    if not isinstance(layers, list) or not layers:
        raise Failure("InvalidInput", "the manifest: StatePayload is missing\nsecond problem: the layers are missing")
    script = layers[0]["resources"][0]["parameters"]["script"]
    with open(script) as steps:
        steps = json.load(steps)
    with open(script + ".calls", "a+") as calls:
        calls.seek(0)
        step = steps[len(calls.readlines())]
        calls.write(json.dumps({"operation": event["operation"], "purpose": event["purpose"], "fields": sorted(event),
                                "execution": event["execution"], "at": event.get("progress", {}).get("at")}) + "\n")
    if step.get("error") == "crash":
        os._exit(1)
    if "error" in step:
        raise Failure(step["error"], step.get("message", "the script requested an error"))
    progress = {"at": step.get("at", 0), "verdict": step.get("verdict", "next"), "resources": [], "seconds": 12, "running_seconds": 12,
                "rto_target_seconds": 10800, "message": step.get("message", "the progress so far")}
    if event["operation"] != "validate":
        return progress
    return {"dry_run": event["input"].get("dry_run", False), "approval": event["input"].get("approval", False), "layers": layers,
            "progress": progress, "summary": "restore 'orders' {12 min old}\nrestore billing"}


def call(path, body=None):
    request = urllib.request.Request(f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/{path}", data=body)
    return urllib.request.urlopen(request, timeout=None)


def main():
    while True:
        with call("invocation/next") as given:
            invocation = given.headers["Lambda-Runtime-Aws-Request-Id"]
            event = json.loads(given.read())
        try:
            call(f"invocation/{invocation}/response", json.dumps(answer(event)).encode()).close()
        except Failure as failure:
            error = {"errorType": failure.name, "errorMessage": str(failure)}
            call(f"invocation/{invocation}/error", json.dumps(error).encode()).close()


if __name__ == "__main__":
    main()
