"""`make demo`: both accounts deployed on a local AWS, recovery points made and deleted on schedule, an alarm delivered, databases recovered.

This file has the steps and judges the result. The parts are in the other files.
"""

import json
import signal
import sys
import time

import botocore.exceptions
from pilot_light_sceptre.target import target_folder

from . import deploy, estate, recovery, report, zips
from .aws import LocalAws
from .watch import TookTooLong, Watch

CYCLES = 3
FAILED_ALARM = "pilot-light-destination-copy-failed"
BLOCKED_ALARM = "pilot-light-source-share-blocked"
NOT_SELECTED = "scratch"
DEFAULT_KEY = "ledger"
PROTECTED = ["orders", "billing", "orders-archive"]


def main():
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    progress = Progress(started)
    try:
        zips.zip_workers()
        progress.step("Starting a local AWS: ministack, and the project's own RDS simulator")
        with LocalAws(estate.PLACES) as aws:
            summary = story(aws, progress)
            summary["elapsed_seconds"] = round(time.monotonic() - started)
            report.write(summary, aws.logs / "summary.json")
        problems = list(report.problems(summary, PROTECTED, DEFAULT_KEY, NOT_SELECTED))
        print(f"\nEverything is stopped after {summary['elapsed_seconds']} s. The summary is in {aws.logs}/summary.json, with the logs beside it.")
        for problem in problems:
            print(f"PROBLEM: {problem}")
        if not problems:
            print("Every database that can be protected is protected, under the destination's own key.")
        return 1 if problems else 0
    except KeyboardInterrupt:
        print("\nThe demo and everything it started are stopped.")
        return 130
    except (RuntimeError, OSError) as error:
        print(f"\nThe demo failed. Everything it started is stopped.\n{error}\nThe logs are in {target_folder()}/demo/", file=sys.stderr)
        return 1


def story(aws, progress):
    progress.step("Deploying the keys of both accounts with sceptre, so that databases can be encrypted with them")
    keys = estate.launch_keys(aws)
    progress.step("Creating five databases in the source account, 111111111111, us-east-1")
    create_databases(aws, keys, progress)
    progress.step("Deploying both accounts. Workers run every minute here (every 5 minutes on AWS)")
    # The groups are launched one after the other, as users do it. So the copy run also comes some seconds after the share run.
    queues = []
    for place, group in zip(estate.PLACES, ("source", "destination")):
        progress.line(f"sceptre launch {group} -y: {len(deploy.launch(aws, place[0], group))} stacks launched")
        queues.append(estate.subscribe_queue(aws, *place, group))
    watch = Watch(aws, progress.execution)
    progress.step("One run of each worker by hand, as with `aws stepfunctions start-execution`, so that nobody waits for the schedule")
    first_runs(aws, watch)
    blocked = arrived(aws, queues[0], estate.PLACES[0], BLOCKED_ALARM, watch, lambda *_: None, 20)
    found = "is" if blocked else "is NOT"
    progress.line(f"ledger can never be shared: the alarm {BLOCKED_ALARM} must be in the source's queue, and {found} there")
    progress.step(f"Now the schedules: {CYCLES} runs of every worker, and at least one deletion in each account")
    watch.until("three scheduled cycles", lambda: cycles_done(watch), 300)
    progress.step("Breaking something: the destination's key is disabled. The next copy must fail, and a message must arrive")
    aws.set_key_enabled(keys.destination, False)
    copy_what_is_new(aws, watch)
    # If a scheduled run came in between and left nothing to copy, the next run fails.
    alarm = arrived(aws, queues[1], estate.PLACES[1], FAILED_ALARM, watch, progress.message, 200)
    progress.step("Enabling the key again, and one more run of copy: it catches up by itself")
    aws.set_key_enabled(keys.destination, True)
    watch.run("copy")
    copying = lambda: any(s["Status"] != "available" for s in estate.snapshots(aws, *estate.PLACES[1]))
    watch.until("the last copies", lambda: not copying(), 60)
    progress.step("The worst day: AWS refuses the source account every call. `pilot-light recover` restores everything from the newest copies")
    with aws.denied(estate.SOURCE):
        progress.line(f"the source account asks for its databases: {refusal(aws)}")
        recovered = recovery.everything(aws, progress.line)
    progress.line(f"{recovered['restored']} databases are up in {estate.DESTINATION}, {estate.DESTINATION_REGION}, "
             f"{recovered['rto_seconds']} s after the recovery was started (AWS takes longer for a restore than this simulator)")
    progress.step("Giving the source account its access back, and counting everything that ran")
    report.see_everything(watch)
    seen = report.look(aws, watch, keys)
    report.table(seen, watch, alarm)
    report.recovered(recovered)
    return report.summary(seen, watch, alarm) | {"blocked_alarm_delivered": blocked, "recovery": recovered}


