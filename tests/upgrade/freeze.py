"""Freezes the deployment of a version: `python -m tests.upgrade.freeze FOLDER` launches the shipped configuration on the local AWS. It
writes the SSM parameters, the stacks with their parameters, and the templates into FOLDER. README.md describes the files.

A stack's parameter that is an output of another stack is written as {"output": "GROUP/STACK.yaml::NAME"}, and the key of an artifact as
{"zip": WORKER} or {"definition": FILE}. Several values are a list.
"""

import json
import pathlib
import sys

import yaml
from local import deploy, estate, zips
from local.aws import LocalAws
from pilot_light_sceptre.target import target_folder

ACCOUNTS = {"source": estate.PLACES[0], "destination": estate.PLACES[1]}
# Only the values that have no default, and a zip of the local build.
VALUES = {"source": {"DestinationAccount": estate.DESTINATION}, "destination": {"SourceAccounts": estate.SOURCE}, "local": True,
          "artifacts": str(zips.ZIPS)}


def freeze(folder):
    folder.mkdir(parents=True, exist_ok=True)
    values = folder / "values.yaml"
    values.write_text(json.dumps(VALUES))
    zips.zip_workers()
    with LocalAws(estate.PLACES, logs=target_folder() / "freeze") as aws:
        estate.launch_all(aws, variables=values)
        stacks = described(aws)
        write(folder / "ssm.json", {group: parameters(aws, group) for group in ACCOUNTS})
        write(folder / "stacks.json", {name: recorded(name, stacks) for name in stacks})
        for name, stack in stacks.items():
            write_template(folder / "templates" / name, stack["template"])
    values.unlink()


def described(aws):
    """{GROUP/STACK.yaml: its name, Region, template, parameters and outputs} of all launched stacks."""
    stacks = {}
    for group, (account, _) in ACCOUNTS.items():
        for region in (estate.SOURCE_REGION, estate.DESTINATION_REGION):
            cloudformation = aws.client("cloudformation", account, region)
            for stack in cloudformation.describe_stacks()["Stacks"]:
                name = stack["StackName"].removeprefix(f"pilot-light-{group}-")
                stacks[f"{group}/{name}.yaml"] = {
                    "stack_name": stack["StackName"], "region": region,
                    "parameters": {one["ParameterKey"]: one["ParameterValue"] for one in stack.get("Parameters", [])},
                    "outputs": {one["OutputKey"]: one["OutputValue"] for one in stack.get("Outputs", [])},
                    "template": cloudformation.get_template(StackName=stack["StackName"])["TemplateBody"],
                }
    return stacks


def recorded(name, stacks):
    """A stack without its template, and its parameters as references where other stacks give them."""
    group = name.split("/")[0]
    outputs = {value: f"{other}::{key}" for other, stack in stacks.items() if other.startswith(f"{group}/") and other != name
               for key, value in stack["outputs"].items() if value.startswith("arn:") or key == "BucketName"}

    def reference(value):
        if value in outputs:
            return {"output": outputs[value]}
        kind, _, rest = value.partition("/")
        if rest and kind in ("workers", "statemachines"):
            return {"zip" if kind == "workers" else "definition": rest.split("/")[0]}
        parts = value.split(",")
        return [reference(part) for part in parts] if len(parts) > 1 and all(part in outputs for part in parts) else value

    stack = stacks[name]
    parameters = {key: reference(value) for key, value in stack["parameters"].items()}
    return {"stack_name": stack["stack_name"], "region": stack["region"], "parameters": parameters}


def parameters(aws, group):
    account, region = ACCOUNTS[group]
    pages = aws.client("ssm", account, region).get_paginator("get_parameters_by_path").paginate(Path=f"/pilot-light/{group}")
    found = {one["Name"]: one["Value"] for page in pages for one in page["Parameters"]}
    return {"account": account, "region": region, "parameters": found}


def write(path, value):
    path.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")


def write_template(path, template):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(template if isinstance(template, str) else yaml.safe_dump(template, sort_keys=False))


if __name__ == "__main__":
    freeze(pathlib.Path(sys.argv[1]))
