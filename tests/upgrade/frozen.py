"""A frozen deployment on the local AWS: its templates, with the parameters that Sceptre gave them, launched without Sceptre."""

import json
import pathlib

from local import deploy, estate, zips
from local.aws import ROOT
from pilot_light_sceptre.artifacts import definition_key, worker_key

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE / "0.1.0"
ACCOUNTS = {"source": estate.PLACES[0], "destination": estate.PLACES[1]}
# The local AWS makes these keys, so their ARNs differ from the frozen ones.
KEYS = ("KmsKeyDestination", "KmsKeySource")
# The resources that hold a state: data, a subscriber, an identity that others name, or a value.
STATE = {"AWS::S3::Bucket", "AWS::KMS::Key", "AWS::KMS::Alias", "AWS::SNS::Topic", "AWS::SNS::Subscription", "AWS::Logs::LogGroup",
         "AWS::SQS::Queue", "AWS::SSM::Parameter"}


def read(path):
    return json.loads(path.read_text())


def ssm(group):
    """{name: value} of the frozen SSM parameters of a group."""
    return {name.rsplit("/", 1)[1]: value for name, value in read(FOLDER / "ssm.json")[group]["parameters"].items()}


def given(group):
    """The values that 0.1.0 was given: all parameters but those of the key stacks. One database is left out, as in the worlds."""
    values = {key: value for key, value in ssm(group).items() if key not in KEYS}
    pattern = read(FOLDER / "world-two-hop.json")["parameters"]["source"]["InstanceNamePattern"]
    return values | ({"InstanceNamePattern": pattern} if group == "source" else {})


def stacks():
    """{GROUP/STACK.yaml: its name, Region and parameters} of the stacks that the local AWS can launch."""
    return read(HERE / "stack-parameters-0.1.0.json")


def template(name):
    return (FOLDER / "templates" / name).read_text()


class Deployment:
    """The stacks of both accounts as they are now."""

    def __init__(self, aws):
        self.aws = aws

    def client(self, service, group, region=None):
        account, own = ACCOUNTS[group]
        return self.aws.client(service, account, region or own)

    def launch(self):
        """Creates or updates all stacks from the frozen templates. The order follows from the outputs that they need."""
        estate.side_by_side(*[lambda group=group: self.launch_group(group) for group in ACCOUNTS])

    def launch_group(self, group):
        waiting = {name: stack for name, stack in stacks().items() if name.startswith(f"{group}/")}
        done = {}
        while waiting:
            ready = [name for name, stack in waiting.items() if needs(stack) <= done.keys()]
            assert ready, f"the stacks {sorted(waiting)} wait for each other"
            for name in ready:
                done[name] = self.launch_stack(group, name, waiting.pop(name), done)

    def launch_stack(self, group, name, stack, outputs):
        cloudformation = self.client("cloudformation", group, stack["region"])
        values = {key: self.value(group, value, outputs) for key, value in stack["parameters"].items()}
        if name == f"{group}/parameters.yaml":
            values |= given(group)
        # The zips and definitions of 0.1.0 are gone, so those of this version take their place.
        arguments = {
            "StackName": stack["stack_name"], "TemplateBody": template(name), "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]}
        if stack["stack_name"] in self.names(group, stack["region"]):
            cloudformation.update_stack(**arguments)
            cloudformation.get_waiter("stack_update_complete").wait(StackName=stack["stack_name"], WaiterConfig={"Delay": 1})
        else:
            cloudformation.create_stack(**arguments)
            cloudformation.get_waiter("stack_create_complete").wait(StackName=stack["stack_name"], WaiterConfig={"Delay": 1})
        return deploy.outputs(self.aws, ACCOUNTS[group][0], stack["region"], stack["stack_name"])

    def value(self, group, value, outputs):
        match value:
            case {"output": output}:
                stack, _, key = output.partition("::")
                return outputs[stack][key]
            case {"zip": worker}:
                path = zips.ZIPS / worker / "bootstrap.zip"
                return self.uploaded(group, worker_key(worker, path), path, outputs)
            case {"definition": name}:
                path = ROOT / "statemachines" / name
                return self.uploaded(group, definition_key(name, path), path, outputs)
            case [*parts]:
                return ",".join(self.value(group, part, outputs) for part in parts)
            case _:
                return value

    def uploaded(self, group, key, path, outputs):
        key = f"old/{key}"
        self.client("s3", group).upload_file(str(path), outputs[f"{group}/artifacts.yaml"]["BucketName"], key)
        return key

    def names(self, group, region):
        return {stack["StackName"] for stack in self.client("cloudformation", group, region).describe_stacks()["Stacks"]}

    def state(self):
        """{(Region, stack, type, physical id)} of everything that holds a state."""
        found = set()
        for group in ACCOUNTS:
            for region in (estate.SOURCE_REGION, estate.DESTINATION_REGION):
                for stack in self.names(group, region):
                    pages = self.client("cloudformation", group, region).get_paginator("list_stack_resources").paginate(StackName=stack)
                    found |= {(region, stack, one["ResourceType"], one["PhysicalResourceId"])
                              for page in pages for one in page["StackResourceSummaries"] if one["ResourceType"] in STATE}
        return found

    def parameters(self, group):
        pages = self.client("ssm", group).get_paginator("get_parameters_by_path").paginate(Path=f"/pilot-light/{group}")
        return {one["Name"].rsplit("/", 1)[1]: one["Value"] for page in pages for one in page["Parameters"]}

    def subscriptions(self, group):
        return {(one["TopicArn"], one["Endpoint"]) for one in self.client("sns", group).list_subscriptions()["Subscriptions"]}

    def alarms(self):
        """The alarms that are raised."""
        return {alarm["AlarmName"] for group in ACCOUNTS for region in (estate.SOURCE_REGION, estate.DESTINATION_REGION)
                for page in self.client("cloudwatch", group, region).get_paginator("describe_alarms").paginate(StateValue="ALARM")
                for alarm in page["MetricAlarms"]}


def needs(stack):
    """The stacks whose outputs a stack's parameters use. A worker's files are in the bucket of the artifacts."""
    def of(value):
        if isinstance(value, list):
            return {name for part in value for name in of(part)}
        return {value["output"].partition("::")[0]} if isinstance(value, dict) and "output" in value else set()
    return {name for value in stack["parameters"].values() for name in of(value)}
