"""`pilot-light retire` as at a terminal, against the simulator: what it marks, what it refuses, and its exit codes."""

import json
import re
from datetime import datetime, timedelta, timezone

import pytest
from kept_copies import HERE, THERE, Copies, snapshot_of, started
from local import estate, recovery
from operating_pages import section

WRONG_USE, FAILED = 2, 1
MARK = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ by root"


@pytest.fixture(scope="module")
def aws():
    with started("test-retire") as aws:
        yield aws


@pytest.fixture
def copies(aws):
    return Copies(aws)


def retire(copies, *arguments, code=0, place=HERE):
    """Everything that the command prints. It must end with this exit code."""
    said = []
    output = recovery.pilot_light(copies.aws, "retire", *arguments, place=place, ok=(code,), show=said.append)
    return "\n".join([output, *said])


def refused(copies, *arguments, **more):
    """The words of a refusal, which writes nothing."""
    said = retire(copies, *arguments, code=WRONG_USE, **more)
    assert tags_written(copies) == []
    return said


def tags_written(copies):
    return [call for call in copies.aws.admin("calls")["latest"] if call["action"] == "AddTagsToResource"]


def report(copies, *arguments):
    return json.loads(recovery.pilot_light(copies.aws, *arguments, "--output", "json"))


def reasons(copies):
    """{reason: number} of the databases and snapshots that the copy worker leaves alone."""
    return report(copies, "plan", "destination-copy")["skipped"]


def test_a_database_that_is_no_longer_offered_is_retired_by_a_mark_on_its_newest_copy(copies):
    copies.leave("orders", minutes=(30, 40))
    assert "NoLongerOffered" in reasons(copies)
    said = retire(copies, "orders")
    newest, older = copies.marks("orders")
    assert re.fullmatch(MARK, newest) and older is None
    assert newest in said and "orders" in said
    planned = report(copies, "plan", "destination-copy")
    assert planned["skipped"].get("Retired") == 1 and "NoLongerOffered" not in planned["skipped"]
    (announced,) = planned["announcements"]
    assert announced["name"].startswith("retired-root-") and announced["urgency"] == "inform"


def test_a_database_is_named_as_in_reports_or_by_a_pattern_and_its_retirement_may_have_an_end(copies):
    copies.leave("ci-1", "ci-2", "orders")
    retire(copies, f"{estate.SOURCE}/{estate.SOURCE_REGION}/orders", "--until", "2099-01-01")
    retire(copies, "ci-.*")
    assert copies.marks("orders")[0].endswith(" until 2099-01-01T00:00:00Z")
    assert all(re.fullmatch(MARK, mark) for name in ("ci-1", "ci-2") for mark in copies.marks(name))


def test_a_database_that_is_still_offered_is_refused_with_the_parameters_that_leave_it_out(copies):
    copies.protect("orders")
    copies.leave("ci-1")
    said = refused(copies, "orders|ci-1")
    assert "orders: it is still offered: its newest snapshot is younger than RpoTarget" in said and "ci-1:" not in said
    assert "SnapshotExclusion here or InstanceNameExclusion" in said and "nothing was changed" in said
    copies.offer("orders", minute=40)
    assert "is newer than its copies" in refused(copies, "orders")


def test_a_database_whose_last_snapshot_stays_shared_is_retired_once_that_is_as_old_as_the_age_limit(copies):
    copies.protect("orders")
    copies.source.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    assert "if it was stopped or deleted just now, try again after " in refused(copies, "orders")
    # The original and its copy are of that time.
    time = datetime.now(timezone.utc) - timedelta(minutes=56, seconds=1)
    field = {"name": "OriginalSnapshotCreateTime", "value": f"{time:%Y-%m-%dT%H:%M:%SZ}"}
    copies.aws.admin("impositions", {"impose": {"field": field}, "on": {"kind": "snapshot", "resource": "orders-*"}})
    retire(copies, "orders")
    assert re.fullmatch(MARK, copies.marks("orders")[0])


@pytest.mark.parametrize("missing", ["Engine", "DBInstanceIdentifier", "Status"])
def test_a_database_whose_offers_cannot_be_read_is_refused(copies, missing):
    copies.protect("orders")
    imposed = {"impose": {"missing": missing}, "on": {"kind": "snapshot", "region": estate.SOURCE_REGION, "resource": "orders-*"}}
    copies.aws.admin("impositions", imposed)
    said = refused(copies, "orders")
    assert f"snapshot:{snapshot_of('orders', 30)} cannot be copied (its record cannot be read: " in said and missing in said
    assert "delete that snapshot in the source account, or stop sharing it" in said
    copies.share("orders", 30, "ValuesToRemove")
    retire(copies, "orders")


def test_an_undo_overwrites_every_mark_and_a_second_one_is_refused(copies):
    copies.leave("orders")
    retire(copies, "orders")
    retire(copies, "orders", "--undo")
    assert re.fullmatch("undone " + MARK, copies.marks("orders")[0])
    assert "NoLongerOffered" in reasons(copies) and "Retired" not in reasons(copies)
    assert "orders: it is not retired; nothing was changed" in retire(copies, "orders", "--undo", code=WRONG_USE)
    assert len(tags_written(copies)) == 2


