"""The attributes that AWS's published answers always have, and the requests for an instance that AWS refuses."""

import pytest
from botocore.exceptions import ClientError
from serving import EAST, OTHER, OURS, WEST

# Of five answers to `DescribeDBInstances`, published from 2023 to 2026 (MySQL and PostgreSQL, Single-AZ): the attributes
# of all of them. LatestRestorableTime is missing: the simulator takes no log backups.
OF_AN_INSTANCE = """
    ActivityStreamStatus AllocatedStorage AssociatedRoles AutoMinorVersionUpgrade AvailabilityZone BackupRetentionPeriod
    BackupTarget CACertificateIdentifier CertificateDetails CopyTagsToSnapshot CustomerOwnedIpEnabled DBInstanceArn
    DBInstanceClass DBInstanceIdentifier DBInstanceStatus DBParameterGroups DBSecurityGroups DBSubnetGroup
    DatabaseInsightsMode DbInstancePort DbiResourceId DedicatedLogVolume DeletionProtection DomainMemberships Endpoint
    Engine EngineLifecycleSupport EngineVersion IAMDatabaseAuthenticationEnabled InstanceCreateTime
    IsStorageConfigUpgradeAvailable LicenseModel MasterUsername MonitoringInterval MultiAZ NetworkType
    OptionGroupMemberships PendingModifiedValues PerformanceInsightsEnabled PreferredBackupWindow
    PreferredMaintenanceWindow PubliclyAccessible ReadReplicaDBInstanceIdentifiers StorageEncrypted StorageType TagList
    VpcSecurityGroups
""".split()
# Of the answers to `CreateDBSnapshot` and `DescribeDBSnapshots` since 2022, and of `CopyDBSnapshot` across Regions.
OF_A_COPY = """
    AllocatedStorage DBInstanceIdentifier DBSnapshotArn DBSnapshotIdentifier Encrypted Engine EngineVersion
    IAMDatabaseAuthenticationEnabled InstanceCreateTime LicenseModel MasterUsername PercentProgress Port
    ProcessorFeatures SnapshotTarget SnapshotType Status StorageType TagList
""".split()
OF_A_SNAPSHOT = [*OF_A_COPY, "AvailabilityZone", "DbiResourceId", "OptionGroupName", "VpcId"]


def test_an_instance_has_the_attributes_that_published_answers_have(simulator):
    simulator.database()
    (found,) = simulator.client().describe_db_instances()["DBInstances"]
    assert [name for name in OF_AN_INSTANCE if name not in found] == []
    group = found["DBSubnetGroup"]
    assert {"VpcId", "DBSubnetGroupDescription", "Subnets"} <= group.keys()
    assert found["DBParameterGroups"][0]["DBParameterGroupName"] == "default.postgres16"
    assert found["OptionGroupMemberships"][0]["OptionGroupName"] == "default:postgres-16"


def test_a_snapshot_has_the_attributes_that_published_answers_have(simulator):
    simulator.database()
    arn = simulator.snapshot("a")
    (taken,) = simulator.client().describe_db_snapshots()["DBSnapshots"]
    assert [name for name in OF_A_SNAPSHOT if name not in taken] == []
    assert "SourceRegion" not in taken
    west = simulator.client(OURS, WEST)
    ask = {"SourceDBSnapshotIdentifier": arn, "TargetDBSnapshotIdentifier": "b", "SourceRegion": EAST}
    copied = west.copy_db_snapshot(**ask)["DBSnapshot"]
    assert [name for name in OF_A_COPY if name not in copied] == []
    assert copied["SourceRegion"] == EAST
    assert not {"AvailabilityZone", "OptionGroupName", "SnapshotCreateTime", "VpcId"} & copied.keys()


INVALID = [
    ({"AllocatedStorage": None}, "InvalidParameterValue", "The parameter AllocatedStorage must be provided"),
    ({"MasterUsername": None}, "InvalidParameterValue", "The parameter MasterUsername must be provided"),
    ({"MasterUserPassword": None}, "InvalidParameterValue", "The parameter MasterUserPassword must be provided"),
    ({"AllocatedStorage": 10}, "InvalidParameterCombination",
     "Invalid storage size for engine name postgres and storage type gp3: 10"),
    ({"AllocatedStorage": 20, "StorageType": "io1", "Iops": 1000}, "InvalidParameterCombination",
     "Invalid storage size for engine name postgres and storage type io1: 20"),
    ({"DBInstanceClass": "t3.micro"}, "InvalidParameterValue", "Invalid DB Instance class: t3.micro"),
    ({"MasterUsername": "admin"}, "InvalidParameterValue",
     "MasterUsername admin cannot be used as it is a reserved word used by the engine"),
    ({"MasterUserPassword": "short"}, "InvalidParameterValue", "because it is shorter than 8 characters."),
    ({"MasterUserPassword": "x" * 129}, "InvalidParameterValue", "because it is longer than 128 characters."),
    ({"MasterUserPassword": "with@sign"}, "InvalidParameterValue",
     "Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."),
    ({"BackupRetentionPeriod": 36}, "InvalidParameterValue", "36"),
    ({"Engine": "informix"}, "InvalidParameterValue", "Invalid DB engine"),
    ({"DBInstanceIdentifier": "ends-"}, "InvalidParameterValue",
     "The parameter DBInstanceIdentifier is not a valid identifier."),
]  # fmt: skip


@pytest.mark.parametrize(("change", "code", "text"), INVALID, ids=[f"{next(iter(row[0]))}-{n}" for n, row in enumerate(INVALID)])
def test_an_instance_with_an_invalid_value_is_refused_with_awss_text(simulator, change, code, text):
    ask = {
        "DBInstanceIdentifier": "orders", "Engine": "postgres", "DBInstanceClass": "db.t3.medium",
        "AllocatedStorage": 20, "MasterUsername": "pilot", "MasterUserPassword": "not-a-secret",
    } | change  # fmt: skip
    with pytest.raises(ClientError) as caught:
        simulator.client().create_db_instance(**{name: value for name, value in ask.items() if value is not None})
    error = caught.value.response["Error"]
    assert (error["Code"], text in error["Message"]) == (code, True), error["Message"]


def test_a_password_that_rds_manages_is_not_required(simulator):
    created = simulator.client(OTHER).create_db_instance(
        DBInstanceIdentifier="orders", Engine="mysql", DBInstanceClass="db.t3.medium", AllocatedStorage=20,
        MasterUsername="admin", ManageMasterUserPassword=True,
    )  # fmt: skip
    assert created["DBInstance"]["MasterUsername"] == "admin"
