"""The demo's result, from the accounts' contents and the workers' reports: a printed table, and summary.json for programs."""

import datetime
import json
import re
from collections import Counter

from . import estate


def look(aws, watch, keys):
    """The contents of both accounts for each database, now."""
    rds = aws.client("rds", estate.SOURCE, estate.SOURCE_REGION)
    names = sorted(instance["DBInstanceIdentifier"] for instance in rds.describe_db_instances()["DBInstances"])
    blocked = blockers(watch)
    return [database(name, *estate.points(aws, name), blocked, keys) for name in names]


def see_everything(watch):
    """Waits until no run is under way, so that the result contains everything that ran."""
    watch.until("the runs under way", lambda: not watch.running, 60)


def database(name, source, destination, blocked, keys):
    newest = max((data_time(copy) for copy in destination), default=None)
    used = sorted({copy.get("KmsKeyId") or "none" for copy in destination})
    age = None if newest is None else round((now() - newest).total_seconds())
    if destination:
        state = "protected" if used == [keys.destination] else "wrong key"
    elif name in blocked:
        state = "blocked"
    else:
        state = "not protected" if source else "not selected"
    return {"id": name, "source_points": len(source), "destination_points": len(destination), "newest_age_seconds": age,
            "destination_kms_key": ", ".join(used) or None, "state": state}


def summary(databases, watch, alarm):
    executions = {name: {"succeeded": len(watch.of(name)), "failed": len(watch.of(name, "FAILED"))} for name in estate.MACHINES}
    return {"databases": databases, "executions": executions,
            "deleted": {side: deleted(watch, side) for side in ("source", "destination")}, "alarm_delivered": bool(alarm)}


def write(result, path):
    path.write_text(json.dumps(result, indent=2) + "\n")


def table(databases, watch, alarm):
    """Prints the result as a table."""
    print("\nDATABASE         POINTS IN SOURCE  IN DESTINATION  NEWEST AGE  STATE          ENCRYPTED IN THE DESTINATION WITH")
    for row in databases:
        age = "-" if row["newest_age_seconds"] is None else f"{row['newest_age_seconds']} s"
        print(f"{row['id']:<17}{row['source_points']:>16}{row['destination_points']:>16}{age:>12}  {row['state']:<15}"
              f"{row['destination_kms_key'] or '-'}")
    print("\nACTIONS, AND REASONS FOR LEAVING A DATABASE ALONE (scheduled runs and those by hand)")
    for row in databases:
        print(f"  {row['id']}")
        for line in lines_of(row, watch):
            print(f"    {line}")
    print(f"\nDeleted: {deleted(watch, 'source')} in the source, {deleted(watch, 'destination')} in the destination.")
    print("Databases and snapshots that each worker left alone in its last run:")
    for name in estate.MACHINES:
        skipped = Counter(last(watch, name).get("skipped", {}))
        print(f"  {name:<19}{', '.join(f'{count} {words(reason)}' for reason, count in skipped.most_common()) or 'none'}")
    print(f"\nThe alarm on the disabled key was {'delivered' if alarm else 'NOT delivered'} to the queue on the topics.")


def recovered(recovery):
    """Prints what applications need after the recovery: the endpoint of each database, and the age of its data when it was up."""
    print("\nRECOVERED         UP AFTER  DATA THEN  ENDPOINT, AND THE SNAPSHOT IT WAS RESTORED FROM")
    for row in recovery["resources"]:
        up = f"{row['seconds']} s"
        age = "-" if row["age_seconds"] is None else f"{row['age_seconds']} s old"
        print(f"{row['name']:<17}{up:>9}{age:>11}  {row['endpoint'] or '-'}, {row['snapshot'] or '-'}")


