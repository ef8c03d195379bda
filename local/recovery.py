"""Recovery as at a terminal: `pilot-light recover` writes a manifest, checks it, starts it and follows it."""

import datetime
import json
import os
import pathlib
import subprocess

from pilot_light_sceptre.target import target_folder

from . import estate
from .aws import clean_env

# A restore of the demo takes a second. Most of the time is the wait for the state machine's checks, one every 15 seconds.
SECONDS = 300


class RecoverError(RuntimeError):
    """The error of a command that failed. The message is the command's own output."""


def pilot_light(aws, *arguments, place=(estate.DESTINATION, estate.DESTINATION_REGION), ok=(0,), show=None):
    """Runs `pilot-light` with that account's credentials and returns its output. Its progress goes to `show`, line by line."""
    account, region = place
    env = clean_env() | {
        "AWS_ENDPOINT_URL": aws.url, "AWS_ENDPOINT_URL_RDS": aws.simulator_url, "AWS_ENDPOINT_URL_KMS": aws.simulator_url,
        "AWS_ENDPOINT_URL_ELASTICACHE": aws.simulator_url, "AWS_ENDPOINT_URL_EC2": aws.simulator_url,
        "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "test", "AWS_REGION": region,
    }
    command = [str(binary()), *map(str, arguments)]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        progress = []
        for line in child.stderr:
            progress.append(line)
            if show:
                show(line.rstrip())
        output = child.stdout.read()
        code = child.wait(timeout=SECONDS)
    if code not in ok:
        raise RecoverError(f"pilot-light {' '.join(command[1:])} exited {code}:\n{''.join(progress)}{output}")
    return output


def binary():
    path = pathlib.Path(os.environ.get("PILOT_LIGHT", target_folder() / "debug" / "pilot-light"))
    if not path.is_file():
        raise RecoverError(f"{path} is missing: run: cargo build --workspace")
    return path


def everything(aws, show):
    """Restores every protected database in the destination; {"restored", "rto_seconds", "resources"}."""
    manifest = aws.logs / "manifest.json"
    manifest.write_text(pilot_light(aws, "recover", "template", "--all"))
    follow(aws, manifest, show)
    rds = aws.client("rds", estate.DESTINATION, estate.DESTINATION_REGION)
    up = [i for i in rds.describe_db_instances()["DBInstances"] if i["DBInstanceStatus"] == "available"]
    return {"restored": len(up), "rto_seconds": seconds_of(aws), "resources": list(results(aws))}


def results(aws, machine="failover"):
    """Each resource of the newest execution as the worker reported it: its name, its endpoint, and the age of its data when it was up."""
    progress = output_of(aws, machine)
    began = time_of(progress["recovery"]["started"])
    for resource in progress["resources"]:
        outcome = resource.get("outcome") or {}
        age = None
        if "data_time" in outcome:
            up = began + datetime.timedelta(seconds=resource["seconds"])
            age = round((up - time_of(outcome["data_time"])).total_seconds())
        yield {"name": resource["name"], "endpoint": outcome.get("endpoint"), "snapshot": outcome.get("snapshot"), "age_seconds": age,
               "seconds": resource["seconds"]}


def time_of(text):
    # Before Python 3.11, fromisoformat does not read the Z.
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


def follow(aws, manifest, show, *options, **place_and_codes):
    """Starts a manifest and follows it to its end. Raises RecoverError with the report if it fails."""
    return pilot_light(aws, "recover", "--manifest", manifest, "--follow", *options, show=show, **place_and_codes)


def seconds_of(aws, machine="failover"):
    """The duration of the newest execution as the worker measured it, from its start until everything was up."""
    return output_of(aws, machine).get("seconds")


def output_of(aws, machine):
    """The progress in the output of the newest execution. The output of one that failed may be missing."""
    name, account, region = estate.RECOVERIES[machine]
    client = aws.client("stepfunctions", account, region)
    newest = client.list_executions(stateMachineArn=estate.machine_arn(machine), maxResults=1)["executions"][0]
    output = json.loads(client.describe_execution(executionArn=newest["executionArn"]).get("output") or "{}")
    return output.get("progress", output)
