"""The commands of docs/operating.md and docs/alarms.md about retirement, confirmed deletions and a former Region, run as they stand there.

Only the placeholders of the pages are replaced. `aws` is the AWS CLI that `make test` installs.
"""

import json
import os
import re
import subprocess
from datetime import datetime, timedelta, timezone

import pytest
from kept_copies import HERE, THERE, Copies, snapshot_of, started
from local import recovery
from local.aws import clean_env
from operating_pages import blocks, section
from pilot_light_sceptre.target import target_folder

FORMER_REGION = "eu-west-1"
CLI = target_folder() / "tools" / "clients" / "bin" / "aws"
ORDERS = f"{THERE[0]}/{THERE[1]}/orders"
# Version 1 of the AWS CLI reads no address of one service from the environment, so each command gets its address.
AWS = """#!/bin/sh
case "$1" in rds) url={rds} ;; *) url={others} ;; esac
exec {cli} --endpoint-url "$url" "$@"
"""


class Terminal:
    """A shell with the profiles of both accounts and nothing else of AWS, in which `aws` and `pilot-light` reach the local AWS."""

    def __init__(self, aws, folder):
        profiles = folder / "profiles"
        credentials = "[profile {}]\naws_access_key_id = {}\naws_secret_access_key = test\n"
        profiles.write_text(credentials.format("source", THERE[0]) + credentials.format("destination", HERE[0]))
        programs = folder / "bin"
        programs.mkdir()
        (programs / "aws").write_text(AWS.format(rds=aws.simulator_url, others=aws.url, cli=CLI))
        (programs / "aws").chmod(0o755)
        (programs / "pilot-light").symlink_to(recovery.binary().absolute())
        self.env = clean_env() | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}", "AWS_CONFIG_FILE": str(profiles),
            "AWS_ENDPOINT_URL": aws.url, "AWS_ENDPOINT_URL_RDS": aws.simulator_url, "AWS_ENDPOINT_URL_KMS": aws.simulator_url,
        }

    def run(self, script, **more):
        """The output of the commands. Each must succeed, and none may leave a message on the standard error."""
        command = ["bash", "-c", f"set -euo pipefail\n{script}"]
        done = subprocess.run(command, env=self.env | more, capture_output=True, text=True, timeout=600)
        assert (done.returncode, done.stderr) == (0, ""), script
        return done.stdout


@pytest.fixture(scope="module")
def aws():
    with started("test-operating-commands") as aws:
        yield aws


@pytest.fixture(scope="module")
def terminal(aws, tmp_path_factory):
    return Terminal(aws, tmp_path_factory.mktemp("terminal"))


@pytest.fixture
def copies(aws):
    return Copies(aws)


def filled(script, **values):
    """A script with its placeholders replaced, each of which it must have."""
    for name, value in values.items():
        script, number = re.subn(rf"(?<![A-Z]){name.replace('_', '-')}(?![A-Z])", value, script)
        assert number > 0, name
    return script


def with_machine(aws, place, name):
    """A state machine of that name that ends at once."""
    states = aws.client("stepfunctions", *place)
    definition = json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}})
    return states.create_state_machine(name=name, definition=definition, roleArn=f"arn:aws:iam::{place[0]}:role/any")["stateMachineArn"]


def test_the_commands_that_retire_a_database_work_as_written(copies, terminal):
    (retire, _) = blocks("operating.md", "Retiring a database")
    copies.leave("orders")
    printed = terminal.run(retire)
    (mark,) = copies.marks("orders")
    assert mark in printed and len(retire.strip().splitlines()) == 2


def test_each_option_of_the_command_on_the_page_exists(copies, terminal):
    copies.leave("orders", "ci-1")
    text = section("operating.md", "Retiring a database")
    options = set(re.findall(r"`(--[^`]+)`", text))
    assert options == {"--until", "--until 2026-12-15", "--undo"}
    # The day on the page is over some day.
    until = max(options).replace("2026", "2099")
    (pattern,) = re.findall(r"whole names, such as `('[^`]+')`", text)
    place = f"--region {HERE[1]}"
    terminal.run(f"pilot-light retire {pattern} {until} {place}", AWS_PROFILE="destination")
    assert copies.marks("ci-1")[0].endswith(" until 2099-12-15T00:00:00Z") and copies.marks("orders") == [None]
    terminal.run(f"pilot-light retire {pattern} --undo {place}", AWS_PROFILE="destination")
    assert copies.marks("ci-1")[0].startswith("undone ")


