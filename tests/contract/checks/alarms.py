"""Checks of alarms: their metrics are published, they can fire under their schedule, and they stay quiet while all is well."""

import re

from .files import ROOT, Tag

HOUR, DAY = 3600, 86400
# The periods that CloudWatch reads beyond the evaluated ones, in case some have no data: "Configuring how CloudWatch alarms treat missing
# data" in the CloudWatch user guide shows 5 for 3.
MORE_PERIODS = 2
# The metrics that AWS publishes, with their single dimension. Sources:
# - "Monitoring Step Functions metrics using Amazon CloudWatch" in the Step Functions guide
# - "Types of metrics for Lambda functions" in the Lambda guide
# - "Available CloudWatch metrics for Amazon SQS" in the SQS guide
AWS_METRICS = {
    "AWS/States": ("StateMachineArn", ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionThrottled", "ExecutionsSucceeded"]),
    "AWS/Lambda": ("FunctionName", ["Errors", "Throttles"]),
    "AWS/SQS": ("QueueName", ["ApproximateNumberOfMessagesVisible"]),
}
# The dimension that each constructor of Metric sets, in shared/domain/src/aws/metrics.rs.
MADE_BY = {"overall": None, "of_region": "Region", "of_worker": "Worker", "of_database": "Database"}


def workers_metrics():
    """{metric: its dimension} of the workers' metrics, read from the Rust source."""
    files = ["shared/domain/src/aws/metrics.rs", "shared/domain/src/rules/objectives.rs", "shared/domain/src/run/report.rs",
             "destination-account/recover/src/report.rs"]
    source = "".join((ROOT / name).read_text().split("#[cfg(test)]")[0] for name in files)
    found = {metric: MADE_BY[made] for made, metric in re.findall(r"Metric::(\w+)\(MetricName::(\w+)", source)}
    found |= {metric: MADE_BY[made] for made, metric in re.findall(r"Self::(\w+)\(MetricName::(\w+)", source)}
    # A metric of a recovery has its purpose.
    found |= {metric: "Purpose" for metric in re.findall(r"\bmetric\(run, MetricName::(\w+)", source)}
    (counted,) = re.findall(r"let count = \|.*?Metric::(\w+)\(name", source, re.S)
    return found | {metric: MADE_BY[counted] for metric in re.findall(r"count\(MetricName::(\w+)", source)}


def published():
    """{(namespace, metric): its dimension} of every metric that an alarm may use."""
    (namespace,) = re.findall(r'NAMESPACE: &str = "(\w+)"', (ROOT / "shared/domain/src/aws/metrics.rs").read_text())
    of_aws = {(namespace, metric): dimension for namespace, (dimension, metrics) in AWS_METRICS.items() for metric in metrics}
    return of_aws | {(namespace, metric): dimension for metric, dimension in workers_metrics().items()}


def with_values(part, given):
    """A part of a template with the values of its parameters."""
    if isinstance(part, Tag):
        return given.get(part.value, part) if isinstance(part.value, str) else part
    if isinstance(part, dict):
        return {key: with_values(value, given) for key, value in part.items()}
    return [with_values(value, given) for value in part] if isinstance(part, list) else part


def on_one_metric(alarm):
    """An alarm with its metric at the top, also if it is on FILL(metric, number). That number is its Fill, else None."""
    if "Metrics" not in alarm:
        return {"Fill": None} | alarm
    queries = {query["Id"]: query for query in alarm["Metrics"]}
    (returned,) = (query for query in queries.values() if query.get("ReturnData", True))
    metric, number = re.fullmatch(r"FILL\((\w+), (\d+)\)", returned["Expression"]).groups()
    read = queries[metric]["MetricStat"]
    rest = {key: value for key, value in alarm.items() if key != "Metrics"}
    return rest | read["Metric"] | {"Period": read["Period"], "Statistic": read["Stat"], "Fill": int(number)}


def findings(alarm, gap, retriers=()):
    """The findings about an alarm on executions that start at most `gap` seconds apart. `retriers` is the Retry of their task."""
    alarm = on_one_metric(alarm)
    name = alarm["MetricName"]
    period, periods = int(alarm["Period"]), int(alarm["EvaluationPeriods"])
    datapoints = int(alarm.get("DatapointsToAlarm", periods))
    window = period * periods
    if period not in (10, 30) and period % 60:
        yield f"{name}: CloudWatch has no period of {period} s"
    if window > (7 * DAY if period >= HOUR else DAY):
        yield f"{name}: CloudWatch cannot look back {window} s in periods of {period} s"
    if not alarm.get("AlarmActions") or not alarm.get("OKActions"):
        yield f"{name}: nobody is notified when it is raised or over"
    yield from unpublished(alarm, name)
    kind = alarm["Namespace"], name, alarm["ComparisonOperator"].removesuffix("Threshold")
    if kind == ("AWS/States", "ExecutionsSucceeded", "LessThan"):
        yield from silence(alarm, name, gap, window, datapoints == periods)
    elif kind[::2] == ("AWS/States", "GreaterThanOrEqualTo") or kind in (
            ("AWS/Lambda", "Throttles", "GreaterThanOrEqualTo"), ("PilotLight", "RtoTargetPassed", "GreaterThanOrEqualTo")):
        yield from failure(alarm, name, gap, period, window, datapoints)
    elif kind == ("AWS/Lambda", "Errors", "GreaterThanOrEqualTo"):
        yield from errors(alarm, name, period, datapoints, retriers)
    elif kind == ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "GreaterThanOrEqualTo"):
        yield from waiting(alarm, name, period, datapoints)
    elif kind == ("PilotLight", "Blocked", "GreaterThanOrEqualTo"):
        yield from state(alarm, name, gap, window, datapoints, 1)
    elif kind == ("PilotLight", "SnapshotQuotaUsed", "GreaterThan"):
        yield from state(alarm, name, gap, window, datapoints, 80)
    elif kind == ("PilotLight", "OldestRecoveryPointAge", "GreaterThan"):
        yield from age(alarm, name, gap, window, datapoints, periods)
    else:
        yield f"{name}: unexpected comparison"