def lines_of(row, watch):
    """The lines of one database: the actions on it, its deletions with their reasons, and the reason if it is blocked."""
    if row["state"] == "not selected":
        yield "nothing: InstanceNamePattern leaves it out"
        return
    done = {verb: len(actions(watch, row["id"], name, verb)) for name, verb in (("take", "take"), ("share", "share"), ("copy", "copy"))}
    yield f"taken {done['take']}, shared {done['share']}, copied {done['copy']}"
    failed = Counter((entry["what"], entry["detail"]) for name in estate.MACHINES for entry in failures(watch, row["id"], name))
    if failed:
        yield f"failed: {'; '.join(f'{count} {verb} ({why})' for (verb, why), count in failed.most_common())}"
    for side in ("source", "destination"):
        reasons = Counter(entry["detail"] for entry in actions(watch, row["id"], f"{side}-delete", "delete"))
        if reasons:
            yield f"deleted in the {side}: {'; '.join(f'{count} ({text})' for text, count in reasons.most_common())}"
    if row["id"] in blockers(watch):
        yield f"NOT PROTECTED: {blockers(watch)[row['id']]}"


def failures(watch, database, name):
    """The actions on one database that failed in the runs of one worker."""
    return [entry for run in watch.reports(name) for entry in run.get("failures", []) if database_of(entry["subject"]) == database]


def actions(watch, database, name, verb):
    """The actions on one database that the runs of one worker carried out."""
    return [entry for run in watch.reports(name) if not run.get("dry_run") for entry in run.get("actions", [])
            if entry["what"] == verb and database_of(entry["subject"]) == database]


def words(reason):
    """A reason in words: AlreadyShared as already shared."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", reason).lower()


def one_line(execution):
    """A run in one line."""
    if execution.status != "SUCCEEDED":
        return f"{execution.status}: {execution.error}"
    run = execution.report
    parts = [f"{count} {verb}" for verb, count in run.get("acted", {}).items()]
    parts += [f"{run[state]} {state}" for state in ("pending", "blocked", "failed") if run.get(state)]
    return f"{', '.join(parts) or 'nothing to do'} (of {run.get('considered', 0)} considered)"


def deleted(watch, side):
    return sum(run.get("acted", {}).get("delete", 0) for run in watch.reports(f"{side}-delete"))


def blockers(watch):
    """{database: reason} of every blocked database in the workers' last runs."""
    return {database_of(entry["subject"]): entry["detail"] for name in estate.MACHINES for entry in last(watch, name).get("blockers", [])}


def last(watch, name):
    """The report of a worker's last run that saw databases and was no dry run, or {}. A run to which AWS refused the lists saw none."""
    return next((run for run in reversed(watch.reports(name)) if run.get("considered") and not run.get("dry_run")), {})


def database_of(subject):
    """The database in a report's subject, which is account/Region/name, an identifier or an ARN, of a database or of a snapshot named after it."""
    return re.sub(r"-20\d\d-\d\d-\d\d-\d\d-\d\d$", "", re.split("[:/]", subject)[-1])


def alarm_of(message):
    """The alarm in an SNS message, or {}."""
    try:
        found = json.loads(message["Message"])
    except (KeyError, ValueError):
        return {}
    return found if isinstance(found, dict) and "AlarmName" in found else {}


def data_time(snapshot):
    return snapshot.get("OriginalSnapshotCreateTime") or snapshot["SnapshotCreateTime"]


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def problems(result, protected, default_key, not_selected):
    """The differences between the result and the expected result."""
    states = {row["id"]: row for row in result["databases"]}
    for name in protected:
        if states[name]["state"] != "protected":
            yield f"{name} is {states[name]['state']}"
    if states[default_key]["state"] != "blocked" or states[default_key]["destination_points"]:
        yield f"{default_key} has the default key and must be reported as blocked, but it is {states[default_key]['state']}"
    if states[not_selected]["source_points"] or states[not_selected]["destination_points"]:
        yield f"{not_selected} is not selected but has recovery points"
    if not all(result["deleted"].values()):
        yield "nothing was deleted in one of the accounts"
    if result["recovery"]["restored"] != len(protected):
        yield f"{result['recovery']['restored']} databases were restored, but {len(protected)} are protected"
    for row in result["recovery"]["resources"]:
        if not row["endpoint"] or row["age_seconds"] is None:
            yield f"the recovery does not say where {row['name']} is, or how old its data is"
    if not result["alarm_delivered"]:
        yield "the alarm on the disabled key did not arrive"
    if not result["blocked_alarm_delivered"]:
        yield f"the alarm on {default_key}, which is blocked, did not arrive"
