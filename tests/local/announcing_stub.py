#!/usr/bin/env python3
"""A stub of a worker that announces what its input says, so that a test needs only the state machines.

It is zipped as `bootstrap` and uses the Lambda runtime's interface. An input without announcements, such as the event of a schedule, gets a
report without any. "fails" in the input is the name of an error. The dry run after such a failure announces what the failed input said.
"""

import json
import os
import urllib.request


def call(path, body=None):
    request = urllib.request.Request(f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/{path}", data=body)
    return urllib.request.urlopen(request, timeout=None)


def main():
    failed = {}
    while True:
        with call("invocation/next") as given:
            invocation = given.headers["Lambda-Runtime-Aws-Request-Id"]
            event = json.loads(given.read())
        # The state machine sends this alone after a failure, and the events that last are still there.
        event = failed | event if event == {"dry_run": True} else event
        failed = {"announcements": event.get("announcements", [])} if "fails" in event else {}
        report = {"worker": "destination-copy", "dry_run": event.get("dry_run", False), "considered": 2}
        report["announcements"] = event.get("announcements", [])
        if "fails" in event:
            error = {"errorType": event["fails"], "errorMessage": "as the input says"}
            call(f"invocation/{invocation}/error", json.dumps(error).encode()).close()
        else:
            call(f"invocation/{invocation}/response", json.dumps(report).encode()).close()


if __name__ == "__main__":
    main()
