"""The saved queries read only fields that the workers log, and only the logs of their own group."""

import json
import re

import pytest
from checks.files import ROOT, SCEPTRE, Tag, config, template
from checks.insights import LAMBDA, SYSTEM, answer, named

GROUPS = {"source": ["take", "share", "delete"], "destination": ["copy", "delete"]}
ENTRY = {"what": "delete", "subject": "orders-1", "detail": "120 min old, kept for 60 min"}


def queries():
    """{resource: query} of the template."""
    return {name: resource["Properties"]["QueryString"] for name, resource in template(SCEPTRE / "templates/queries.yaml")["Resources"].items()}


def fields_of(struct):
    """The serialized fields of a Rust struct of the report."""
    body = re.search(rf"pub struct {struct} \{{(.*?)\n\}}", (ROOT / "shared/domain/src/run/report.rs").read_text(), re.S).group(1)
    written = re.sub(r"#\[serde\(skip\)\]\s*pub \w+", "", body)
    return set(re.findall(r"pub (\w+):", written))


def keys_of(path, function):
    """The keys of the JSON that a Rust function writes."""
    body = re.search(rf"fn {function}\(.*?\n\}}", (ROOT / path).read_text(), re.S).group(0)
    return set(re.findall(r'"(\w+)":', body))


def logged():
    """The names of all fields of a log line, as a query names them."""
    report = keys_of("shared/aws/src/lambda/telemetry.rs", "report_line") - {"report"} | {f"line.report.{name}" for name in fields_of("Report")}
    recovery = keys_of("destination-account/recover/src/report.rs", "line_of") | keys_of("destination-account/recover/src/report.rs", "last_line")
    errors = set(re.findall(r"tracing::error!\((\w+) = error\.name", (ROOT / "shared/aws/src/lambda/invocation.rs").read_text()))
    return report | recovery | errors | {f"entry.{name}" for name in fields_of("Entry")} | SYSTEM | LAMBDA


@pytest.mark.parametrize("name", sorted(queries()))
def test_every_field_of_a_query_is_logged(name):
    assert named(queries()[name]) - logged() == set()


def test_a_field_that_nobody_logs_is_found():
    query = queries()["Blocked"]
    assert named(query.replace("report.blockers", "report.blocks")) - logged() == {"line.report.blocks"}
    assert named(query.replace("entry.detail", "entry.reason")) - logged() == {"entry.reason"}
    assert named(queries()["Recovery"].replace("resourceName", "resource_name")) - logged() == {"resource_name"}


def test_each_list_of_a_report_has_a_query():
    lists = set(re.findall(r"pub (\w+): Vec<Entry>", (ROOT / "shared/domain/src/run/report.rs").read_text()))
    assert {found for query in queries().values() for found in re.findall(r"unnest line\.report\.(\w+) into entry", query)} == lists


def line(**report):
    return json.dumps({"message": "report", "level": "INFO", "report": {"worker": "source-delete", "dry_run": False, "failed": 0} | report})


def test_the_query_for_deletions_shows_the_reason():
    lines = ["START RequestId: 1", line(actions=[ENTRY, ENTRY | {"what": "take"}]), line(actions=[])]
    (row,) = answer(queries()["Deleted"], lines)
    assert (row["line.report.worker"], row["entry.subject"], row["entry.detail"]) == ("source-delete", "orders-1", ENTRY["detail"])
    assert [row["entry.what"] for row in answer(queries()["Done"], lines)] == ["take"]


def test_a_name_between_the_slashes_finds_one_database():
    other = ENTRY | {"subject": "billing", "what": "NotSelected"}
    query = queries()["LeftAlone"].replace("like /./", "like /bill/")
    assert [row["entry.what"] for row in answer(query, [line(settled=[ENTRY, other])])] == ["NotSelected"]


def test_the_query_for_blockers_shows_only_runs_with_blockers():
    lines = [line(blocked=0, blockers=[ENTRY]), line(blocked=1, blockers=[ENTRY])]
    assert len(answer(queries()["Blocked"], lines)) == 1


@pytest.mark.parametrize("group", sorted(GROUPS))
def test_each_group_queries_its_own_logs_and_the_local_run_has_no_queries(group):
    given = config(SCEPTRE / "config" / group / "queries.yaml")["parameters"]
    logs = [Tag("stack_output", f"{group}/{worker}.yaml::LogGroup") for worker in GROUPS[group]]
    assert given == {"Name": f"pilot-light-{group}", "WorkerLogs": Tag("join", [",", logs]),
                     "RecoverLog": Tag("stack_output", f"{group}/recover.yaml::LogGroup")}
    assert [config(SCEPTRE / "config" / group / "queries.yaml", variables)["ignore"] for variables in ({}, {"local": True})] == [False, True]