def refusal(aws):
    """The answer of AWS to the source account."""
    try:
        aws.client("rds", estate.SOURCE, estate.SOURCE_REGION).describe_db_instances()
    except botocore.exceptions.ClientError as error:
        return str(error)
    raise RuntimeError("AWS still answers the source account")


def create_databases(aws, keys, progress):
    estate.create_database(aws, "orders", keys.source)
    progress.line("orders          encrypted with a customer key")
    estate.create_database(aws, "billing", keys.second)
    progress.line("billing         encrypted with another customer key")
    estate.create_database(aws, "orders-archive", encrypted=False)
    progress.line("orders-archive  not encrypted; its copies will be encrypted")
    estate.create_database(aws, DEFAULT_KEY)
    progress.line("ledger          encrypted with the default key, so AWS lets nobody share it: it must be reported")
    estate.create_database(aws, NOT_SELECTED, keys.source)
    progress.line("scratch         not matched by InstanceNamePattern: it must be left alone")


def first_runs(aws, watch):
    """Runs take, share and copy, each when the one before has finished work for it."""
    taken = lambda: all(estate.points(aws, name)[0] for name in PROTECTED)
    copied = lambda: all(estate.points(aws, name)[1] for name in PROTECTED)
    available = lambda: all(i["DBInstanceStatus"] == "available" for i in aws.client(
        "rds", estate.SOURCE, estate.SOURCE_REGION).describe_db_instances()["DBInstances"])
    watch.until("the databases", available, 30)
    watch.run("take")
    watch.until("the first snapshots", taken, 60)
    watch.run("share")
    watch.run("copy")
    watch.until("the first copies", copied, 60)


def copy_what_is_new(aws, watch):
    """Shares the newest snapshots and tries to copy them, by hand, so that nobody waits a minute for the schedule."""
    # A database with a copy in progress must wait for its turn.
    settled = lambda: all(s["Status"] == "available" for place in estate.PLACES for s in estate.snapshots(aws, *place))
    watch.until("the snapshots and copies in progress", settled, 60)
    watch.run("share")
    watch.run("copy")


def cycles_done(watch):
    runs = all(len(watch.of(name)) >= CYCLES for name in estate.MACHINES)
    return runs and report.deleted(watch, "source") and report.deleted(watch, "destination")


def arrived(aws, queue, place, alarm_name, watch, show, seconds):
    """True if that alarm comes out of the queue in time. Other messages that come out before it are shown."""
    sqs = aws.client("sqs", *place)

    def look():
        found = False
        for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            body = json.loads(message["Body"])
            alarm = report.alarm_of(body)
            if alarm.get("AlarmName") == alarm_name and alarm["NewStateValue"] == "ALARM":
                show(body["Subject"], alarm["AlarmDescription"])
                found = True
            elif not alarm:
                # The message about a failed run has its reason in the second paragraph.
                first, _, rest = body["Message"].partition("\n\n")
                show(body["Subject"], rest.partition("\n\n")[0] or first)
        return found

    try:
        return watch.until("the alarm", look, seconds)
    except TookTooLong:
        return False


class Progress:
    """The demo's output: its steps, and a line for each run."""

    def __init__(self, started):
        self.started = started

    def clock(self):
        seconds = int(time.monotonic() - self.started)
        return f"{seconds // 60}:{seconds % 60:02}"

    def step(self, text):
        print(f"\n[{self.clock()}] {text}", flush=True)

    def line(self, text):
        print(f"        {text}", flush=True)

    def execution(self, execution):
        print(f"        {self.clock()}  {execution.name:<19}{report.one_line(execution)}", flush=True)

    def message(self, subject, text):
        print(f"        {self.clock()}  in the queue: {subject}", flush=True)
        for line in text.splitlines():
            print(f"                | {line[:150]}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
