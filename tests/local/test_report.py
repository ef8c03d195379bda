"""The demo's table: the actions on each database, and each reason for an omitted action once."""

import json

import pytest
from local import report
from local.watch import reported

KEY = "it is encrypted with the default aws/rds key"


class Watch:
    """A watch that contains given reports."""

    def __init__(self, **reports):
        self.found = {name.replace("_", "-"): found for name, found in reports.items()}

    def reports(self, name):
        return self.found.get(name, [])


def entry(what, subject, detail=""):
    return {"what": what, "subject": subject, "detail": detail}


def seen():
    old = "2 min old, kept for 2 min"
    blocked = {"considered": 4, "blockers": [entry("DefaultKey", "arn:aws:rds:us-east-1:111111111111:snapshot:ledger-2026-01-01-10-00", KEY)]}
    return Watch(
        take=[{"actions": [entry("take", "111111111111/us-east-1/ledger")]}, {"dry_run": True, "actions": [entry("take", "ledger")]}],
        share=[{"considered": 4, "blockers": [entry("NoKey", "orders")]}, *[blocked] * 5, {"considered": 0, "blockers": [], "failed": 1}],
        source_delete=[{"actions": [entry("delete", f"ledger-2026-01-01-10-0{n}", old) for n in (0, 1)]}])


def test_each_reason_is_shown_once_and_only_while_it_holds_even_if_the_last_run_was_refused_everything():
    assert report.blockers(seen()) == {"ledger": KEY}
    assert list(report.lines_of({"id": "ledger", "state": "blocked"}, seen())) == [
        "taken 1, shared 0, copied 0",
        "deleted in the source: 2 (2 min old, kept for 2 min)",
        f"NOT PROTECTED: {KEY}",
    ]
    assert list(report.lines_of({"id": "scratch", "state": "not selected"}, seen())) == ["nothing: InstanceNamePattern leaves it out"]


@pytest.mark.parametrize("subject,database", [
    ("111111111111/us-east-1/orders-archive", "orders-archive"),
    ("orders-archive-2026-11-21-02-20", "orders-archive"),
    ("arn:aws:rds:us-east-1:111111111111:snapshot:orders-2026-11-21-02-20", "orders"),
    ("arn:aws:rds:us-east-1:111111111111:db:orders", "orders"),
])
def test_the_database_is_read_from_every_form_of_a_subject(subject, database):
    assert report.database_of(subject) == database


def test_a_failed_action_is_counted_apart_from_the_done_ones():
    orders = "arn:aws:rds:us-east-1:111111111111:snapshot:orders-2026-01-01-10-00"
    failed = {"actions": [], "failures": [entry("copy", orders, "the key is disabled")], "acted": {}, "failed": 1}
    watch = Watch(copy=[{"actions": [entry("copy", orders)], "acted": {"copy": 1}}, failed])
    assert list(report.lines_of({"id": "orders", "state": "protected"}, watch)) == [
        "taken 0, shared 0, copied 1",
        "failed: 1 copy (the key is disabled)",
    ]


def test_the_report_of_a_failed_run_is_read_from_its_message():
    message = json.dumps({"errorType": "AccessDenied", "errorMessage": '1 of 1 actions failed; report: {"failed": 1}'})
    assert reported(message) == {"failed": 1}
    assert [reported(cause) for cause in ("", "{}", "[]", "1", '{"errorMessage": "no report"}')] == [{}] * 5


def test_runs_that_are_under_way_at_the_end_are_counted():
    class Late(Watch):
        running = 1

        def until(self, subject, done, seconds):
            assert not done()
            self.running = 0
            self.found["take"] = [{"actions": [entry("take", "111111111111/us-east-1/orders")]}]
            assert done()

    watch = Late()
    report.see_everything(watch)
    assert list(report.lines_of({"id": "orders", "state": "protected"}, watch)) == ["taken 1, shared 0, copied 0"]
