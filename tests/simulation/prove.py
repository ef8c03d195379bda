"""Shows at length what `cargo test` shows in short: the RPO is kept, the planner is right, and nothing that must hold is violated.

`make simulate` runs it; it needs the compiled `pilot-light` and nothing else. Each line is one claim with the figures it rests on and
whether it holds; the exit code is 1 if one does not. Pictures go to target/simulate.
"""

import json
import pathlib
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "target" / "release" / "pilot-light"
PICTURES = ROOT / "target" / "simulate"

RPO = 60
SLOTS = 20

# An outage of the destination's Region for eight hours, on the first day of two.
OUTAGE = """
[[script]]
fault = "region_outage"
after = "3h"
lasts = "8h"
side = "destination"
"""


def ask(*arguments):
    """What the program answers, as data. It exits 1 where something was violated, which the answer names."""
    command = [str(PROGRAM), *map(str, arguments), "--output", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 1) or not done.stdout:
        sys.exit(f"{' '.join(command)}\n{done.stderr}")
    return json.loads(done.stdout)


class Proof:
    """Claims so far."""

    def __init__(self):
        self.failed = 0
        self.began = time.monotonic()

    def title(self, text):
        print(f"\n{text}", flush=True)

    def claim(self, holds, text, violations=()):
        holds = holds and not violations
        self.failed += not holds
        seconds = time.monotonic() - self.began
        print(f"  {'yes' if holds else 'NO '} {text}  [{seconds:.0f} s]", flush=True)
        for violation in list(violations)[:3]:
            print(f"      {violation}", flush=True)


def objective(proof):
    """Thirty days without faults: the default keeps the hour, the older tools' schedule does not."""
    proof.title("30 days, 20 databases, snapshots of 3 to 6 min, copies of 4 to 10 min, nothing goes wrong")
    for schedule, holds in [
        ("default", lambda run: run["worst_age_minutes"] <= RPO),
        ("legacy", lambda run: run["worst_age_minutes"] > 200),
    ]:
        run = ask("simulate", "--schedule", schedule, "--days", 30, "--chart", PICTURES / f"{schedule}.html")
        worst, bound = run["worst_age_minutes"], run["theoretical_minutes"]
        text = f"{schedule}: at worst {worst} min of the {bound} that the schedule allows, mean {run['mean_age_minutes']}"
        proof.claim(holds(run) and 0.9 * bound < worst <= bound, text, run["violations"])


def agreement(proof):
    """What the planner proposes holds the hour, what it refuses breaks it."""
    proof.title(f"planner and simulation agree on {RPO} min (20 databases, 5 days, 2 seeds)")
    grid = [(8, 15), (6, 10), (6, 12), (3, 20), (12, 10), (10, 20), (4, 4), (15, 15), (6, 28), (20, 30)]
    for snapshot, copy in grid:
        for mode in ("one-step", "two-hop"):
            times = ("--snapshot-minutes", f"{max(snapshot // 2, 1)}..{snapshot}", "--copy-minutes", f"{copy * 2 // 5 or 1}..{copy}")
            asked = ask("schedule", "--rpo", f"{RPO}m", "--snapshot", f"{snapshot}m", "--copy", f"{copy}m", "--copy-mode", mode)
            run = lambda schedule: ask("simulate", "--schedule", schedule, "--days", 5, "--seeds", 2, "--copy-mode", mode, *times)
            of = f"snapshot {snapshot}, copy {copy}, {mode}"
            usual = run("default")
            agrees = asked["keeps"] == (usual["worst_age_minutes"] <= RPO)
            said = "keeps it" if asked["keeps"] else "breaks it"
            figure = f"{usual['worst_age_minutes']} min of {asked['asked'].get('worst_age_minutes', 'no bound')}"
            proof.claim(agrees, f"{of}: the default {said}: {figure}", usual["violations"])
            best = run("proposed")
            promised = asked["proposal"]["worst_age_minutes"]
            keeps = best["worst_age_minutes"] <= RPO
            said = "keeps it" if asked["proposal"]["keeps"] else "is the best there is"
            figure = f"{best['worst_age_minutes']} min of {promised}"
            agrees = best["worst_age_minutes"] <= promised and (keeps or not asked["proposal"]["keeps"])
            proof.claim(agrees, f"{of}: the proposal {said}: {figure}", best["violations"])


def seeds(proof):
    """Many histories in which everything goes wrong."""
    proof.title("nothing that must hold is violated, whatever goes wrong (3 databases, 3 days each)")
    for faults, count in (("default", 1000), ("hostile", 200)):
        for mode, first in (("one-step", 1), ("two-hop", 1 + count // 2)):
            run = ask("simulate", "--databases", 3, "--days", 3, "--faults", faults, "--copy-mode", mode, "--seed", first, "--seeds", count // 2)
            text = f"{run['seeds']} seeds from {first} on, {faults} faults, {mode}: {run['faults_injected']} faults in {run['api_calls']} calls"
            proof.claim(True, text, run["violations"])


def crashes(proof):
    """A worker killed after each single call of a day, one history for each."""
    proof.title("a worker is killed after every single call of the first day (1 database, 2 days)")
    for mode in ("one-step", "two-hop"):
        whole = ("--databases", 1, "--days", 2, "--copy-mode", mode)
        calls = ask("simulate", *whole)["api_calls"] * 11 // 20
        run = ask("simulate", *whole, "--faults", "crash", "--seeds", calls)
        proof.claim(True, f"{mode}: {calls} histories", run["violations"])


def outage(proof):
    """After eight hours without the destination's Region."""
    databases, copy = 60, 10
    least = -(-databases // SLOTS) * copy
    proof.title(f"8 hours without the destination's Region: {databases} databases, {SLOTS} slots, copies of {copy} min, so {least} min at least")
    with tempfile.TemporaryDirectory() as folder:
        plan = pathlib.Path(folder) / "outage.toml"
        plan.write_text(OUTAGE)
        whole = ("simulate", "--databases", databases, "--days", 2, "--copy-minutes", copy, "--faults", plan)
        ours = ask(*whole, "--chart", PICTURES / "outage.html")
        back, bound = ours["recovery_minutes_after_outage"], ours["theoretical_minutes"]
        text = f"all are within the {bound} min that the schedule allows again after {back} min, {back / least:.2f} times the least"
        proof.claim(back <= 1.25 * least, text, ours["violations"])
        others = ask(*whole, "--copier", "first-come")["recovery_minutes_after_outage"]
        never = "not in the 37 hours that were left" if others > 37 * 60 - 1 else f"after {others} min"
        proof.claim(others > back, f"first come, first served, on the same seed: {never}")


def main():
    PICTURES.mkdir(parents=True, exist_ok=True)
    proof = Proof()
    for part in (objective, outage, agreement, seeds, crashes):
        part(proof)
    print(f"\npictures: {PICTURES.relative_to(ROOT)}")
    if proof.failed:
        sys.exit(f"{proof.failed} claims do not hold")
    print("every claim holds")


if __name__ == "__main__":
    main()
