"""Tags of snapshots and copies."""

import pytest
from accounts import code

OURS = [{"Key": "CreatedBy", "Value": "x"}]


def tags(snapshot):
    return {tag["Key"]: tag["Value"] for tag in snapshot["TagList"]}


@pytest.mark.rule("tags-listed")
def test_tags_are_part_of_every_list(aws):
    database = aws.own_database(Tags=OURS)
    assert tags(aws.instance(database)) == {"CreatedBy": "x"}
    assert tags(aws.snapshot(database, Tags=[{"Key": "a", "Value": "1"}])) == {"a": "1"}
    assert tags(aws.one_snapshot()) == {}


@pytest.mark.rule("tags-explicit")
def test_explicit_tags_replace_those_of_the_instance(aws):
    database = aws.own_database(Tags=[{"Key": "team", "Value": "a"}], CopyTagsToSnapshot=True)
    assert tags(aws.snapshot(database)) == {"team": "a"}
    assert tags(aws.snapshot(database, Tags=OURS)) == {"CreatedBy": "x"}


@pytest.mark.rule("tags-copied-on-request", "tags-explicit-on-copy")
def test_a_copy_has_the_tags_of_its_source_only_on_request_and_without_explicit_tags(aws):
    snapshot = aws.snapshot(Tags=[{"Key": "team", "Value": "a"}])
    for given, expected in [({}, {}), ({"CopyTags": True}, {"team": "a"}), ({"CopyTags": True, "Tags": OURS}, {"CreatedBy": "x"})]:
        assert tags(aws.finished_copy(snapshot, **given)) == expected


@pytest.mark.rule("tags-reserved", "tags-characters", "tags-length")
def test_a_reserved_prefix_and_other_characters_are_refused(aws):
    snapshot = aws.one_snapshot()
    for key, value in [("aws:a", "b"), ("rds:a", "b"), ("a", "aws:b"), ("a", "rds:b"), ("a", "b,c"), ("k" * 129, "v"), ("a", "v" * 257)]:
        tag = {"Key": key, "Value": value}
        assert code(aws.copy, snapshot=snapshot, Tags=[tag]) in ("InvalidParameterValue", "InvalidParameterCombination"), tag
    allowed = [{"Key": "arn_of.it", "Value": "arn:aws:rds/a=b+c-d@e 1"}]
    assert aws.finished_copy(snapshot, Tags=allowed)["TagList"] == allowed


@pytest.mark.rule("tags-added-by-arn", "tags-overwritten")
def test_tags_are_added_by_arn_and_overwrite_those_of_the_same_key(aws):
    snapshot, rds = aws.snapshot(Tags=[{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]), aws.client()
    arn = snapshot["DBSnapshotArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "a", "Value": "2"}])
    assert {tag["Key"]: tag["Value"] for tag in rds.list_tags_for_resource(ResourceName=arn)["TagList"]} == {"a": "2", "b": ""}
    aws.until(lambda: tags(aws.described(snapshot["DBSnapshotIdentifier"])) == {"a": "2", "b": ""})
    assert code(rds.add_tags_to_resource, ResourceName=snapshot["DBSnapshotIdentifier"], Tags=OURS) == "InvalidParameterValue"


@pytest.mark.rule("tags-of-other-accounts")
def test_the_reader_of_a_shared_snapshot_cannot_tag_it(aws):
    snapshot = aws.snapshot()
    aws.share(snapshot)
    given = {"ResourceName": snapshot["DBSnapshotArn"], "Tags": OURS}
    assert code(aws.client(aws.destination).add_tags_to_resource, **given) in ("InvalidParameterValue", "AccessDenied", "DBSnapshotNotFound")
    assert tags(aws.described(snapshot["DBSnapshotIdentifier"])) == {}