def test_a_mistyped_database_is_refused_with_the_place_and_the_most_similar_ones(copies):
    copies.leave("orders", "billing")
    said = refused(copies, "ordres")
    assert f"in account {HERE[0]}, Region {HERE[1]}, with the parameters at /pilot-light/destination: there is no copy" in said
    similar = [f"{estate.SOURCE}/{estate.SOURCE_REGION}/{name}" for name in ("orders", "billing")]
    assert f"'ordres' here; the most similar ones are {', '.join(similar)}; nothing was changed" in said


def test_a_dry_run_shows_the_mark_and_writes_nothing(copies):
    copies.leave("orders")
    said = retire(copies, "orders", "--dry-run")
    assert re.search(f"tag Retired='{MARK}' on its copy ", said)
    assert copies.marks("orders") == [None] and tags_written(copies) == []


def test_a_wrong_region_or_account_is_named_with_what_was_looked_at_and_where_to_go(copies):
    copies.leave("orders")
    elsewhere = refused(copies, "orders", "--region", "eu-west-1")
    assert f"in account {HERE[0]}, Region eu-west-1, /pilot-light/destination has none" in elsewhere
    assert "the credentials of the account that keeps the copies (AWS_PROFILE) and its Region (--region)" in elsewhere
    source = refused(copies, "orders", place=THERE)
    assert f"in account {THERE[0]}, Region {THERE[1]}, /pilot-light/destination has none, and only /pilot-light/source has some" in source
    assert f"the account that keeps the copies, {HERE[0]} (AWS_PROFILE), and Region {HERE[1]} (--region)" in source
    of_source = retire(copies, "orders", "--parameters", "/pilot-light/source", place=THERE, code=FAILED)
    assert f"in account {THERE[0]}, Region {THERE[1]}, with the parameters at /pilot-light/source: 1 of the parameters" in of_source
    mistyped = refused(copies, "orders", "--parameters", "/pilot-light/destinaton")
    assert f"in account {HERE[0]}, Region {HERE[1]}, /pilot-light/destinaton has none" in mistyped


def test_an_end_that_has_passed_and_arguments_that_contradict_each_other_are_refused(copies):
    copies.leave("orders")
    assert "has passed" in refused(copies, "orders", "--until", "2026-01-01")
    assert "is not a date" in refused(copies, "orders", "--until", "tomorrow")
    assert "cannot be used with" in refused(copies, "orders", "--undo", "--until", "2099-01-01")
    assert "not a regular expression" in refused(copies, "ord(")


def test_a_retirement_that_stopped_halfway_is_completed_by_the_same_command(copies):
    copies.leave("ci-1", "ci-2")
    with copies.aws.refused("AccessDenied", "Not this one.", action="AddTagsToResource", resource="*ci-2*"):
        said = retire(copies, "ci-.*", code=FAILED)
    assert "Not this one." in said and copies.marks("ci-1") != [None] and copies.marks("ci-2") == [None]
    retire(copies, "ci-.*")
    # Both have one mark, so they are announced together.
    assert copies.marks("ci-1") == copies.marks("ci-2") != [None]
    assert reasons(copies).get("Retired") == 2


def test_a_mark_that_cannot_be_read_is_replaced_although_the_first_attempt_stopped_halfway(copies):
    copies.leave("orders", minutes=(30, 40))
    older = copies.of("orders")[1]
    copies.destination.add_tags_to_resource(ResourceName=older["DBSnapshotArn"], Tags=[{"Key": "Retired", "Value": "yes"}])
    with copies.aws.refused("AccessDenied", "Not this one.", action="AddTagsToResource", resource=f"*{older['DBSnapshotIdentifier']}"):
        retire(copies, "orders", code=FAILED)
    assert "UnreadableRetirement" in reasons(copies)
    retire(copies, "orders")
    newest, second = copies.marks("orders")
    assert newest == second and "UnreadableRetirement" not in reasons(copies) and reasons(copies).get("Retired") == 1


def test_an_undo_that_stopped_halfway_is_completed_by_the_same_command(copies):
    copies.leave("ci-1", "ci-2")
    retire(copies, "ci-.*")
    with copies.aws.refused("AccessDenied", "Not this one.", action="AddTagsToResource", resource="*ci-2*"):
        retire(copies, "ci-.*", "--undo", code=FAILED)
    assert copies.marks("ci-1")[0].startswith("undone ") and not copies.marks("ci-2")[0].startswith("undone ")
    retire(copies, "ci-.*", "--undo")
    assert all(mark.startswith("undone ") for name in ("ci-1", "ci-2") for mark in copies.marks(name))


def test_the_command_needs_exactly_the_permissions_on_the_page(copies):
    copies.leave("orders")
    world = copies.aws.admin("saved")
    # The record of permissions begins anew.
    copies.aws.admin("reset", {})
    copies.aws.admin("saved", world)
    retire(copies, "orders")
    needed = [need for need in copies.aws.admin("permissions")["permissions"] if need["account"] == HERE[0]]
    documented = next(block for block in section("operating.md", "Retiring a database").split("\n\n") if "`retire` works" in block)
    assert {need["action"] for need in needed} == set(re.findall(r"`(rds:\w+)`", documented))
    (copy,) = copies.of("orders")
    assert {need["resource"] for need in needed if need["action"] == "rds:AddTagsToResource"} == {copy["DBSnapshotArn"]}
