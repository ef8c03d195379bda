"""The fixtures: one simulator for all tests, with an empty world for each test."""

import pytest
from serving import Simulator, serve


@pytest.fixture(scope="session")
def served():
    at_once = ["--snapshot-seconds", "0", "--copy-seconds", "0", "--instance-seconds", "0"]
    at_once += ["--lag-seconds", "0"]
    process, url = serve(*at_once)
    yield Simulator(url)
    process.terminate()
    assert process.wait(10) == 0


@pytest.fixture
def simulator(served):
    """An empty world in which every change completes at once."""
    assert served.admin("reset", {}) == (200, {})
    return served
