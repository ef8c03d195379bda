"""The templates work in every partition of AWS.

Their resources have the group's tags. The resources that data depends on are retained.
"""

import re

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from checks.files import CONFIGS, MACHINES, ROOT, SCEPTRE, TEMPLATES, Tag, config, name_of, template
from checks.references import configs

# Resource types that CloudFormation cannot tag. All other resources get the tags of their stack.
UNTAGGED = {"AWS::CloudFormation::WaitConditionHandle", "AWS::Events::EventBusPolicy", "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy",
            "AWS::KMS::Alias", "AWS::Logs::QueryDefinition", "AWS::S3::BucketPolicy", "AWS::SNS::Subscription", "AWS::SNS::TopicPolicy",
            "AWS::SQS::QueuePolicy"}
# ARNs and addresses that are valid in one partition only.
BOUND = re.compile(r"arn:aws:|://\S*(amazonaws\.com|aws\.amazon\.com)")
# Recovery points cannot be restored without their key. A former version cannot be deployed without its zip.
RETAINED = {"key.yaml": {"Key"}, "artifacts.yaml": {"Bucket"}}


def texts(value):
    """Every text inside a value."""
    if isinstance(value, Tag):
        value = value.value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, str):
        yield value


def bound(document):
    """Texts that CloudFormation or AWS uses and that are valid in one partition only. Descriptions are not checked."""
    acted_on = {name: part for name, part in document.items() if name in ("Resources", "Outputs", "Conditions", "Mappings")}
    defaults = [parameter.get("Default") for parameter in document.get("Parameters", {}).values()]
    return [text for text in texts([acted_on, defaults]) if BOUND.search(text)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_names_a_partition(path):
    assert bound(template(path)) == []


def test_no_state_machine_and_no_config_names_a_partition():
    assert [path.name for path in MACHINES if BOUND.search(path.read_text())] == []
    assert [name_of(path) for path in CONFIGS if bound({"Resources": config(path)})] == []


def test_a_planted_arn_with_a_partition_is_found():
    planted = template(SCEPTRE / "templates" / "artifacts.yaml")
    (statement,) = planted["Resources"]["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    statement["Resource"].append(Tag("Sub", "arn:aws:s3:::${Bucket}/*"))
    assert bound(planted) == ["arn:aws:s3:::${Bucket}/*"]


@pytest.mark.parametrize("pattern", sorted({pattern for path in TEMPLATES for parameter in template(path).get("Parameters", {}).values()
                                            if (pattern := parameter.get("AllowedPattern", "")).startswith("^arn:")}))
def test_arns_of_every_partition_are_accepted(pattern):
    assert "arn:aws:" not in pattern


def types():
    return {resource["Type"] for path in TEMPLATES for resource in template(path)["Resources"].values()}


def taggable(kind):
    """Whether CloudFormation can tag a type. Source: AWS's resource schemas in cfn-lint."""
    return PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema.get("tagging", {}).get("taggable", False)


def test_every_resource_that_can_have_tags_gets_the_stacks_tags():
    assert {kind for kind in types() if not taggable(kind)} - UNTAGGED == set()
    assert {kind for kind in UNTAGGED if taggable(kind)} == set()


@pytest.mark.parametrize("group", ["source", "destination"])
def test_every_stack_is_tagged_with_its_project_and_group(group):
    common = (SCEPTRE / "config" / "config.yaml").read_text()
    own = (SCEPTRE / "config" / group / "config.yaml").read_text()
    assert "stack_tags:\n  Project: pilot-light\n" in common
    assert f"group: &group {group}\n" in own and "stack_tags_inheritance: merge\nstack_tags:\n  Group: *group\n" in own
    assert [name for name, configured in configs().items() if "stack_tags" in configured] == []


def test_resources_with_data_are_retained():
    retained = lambda path: {name for name, resource in template(path)["Resources"].items() if resource.get("DeletionPolicy") == "Retain"}
    assert {path.name: retained(path) for path in TEMPLATES if retained(path)} == RETAINED
    for name, resources in RETAINED.items():
        found = template(SCEPTRE / "templates" / name)["Resources"]
        assert all(found[resource]["UpdateReplacePolicy"] == "Retain" for resource in resources)


def test_no_retained_resource_blocks_the_name_of_a_new_launch():
    for name, resources in RETAINED.items():
        found = template(ROOT / "sceptre/templates" / name)["Resources"]
        assert [resource for resource in resources if {"BucketName", "LogGroupName", "AliasName"} & found[resource]["Properties"].keys()] == []