def unpublished(alarm, name):
    """A finding for a metric or a dimension that nobody publishes. Such an alarm never has data."""
    known = published()
    if (alarm["Namespace"], name) not in known:
        yield f"{name}: nobody publishes it in {alarm['Namespace']}"
        return
    wanted = known[alarm["Namespace"], name]
    given = [dimension["Name"] for dimension in alarm.get("Dimensions", [])]
    if given != ([wanted] if wanted else []):
        yield f"{name}: is published by {wanted or 'no dimension'}, and the alarm uses {', '.join(given) or 'none'}"


def failure(alarm, name, gap, period, window, datapoints):
    yield from quiet_without_data(alarm, name)
    if alarm["Statistic"] != "Sum":
        yield f"{name}: every failure must count"
    if max(1, period // gap) < float(alarm["Threshold"]):
        yield f"{name}: requires {alarm['Threshold']} failures in {period} s, and fewer runs start"
    if max(1, window // gap) < datapoints:
        yield f"{name}: requires failures in {datapoints} periods, and only {max(1, window // gap)} have a run"


def errors(alarm, name, period, datapoints, retriers):
    """The state machine repeats a failing call. One run alone must be able to raise the alarm. One retry must not raise it."""
    yield from quiet_without_data(alarm, name)
    wanted = int(alarm["Threshold"])
    if alarm["Statistic"] != "Sum" or datapoints > 1:
        yield f"{name}: every failure must count"
    if wanted <= 2:
        yield f"{name}: is raised by one retry"
    if not any(reaches(retrier, wanted, period) for retrier in retriers):
        yield f"{name}: requires {wanted} errors in {period} s, and no run has so many tries"


def reaches(retrier, wanted, period):
    """Whether `wanted` tries of a task begin within `period` seconds."""
    pauses = [min(retrier["IntervalSeconds"] * retrier.get("BackoffRate", 2) ** number, retrier.get("MaxDelaySeconds", DAY))
              for number in range(wanted - 1)]
    return retrier["MaxAttempts"] + 1 >= wanted and sum(pauses) <= period


def waiting(alarm, name, period, datapoints):
    """SQS publishes the number of waiting messages once a minute, for as long as any message waits."""
    yield from quiet_without_data(alarm, name)
    if float(alarm["Threshold"]) != 1 or datapoints > 1 or alarm["Statistic"] not in ("Maximum", "Average"):
        yield f"{name}: a single message must be enough"
    if period < 60:
        yield f"{name}: SQS publishes one value a minute"


def silence(alarm, name, gap, window, all_periods):
    if alarm["Fill"] != 0:
        more = MORE_PERIODS * int(alarm["Period"])
        yield f"{name}: notices silence after {window + more} s, not {window}: missing data must be filled with 0"
    if alarm["Statistic"] != "Sum" or float(alarm["Threshold"]) != 1:
        yield f"{name}: a single success must end the silence"
    if alarm["TreatMissingData"] != "breaching":
        yield f"{name}: no executions means no data, so missing data must be breaching"
    if not all_periods:
        yield f"{name}: one quiet period is not silence"
    if window <= gap:
        yield f"{name}: is raised between two healthy runs, {gap} s apart"
    if window > 3 * gap and window - gap > 2 * HOUR:
        yield f"{name}: notices only after {window} s"


def state(alarm, name, gap, window, datapoints, threshold):
    """Each run publishes one value. The value stays the same until a person acts."""
    yield from quiet_without_data(alarm, name)
    if alarm["Statistic"] != "Maximum" or float(alarm["Threshold"]) != threshold:
        yield f"{name}: a single value of {threshold} must be enough"
    if datapoints > 1:
        yield f"{name}: requires the same value of {datapoints} runs"
    if window <= gap:
        yield f"{name}: is over between two runs, {gap} s apart, although nobody has acted"
    yield from too_long(name, gap, window, "stays raised")


def age(alarm, name, gap, window, datapoints, periods):
    """Each run publishes one age. Without a run the age is unknown."""
    if alarm["TreatMissingData"] != "breaching":
        yield f"{name}: no run means no age, so missing data must be breaching"
    if alarm["Statistic"] != "Maximum":
        yield f"{name}: the worst age counts"
    if datapoints != periods:
        yield f"{name}: a period without a run is no missed objective"
    if window <= gap:
        yield f"{name}: is raised between two healthy runs, {gap} s apart"
    # All periods must be bad, so the last good age has to leave the periods that CloudWatch reads.
    delay = 0 if periods == 1 else window + MORE_PERIODS * int(alarm["Period"]) - gap
    # With up to an hour between runs there must be no delay. Otherwise these are allowed: the margin of two hours, the hour of rounding up,
    # and two periods more.
    if delay > (0 if gap <= HOUR else (3 + MORE_PERIODS) * HOUR):
        yield f"{name}: is raised only {delay} s after the first run that finds an age above the target"
    yield from too_long(name, gap, window, "notices only")


def quiet_without_data(alarm, name):
    if alarm["TreatMissingData"] != "notBreaching":
        yield f"{name}: missing data must be notBreaching"


def too_long(name, gap, window, verb):
    if window > 3 * gap and window - gap > 2 * HOUR:
        yield f"{name}: {verb} after {window} s"


def healthy_age(interval, take, share, copy):
    """The oldest age in seconds that a run of copy finds when nothing fails, without the time that AWS takes for a snapshot and its copy.

    `interval` is BackupInterval. The other values are the pauses between two runs. The pause of copy counts twice: one run begins the copy,
    and a later run finds it complete.
    """
    return interval + take + share + 2 * copy
