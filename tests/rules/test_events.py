"""The events of snapshots and copies, as `DescribeEvents` lists them, and the names of keys that RDS takes."""

import pytest
from accounts import code


def texts(aws, name, region=None):
    """(category, text) of the events of a snapshot."""
    ask = {"SourceType": "db-snapshot", "SourceIdentifier": name, "Duration": 1440}
    pages = aws.client(region=region).get_paginator("describe_events").paginate(**ask)
    return [(*event["EventCategories"], event["Message"]) for page in pages for event in page["Events"]]


@pytest.mark.rule("events-of-a-snapshot")
def test_a_snapshot_has_events_for_its_beginning_its_end_and_its_deletion(aws):
    name = aws.snapshot()["DBSnapshotIdentifier"]
    aws.client().delete_db_snapshot(DBSnapshotIdentifier=name)
    expected = [
        ("creation", "Creating manual snapshot"),
        ("creation", "Manual snapshot created"),
        ("deletion", "Deleted manual snapshot"),
    ]
    # RDS may deliver events out of their order.
    aws.until(lambda: sorted(texts(aws, name)) == sorted(expected))


@pytest.mark.rule("events-of-a-copy")
def test_a_copy_across_regions_has_events_in_its_own_region_that_name_its_source(aws):
    source = aws.one_snapshot()
    name = aws.finished_copy(source, region=aws.far)["DBSnapshotIdentifier"]
    aws.until(lambda: len(texts(aws, name, aws.far)) == 2)
    what = f"copy of snapshot {source['DBSnapshotIdentifier']} from region {aws.near}"
    finished, started = sorted(texts(aws, name, aws.far))
    assert started == ("notification", f"Started {what}.")
    assert finished[0] == "notification" and finished[1].startswith(f"Finished {what} in ")
    assert texts(aws, name) == []


@pytest.mark.rule("events-need-a-source-type")
def test_a_source_needs_its_type(aws):
    assert code(aws.client().describe_events, SourceIdentifier="x") == "InvalidParameterCombination"


@pytest.mark.rule("key-named-by-alias")
def test_an_alias_names_the_key_of_a_copy(aws):
    key, alias = aws.key(), f"alias/{aws.name('key')}"
    kms = aws.client(service="kms")
    kms.create_alias(AliasName=alias, TargetKeyId=key)
    try:
        assert kms.describe_key(KeyId=alias)["KeyMetadata"]["Arn"] == key
        assert aws.finished_copy(aws.one_snapshot(), KmsKeyId=alias)["KmsKeyId"] == key
    finally:
        kms.delete_alias(AliasName=alias)
