"""Storage, ports and mirroring of new and restored instances. Nearly every request here is refused."""

import pytest
from accounts import refusal
from test_new_instances import refused
from test_objects import SQL_SERVER
from test_orders import refused_restore
from test_restores import restore, restored

COMBINATION, VALUE = "InvalidParameterCombination", "InvalidParameterValue"


@pytest.mark.rule("gp3-small")
def test_iops_of_a_small_gp3_are_refused(aws):
    text = "You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400."
    assert refused(aws, StorageType="gp3", Iops=3000) == (COMBINATION, text)
    assert refused_restore(aws, StorageType="gp3", Iops=3000) == (COMBINATION, text)
    assert refused_restore(aws, StorageType="gp3", StorageThroughput=125) == (COMBINATION, text)


@pytest.mark.rule("gp3-baseline")
def test_a_description_shows_the_baseline_of_gp3(aws):
    found = aws.instance(aws.own_database(StorageType="gp3"))
    assert (found["Iops"], found["StorageThroughput"]) == (3000, 125)


@pytest.mark.rule("iops-required", "iops-ratio")
def test_provisioned_iops_must_be_named_in_the_ratio_to_the_size(aws):
    text = "The storage type io1 requires iops to be specified."
    assert refused(aws, StorageType="io1", AllocatedStorage=100) == (COMBINATION, text)
    code, text = refused(aws, StorageType="io1", AllocatedStorage=100, Iops=6000)
    assert (code, "ratio" in text) == (COMBINATION, True)


@pytest.mark.rule("storage-standard")
def test_magnetic_storage_is_refused(aws):
    assert refused(aws, StorageType="standard")[0] in ("StorageTypeNotSupported", COMBINATION, VALUE)
    assert refused_restore(aws, StorageType="standard")[0] in ("StorageTypeNotSupported", COMBINATION, VALUE)


@pytest.mark.rule("restore-size")
def test_a_restored_instance_is_not_smaller_than_its_snapshot(aws):
    size = aws.one_snapshot()["AllocatedStorage"]
    assert refused_restore(aws, AllocatedStorage=size + 1)[0] in (COMBINATION, VALUE)
    larger = aws.snapshot(aws.own_database(AllocatedStorage=2 * size))
    assert refusal(restore, aws=aws, snapshot=larger, AllocatedStorage=size)[0] in (COMBINATION, VALUE)
    assert restored(aws, larger, AllocatedStorage=3 * size)["AllocatedStorage"] == 3 * size


@pytest.mark.rule("port-range")
def test_a_port_is_1150_or_more(aws):
    assert refused(aws, Port=1149)[0] == VALUE
    assert refused_restore(aws, Port=1149)[0] == VALUE


@pytest.mark.rule("mirroring-needs-backups")
def test_sql_server_without_backups_is_not_multi_az(aws):
    code, text = refused(aws, **SQL_SERVER, MultiAZ=True, BackupRetentionPeriod=0)
    assert (code, "backup retention" in text.lower()) == (VALUE, True)


@pytest.mark.rule("mirroring-not-in-restore")
def test_sql_server_is_restored_without_multi_az_and_changed_afterwards(aws):
    snapshot = aws.snapshot(aws.own_database(**SQL_SERVER))
    assert refusal(restore, aws=aws, snapshot=snapshot, MultiAZ=True)[0] == VALUE
    name = restored(aws, snapshot)["DBInstanceIdentifier"]
    change = {"DBInstanceIdentifier": name, "MultiAZ": True, "ApplyImmediately": True}
    assert refusal(aws.client().modify_db_instance, **change)[0] == VALUE
    aws.client().modify_db_instance(BackupRetentionPeriod=1, **change)
    assert aws.until(lambda: aws.available_instance(name)["MultiAZ"])
