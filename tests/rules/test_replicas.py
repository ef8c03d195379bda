"""Read replicas: their creation, their promotion, and their deletion."""

import pytest
from accounts import code


@pytest.fixture(scope="module")
def source(aws):
    """An available instance with backups, which a replica needs."""
    return aws.own_database(BackupRetentionPeriod=1)


def replicated(aws, source, region=None, **options):
    """A new, available replica."""
    given = {"DBInstanceIdentifier": aws.name("replica"), "SourceDBInstanceIdentifier": source, **options}
    aws.client(region=region).create_db_instance_read_replica(**given)
    return aws.available_instance(given["DBInstanceIdentifier"], region=region)


@pytest.mark.rule("replica-needs-backups")
def test_a_source_without_backups_has_no_replica(aws):
    given = {"DBInstanceIdentifier": aws.name("replica"), "SourceDBInstanceIdentifier": aws.database()}
    assert code(aws.client().create_db_instance_read_replica, **given) == "InvalidDBInstanceState"


@pytest.mark.rule("replica-without-backups", "replica-named-by-identifier")
def test_a_replica_in_a_region_names_its_source_and_has_no_backups(aws, source):
    replica = replicated(aws, source)
    assert (replica["ReadReplicaSourceDBInstanceIdentifier"], replica["BackupRetentionPeriod"]) == (source, 0)
    aws.until(lambda: replica["DBInstanceIdentifier"] in aws.instance(source)["ReadReplicaDBInstanceIdentifiers"])
    assert replica["DbiResourceId"] != aws.instance(source)["DbiResourceId"]


@pytest.mark.rule("replica-named-by-arn", "replica-promotion", "replica-promoted-retention")
def test_a_promoted_replica_follows_nobody_and_keeps_backups_for_a_day(aws, source):
    arn, west = aws.instance(source)["DBInstanceArn"], aws.client(region=aws.far)
    replica = replicated(aws, arn, aws.far, SourceRegion=aws.near)
    name = replica["DBInstanceIdentifier"]
    assert replica["ReadReplicaSourceDBInstanceIdentifier"] == arn
    aws.until(lambda: replica["DBInstanceArn"] in aws.instance(source)["ReadReplicaDBInstanceIdentifiers"])
    west.promote_read_replica(DBInstanceIdentifier=name)
    aws.until(lambda: "ReadReplicaSourceDBInstanceIdentifier" not in aws.instance(name, region=aws.far))
    alone = aws.available_instance(name, region=aws.far)
    assert (alone["DbiResourceId"], alone["BackupRetentionPeriod"]) == (replica["DbiResourceId"], 1)
    aws.until(lambda: aws.instance(source)["ReadReplicaDBInstanceIdentifiers"] == [] or replica["DBInstanceArn"]
              not in aws.instance(source)["ReadReplicaDBInstanceIdentifiers"])  # fmt: skip


@pytest.mark.rule("replica-promotion-of-no-replica")
def test_an_instance_that_follows_nobody_is_not_promoted(aws):
    assert code(aws.client().promote_read_replica, DBInstanceIdentifier=aws.database()) == "InvalidDBInstanceState"


@pytest.mark.rule("replica-key")
def test_an_encrypted_replica_in_another_region_needs_a_key_there(aws):
    secret = aws.own_database(BackupRetentionPeriod=1, StorageEncrypted=True, KmsKeyId=aws.key())
    given = {"SourceDBInstanceIdentifier": aws.instance(secret)["DBInstanceArn"], "SourceRegion": aws.near}
    west, name = aws.client(region=aws.far), aws.name("replica")
    refused = code(west.create_db_instance_read_replica, DBInstanceIdentifier=name, **given)
    assert refused in ("InvalidParameterValue", "InvalidParameterCombination", "KMSKeyNotAccessibleFault")
    key = aws.key(region=aws.far)
    west.create_db_instance_read_replica(DBInstanceIdentifier=name, KmsKeyId=key, **given)
    assert aws.available_instance(name, region=aws.far)["KmsKeyId"] == key


@pytest.mark.rule("replica-final-snapshot")
def test_a_replica_is_deleted_without_a_final_snapshot(aws, source):
    name, rds = replicated(aws, source)["DBInstanceIdentifier"], aws.client()
    refused = code(rds.delete_db_instance, DBInstanceIdentifier=name, FinalDBSnapshotIdentifier=aws.name("last"))
    assert refused in ("InvalidParameterCombination", "InvalidParameterValue", "InvalidDBInstanceState")
    rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    aws.until(lambda: aws.instance(name) is None)


@pytest.mark.rule("replica-of-deleted-source")
def test_a_replica_in_the_region_of_a_deleted_source_becomes_independent(aws):
    source = aws.own_database(BackupRetentionPeriod=1)
    name = replicated(aws, source)["DBInstanceIdentifier"]
    aws.available_instance(source)
    aws.client().delete_db_instance(DBInstanceIdentifier=source, SkipFinalSnapshot=True)
    aws.until(lambda: "ReadReplicaSourceDBInstanceIdentifier" not in aws.instance(name))
    aws.available_instance(name)
