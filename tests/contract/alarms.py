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
    kind = alarm["Namespace"], alarm["ComparisonOperator"]
    if kind == ("AWS/States", "GreaterThanOrEqualToThreshold"):
        yield from failure(alarm, name, gap, period, window, datapoints)
    elif kind == ("AWS/States", "LessThanThreshold"):
        yield from silence(alarm, name, gap, window, datapoints == periods)
    elif kind == ("PilotLight", "GreaterThanOrEqualToThreshold"):
        yield from blocked(alarm, name, gap, window, datapoints)
    elif kind == ("PilotLight", "GreaterThanThreshold"):
        yield from age(alarm, name, gap, window, datapoints, periods)
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


def blocked(alarm, name, gap, window, datapoints):
    """Each pass publishes one count, which stays the same until a person acts."""
    if alarm["TreatMissingData"] != "notBreaching":
        yield f"{name}: missing data must count as nothing blocked"
    if alarm["Statistic"] != "Maximum" or float(alarm["Threshold"]) != 1:
        yield f"{name}: a single one must be enough"
    if datapoints > 1:
        yield f"{name}: wants {datapoints} passes to say the same"
    if window <= gap:
        yield f"{name}: is over between two passes, {gap} s apart, though nobody has done anything"
    yield from too_long(name, gap, window, "stays raised")


def age(alarm, name, gap, window, datapoints, periods):
    """Each pass publishes one age; without any, nobody knows."""
    if alarm["TreatMissingData"] != "breaching":
        yield f"{name}: no pass means no age, so missing data must be breaching"
    if alarm["Statistic"] != "Maximum":
        yield f"{name}: the worst age counts"
    if datapoints != periods:
        yield f"{name}: a period without a pass is no missed objective"
    if window <= gap:
        yield f"{name}: is raised between two healthy passes, {gap} s apart"
    # Of several periods all must be bad, so the last good age has to leave the window first.
    delay = 0 if periods == 1 else window - gap
    # Up to an hour between passes that is none; else the margin of two hours and the hour that rounding up takes.
    if delay > (0 if gap <= HOUR else 3 * HOUR):
        yield f"{name}: rings only {delay} s after the first pass that finds an age beyond the target"
    yield from too_long(name, gap, window, "notices only")


def too_long(name, gap, window, said):
    if window > 3 * gap and window - gap > 2 * HOUR:
        yield f"{name}: {said} after {window} s"


def healthy_age(interval, take, share, copy):
    """The oldest age that a pass of copy may find with all being well, but for the time AWS takes for a snapshot and its copy.

    `interval` is BackupInterval, the others are the pauses between two passes; copy counts twice, once to begin and once to see it done.
    """
    return interval + take + share + 2 * copy
