"""The values that AWS accepts for a new instance. Every request here is refused, so that none creates anything."""

import pytest
from accounts import refusal

PASSWORD = "The parameter MasterUserPassword is not a valid password"


def refused(aws, **change):
    """(code, text) of the refusal of a new instance with these values. None leaves a parameter out."""
    given = {
        "DBInstanceIdentifier": aws.name("db"), "Engine": "postgres", "DBInstanceClass": "db.t3.medium", "AllocatedStorage": 20,
        "MasterUsername": "pilot", "MasterUserPassword": "secret-secret", "BackupRetentionPeriod": 0, **change,
    }  # fmt: skip
    given = {name: value for name, value in given.items() if value is not None}
    return refusal(aws.client().create_db_instance, **given)


@pytest.mark.rule("new-instance-storage")
@pytest.mark.parametrize("engine,storage,size", [("postgres", "gp2", 10), ("mysql", "gp2", 19), ("mariadb", "gp2", 65_537)])
def test_a_size_that_the_storage_type_does_not_have_is_refused(aws, engine, storage, size):
    text = f"Invalid storage size for engine name {engine} and storage type {storage}: {size}"
    assert refused(aws, Engine=engine, StorageType=storage, AllocatedStorage=size) == ("InvalidParameterCombination", text)


@pytest.mark.rule("new-instance-password")
@pytest.mark.parametrize("engine,password,text", [
    ("postgres", "short", " because it is shorter than 8 characters."),
    ("mysql", "x" * 42, " because it is longer than 41 characters."),
    ("postgres", "with@sign", ". Only printable ASCII characters besides '/', '@', '\"', ' ' may be used."),
])  # fmt: skip
def test_a_password_has_the_length_and_the_characters_of_its_engine(aws, engine, password, text):
    assert refused(aws, Engine=engine, MasterUserPassword=password) == ("InvalidParameterValue", PASSWORD + text)


@pytest.mark.rule("new-instance-user")
def test_a_reserved_user_is_refused(aws):
    text = "MasterUsername admin cannot be used as it is a reserved word used by the engine"
    assert refused(aws, MasterUsername="admin") == ("InvalidParameterValue", text)


@pytest.mark.rule("new-instance-class")
@pytest.mark.parametrize("name", ["t3.medium", "db.db.t3.medium", "db.t3.tiny"])
def test_a_class_that_does_not_exist_is_refused(aws, name):
    assert refused(aws, DBInstanceClass=name) == ("InvalidParameterValue", f"Invalid DB Instance class: {name}")


@pytest.mark.rule("new-instance-retention")
def test_backups_are_kept_35_days_at_most(aws):
    code, text = refused(aws, BackupRetentionPeriod=36)
    assert (code, "36" in text) == ("InvalidParameterValue", True)


@pytest.mark.rule("new-instance-engine")
def test_an_unknown_engine_is_refused(aws):
    code, text = refused(aws, Engine="informix")
    assert (code, text.startswith("Invalid DB engine")) == ("InvalidParameterValue", True)


@pytest.mark.rule("new-instance-complete")
@pytest.mark.parametrize("name", ["AllocatedStorage", "MasterUsername", "MasterUserPassword"])
def test_storage_user_and_password_are_required(aws, name):
    code, text = refused(aws, **{name: None})
    assert (code, name in text) == ("InvalidParameterValue", True)
