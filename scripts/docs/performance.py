"""The generator of docs/performance.md: the results of the last `make bench`, from target/bench/results.json and simulate.json."""

import json
import os
import pathlib
import platform
import re
import textwrap

from pilot_light_sceptre.target import target_folder

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = target_folder() / "bench"
HEAD = """# Performance

<!-- Written by `make bench` (scripts/docs/performance.py) from target/bench/results.json. -->

A worker's costs are its calls to RDS, which RDS throttles, and its time on Lambda. This page contains the results of the last `make bench`.

## Method

`make bench` builds the zips as they are shipped and unpacks them. It runs each worker's `bootstrap` as Lambda does: the process has only
Lambda's environment variables, and it receives its events from a Lambda runtime API. The simulator answers for RDS and KMS, over HTTP on
the loopback interface. Stand-ins answer for SSM and CloudWatch.

Every case runs at least twice in one process. The *cold* run is the first run after the start. The *warm* run follows it. A steady fleet
has up to seven warm runs, and the page shows the median.

- **Fleet** N×M: N databases with M snapshots each, one snapshot a day, as the workers themselves would have left them. The worker `copy`
  finds the shared snapshots and also their copies in another Region, which are twice as many.
- **Steady**: no database is due. **All due**, **tenth due**: all databases, or a tenth of them, have something to take, share, delete or
  copy.
- **Latency**: the number of milliseconds between a request and its answer.
- **Calls**: the calls to RDS. **Bound**: the smallest number of calls that a correct program needs. It has these parts:
  - one call for each page of 100 entries
  - one call for each snapshot that is taken, copied or deleted
  - two calls for each snapshot that is shared: one call shares it, and one call records this in a tag
- Other calls are not part of these two numbers: SSM's pages of 10 parameters, one `PutMetricData`, `kms:DescribeKey` for the key of a new
  copy, and `DescribeAccountAttributes` for the quota. A worker reads the quota at the start of its process and in every 12th run.
- **CPU**: the time that the kernel's scheduler counted for the process. **Memory**: the peak of its resident memory over all runs.
- **Throttled**: RDS answers a limited number of calls a second, after a burst of 5, and refuses all other calls.

Ratios within one run hold on every machine. Times are those of the machine that is named below. No test of `make test` asserts a time.

`make bench` repeats the measurement. It compiles the zips first and then takes about {minutes} minutes. `make bench ONLY="source-take"`
measures only a part and does not write this page.
"""


def paragraph(text):
    """The lines of a paragraph, with at most 140 characters each."""
    return textwrap.wrap(text, 140, break_long_words=False, break_on_hyphens=False)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(" --- " if i < 2 else " ---: " for i in range(len(head))) + "|"]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def pairs(cases):
    """(cold, warm) of every case, in the order of the measurement."""
    return zip(cases[::2], cases[1::2])


def goals(results):
    verdicts = {True: "reached", False: "**missed**", None: "not measured"}
    rows = [(goal["what"], f"{goal['limit']:g}", "" if goal["figure"] is None else f"{goal['figure']:.3f}", verdicts[goal["reached"]], goal["of"] or "")
            for goal in results["goals"]]
    rows = [(name, " ".join(worst.split()), limit, figure, verdict) for name, limit, figure, verdict, worst in rows]
    return table(("Figure", "Worst case", "At most", "Measured", ""), rows)


def fleets(results):
    rows = []
    for cold, warm in pairs(results["cases"]):
        if cold["limit_per_second"] is None and cold["latency_ms"]:
            rows.append((f"{cold['databases']}×{cold['snapshots']}", cold["worker"], cold["scenario"], cold["calls"], cold["bound"], cold["connections"],
                         f"{cold['wall_s']:.2f}", f"{warm['wall_s']:.2f}", f"{warm['cpu_s']:.3f}", f"{cold['rss_mb']:.0f}"))
    return table(("Fleet", "Worker", "Scenario", "Calls", "Bound", "Connections", "Cold, s", "Warm, s", "CPU warm, s", "Memory, MB"), rows)


