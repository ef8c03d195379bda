"""The local AWS on this machine: the project's own simulator for RDS, ElastiCache and keys, and ministack for everything else.

`with LocalAws() as aws:` starts both, adds the metrics and alarms, and stops everything in any case. Deploying is left to deploy.py, and the
demo's story to demo.py.
"""

import contextlib
import json
import os
import pathlib
import re
import shutil
import sys
import urllib.error
import urllib.request

import boto3
import botocore.config
from pilot_light_sceptre.target import target_folder

from .process import Child, free_port
from .stand_ins.cloudwatch import CloudWatch
from .stand_ins.step_functions import StepFunctions

ROOT = pathlib.Path(__file__).resolve().parent.parent
READY_SECONDS = 30


class LocalAws:
    """The running local AWS. `places` are the (account, Region) pairs that get metrics and alarms."""

    def __init__(self, places, logs=target_folder() / "demo", snapshot="2..4", copy="2..4", instance="0..1", lag=None, env=None):
        self.logs = pathlib.Path(logs)
        self.durations = ["--snapshot-seconds", snapshot, "--copy-seconds", copy, "--instance-seconds", instance]
        # The seconds for which the old state stays visible after a change. With None, the simulator chooses.
        self.durations += [] if lag is None else ["--lag-seconds", str(lag)]
        self.extra_env = env or {}
        self.places = places
        self.children = []
        self.step_functions = self.cloudwatch = None
        self.url = self.simulator_url = None

    def __enter__(self):
        reach_this_machine_directly()
        try:
            self.simulator_url = self.start_simulator()
            self.url = self.start_ministack()
            self.step_functions = StepFunctions(self, self.places)
            self.step_functions.start()
            self.cloudwatch = CloudWatch(self, self.places)
            self.cloudwatch.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        for stand_in in (self.cloudwatch, self.step_functions):
            if stand_in:
                stand_in.stop()
        self.step_functions = self.cloudwatch = None
        for child in reversed(self.children):
            child.stop()
        self.children = []
        shutil.rmtree(self.logs / "ministack", ignore_errors=True)

    def start_simulator(self):
        child = self.child("simulator", [str(simulator_binary()), "serve", "--port", "0", *self.durations], {})
        listening = lambda: re.search(r"listening on (http://\S+)", child.log.read_text(errors="replace"))
        return child.wait_until(listening, READY_SECONDS).group(1)

    def start_ministack(self):
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        scratch = self.logs / "ministack"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir(parents=True)
        # -I: nothing of the repository may come before the installed packages, least of all this file, which has ministack's own name.
        child = self.child("ministack", [sys.executable, "-I", str(ROOT / "local" / "stand_ins" / "ministack.py")], {
            "BIND_HOST": "127.0.0.1",
            "MINISTACK_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "SFTP_ENABLED": "0",
            # Everything that it unpacks, including the functions, goes into a folder that `make clean` removes.
            "TMPDIR": str(scratch),
            "S3_DATA_DIR": str(scratch / "s3"),
            # The functions inherit these variables. So they find the simulator without any change to the templates.
            "AWS_ENDPOINT_URL": url,
            "AWS_ENDPOINT_URL_RDS": self.simulator_url,
            "AWS_ENDPOINT_URL_ELASTICACHE": self.simulator_url,
            "AWS_ENDPOINT_URL_KMS": self.simulator_url,
            "AWS_ENDPOINT_URL_EC2": self.simulator_url,
            **self.extra_env,
        })
        child.wait_until(lambda: answers(f"{url}/_ministack/health"), READY_SECONDS)
        return url

    def child(self, name, command, extra):
        child = Child(name, command, clean_env() | extra, self.logs / f"{name}.log")
        self.children.append(child)
        return child

    def client(self, service, account, region):
        """A boto3 client of an account. RDS, ElastiCache and EC2 go to the simulator, all other services to ministack."""
        return boto3.client(
            service, region_name=region, aws_access_key_id=account, aws_secret_access_key="test",
            endpoint_url=self.simulator_url if service in ("rds", "elasticache", "ec2") else self.url,
            config=botocore.config.Config(retries={"mode": "standard", "max_attempts": 3}, max_pool_connections=20))

    def denied(self, account):
        """Refuses an account every call of RDS and KMS meanwhile, as AWS refuses a suspended account."""
        return self.refused("AccessDenied", f"Account {account} is suspended.", account=account)

    @contextlib.contextmanager
    def refused(self, code, message, **on):
        """Refuses the calls that `on` selects meanwhile, such as those of one action."""
        error = {"code": code, "message": message, "http_status": 403}
        number = self.admin("impositions", {"impose": {"error": error}, "on": on})["id"]
        try:
            yield
        finally:
            self.admin(f"impositions/{number}", method="DELETE")

    def admin(self, path, body=None, method=None):
        """A call of the simulator's own interface, which AWS does not have: POST with a body, GET without."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.simulator_url}/_simulator/{path}", data=data, method=method)
        request.add_header("content-type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"the simulator refused {path}: {error.read().decode()}") from None
        return json.loads(text) if text.strip() else None

    def register_key(self, arn, users):
        """Registers a key and the accounts that may use it with the simulator."""
        self.admin("keys", {"arn": arn, "users": users})

    def set_key_enabled(self, arn, enabled):
        self.admin("keys/state", {"arn": arn, "enabled": enabled})


def simulator_binary():
    path = pathlib.Path(os.environ.get("PILOT_LIGHT_SIMULATOR", target_folder() / "debug" / "pilot-light-simulator"))
    if not path.is_file():
        raise RuntimeError(f"{path} is missing: run: cargo build --workspace")
    return path


def clean_env():
    """This process's environment without the variables that could lead a client to the real AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return kept | {"AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def reach_this_machine_directly():
    """Bypasses any proxy between this process or its children and 127.0.0.1."""
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, ["127.0.0.1", "localhost", os.environ.get(name)]))


def answers(url):
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False
