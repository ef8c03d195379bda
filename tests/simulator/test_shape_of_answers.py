"""The attributes that AWS's published answers always have, and the requests for an instance that AWS refuses."""

import pytest
from botocore.exceptions import ClientError
from serving import EAST, OTHER, OWN, WEST

# The attributes of an answer to `DescribeDBInstances` that was published in January 2026 (MySQL). Left out are those of
# Multi-AZ, and LatestRestorableTime: the simulator takes no log backups.
OF_AN_INSTANCE = """
    ActivityStreamStatus AllocatedStorage AssociatedRoles AutoMinorVersionUpgrade AvailabilityZone BackupRetentionPeriod
    BackupTarget CACertificateIdentifier CertificateDetails CopyTagsToSnapshot CustomerOwnedIpEnabled DBInstanceArn
    DBInstanceClass DBInstanceIdentifier DBInstanceStatus DBParameterGroups DBSecurityGroups DBSubnetGroup
    DatabaseInsightsMode DbInstancePort DbiResourceId DedicatedLogVolume DeletionProtection DomainMemberships Endpoint
    Engine EngineLifecycleSupport EngineVersion IAMDatabaseAuthenticationEnabled InstanceCreateTime
    IsStorageConfigUpgradeAvailable LicenseModel MasterUsername MonitoringInterval MultiAZ NetworkType
    OptionGroupMemberships PendingModifiedValues PerformanceInsightsEnabled PreferredBackupWindow
    PreferredMaintenanceWindow PubliclyAccessible ReadReplicaDBInstanceIdentifiers StorageEncrypted StorageThroughput
    StorageType TagList UpgradeRolloutOrder VpcSecurityGroups
""".split()
# The attributes of an answer to `CreateDBSnapshot` that was published in August 2024. Answers to `CopyDBSnapshot` across
# Regions (cloud-custodian's recordings) have no zone, network or option group.
OF_A_COPY = """
    AllocatedStorage DBInstanceIdentifier DBSnapshotArn DBSnapshotIdentifier Encrypted Engine EngineVersion
    IAMDatabaseAuthenticationEnabled InstanceCreateTime LicenseModel MasterUsername PercentProgress Port
    DedicatedLogVolume ProcessorFeatures SnapshotTarget SnapshotType Status StorageThroughput StorageType TagList
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
    west = simulator.client(OWN, WEST)
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
    ({"BackupRetentionPeriod": 36}, "InvalidParameterValue",
     "Invalid backup retention period: 36. Retention period must be between 0 and 35."),
    ({"Engine": "informix"}, "InvalidParameterValue", "Invalid DB engine"),
    ({"DBInstanceIdentifier": "ends-"}, "InvalidParameterValue",
     "must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."),
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
