"""The dashboards of both accounts are valid, fill their grid, and show the published metrics."""

import copy

import pytest
from checks.dashboards import alarm_arns, body, deployed_alarms, geometry_findings, metric_findings, published, shown
from checks.files import SCEPTRE, Tag, config, template
from checks.references import configs

GIVEN = {"RpoTargetSeconds": "3600", "RtoTargetSeconds": "10800", "ShareSnapshots": "TRUE", "DeleteOldSnapshots": "TRUE",
         "FailoverName": "up", "FailbackName": "back", "DrillName": "drill"}
WORKERS = {"source": ["take", "share", "delete"], "destination": ["copy", "delete"]}


def dashboard(group, **changes):
    return body(template(SCEPTRE / "templates" / f"dashboard-{group}.yaml"), GIVEN | {"Name": f"pilot-light-{group}"} | changes)


@pytest.fixture(params=sorted(WORKERS), name="group")
def each_group(request):
    return request.param


def test_the_widgets_fill_the_grid_without_overlap(group):
    assert list(geometry_findings(dashboard(group))) == []


def test_every_metric_shown_is_published(group):
    assert list(metric_findings(dashboard(group), published())) == []


def test_every_published_metric_is_shown(group):
    shown_metrics = {(metric, dimension) for namespace, metric, dimension in shown(dashboard(group)) if namespace == "PilotLight"}
    everything = {(metric, dimension) for metric, dimensions in published().items() for dimension in dimensions}
    ages = {("RecoveryPointAge", "Database"), ("OldestRecoveryPointAge", "")}
    assert ages < everything and len(everything) == 9
    assert shown_metrics == (everything if group == "destination" else everything - ages)


def lines(widgets, metric):
    """The values of the lines in the graphs of a metric."""
    return [line["value"] for widget in widgets if any(each[1] == metric for each in shown({"widgets": [widget]}))
            for line in widget["properties"].get("annotations", {}).get("horizontal", [])]


def test_the_objectives_and_the_quota_are_shown_as_lines():
    widgets = dashboard("destination", RpoTargetSeconds="1800", RtoTargetSeconds="7200")["widgets"]
    assert [lines(widgets, metric) for metric in ("RecoveryPointAge", "OldestRecoveryPointAge", "RecoveryTime", "SnapshotQuotaUsed")] == [
        [1800], [1800], [7200, 7200], [80]]
    given = config(SCEPTRE / "config/destination/dashboard.yaml")["parameters"]
    for target in ("Rpo", "Rto"):
        assert given[f"{target}TargetSeconds"].value["value"] == Tag("stack_output", f"destination/parameters.yaml::{target}Target")


def test_every_worker_has_a_line_in_the_graphs_and_its_log_in_the_table(group):
    found = dashboard(group)
    metrics = [metric for widget in found["widgets"] for metric in widget["properties"].get("metrics", [])]
    succeeded = [metric[3] for metric in metrics if metric[:2] == ["AWS/States", "ExecutionsSucceeded"]]
    assert succeeded == [f"arn:aws-cn:states:cn-north-1:222222222222:stateMachine:pilot-light-{group}-{worker}" for worker in WORKERS[group]]
    (log,) = (widget["properties"] for widget in found["widgets"] if widget["type"] == "log")
    assert all(f"SOURCE '/aws/lambda/pilot-light-{group}-{worker}'" in log["query"] for worker in WORKERS[group])
    assert {widget["properties"].get("region", "cn-north-1") for widget in found["widgets"]} == {"cn-north-1"}


def arns(names):
    return {f"arn:aws-cn:cloudwatch:cn-north-1:222222222222:alarm:{name}" for name in names}


def test_the_dashboard_shows_every_deployed_alarm_and_no_other(group):
    shown_alarms = alarm_arns(dashboard(group))
    assert len(set(shown_alarms)) == len(shown_alarms) <= 100
    assert set(shown_alarms) == arns(deployed_alarms(configs(), group))


@pytest.mark.parametrize("account,parameter,worker", [
    ("source", "ShareSnapshots", "share"), ("source", "DeleteOldSnapshots", "delete"), ("destination", "DeleteOldSnapshots", "delete")])
def test_the_alarms_of_a_worker_that_is_left_out_are_not_shown(account, parameter, worker):
    left = alarm_arns(dashboard(account, **{parameter: "FALSE"}))
    assert set(left) == arns(deployed_alarms(configs(), account, left_out=[f"{account}/{worker}.yaml", f"{account}/{worker}-alarms.yaml"]))
    assert len(left) < len(alarm_arns(dashboard(account)))


def test_the_name_of_the_dashboard_contains_the_group_and_the_region(group):
    name = template(SCEPTRE / "templates" / f"dashboard-{group}.yaml")["Resources"]["Dashboard"]["Properties"]["DashboardName"]
    assert name == Tag("Sub", "${Name}-${AWS::Region}")
    assert config(SCEPTRE / "config" / group / "dashboard.yaml")["parameters"]["Name"] == f"pilot-light-{group}"


def test_planted_bugs_are_found():
    planted = copy.deepcopy(dashboard("destination"))
    graphs = [widget for widget in planted["widgets"] if widget["type"] == "metric"]
    graphs[0]["properties"]["metrics"][0][0]["expression"] = "SEARCH('{PilotLight,Database} MetricName=\"RecoveryAge\"', 'Maximum', 300)"
    graphs[1]["properties"]["metrics"][0].insert(2, "Database")
    graphs[-1]["properties"]["metrics"] = [["AWS/States", "ExecutionFailed", "StateMachineArn", "arn"]]
    assert list(metric_findings(planted, published())) == [
        "nobody publishes PilotLight RecoveryAge by Database",
        "nobody publishes PilotLight OldestRecoveryPointAge by Database",
        "nobody publishes AWS/States ExecutionFailed by StateMachineArn",
    ]
    graphs[0]["width"], graphs[-1]["x"] = 17, 17
    assert list(geometry_findings(planted)) == [
        "Recovery time of each resource (s): does not fit 24 columns",
        "Age of the newest recovery point, by database (s) overlaps Age of the oldest of them (s)",
    ]
    planted["widgets"].remove(graphs[-1])
    assert list(geometry_findings(planted))[-1] == "48 cells are empty"
