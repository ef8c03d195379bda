"""The real copy worker and the real state machines: a database that is no longer offered pages once, and its retirement informs once.

`test_announcements.py` has a stub in place of the worker, and all other cases.
"""

import json
from datetime import datetime, timedelta, timezone

import pytest
from kept_copies import HERE, Copies
from local import deploy, estate, recovery, zips
from local.aws import LocalAws
from pilot_light_sceptre.target import target_folder
from test_announcements import MACHINE, Copying

# The Region of each stack with a key of the destination account.
KEYS = {"pilot-light-destination-key": estate.DESTINATION_REGION, "pilot-light-destination-key-source-region": estate.SOURCE_REGION}


class RealRuns(Copying):
    """Runs of the deployed worker, which finds by itself what to announce."""

    def run(self):
        ended = self.watch.run("copy")
        running = lambda: self.states.list_executions(stateMachineArn=MACHINE, statusFilter="RUNNING")["executions"]
        self.watch.until("the announcements", lambda: not running(), 60)
        return ended


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    folder = tmp_path_factory.mktemp("announcements-of-databases")
    zips.zip_one(target_folder() / "debug" / "destination-copy", folder / "zips" / "destination-copy" / "bootstrap.zip")
    variables = folder / "vars.yaml"
    # No run but those of the test announces anything.
    variables.write_text(json.dumps({"artifacts": str(folder / "zips"), "destination": {"CopySchedule": "rate(1 day)"}}))
    logs = target_folder() / "test-announcements-of-databases"
    with LocalAws([HERE], logs=logs, snapshot="0", copy="0", instance="0", lag=0, env={"SFN_WAIT_SCALE": "0"}) as aws:
        deploy.launch(aws, estate.DESTINATION, "destination/copy-alarms.yaml", more=[variables])
        yield aws


@pytest.fixture(scope="module")
def copies(aws):
    copies = Copies(aws)
    for stack, region in KEYS.items():
        aws.register_key(deploy.outputs(aws, estate.DESTINATION, region, stack)["KeyArn"], [estate.DESTINATION])
    return copies


def grow_old(copies, name):
    """From now on, the copies of a database are of two hours ago."""
    time = datetime.now(timezone.utc) - timedelta(hours=2)
    field = {"name": "OriginalSnapshotCreateTime", "value": f"{time:%Y-%m-%dT%H:%M:%SZ}"}
    on = {"kind": "snapshot", "region": estate.DESTINATION_REGION, "resource": f"{name}-*"}
    copies.aws.admin("impositions", {"impose": {"field": field}, "on": on})


def test_a_database_that_is_no_longer_offered_pages_once_and_its_retirement_informs_once(aws, copies):
    runs = RealRuns(aws)
    copies.leave("orders")
    assert runs.new() == {"page": [], "inform": []}
    grow_old(copies, "orders")
    assert runs.new() == {"page": ["Pilot Light: orders is no longer offered"], "inform": []}
    assert runs.new() == {"page": [], "inform": []}
    assert "pilot-light retire orders" in runs.inboxes.look("page")[-1]["Message"]

    recovery.pilot_light(aws, "retire", "orders")
    assert runs.new() == {"page": [], "inform": ["Pilot Light: orders is retired"]}
    assert runs.new() == {"page": [], "inform": []}
    assert "pilot-light retire NAME --undo" in runs.inboxes.look("inform")[-1]["Message"]
