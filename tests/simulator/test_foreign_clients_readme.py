"""The simulator's README, followed word for word with the AWS CLI."""

import os
import re
import signal
import subprocess

import pytest
from foreign import TOOLS
from serving import EAST, ROOT, WEST

BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "simulator" / "README.md").read_text(), re.DOTALL)


@pytest.fixture
def environment():
    """A shell without settings of AWS, in which `aws` is the AWS CLI of the test."""
    clean = {name: value for name, value in os.environ.items() if not name.upper().startswith("AWS_")}
    return clean | {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture
def address(environment):
    """The address that the README's first command prints."""
    serve = BLOCKS[0].strip()
    process = subprocess.Popen(["bash", "-c", f"exec {serve}"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    yield re.fullmatch(r"listening on (http://127\.0\.0\.1:\d+)\n", process.stdout.readline())[1]
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0


def test_the_commands_of_the_readme_work_as_written(address, environment):
    port = address.rpartition(":")[2]
    script = "set -euo pipefail\n" + BLOCKS[1].replace("PORT", port)
    done = subprocess.run(["bash", "-c", script], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"arn:aws:rds:{EAST}:111111111111:db:orders\n" in done.stdout
    assert "first-copy\tavailable\tarn:aws:kms:us-west-2:222222222222:key/" in done.stdout
    assert f"Finished copy of snapshot first from region {EAST}" in done.stdout
    assert len(BLOCKS) == 2


def test_version_1_of_the_aws_cli_ignores_the_address_in_the_environment_as_the_readme_says(address, environment):
    def exit_code(region):
        command = [str(TOOLS / "aws"), "rds", "describe-db-snapshots", "--region", region]
        env = environment | {
            "AWS_ENDPOINT_URL_RDS": address, "AWS_ACCESS_KEY_ID": "111111111111", "AWS_SECRET_ACCESS_KEY": "any",
            # Nothing listens at this proxy, so that no request to AWS leaves this machine.
            "HTTPS_PROXY": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1",
        }  # fmt: skip
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300).returncode

    assert (exit_code(EAST) != 0, exit_code(WEST)) == (True, 0)
