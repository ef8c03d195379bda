"""The accounts of a simulator on a free port. Waiting lets virtual time pass."""

from dataclasses import dataclass, field
from datetime import timedelta

from accounts import Accounts
from serving import Simulator, serve

# The virtual time between two looks: short enough to see every status of a change, all of which last for minutes.
STEP = timedelta(seconds=60)


@dataclass
class SimulatedAccounts(Accounts):
    """Accounts of a simulator of their own."""

    simulator: Simulator = None
    passed: timedelta = field(default_factory=timedelta)

    def client(self, account=None, region=None, service="rds"):
        return self.simulator.client(account or self.source, region or self.near, service)

    def let_time_pass(self, time=STEP):
        status, _ = self.simulator.admin("advance", {"seconds": int(time.total_seconds())})
        assert status == 200
        self.passed += time

    def time_passed(self):
        return self.passed

    def key(self, account=None, region=None, users=()):
        return self.simulator.key(self.name("key"), account or self.source, region or self.near, users)

    def fresh_account(self):
        """An account that nobody has used yet. Only a simulator has them."""
        self.numbers += 1
        return f"9{self.numbers:011}"


def started():
    """Starts a simulator with its usual durations; the caller stops the process."""
    process, url = serve()
    simulator = Simulator(url)
    # The instances of all tests stay until the end.
    simulator.settings(instances=400, licensed_instances=40)
    return process, SimulatedAccounts("111111111111", "222222222222", simulator=simulator)
