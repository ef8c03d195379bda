"""The state machines match the errors the workers return, and end in bounded time."""

import copy
import json

import pytest
from checks.asl import error_names, findings, retryable_names
from checks.files import MACHINES, ROOT


def worker_machine():
    return json.loads((ROOT / "statemachines" / "worker.asl.json").read_text())


def test_error_names_are_read_from_the_rust_source():
    assert retryable_names() == {"Throttled", "Unavailable", "Conflict", "QuotaExceeded"}
    assert retryable_names() < error_names()
    assert not [name for name in error_names() if name.startswith(("States.", "Lambda.", "Runtime."))]


@pytest.mark.parametrize("path", [path for path in MACHINES if path.name == "worker.asl.json"], ids=lambda path: path.name)
def test_the_machine_handles_every_error_of_the_workers(path):
    assert findings(json.loads(path.read_text()), error_names(), retryable_names()) == []


def misspell(machine):
    machine["States"]["Run"]["Retry"][0]["ErrorEquals"][0] = "Throtled"


def wrong_case(machine):
    machine["States"]["Run"]["Retry"][1]["ErrorEquals"] = ["conflict"]


def retry_a_permanent_error(machine):
    machine["States"]["Run"]["Retry"][0]["ErrorEquals"].append("AccessDenied")


def forget_a_process_that_dies(machine):
    machine["States"]["Run"]["Retry"][4]["ErrorEquals"].remove("Runtime.ExitError")


def forget_a_call_without_an_answer(machine):
    machine["States"]["Run"]["Retry"][4]["ErrorEquals"].remove("States.Timeout")


def forget_a_connection_to_lambda_that_fails(machine):
    machine["States"]["Run"]["Retry"][3]["ErrorEquals"].remove("Lambda.ClientExecutionTimeoutException")


def drop_catch_all(machine):
    machine["States"]["Run"]["Catch"].pop()


def drop_timeout(machine):
    del machine["States"]["Run"]["TimeoutSeconds"]


def drop_machine_timeout(machine):
    del machine["TimeoutSeconds"]


def retry_for_too_long(machine):
    machine["States"]["Run"]["Retry"][2] |= {"IntervalSeconds": 600, "MaxDelaySeconds": 1200}


def lose_the_input(machine):
    machine["States"]["Run"]["Catch"][0]["ResultPath"] = "$"


def lose_the_cause(machine):
    del machine["States"]["Failed"]["CausePath"]


def lead_to_a_missing_state(machine):
    machine["States"]["Notify"]["Next"] = "Fail"


def lengthen_the_subject_too_far(machine):
    machine["States"]["Notify"]["Parameters"]["Subject"] += " " + "and it is a long story" * 3


@pytest.mark.parametrize("mutate,expected", [
    (misspell, "Throtled is not an error"),
    (misspell, "Throttled is not retried"),
    (wrong_case, "conflict is not an error"),
    (retry_a_permanent_error, "AccessDenied is retried"),
    (forget_a_process_that_dies, "Run: a crash (Runtime.ExitError) is not retried"),
    (forget_a_call_without_an_answer, "Run: a crash (States.Timeout) is not retried"),
    (forget_a_connection_to_lambda_that_fails, "Run: a failure of Lambda (Lambda.ClientExecutionTimeoutException) is not retried"),
    (drop_catch_all, "must be States.ALL"),
    (drop_timeout, "no TimeoutSeconds"),
    (drop_machine_timeout, "no TimeoutSeconds"),
    (retry_for_too_long, "nobody would receive the cause"),
    (lose_the_input, "overwrites the input"),
    (lose_the_cause, "loses its error"),
    (lead_to_a_missing_state, "does not exist"),
    (lengthen_the_subject_too_far, "longer than 100"),
], ids=lambda value: getattr(value, "__name__", None))
def test_a_planted_bug_is_found(mutate, expected):
    machine = copy.deepcopy(worker_machine())
    mutate(machine)
    found = findings(machine, error_names(), retryable_names())
    assert any(expected in finding for finding in found), found
