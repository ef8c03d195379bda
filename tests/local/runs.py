"""The start of one run of a worker on the local AWS, by hand as with `aws stepfunctions start-execution`."""

import json

from local.watch import described
from tests.local.regions import until


def run(aws, place, machine, event=None):
    """The report of a run. The run must succeed."""
    account, region = place
    states = aws.client("stepfunctions", account, region)
    arn = states.start_execution(stateMachineArn=f"arn:aws:states:{region}:{account}:stateMachine:pilot-light-{machine}",
                                 input=json.dumps(event or {}))["executionArn"]
    look = lambda: states.describe_execution(executionArn=arn)
    until(f"the end of {machine}", lambda: look()["status"] != "RUNNING", 60)
    ended = described(machine, look())
    assert ended.status == "SUCCEEDED", f"{machine} in {account}: {ended.error}: {ended.cause}"
    return ended.report
