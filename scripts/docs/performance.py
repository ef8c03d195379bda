"""Writes docs/performance.md: what `make bench` measured last, from target/bench/results.json and simulate.json."""

import json
import os
import pathlib
import platform
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
RESULTS = ROOT / "target" / "bench"
HEAD = """# Performance

<!-- Written by `make bench` (scripts/docs/performance.py) from target/bench/results.json. -->

What costs here is calls to RDS, which throttles them, and Lambda's time. This page holds what `make bench` measured last.

## Method

`make bench` builds the zips as they are shipped, unpacks them and runs each worker's `bootstrap` as Lambda does: a process with nothing in its
environment but Lambda's variables, its events from a Lambda runtime API. RDS and KMS are the simulator's, over HTTP on the loopback; SSM and CloudWatch
answer beside it. Every case runs twice in one process: *cold* right after the start, *warm* after that (over a steady fleet up to seven times, and
the one in the middle counts).

- **Fleet** N×M: N databases with M snapshots each, one a day, as the workers themselves would have left them. copy finds the snapshots shared *and*
  the copies of them, in another Region: twice as many.
- **Steady**: nothing to do. **All due**, **tenth due**: so many databases have something to take, share, delete or copy.
- **Latency**: an answer leaves so many milliseconds after its request came.
- **Calls** are RDS's. **Bound**: the least that any correct program needs: pages of 100, and 1 call for each snapshot taken, copied or deleted, 2 for
  each one shared (sharing, and remembering that). Counted apart: SSM's pages (10 parameters each), one `PutMetricData`, `kms:DescribeKey` for a
  key that a copy is to be made under, and `DescribeAccountAttributes` (the quota), asked at a process's start and in every 12th run.
- **CPU** is what the kernel's scheduler counted for the process, **memory** its peak of resident memory over all runs.
- **Throttled**: RDS answers so many calls a second, after a burst of 5, and refuses the rest.

What holds on every machine are ratios within one run; times are of the machine that is named below. Nothing in `make test` asserts a time.

To repeat: `make bench` (it compiles the zips first; then some {minutes} minutes), for a part of it `make bench ONLY="source-take"`. A part writes no page.
"""


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "|".join(" --- " if i < 2 else " ---: " for i in range(len(head))) + "|"]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]


def pairs(cases):
    """(cold, warm) of every case, in the order in which they were measured."""
    return zip(cases[::2], cases[1::2])


def goals(results):
    verdicts = {True: "reached", False: "**missed**", None: "not measured"}
    rows = [(goal["what"], f"{goal['limit']:g}", "" if goal["figure"] is None else f"{goal['figure']:.3f}", verdicts[goal["reached"]], goal["of"] or "")
            for goal in results["goals"]]
    rows = [(what, " ".join(of.split()), limit, figure, verdict) for what, limit, figure, verdict, of in rows]
    return table(("Figure", "Worst case", "At most", "Seen", ""), rows)


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
            done = sum(count for action, count in cold["by_action"].items() if not action.startswith(("Describe", "Get", "Put")))
            rows.append((f"{cold['databases']}×{cold['snapshots']}", cold["worker"], f"{cold['limit_per_second']:g}", cold["time_limit_s"], cold["calls"],
                         cold["bound"], f"{cold['ratio']:.2f}", f"{cold['wall_s']:.1f}", cold["pending"], cold["failed"]))
    return table(("Fleet", "Worker", "Calls a second", "Time limit, s", "Calls", "Bound", "Ratio", "Took, s", "Pending", "Failed"), rows)


def starts(results):
    cold, zips = results["cold_start"], results["zips"]
    rows = []
    for worker, size in zips.items():
        time = cold["workers_ms"].get(worker)
        told = ("", "") if time is None else (f"{time:.1f}", f"{cold['boto3_ms'] / time:.0f}")
        rows.append((worker, f"{size / 1e6:.2f}", *told))
    said = f"From the start of the process to its first request, medians; `import boto3; boto3.client('rds')`, in turns with it, takes {cold['boto3_ms']:.0f} ms."
    return [said, "", *table(("Worker", "Zip, MB", "Start, ms", "Times faster than boto3"), rows)]


def growth(results):
    rows = [(worker, *(f"{of[key]:.2f}" for key in ("cpu", "cpu_over_n", "memory", "memory_over_n"))) for worker, of in results["growth"].items()]
    return table(("Worker", "CPU over N×M", "CPU over N", "Memory over N×M", "Memory over N"), rows)


def month(results):
    rows = [(f"{bill['databases']}×{bill['snapshots']}", f"{bill['per_run_ms']} ms + {bill['per_snapshot_ms']} ms a snapshot", bill["step_functions"],
             bill["lambda"], bill["cloudwatch"], bill["total"]) for bill in results["month"]]
    return table(("Fleet", "Lambda's time a run", "Step Functions", "Lambda", "CloudWatch", "In all"), rows)


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
        ("To reach", goals(results)),
        ("Cold start and zips", starts(results)),
        ("A month", [
            "By the shipped schedule in both accounts, with the times measured at 20 ms a call. Storage comes to it, which depends on the data, and alarms "
            "(0.10 USD each), dashboards and logs. CloudWatch's share is that of `RecoveryPointAge`: one metric for each database, 0.30 USD a month.",
            "", *month(results)]),
        ("Fleets at 20 ms a call", fleets(results)),
        ("Throttled", throttled(results)),
        ("Growth", ["Exponents of the power law that fits the steady fleets from 700 snapshots on: 1 is linear. Over N: of fleets with as many snapshots each, the larger one.", "", *growth(results)]),
        ("The simulator", [
            f"It answered {results['simulator']['calls']:,} requests over HTTP in {results['simulator']['us_per_call']:.0f} µs each on average, most of them "
            "pages of 100 snapshots. `pilot-light simulate`, so many days of both accounts:", "", *simulation(runs)]),
    )
    lines = [HEAD.replace("{minutes}", str(results["minutes"])), "## Measured", "", f"On {machine()}.", ""]
    for title, body in sections:
        lines += [f"### {title}", "", *body, ""]
    return "\n".join(lines).rstrip() + "\n"


if __name__ == "__main__":
    results, runs = (json.loads((RESULTS / name).read_text()) for name in ("results.json", "simulate.json"))
    (ROOT / "docs" / "performance.md").write_text(page(results, runs))
