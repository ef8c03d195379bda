"""The stand-in for CloudWatch's evaluation of alarms: each with its own metric, dimensions, period and treatment of missing data.

It reads alarms and metrics from ministack and calls ministack's SetAlarmState, which delivers the alarm's actions.
"""

import datetime
import functools
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


def state(alarm, points, now):
    """An alarm's state, from the (time, value) points of its metric: ALARM if M of the last N periods breach. The alarm states how missing data counts."""
    breaching = COMPARISONS[alarm["ComparisonOperator"]]
    missing = alarm.get("TreatMissingData", "missing")
    verdicts = []
    for number in range(alarm["EvaluationPeriods"]):
        end = now - number * alarm["Period"]
        values = [value for at, value in points if end - alarm["Period"] <= at < end]
        if values:
            verdicts.append(breaching(STATISTICS[alarm["Statistic"]](values), alarm["Threshold"]))
        elif missing in ("breaching", "notBreaching"):
            verdicts.append(missing == "breaching")
    if sum(verdicts) >= alarm.get("DatapointsToAlarm", alarm["EvaluationPeriods"]):
        return "ALARM"
    return "OK" if verdicts else alarm["StateValue"] if missing == "ignore" else "INSUFFICIENT_DATA"


class CloudWatch(Background):
    """One thread per (account, Region)."""

    def __init__(self, aws, places):
        super().__init__(*(functools.partial(look, aws.client("cloudwatch", *place)) for place in places), pause=PAUSE_SECONDS)


def look(client):
    """Sets every alarm of an account and Region to the state that follows from its metric."""
    alarms = [alarm for page in client.get_paginator("describe_alarms").paginate() for alarm in page["MetricAlarms"]]
    for first in range(0, len(alarms), QUERIES):
        some = alarms[first:first + QUERIES]
        now = time.time()
        for alarm, points in zip(some, metrics(client, some, now)):
            found = state(alarm, points, now)
            if found != alarm["StateValue"]:
                client.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue=found, StateReason=reason(alarm, points))


def metrics(client, alarms, now):
    """The (time, value) points of each alarm's metric over the time that the alarms look back, at most one a second."""
    start = datetime.datetime.fromtimestamp(now - max(alarm["Period"] * alarm["EvaluationPeriods"] for alarm in alarms), datetime.timezone.utc)
    answers = client.get_metric_data(StartTime=start, EndTime=datetime.datetime.fromtimestamp(now + 1, datetime.timezone.utc), MetricDataQueries=[
        {"Id": f"m{number}", "MetricStat": {
            "Metric": {"Namespace": alarm["Namespace"], "MetricName": alarm["MetricName"], "Dimensions": alarm.get("Dimensions", [])},
            "Period": 1, "Stat": alarm["Statistic"]}} for number, alarm in enumerate(alarms)])["MetricDataResults"]
    return [[(at.timestamp(), value) for at, value in zip(answer["Timestamps"], answer["Values"])] for answer in answers]


def reason(alarm, points):
    """The reason for a state, worded as CloudWatch words it."""
    values = ", ".join(f"{value:g}" for _, value in points[-alarm["EvaluationPeriods"]:]) or "no data"
    return f"Threshold Crossed: {values}; {alarm['Statistic']} {alarm['ComparisonOperator']} {alarm['Threshold']:g}"
