"""Evaluates alarms as CloudWatch does: each with its own metric, dimensions, period and treatment of missing data.

What ministack keeps is read and its SetAlarmState called, which delivers the alarm's actions. For the local run only.
"""

import datetime
import threading
import time

COMPARISONS = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
STATISTICS = {"Sum": sum, "Maximum": max, "Minimum": min, "Average": lambda values: sum(values) / len(values), "SampleCount": len}
# How often it looks. CloudWatch does so once a minute.
PAUSE_SECONDS = 1
# GetMetricData takes 500; a day back is what periods under an hour may reach, and these windows are shorter.
QUERIES = 100


def state(alarm, points, now):
    """The state an alarm is in for the (time, value) points of its metric: M of the last N periods breaching, missing ones as it says."""
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


class CloudWatch:
    """One thread per (account, Region)."""

    def __init__(self, aws, places):
        self.clients = [aws.client("cloudwatch", *place) for place in places]
        self.problem = None
        self.stopping = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(client,), daemon=True) for client in self.clients]

    def start(self):
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(timeout=5)

    def run(self, client):
        while not self.stopping.wait(PAUSE_SECONDS):
            try:
                look(client)
            except Exception as error:  # A thread's failure must be seen, and must not end the others.
                if not self.stopping.is_set():
                    self.problem = error


def look(client):
    """Brings every alarm of an account and Region into the state that its metric asks for."""
    alarms = [alarm for page in client.get_paginator("describe_alarms").paginate() for alarm in page["MetricAlarms"]]
    for first in range(0, len(alarms), QUERIES):
        some = alarms[first:first + QUERIES]
        now = time.time()
        for alarm, points in zip(some, metrics(client, some, now)):
            found = state(alarm, points, now)
            if found != alarm["StateValue"]:
                client.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue=found, StateReason=reason(alarm, points))


def metrics(client, alarms, now):
    """The (time, value) points of each alarm's metric, for as long as it looks back; each second has one at most."""
    start = datetime.datetime.fromtimestamp(now - max(alarm["Period"] * alarm["EvaluationPeriods"] for alarm in alarms), datetime.timezone.utc)
    answers = client.get_metric_data(StartTime=start, EndTime=datetime.datetime.fromtimestamp(now + 1, datetime.timezone.utc), MetricDataQueries=[
        {"Id": f"m{number}", "MetricStat": {
            "Metric": {"Namespace": alarm["Namespace"], "MetricName": alarm["MetricName"], "Dimensions": alarm.get("Dimensions", [])},
            "Period": 1, "Stat": alarm["Statistic"]}} for number, alarm in enumerate(alarms)])["MetricDataResults"]
    return [[(at.timestamp(), value) for at, value in zip(answer["Timestamps"], answer["Values"])] for answer in answers]


def reason(alarm, points):
    """Why, in CloudWatch's manner."""
    said = ", ".join(f"{value:g}" for _, value in points[-alarm["EvaluationPeriods"]:]) or "no data"
    return f"Threshold Crossed: {said}; {alarm['Statistic']} {alarm['ComparisonOperator']} {alarm['Threshold']:g}"
