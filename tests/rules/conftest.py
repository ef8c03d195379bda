"""The accounts that the rules of docs/aws.md are tested in: a simulator's, or with AWS_RULES=real two real ones."""

import os

import pytest
import real
import removal
import simulated

REAL = os.environ.get("AWS_RULES", "simulated") == "real"


def pytest_collection_modifyitems(items):
    for item in items:
        only = item.get_closest_marker("simulator_only")
        if REAL and only:
            item.add_marker(pytest.mark.skip(reason=only.args[0]))


@pytest.fixture(scope="session")
def aws():
    """Two accounts. Everything that tests create there is removed afterwards."""
    process, accounts = (None, real.connected()) if REAL else simulated.started()
    try:
        yield accounts
    finally:
        left = removal.remove_all(accounts)
        if process:
            process.terminate()
            assert process.wait(10) == 0
    assert left == []


@pytest.fixture
def quick_copies(aws):
    """Lets copies take no time in a simulator, for tests that need a hundred of them."""
    before = aws.simulator.admin("settings")[1]["copy_seconds"]
    aws.simulator.settings(copy_seconds="0")
    yield
    aws.simulator.settings(copy_seconds=before)
