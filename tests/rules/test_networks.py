"""The networks in which AWS creates and restores an instance: subnet groups, security groups, and the VPC of an option group."""

import pytest
from accounts import code, refusal
from test_objects import option_group
from test_restores import restore, restored


def tagged(aws, kind):
    """A tag by which the removal recognises a part of a network."""
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": aws.name(kind)}]}]


def private(aws):
    """(VPC, its subnets, a DB subnet group of them, a security group) with two zones. All tests of a process share them."""
    if "private" not in aws.made:
        ec2, name = aws.client(service="ec2"), aws.name("private")
        vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged(aws, "vpc"))["Vpc"]["VpcId"]
        subnets = [
            ec2.create_subnet(
                VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{aws.near}{zone}", TagSpecifications=tagged(aws, "subnet")
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate("ab")
        ]
        aws.client().create_db_subnet_group(DBSubnetGroupName=name, DBSubnetGroupDescription="for a test", SubnetIds=subnets)
        given = {"GroupName": aws.name("databases"), "Description": "for a test", "TagSpecifications": tagged(aws, "security-group")}
        aws.made["private"] = vpc, subnets, name, ec2.create_security_group(VpcId=vpc, **given)["GroupId"]
    return aws.made["private"]


def default_vpc(aws, region=None):
    filters = [{"Name": "is-default", "Values": ["true"]}]
    [vpc] = aws.client(region=region, service="ec2").describe_vpcs(Filters=filters)["Vpcs"]
    return vpc["VpcId"]


def default_group(aws, vpc, region=None):
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": ["default"]}]
    [group] = aws.client(region=region, service="ec2").describe_security_groups(Filters=filters)["SecurityGroups"]
    return group["GroupId"]


@pytest.mark.rule("default-network")
def test_an_account_has_a_default_vpc_with_subnets_in_several_zones(aws):
    vpc = default_vpc(aws)
    found = aws.client(service="ec2").describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    assert len({subnet["AvailabilityZone"] for subnet in found}) > 1
    assert all(subnet["AvailableIpAddressCount"] > 0 for subnet in found)
    assert default_group(aws, vpc) != default_group(aws, default_vpc(aws, aws.far), aws.far)


@pytest.mark.rule("ec2-unknown")
def test_parts_of_a_network_that_do_not_exist_are_not_found(aws):
    ec2 = aws.client(service="ec2")
    assert code(ec2.describe_subnets, SubnetIds=["subnet-00000000000000000"]) == "InvalidSubnetID.NotFound"
    assert code(ec2.describe_security_groups, GroupIds=["sg-00000000000000000"]) == "InvalidGroup.NotFound"
    assert code(ec2.describe_vpcs, VpcIds=["vpc-00000000000000000"]) == "InvalidVpcID.NotFound"


@pytest.mark.rule("restore-subnet-group")
def test_a_restore_needs_an_existing_subnet_group(aws):
    refused = code(restore, aws=aws, snapshot=aws.one_snapshot(), DBSubnetGroupName=aws.name("none"))
    assert refused == "DBSubnetGroupNotFoundFault"


@pytest.mark.rule("security-group-vpc", "security-group-unknown")
def test_security_groups_must_be_in_the_vpc_of_the_subnet_group(aws):
    vpc, _, group, databases = private(aws)
    home = default_vpc(aws)
    expected = (
        "InvalidParameterCombination",
        "The DB instance and EC2 security group are in different VPCs. "
        f"The DB instance is in {home} and the EC2 security group is in {vpc}",
    )
    assert refusal(restore, aws=aws, snapshot=aws.one_snapshot(), VpcSecurityGroupIds=[databases]) == expected
    other = default_group(aws, default_vpc(aws, aws.far), aws.far)
    given = {"DBSubnetGroupName": group, "VpcSecurityGroupIds": [other]}
    assert code(restore, aws=aws, snapshot=aws.one_snapshot(), **given) == "InvalidParameterValue"


@pytest.mark.rule("restore-network")
def test_a_restored_instance_is_in_the_network_of_its_subnet_group(aws):
    vpc, subnets, group, databases = private(aws)
    new = restored(aws, aws.one_snapshot(), DBSubnetGroupName=group)
    assert new["DBSubnetGroup"]["VpcId"] == vpc
    assert {subnet["SubnetIdentifier"] for subnet in new["DBSubnetGroup"]["Subnets"]} == set(subnets)
    assert [one["VpcSecurityGroupId"] for one in new["VpcSecurityGroups"]] == [default_group(aws, vpc)]
    new = restored(aws, aws.one_snapshot(), DBSubnetGroupName=group, VpcSecurityGroupIds=[databases])
    assert [one["VpcSecurityGroupId"] for one in new["VpcSecurityGroups"]] == [databases]
    new = restored(aws, aws.one_snapshot())
    assert new["DBSubnetGroup"]["VpcId"] == default_vpc(aws)


@pytest.mark.rule("restore-parameter-group")
def test_a_restore_needs_an_existing_parameter_group_of_the_family(aws):
    rds, name = aws.client(), aws.name("parameters")
    assert code(restore, aws=aws, snapshot=aws.one_snapshot(), DBParameterGroupName=name) == "DBParameterGroupNotFound"
    rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily="mysql8.0", Description="for a test")
    assert code(restore, aws=aws, snapshot=aws.one_snapshot(), DBParameterGroupName=name) == "InvalidParameterCombination"


@pytest.mark.rule("restore-option-group")
def test_a_restore_needs_an_existing_option_group_of_its_engine(aws):
    assert code(restore, aws=aws, snapshot=aws.one_snapshot(), OptionGroupName=aws.name("none")) == "OptionGroupNotFoundFault"
    other = option_group(aws, "mysql", "8.0")
    assert code(restore, aws=aws, snapshot=aws.one_snapshot(), OptionGroupName=other) == "InvalidParameterCombination"


@pytest.mark.rule("option-group-vpc")
def test_an_option_group_belongs_to_the_vpc_of_its_instance(aws):
    _, _, group, _ = private(aws)
    major = aws.instance(aws.database())["EngineVersion"].split(".")[0]
    options = option_group(aws, "postgres", major)
    restored(aws, aws.one_snapshot(), OptionGroupName=options, DBSubnetGroupName=group)
    expected = ("InvalidParameterCombination", f"The option group {options} is associated with a different VPC than the request.")
    assert refusal(restore, aws=aws, snapshot=aws.one_snapshot(), OptionGroupName=options) == expected