def test_the_examples_in_the_help_of_the_command_work_as_written(copies, terminal):
    copies.leave("orders", "ci-1")
    examples = terminal.run("pilot-light retire --help").partition("Examples:\n")[2].partition("\n\n")[0]
    commands = [line.strip().replace("2026-12-15", "2099-12-15") for line in examples.splitlines()]
    assert len(commands) == 5
    terminal.run("\n".join(commands), AWS_PROFILE="destination", AWS_REGION=HERE[1])
    assert copies.marks("orders")[0].startswith("undone ") and copies.marks("ci-1") != [None]


def test_the_commands_that_delete_the_snapshots_of_a_retired_database_work_as_written(copies, terminal):
    (_, delete) = blocks("operating.md", "Retiring a database")
    copies.protect("orders", "billing")
    kept, gone = snapshot_of("billing", 30), snapshot_of("orders", 30)
    printed = terminal.run(filled(delete, NAME="orders", SNAPSHOT=gone))
    assert gone in printed.splitlines()
    left = copies.source.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    assert [snapshot["DBSnapshotIdentifier"] for snapshot in left] == [kept]


def test_the_command_that_confirms_deletions_hands_the_confirmation_to_the_worker(aws, terminal):
    (confirm,) = blocks("operating.md", "Deleting earlier than promised")
    arn = with_machine(aws, HERE, "pilot-light-destination-delete")
    execution = json.loads(terminal.run(confirm))["executionArn"]
    given = aws.client("stepfunctions", *HERE).describe_execution(executionArn=execution)
    assert given["stateMachineArn"] == arn
    assert json.loads(given["input"]) == {"delete_early": {"of": ORDERS, "date": "2026-01-31", "by": "YOUR NAME"}}


def test_the_command_that_lists_announcements_works_as_written(aws, terminal):
    (command,) = re.findall(r"`(aws stepfunctions list-executions\s[^`]+)`", section("alarms.md", "Announcements"))
    arn = with_machine(aws, HERE, "pilot-light-destination-notifications")
    execution = aws.client("stepfunctions", *HERE).start_execution(stateMachineArn=arn, name="late-orders")["executionArn"]
    command = filled(" ".join(command.split()), REGION=HERE[1], ACCOUNT=HERE[0], GROUP="destination")
    printed = terminal.run(command, AWS_PROFILE="destination", AWS_DEFAULT_REGION=HERE[1])
    assert [found["executionArn"] for found in json.loads(printed)["executions"]] == [execution]


def test_the_commands_for_a_former_region_expire_its_copies_and_leave_nothing_behind(aws, copies, terminal):
    former = blocks("operating.md", "Copies in a former destination Region")
    write, expire, delete = (filled(block, OLD_REGION=FORMER_REGION) for block in former)
    export = next(line for line in write.splitlines() if line.startswith("export "))
    # The copies of the time before the Region was changed: two of one day, and a newer one.
    copied = f"pilot-light run destination-copy --region {FORMER_REGION} --parameters $FORMER"
    copies.offer("orders", minute=30)
    terminal.run(f"{write}\n{copied}")
    for minute in (31, 32):
        copies.offer("orders", minute=minute)
        terminal.run(f"{export}\n{copied}")
    rds = aws.client("rds", HERE[0], FORMER_REGION)
    listed = lambda: rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    held = lambda: [copy["DBSnapshotIdentifier"] for copy in sorted(listed(), key=lambda copy: copy["OriginalSnapshotCreateTime"])]
    first, second, newest = held()
    for copy, hour in ((first, 10), (second, 11)):
        day = datetime.now(timezone.utc) - timedelta(days=3)
        field = {"name": "OriginalSnapshotCreateTime", "value": f"{day:%Y-%m-%d}T{hour}:00:00Z"}
        on = {"kind": "snapshot", "region": FORMER_REGION, "resource": copy}
        aws.admin("impositions", {"impose": {"field": field}, "on": on})
    printed = terminal.run(f"{export}\n{expire}")
    assert held() == [second, newest] and all(copy in printed for copy in (first, second, newest))
    printed = terminal.run(f"{export}\n{filled(delete, SNAPSHOT=second)}")
    assert held() == [newest] and {second, newest} <= set(printed.split())
    left = aws.client("ssm", HERE[0], FORMER_REGION).get_parameters_by_path(Path="/pilot-light/former-destination")
    assert left["Parameters"] == []
