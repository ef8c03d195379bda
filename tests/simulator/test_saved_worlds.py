"""Saved worlds: returned and loaded through the admin interface, and loaded by the program at its start."""

import subprocess

import pytest
from serving import EAST, OTHER, OWN, ROOT, Simulator, binary, serve

FROZEN = ROOT / "tests" / "upgrade" / "0.1.0" / "world-one-step.json"


def test_a_saved_world_is_loaded_into_another_simulator(simulator):
    simulator.database("orders")
    simulator.snapshot("a", "orders")
    simulator.share("a", OTHER)
    _, saved = simulator.admin("saved")
    assert simulator.admin("reset", {}) == (200, {})
    assert simulator.client().describe_db_snapshots()["DBSnapshots"] == []
    assert simulator.admin("saved", saved) == (200, {})
    names = [one["DBSnapshotIdentifier"] for one in simulator.client().describe_db_snapshots()["DBSnapshots"]]
    shared = simulator.client(OTHER, EAST).describe_db_snapshots(IncludeShared=True)["DBSnapshots"]
    assert (names, [one["DBInstanceIdentifier"] for one in shared]) == (["a"], ["orders"])
    _, again = simulator.admin("saved")
    assert again | {"now": None} == saved | {"now": None}


def test_a_malformed_world_is_refused_and_changes_nothing(simulator):
    simulator.database("orders")
    _, saved = simulator.admin("saved")
    saved["places"][0]["instances"][0]["status"] = 5
    status, answer = simulator.admin("saved", saved)
    assert (status, answer["error"].split(",")[0]) == (400, "places[0].instances[0].status: invalid type: integer `5`")
    assert len(simulator.client().describe_db_instances()["DBInstances"]) == 1


def test_the_program_begins_with_a_world_of_an_earlier_version():
    process, url = serve("--world", str(FROZEN))
    try:
        simulator = Simulator(url)
        snapshots = simulator.client(OWN, EAST).describe_db_snapshots(SnapshotType="manual", MaxRecords=100)["DBSnapshots"]
        assert len(snapshots) == 100
        assert simulator.admin("settings")[1]["quota"] == 500
    finally:
        process.terminate()
        assert process.wait(10) == 0


@pytest.mark.parametrize("options,text,said", [
    ([], "{}", "missing field `now`"),
    ([], "", "EOF while parsing"),
    (["--quota", "5"], "{}", "cannot be used with"),
])
def test_the_program_names_the_field_of_a_world_that_it_cannot_load(tmp_path, options, text, said):
    path = tmp_path / "world.json"
    path.write_text(text)
    command = [str(binary()), "serve", "--port", "0", "--world", str(path), *options]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    assert done.returncode != 0 and said in done.stderr and done.stdout == ""
