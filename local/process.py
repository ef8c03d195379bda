"""A child process that always ends: its start, its log, its readiness and its stop.

A child is stopped by its own id (its process group), never by a name. AWS is left to the other files.
"""

import os
import signal
import socket
import subprocess
import time


class Child:
    """A started program. Its output goes to `log`."""

    def __init__(self, name, command, env, log):
        self.name = name
        self.log = log
        log.parent.mkdir(parents=True, exist_ok=True)
        with open(log, "wb") as out:
            # The child has a process group of its own. So Ctrl-C reaches only this process, which stops the children in order.
            self.process = subprocess.Popen(
                command, env=env, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True)

    def wait_until(self, ready, seconds):
        """The first truthy value of ready(), or an error with the end of the log."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} stopped by itself:\n{self.tail()}")
            value = ready()
            if value:
                return value
            time.sleep(0.05)
        raise RuntimeError(f"{self.name} was not ready within {seconds} s:\n{self.tail()}")

    def stop(self):
        for sig in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.process.pid, sig)
            except ProcessLookupError:
                break
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                continue
        self.process.wait()

    def tail(self, lines=20):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