def throttled(results):
    rows = []
    for cold, _ in pairs(results["cases"]):
        if cold["limit_per_second"] is not None:
            rows.append((f"{cold['databases']}×{cold['snapshots']}", cold["worker"], f"{cold['limit_per_second']:g}", cold["time_limit_s"], cold["calls"],
                         cold["bound"], f"{cold['ratio']:.2f}", f"{cold['wall_s']:.1f}", cold["pending"], cold["failed"]))
    head = ("Fleet", "Worker", "Calls a second", "Time limit, s", "Calls", "Bound", "Ratio", "Duration, s", "Pending", "Failed")
    return table(head, rows)


def starts(results):
    cold, zips = results["cold_start"], results["zips"]
    rows = []
    for worker, size in zips.items():
        time = cold["workers_ms"].get(worker)
        start = ("", "") if time is None else (f"{time:.1f}", f"{cold['boto3_ms'] / time:.0f}")
        rows.append((worker, f"{size / 1e6:.2f}", *start))
    lines = paragraph(
        "The time from the start of the process to its first request, as a median. `import boto3; boto3.client('rds')`, measured "
        f"in turns with it, takes {cold['boto3_ms']:.0f} ms.")
    return [*lines, "", *table(("Worker", "Zip, MB", "Start, ms", "Times faster than boto3"), rows)]


def growth(results):
    rows = [(worker, *(f"{of[key]:.2f}" for key in ("cpu", "cpu_over_n", "memory", "memory_over_n"))) for worker, of in results["growth"].items()]
    return table(("Worker", "CPU over N×M", "CPU over N", "Memory over N×M", "Memory over N"), rows)


def month(results):
    rows = [(f"{bill['databases']}×{bill['snapshots']}", f"{bill['per_run_ms']} ms + {bill['per_snapshot_ms']} ms a snapshot", bill["step_functions"],
             bill["lambda"], bill["cloudwatch"], bill["total"]) for bill in results["month"]]
    return table(("Fleet", "Lambda's time per run", "Step Functions", "Lambda", "CloudWatch", "Total"), rows)


def simulation(runs):
    rows = [(run["days"], run["databases"], f"{run['cpu_s']:.2f}", f"{run['rss_mb']:.0f}") for run in runs]
    return table(("Days", "Databases", "CPU, s", "Memory, MB"), rows)


def machine():
    """The processor and the system, as Linux names them."""
    model = re.search(r"^model name\s*: (.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
    cores = os.cpu_count()
    return f"{model.group(1) if model else platform.machine()}, {cores} cores, {platform.system()} {platform.machine()}"


def page(results, runs):
    sections = (
        ("Goals", goals(results)),
        ("Cold start and zips", starts(results)),
        ("Cost of a month", [
            *paragraph(
                "The cost of the shipped schedule in both accounts, with the times measured at 20 ms a call. The cost of storage, which "
                "depends on the data, of alarms (0.10 USD each), of dashboards and of logs is not included. CloudWatch's cost is that of "
                "`RecoveryPointAge`: one metric for each database, 0.30 USD a month."),
            "", *month(results)]),
        ("Fleets at 20 ms a call", fleets(results)),
        ("Throttled", throttled(results)),
        ("Growth", [
            *paragraph(
                "The exponents of the power law that fits the steady fleets with 700 snapshots or more. The exponent 1 is linear. *Over N* "
                "compares fleets with the same number of snapshots for each database and shows the largest exponent."),
            "", *growth(results)]),
        ("The simulator", [
            *paragraph(
                f"The simulator answered {results['simulator']['calls']:,} requests over HTTP in "
                f"{results['simulator']['us_per_call']:.0f} µs each on average. "
                "Most of them are pages of 100 snapshots. The table shows `pilot-light simulate` for both accounts:"),
            "", *simulation(runs)]),
    )
    lines = [HEAD.replace("{minutes}", str(results["minutes"])), "## Measured", "", f"On {machine()}.", ""]
    for title, body in sections:
        lines += [f"### {title}", "", *body, ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    results, runs = (json.loads((RESULTS / name).read_text()) for name in ("results.json", "simulate.json"))
    (ROOT / "docs" / "performance.md").write_text(page(results, runs))
