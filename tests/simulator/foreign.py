"""Other people's tools, as programs of their own environment, and a simulator with the rest of AWS beside it."""

import os
import subprocess
import sys
from pathlib import Path

from local.aws import answers
from local.process import Child, free_port
from pilot_light_sceptre.target import target_folder
from serving import EAST, OWN

# `make test` installs requirements-clients.txt there.
TOOLS = target_folder() / "tools" / "clients" / "bin"


class Tools:
    """Runs the tools as account `OWN` in the Region `EAST`. They find the services by their environment alone."""

    def __init__(self, simulator, other_services, folder):
        self.simulator = simulator
        self.folder = Path(folder)
        self.env = {
            name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")
        } | {
            "PATH": f"{TOOLS}{os.pathsep}{target_folder() / 'debug'}{os.pathsep}{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": other_services,
            "AWS_ENDPOINT_URL_RDS": simulator.url,
            "AWS_ACCESS_KEY_ID": OWN,
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": EAST,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def run(self, *command, **env):
        """The output of a tool that has to succeed."""
        done = subprocess.run(
            [str(TOOLS / command[0]), *command[1:]],
            cwd=self.folder,
            env=self.env | env,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr


def start_other_services(folder):
    """Starts ministack, which has S3, STS and SNS; answers (child, URL). The caller stops it."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    env = os.environ | {
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "SFTP_ENABLED": "0",
        "TMPDIR": str(folder),
        "S3_DATA_DIR": str(folder / "s3"),
    }
    child = Child("ministack", [sys.executable, "-m", "ministack.app"], env, folder / "ministack.log")
    child.wait_until(lambda: answers(f"{url}/_ministack/health"), 60)
    return child, url


def tagged(**tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


