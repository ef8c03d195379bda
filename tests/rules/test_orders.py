"""The classes, versions and licences with which AWS creates, restores and changes an instance. Nearly every request here is refused."""

import pytest
from accounts import refusal
from test_new_instances import refused
from test_restores import restore

COMBINATION = "RDS does not support creating a DB instance with the following combination: DBInstanceClass={}, Engine={}, EngineVersion="


def refused_restore(aws, **given):
    """(code, text) of the refusal of a restore of the shared snapshot."""
    return refusal(restore, aws=aws, snapshot=aws.one_snapshot(), **given)


def refused_change(aws, **given):
    """(code, text) of the refusal of a change of the shared instance."""
    return refusal(aws.client().modify_db_instance, DBInstanceIdentifier=aws.database(), ApplyImmediately=True, **given)


@pytest.mark.rule("restore-class-unknown")
def test_a_restore_with_a_class_that_does_not_exist_is_refused(aws):
    expected = ("InvalidParameterValue", "Invalid DB Instance class: db.nope")
    assert refused_restore(aws, DBInstanceClass="db.nope") == expected
    assert refused_change(aws, DBInstanceClass="db.nope") == expected


@pytest.mark.rule("class-not-orderable")
def test_a_class_that_is_not_offered_for_the_engine_is_refused(aws):
    code, text = refused(aws, Engine="sqlserver-se", DBInstanceClass="db.m6g.large", LicenseModel="license-included")
    assert (code, text.startswith(COMBINATION.format("db.m6g.large", "sqlserver-se"))) == ("InvalidParameterCombination", True)
    code, text = refused_restore(aws, DBInstanceClass="db.t2.micro")
    assert (code, text.startswith(COMBINATION.format("db.t2.micro", "postgres"))) == ("InvalidParameterCombination", True)


@pytest.mark.rule("class-not-orderable")
def test_a_licence_that_the_engine_does_not_have_is_refused(aws):
    code, text = refused(aws, LicenseModel="license-included")
    assert (code, "LicenseModel=license-included" in text) == ("InvalidParameterCombination", True)


@pytest.mark.rule("version-withdrawn")
def test_a_version_that_is_not_available_is_refused(aws):
    assert refused(aws, EngineVersion="13.7") == ("InvalidParameterCombination", "Cannot find version 13.7 for postgres")


@pytest.mark.rule("version-of-major")
def test_a_major_version_means_one_of_its_versions(aws):
    name = aws.own_database(EngineVersion="17")
    assert aws.instance(name)["EngineVersion"].startswith("17.")


@pytest.mark.rule("upgrade-targets")
def test_an_instance_is_upgraded_only_to_a_target_of_its_version(aws):
    code, text = refused_change(aws, EngineVersion="13.20", AllowMajorVersionUpgrade=True)
    assert (code, text.startswith("Cannot upgrade postgres from ")) == ("InvalidParameterCombination", True)
