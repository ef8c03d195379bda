"""The arithmetic of an alarm under its schedule: can it fire, and does it stay quiet while all is well?"""

HOUR, DAY = 3600, 86400


def findings(alarm, gap):
    """What is wrong with an alarm on executions that start at most `gap` seconds apart."""
    name = alarm["MetricName"]
    period, periods = int(alarm["Period"]), int(alarm["EvaluationPeriods"])
    datapoints = int(alarm.get("DatapointsToAlarm", periods))
    window = period * periods
    if period not in (10, 30) and period % 60:
        yield f"{name}: CloudWatch has no period of {period} s"
    if window > (7 * DAY if period >= HOUR else DAY):
        yield f"{name}: CloudWatch cannot look back {window} s in periods of {period} s"
    if not alarm.get("AlarmActions") or not alarm.get("OKActions"):
        yield f"{name}: nobody is told when it is raised or over"
    if alarm["ComparisonOperator"] == "GreaterThanOrEqualToThreshold":
        yield from failure(alarm, name, gap, period, window, datapoints)
    elif alarm["ComparisonOperator"] == "LessThanThreshold":
        yield from silence(alarm, name, gap, window, datapoints == periods)
    else:
        yield f"{name}: unexpected comparison"


def failure(alarm, name, gap, period, window, datapoints):
    if alarm["TreatMissingData"] != "notBreaching":
        yield f"{name}: missing data must count as no failure"
    if max(1, period // gap) < float(alarm["Threshold"]):
        yield f"{name}: wants {alarm['Threshold']} failures in {period} s, and there are not so many runs"
    if max(1, window // gap) < datapoints:
        yield f"{name}: wants failures in {datapoints} periods, and only {max(1, window // gap)} have a run"


def silence(alarm, name, gap, window, all_periods):
    if alarm["TreatMissingData"] != "breaching":
        yield f"{name}: no executions means no data, so missing data must be breaching"
    if not all_periods:
        yield f"{name}: one quiet period is not silence"
    if window <= gap:
        yield f"{name}: is raised between two healthy runs, {gap} s apart"
    if window > 3 * gap and window - gap > 2 * HOUR:
        yield f"{name}: notices only after {window} s"
