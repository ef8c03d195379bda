"""Lists: pages, filters, and refusals of malformed requests."""

import pytest
from accounts import code


@pytest.mark.rule("paging-size")
def test_a_page_has_20_to_100_records(aws):
    rds = aws.client()
    for call in [rds.describe_db_snapshots, rds.describe_db_instances, rds.describe_db_clusters]:
        for size in [19, 101]:
            assert code(call, MaxRecords=size) == "InvalidParameterValue"
        call(MaxRecords=20)
        call(MaxRecords=100)


@pytest.mark.rule("paging-marker")
def test_an_invented_marker_is_refused(aws):
    assert code(aws.client().describe_db_snapshots, Marker="nonsense") in ("InvalidParameterValue", "InvalidParameterCombination")


@pytest.mark.rule("paging-marker", "paging-complete")
@pytest.mark.simulator_only("120 snapshots are more than the quota of most accounts")
def test_pages_have_the_requested_size_and_lose_nothing(aws, quick_copies):
    reader, made = aws.fresh_account(), []
    for account in [aws.fresh_account(), aws.fresh_account()]:
        snapshot = aws.snapshot(aws.database(account), account)
        made += [snapshot, *[aws.finished_copy(snapshot, account) for _ in range(59)]]
        for one in made[-60:]:
            given = {"DBSnapshotIdentifier": one["DBSnapshotIdentifier"], "AttributeName": "restore", "ValuesToAdd": [reader]}
            aws.client(account).modify_db_snapshot_attribute(**given)
    for given, sizes in [({}, [100, 20]), ({"MaxRecords": 50}, [50, 50, 20]), ({"MaxRecords": 20}, [20] * 6)]:
        pages = shared_pages(aws.client(reader), given)
        assert [len(page) for page in pages] == sizes
        assert sorted(arn for page in pages for arn in page) == sorted(one["DBSnapshotArn"] for one in made)


def shared_pages(rds, given):
    pages, marker = [], {}
    while True:
        page = rds.describe_db_snapshots(SnapshotType="shared", **given, **marker)
        pages.append([one["DBSnapshotArn"] for one in page["DBSnapshots"]])
        if "Marker" not in page:
            return pages
        marker = {"Marker": page["Marker"]}


@pytest.mark.rule("list-by-database")
def test_snapshots_are_listed_by_database_and_by_resource_id(aws):
    one, another = aws.own_database(), aws.own_database(Engine="mysql")
    expected = {name: aws.snapshot(name)["DBSnapshotIdentifier"] for name in (one, another)}
    rds = aws.client()
    for name in (one, another):
        resource = aws.instance(name)["DbiResourceId"]
        filters = [{"Name": "db-instance-id", "Values": [name]}]
        for given in [{"DBInstanceIdentifier": name}, {"DbiResourceId": resource}, {"Filters": filters}]:
            found = rds.describe_db_snapshots(SnapshotType="manual", **given)["DBSnapshots"]
            assert [snapshot["DBSnapshotIdentifier"] for snapshot in found] == [expected[name]]


@pytest.mark.rule("list-unknown-filter")
def test_an_unknown_filter_or_type_is_refused(aws):
    rds = aws.client()
    assert code(rds.describe_db_snapshots, Filters=[{"Name": "colour", "Values": ["red"]}]) == "InvalidParameterValue"
    assert code(rds.describe_db_snapshots, SnapshotType="x") in ("InvalidParameterValue", "InvalidParameterCombination")


@pytest.mark.rule("list-of-unknown-database")
def test_the_snapshots_of_an_instance_that_never_existed_are_an_empty_list_or_not_found(aws):
    try:
        assert aws.client().describe_db_snapshots(DBInstanceIdentifier=aws.name("never"))["DBSnapshots"] == []
    except aws.client().exceptions.DBInstanceNotFoundFault as refusal:
        assert refusal.response["Error"]["Code"] == "DBInstanceNotFound"


@pytest.mark.rule("error-http-status")
def test_a_missing_resource_has_status_404_and_a_refusal_400(aws):
    rds = aws.client()
    for call, given, expected in [
        (rds.describe_db_snapshots, {"DBSnapshotIdentifier": aws.name("none")}, 404),
        (rds.describe_db_instances, {"DBInstanceIdentifier": aws.name("none")}, 404),
        (rds.describe_db_snapshots, {"MaxRecords": 19}, 400),
    ]:
        with pytest.raises(rds.exceptions.ClientError) as refused:
            call(**given)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == expected


@pytest.mark.rule("error-missing-parameter")
def test_a_missing_parameter_and_an_unknown_client_are_refused(aws):
    rds = aws.client()
    assert code(rds.create_db_snapshot, DBSnapshotIdentifier="", DBInstanceIdentifier="") in ("MissingParameter", "InvalidParameterValue")
