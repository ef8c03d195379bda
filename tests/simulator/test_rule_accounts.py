"""The accounts in which the rules of AWS are tested: what their removal takes away, and what it leaves."""

import removal
import simulated


def test_the_removal_takes_away_everything_with_the_prefix_and_nothing_else():
    process, aws = simulated.started()
    try:
        for name in [None, "of-others"]:
            database = aws.own_database(name=name, DeletionProtection=True)
            aws.copy(aws.snapshot(database, DBSnapshotIdentifier=name or aws.name()), region=aws.far)
        aws.client().create_db_cluster(DBClusterIdentifier=aws.name(), Engine="aurora-mysql", DeletionProtection=True)
        assert removal.remove_all(aws) == []
        _, world = aws.simulator.admin("world")
        assert [found["id"] for found in world["databases"] + world["snapshots"]] == ["of-others", "of-others"]
        assert world["clusters"] == []
    finally:
        process.terminate()
        assert process.wait(10) == 0


def test_what_cannot_be_removed_is_reported(monkeypatch):
    process, aws = simulated.started()
    try:
        name = aws.snapshot()["DBSnapshotIdentifier"]
        monkeypatch.setattr(removal, "delete_snapshots", lambda aws, rds: None)
        assert removal.remove_all(aws) == [name]
    finally:
        process.terminate()
        assert process.wait(10) == 0
