"""Deploying to the local AWS as a user does to the real one: `sceptre launch`, with a var file for short times."""

import pathlib
import platform
import re
import subprocess
import sys

import yaml

from . import zips
from .aws import ROOT, clean_env

VARS = ROOT / "local" / "vars.yaml"
# The local zips are built for this machine's processor. A zip for another processor than the configured one is refused.
PROCESSOR = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"


class DeployError(RuntimeError):
    """The error of a launch that failed. The message is sceptre's own output."""


def sceptre(aws, account, *arguments, variables=VARS, more=(), project=ROOT / "sceptre", program=None):
    """Runs sceptre, or another program that takes its arguments, with that account's credentials. Returns its output."""
    command = [*(program or [str(pathlib.Path(sys.executable).parent / "sceptre")]), "--no-colour", "--var-file", str(variables)]
    for path in more:
        command += ["--var-file", str(path)]
    if not any("artifacts" in (yaml.safe_load(path.read_text()) or {}) for path in map(pathlib.Path, [variables, *more])):
        command.append(f"--var=artifacts={zips.ZIPS}")
    command += [f"--var={account}.Architecture={PROCESSOR}" for account in ("source", "destination")]
    command += ["--merge-vars", *arguments] if more else list(arguments)
    env = clean_env() | {
        "AWS_ENDPOINT_URL": aws.url, "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "test",
        # Nothing of the repository may come before Sceptre's own packages when it imports them.
        "PYTHONSAFEPATH": "1",
    }
    done = subprocess.run(command, cwd=project, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    log = aws.logs / "sceptre.log"
    with open(log, "a") as out:
        out.write(f"$ sceptre {' '.join(arguments)}\n{done.stdout}\n")
    if done.returncode != 0:
        raise DeployError(f"sceptre {' '.join(arguments)} failed:\n{done.stdout}")
    return done.stdout


def launch(aws, account, path, **options):
    """`sceptre launch PATH -y`. Returns {stack: True if anything was created or updated}."""
    output = sceptre(aws, account, "launch", path, "-y", **options)
    changed = {}
    for name in re.findall(r" - (\S+) - Launching Stack", output):
        changed[name] = False
    for name in re.findall(r" - (\S+) (?:pilot-light-\S+ )?.*(?:CREATE_COMPLETE|UPDATE_COMPLETE)", output):
        if name in changed:
            changed[name] = True
    for name in re.findall(r" - (\S+) - No updates to perform", output):
        changed[name] = False
    return changed


def outputs(aws, account, region, stack):
    """The outputs of a deployed stack."""
    described = aws.client("cloudformation", account, region).describe_stacks(StackName=stack)["Stacks"][0]
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}
