"""The stand-in for CloudWatch's evaluation of alarms: each with its own metric, dimensions, period and treatment of missing data.

The evaluation follows the tables of "Configuring how CloudWatch alarms treat missing data" in the CloudWatch user guide. Of metric math it
knows FILL with a number, on one metric. It reads alarms and metrics from ministack and calls ministack's SetAlarmState, which delivers the
alarm's actions.
"""

import datetime
import functools
import re
import time

from .background import Background

COMPARISONS = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
STATISTICS = {"Sum": sum, "Maximum": max, "Minimum": min, "Average": lambda values: sum(values) / len(values), "SampleCount": len}
# The pause between two evaluations. CloudWatch evaluates once a minute.
PAUSE_SECONDS = 1
# The alarms of one GetMetricData call, which takes at most 500 queries.
QUERIES = 100
# CloudWatch reads more periods than it evaluates, in case some have no data. The tables show 5 periods for 3. AWS publishes no other number.
MORE_PERIODS = 2


def state(alarm, points, now):
    """An alarm's state, from the (time, value) points of its metric."""
    alarm = on_one_metric(alarm)
    breaching = COMPARISONS[alarm["ComparisonOperator"]]
    values = [alarm["Fill"] if value is None else value for value in by_period(alarm, points, now)]
    return judged(alarm, [value if value is None else breaching(value, alarm["Threshold"]) for value in values])


def judged(alarm, verdicts):
    """An alarm's state, from its periods, the newest last: True for a breach, None for missing data."""
    evaluated = alarm["EvaluationPeriods"]
    wanted = alarm.get("DatapointsToAlarm", evaluated)
    missing = alarm.get("TreatMissingData", "missing")
    real = [verdict for verdict in verdicts if verdict is not None]
    # With enough real data, missing data is passed over. Otherwise it fills the rest, as seldom as possible.
    filled = max(0, evaluated - len(real)) if missing == "breaching" else 0
    if sum(real[-evaluated:]) + filled >= wanted:
        return "ALARM"
    if missing == "breaching" or missing == "notBreaching" or False in real:
        return "OK"
    if missing == "ignore":
        return alarm["StateValue"]
    # Only breaches, and too few of them: "Avoiding premature transitions to alarm state" decides by the age of the oldest.
    return "ALARM" if any(verdicts[:len(verdicts) - wanted + 1]) else "INSUFFICIENT_DATA"


def by_period(alarm, points, now):
    """The statistic of each period that CloudWatch reads, the newest last; None where there is no data."""
    length = alarm["Period"]
    for number in reversed(range(alarm["EvaluationPeriods"] + MORE_PERIODS)):
        end = now - number * length
        values = [value for at, value in points if end - length <= at < end]
        yield STATISTICS[alarm["Statistic"]](values) if values else None


def on_one_metric(alarm):
    """An alarm with its metric at the top, also if it is on FILL(metric, number). That number is its Fill, else None."""
    if not alarm.get("Metrics"):
        return {"Fill": None} | alarm
    queries = {query["Id"]: query for query in alarm["Metrics"]}
    (expression,) = (query["Expression"] for query in queries.values() if "Expression" in query)
    found = re.fullmatch(r"FILL\((\w+), ?(-?\d+)\)", expression)
    if not found:
        raise ValueError(f"{alarm['AlarmName']}: the local CloudWatch knows only FILL(metric, number), and the expression is {expression}")
    metric = queries[found[1]]["MetricStat"]
    return alarm | metric["Metric"] | {"Period": metric["Period"], "Statistic": metric["Stat"], "Fill": int(found[2]), "Metrics": []}


class CloudWatch(Background):
    """One thread per (account, Region)."""

    def __init__(self, aws, places):
        super().__init__(*(functools.partial(look, aws.client("cloudwatch", *place)) for place in places), pause=PAUSE_SECONDS)


def look(client):
    """Sets every alarm of an account and Region to the state that follows from its metric."""
    alarms = [on_one_metric(alarm) for page in client.get_paginator("describe_alarms").paginate() for alarm in page["MetricAlarms"]]
    for first in range(0, len(alarms), QUERIES):
        some = alarms[first:first + QUERIES]
        now = time.time()
        for alarm, points in zip(some, metrics(client, some, now)):
            found = state(alarm, points, now)
            if found != alarm["StateValue"]:
                client.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue=found, StateReason=reason(alarm, points))


def metrics(client, alarms, now):
    """The (time, value) points of each alarm's metric over the time that the alarms look back, at most one a second."""
    longest = max(alarm["Period"] * (alarm["EvaluationPeriods"] + MORE_PERIODS) for alarm in alarms)
    start = datetime.datetime.fromtimestamp(now - longest, datetime.timezone.utc)
    answers = client.get_metric_data(StartTime=start, EndTime=datetime.datetime.fromtimestamp(now + 1, datetime.timezone.utc), MetricDataQueries=[
        {"Id": f"m{number}", "MetricStat": {
            "Metric": {"Namespace": alarm["Namespace"], "MetricName": alarm["MetricName"], "Dimensions": alarm.get("Dimensions", [])},
            "Period": 1, "Stat": alarm["Statistic"]}} for number, alarm in enumerate(alarms)])["MetricDataResults"]
    return [[(at.timestamp(), value) for at, value in zip(answer["Timestamps"], answer["Values"])] for answer in answers]


def reason(alarm, points):
    """The reason for a state, worded as CloudWatch words it."""
    values = ", ".join(f"{value:g}" for _, value in points[-alarm["EvaluationPeriods"]:]) or "no data"
    return f"Threshold Crossed: {values}; {alarm['Statistic']} {alarm['ComparisonOperator']} {alarm['Threshold']:g}"
