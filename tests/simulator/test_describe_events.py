"""Events and event subscriptions over HTTP, as a client of RDS sees them."""

from datetime import datetime, timedelta, timezone

import pytest
from botocore.exceptions import ClientError
from serving import EAST, OTHER, OWN, WEST


def events(rds, **ask):
    """(source, category, text) of the events in all pages."""
    pages = rds.get_paginator("describe_events").paginate(**ask)
    return [
        (event["SourceIdentifier"], *event["EventCategories"], event["Message"])
        for page in pages
        for event in page["Events"]
    ]


def code(call, **ask):
    with pytest.raises(ClientError) as caught:
        call(**ask)
    return caught.value.response["Error"]["Code"]


def test_the_life_of_a_snapshot_and_of_its_copy_is_told_by_events_of_their_regions(simulator):
    simulator.database()
    arn = simulator.snapshot("a")
    west = simulator.client(OWN, WEST)
    west.copy_db_snapshot(SourceDBSnapshotIdentifier=arn, TargetDBSnapshotIdentifier="b", SourceRegion=EAST)
    rds = simulator.client()
    rds.describe_db_snapshots()
    rds.restore_db_instance_from_db_snapshot(DBInstanceIdentifier="again", DBSnapshotIdentifier="a")
    rds.delete_db_snapshot(DBSnapshotIdentifier="a")
    assert events(rds, SourceType="db-snapshot") == [
        ("a", "creation", "Creating manual snapshot"),
        ("a", "creation", "Manual snapshot created"),
        ("a", "restoration", "Restored from snapshot a."),
        ("a", "deletion", "Deleted manual snapshot"),
    ]
    assert events(west, SourceType="db-snapshot") == [
        ("b", "notification", "Started copy of snapshot a from region us-east-1."),
        ("b", "notification", "Finished copy of snapshot a from region us-east-1 in 1 minutes."),
    ]
    assert events(simulator.client(OTHER)) == []
    (event,) = rds.describe_events(SourceType="db-snapshot", EventCategories=["deletion"])["Events"]
    assert (event["SourceType"], event["SourceArn"]) == ("db-snapshot", arn)
    now = datetime.now(timezone.utc)
    assert abs(now - event["Date"]) < timedelta(minutes=1)
    assert events(rds, StartTime=now - timedelta(days=2), EndTime=now - timedelta(days=1)) == []
    assert len(events(rds, SourceType="db-snapshot", StartTime=now - timedelta(hours=1))) == 4
    assert code(rds.describe_events, SourceIdentifier="a") == "InvalidParameterCombination"


def test_events_come_page_by_page_and_by_source(simulator):
    simulator.database()
    for number in range(15):
        simulator.snapshot(f"s{number:02}")
    rds = simulator.client()
    pages = rds.get_paginator("describe_events").paginate(SourceType="db-snapshot", PaginationConfig={"PageSize": 20})
    assert [len(page["Events"]) for page in pages] == [20, 10]
    assert [found[0] for found in events(rds, SourceType="db-snapshot", SourceIdentifier="s07")] == ["s07"] * 2
    backups = events(rds, SourceType="db-instance", EventCategories=["backup"])
    assert backups[:2] == [
        ("orders", "backup", "Backing up DB instance"),
        ("orders", "backup", "Finished DB Instance backup"),
    ]


def test_a_subscription_is_created_described_changed_and_deleted(simulator):
    simulator.database()
    rds = simulator.client()
    ask = {
        "SubscriptionName": "news", "SnsTopicArn": f"arn:aws:sns:{EAST}:{OWN}:news", "SourceType": "db-instance",
        "SourceIds": ["orders"], "EventCategories": ["backup", "deletion"],
    }  # fmt: skip
    created = rds.create_event_subscription(**ask)["EventSubscription"]
    assert (created["Status"], created["Enabled"]) == ("creating", True)
    assert created["EventSubscriptionArn"] == f"arn:aws:rds:{EAST}:{OWN}:es:news"
    rds.modify_event_subscription(SubscriptionName="news", Enabled=False, EventCategories=["failure"])
    (found,) = rds.describe_event_subscriptions()["EventSubscriptionsList"]
    expected = {
        "CustomerAwsId": OWN, "CustSubscriptionId": "news", "SnsTopicArn": ask["SnsTopicArn"], "Status": "active",
        "SourceType": "db-instance", "SourceIdsList": ["orders"], "EventCategoriesList": ["failure"], "Enabled": False,
    }  # fmt: skip
    assert {name: found[name] for name in expected} == expected
    assert code(rds.create_event_subscription, **ask) == "SubscriptionAlreadyExist"
    assert code(rds.create_event_subscription, **ask | {"SubscriptionName": "x", "SourceIds": ["y"]}) == "SourceNotFound"
    assert rds.delete_event_subscription(SubscriptionName="news")["EventSubscription"]["Status"] == "deleting"
    assert code(rds.describe_event_subscriptions, SubscriptionName="news") == "SubscriptionNotFound"
