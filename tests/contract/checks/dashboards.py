"""A dashboard as CloudWatch receives it, and the findings about its geometry, its metrics and its alarms."""

import itertools
import json
import re

from .files import ROOT, SCEPTRE, Tag, template

COLUMNS = 24
# AWS's metrics, with the dimension under which Step Functions publishes them.
STATES = dict.fromkeys(["ExecutionsStarted", "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted",
                        "ExecutionTime"], {"StateMachineArn"})
PSEUDO = {"AWS::Partition": "aws-cn", "AWS::Region": "cn-north-1", "AWS::AccountId": "222222222222"}


def body(document, given):
    """The DashboardBody of a template with those parameters."""
    conditions = {name: evaluate(value, PSEUDO | given, {}) for name, value in document.get("Conditions", {}).items()}
    return json.loads(evaluate(document["Resources"]["Dashboard"]["Properties"]["DashboardBody"], PSEUDO | given, conditions))


def evaluate(value, given, conditions):
    """The value that CloudFormation gives for the few functions that dashboards use."""
    if not isinstance(value, Tag):
        return value
    if value.name == "Ref":
        return given[value.value]
    if value.name == "Equals":
        left, right = (evaluate(side, given, conditions) for side in value.value)
        return left == right
    if value.name == "If":
        condition, yes, no = value.value
        return evaluate(yes if conditions[condition] else no, given, conditions)
    assert value.name == "Sub", value.name
    text, more = value.value if isinstance(value.value, list) else (value.value, {})
    known = given | {name: evaluate(each, given, conditions) for name, each in more.items()}
    return re.sub(r"\$\{([\w:]+)\}", lambda found: str(known[found.group(1)]), text)


def published():
    """{metric: the dimensions it is published under, with commas}, read from the workers' source. The empty text means no dimension."""
    source = (ROOT / "shared/domain/src/aws/metrics.rs").read_text()
    names = set(re.findall(r'Self::(\w+) => "\1"', source))
    dimensions = dict(re.findall(r'pub fn (of_\w+)\([^{]*\{\s*Self::overall\(name, value\)\.with\("(\w+)"', source)) | {"overall": ""}
    found = {name: set() for name in names}
    for path in [*ROOT.glob("shared/**/*.rs"), *ROOT.glob("*-account/**/*.rs")]:
        if "tests" in path.parts:
            continue
        text = path.read_text().split("#[cfg(test)]")[0]
        for how, name in re.findall(r"(of_\w+|overall)\(\s*MetricName::(\w+)", text):
            found[name].add(dimensions[how])
        for name in re.findall(r"\bcount\(MetricName::(\w+)", text):
            found[name].add(dimensions["of_worker"])
        # The metrics of a recovery: each has the dimension of `fn metric`, and some have another one.
        for base in re.findall(r'fn metric\([^{]*\{\s*Metric::overall\(name, value\)\.with\("(\w+)"', text):
            for name in re.findall(r"\bmetric\(run, MetricName::(\w+)", text):
                found[name].add(base)
            for variable, name in re.findall(r"let (\w+) = metric\(run, MetricName::(\w+)", text):
                found[name] |= {f"{base},{more}" for more in re.findall(rf'\b{variable}\.with\("(\w+)"', text)}
        found["SnapshotQuotaUsed"] |= {dimensions["of_region"]} if "of_region(MetricName::SnapshotQuotaUsed" in text else set()
    return found


def shown(dashboard):
    """(namespace, metric, dimension or nothing) of every line of every graph."""
    for widget in dashboard["widgets"]:
        for metric in widget["properties"].get("metrics", []):
            if isinstance(metric[0], dict):
                search = re.fullmatch(r"SEARCH\('\{(\w+),([\w,]+)\} MetricName=\"(\w+)\"', 'Maximum', (?:60|300)\)", metric[0]["expression"])
                yield search.group(1), search.group(3), search.group(2)
            else:
                names = [part for part in metric if isinstance(part, str)]
                yield names[0], names[1], ",".join(names[2::2])


def metric_findings(dashboard, of_workers):
    for namespace, metric, dimension in shown(dashboard):
        known = {"PilotLight": of_workers, "AWS/States": STATES}.get(namespace, {})
        if dimension not in known.get(metric, set()):
            yield f"nobody publishes {namespace} {metric} by {dimension or 'nothing'}"


def geometry_findings(dashboard):
    places = []
    for widget in dashboard["widgets"]:
        x, y, width, height = (widget[key] for key in ("x", "y", "width", "height"))
        title = widget["properties"].get("title", widget["type"])
        if not (0 <= x and x + width <= COLUMNS and width > 0 and height > 0):
            yield f"{title}: does not fit {COLUMNS} columns"
        places.append((title, {(x + i, y + j) for i in range(width) for j in range(height)}))
    for (title, first), (other, second) in itertools.combinations(places, 2):
        if first & second:
            yield f"{title} overlaps {other}"
    covered = set().union(*(cells for _, cells in places))
    height = 1 + max(y for _, y in covered)
    if len(covered) != COLUMNS * height:
        yield f"{COLUMNS * height - len(covered)} cells are empty"


def alarm_arns(dashboard):
    (widget,) = (widget for widget in dashboard["widgets"] if widget["type"] == "alarm")
    return widget["properties"]["alarms"]


def deployed_alarms(all_configs, group, left_out=()):
    """The names of the alarms that a group's stacks create with the shipped configuration."""
    for name, configured in all_configs.items():
        if not name.startswith(f"{group}/") or name in left_out:
            continue
        stack = "pilot-light-" + name.removesuffix(".yaml").replace("/", "-")
        given = configured.get("parameters", {})
        made = {None: True, "IsEnabled": True, "MeasuresAge": "RpoSeconds" in given, "MeasuresQuota": "QuotaRegion" in given,
                # With the shipped configuration, no drill and no refresh runs on a schedule.
                "HasSchedule": False, "CanBeSilent": False}
        for resource in template(SCEPTRE / "templates" / configured["template"]["path"])["Resources"].values():
            if resource["Type"] == "AWS::CloudWatch::Alarm" and made[resource.get("Condition")]:
                name = resource["Properties"]["AlarmName"].value.replace("${AWS::StackName}", stack)
                yield name.replace("${Name}", stack.removesuffix("-alarms"))
