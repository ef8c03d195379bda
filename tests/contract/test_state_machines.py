"""The state machines match the errors the workers return, and end in bounded time."""

import copy
import json

import pytest
from checks.announcing import announcing_findings, declared, sending_findings
from checks.asl import announce_machine, error_names, findings, retryable_names
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


def forget_the_announcements(machine):
    machine["States"]["Run"]["Next"] = "Done"


def announce_dry_runs(machine):
    machine["States"]["Announcements"]["Choices"][0]["And"].pop()


def announce_an_empty_list(machine):
    machine["States"]["Announcements"]["Choices"][0]["And"][0]["Variable"] = "$.announcements"


def start(machine):
    return machine["States"]["Announce"]["ItemProcessor"]["States"]["Start"]


def announce_under_a_new_name(machine):
    del start(machine)["Parameters"]["Name.$"]


def know_one_spelling(machine):
    start(machine)["Catch"][0]["ErrorEquals"].pop(0)


def retry_what_was_announced(machine):
    start(machine)["Retry"].pop(0)


def fail_the_run(machine):
    start(machine)["Catch"].pop()


def lose_what_is_stuck(machine):
    machine["States"]["Announce"]["ItemProcessor"]["States"]["NotHandedOver"]["Parameters"] = {}


def send_nothing_again(machine):
    states = machine["States"]["Announce"]["ItemProcessor"]["States"]
    states["Start"]["Catch"][0]["Next"] = "HandedOver"
    del states["SendAgain"]


def lose_the_report(machine):
    del machine["States"]["Announce"]["ResultPath"]


def stay_silent_about_what_is_stuck(machine):
    machine["States"]["Announced"]["Choices"][0]["Next"] = "Done"


def hide_the_failure(machine):
    machine["States"]["Announcements"]["Default"] = "Done"


def end_without_a_look(machine):
    machine["States"]["Notify"]["Next"] = "Failed"


def look_for_real(machine):
    machine["States"]["Look"]["Parameters"]["dry_run"] = False


def forget_the_failure(machine):
    del machine["States"]["Seen"]["Parameters"]["failure.$"]


def wait_too_long_for_the_other_machine(machine):
    start(machine)["TimeoutSeconds"] = 200


@pytest.mark.parametrize("mutate,expected", [
    (forget_the_announcements, "Run: its announcements are not read"),
    (announce_dry_runs, "Announcements: a dry run must not announce"),
    (announce_an_empty_list, "Announcements: a report without announcements must end there"),
    (announce_under_a_new_name, "Start: starts"),
    (know_one_spelling, "Start: an announced event must lead to SendAgain under both spellings"),
    (retry_what_was_announced, "Start: an announced event must not be retried"),
    (fail_the_run, "Start: a message that cannot be handed over must not fail the run"),
    (lose_what_is_stuck, "NotHandedOver: loses"),
    (send_nothing_again, "a message whose execution failed is never sent"),
    (lose_the_report, "Announce: loses the report"),
    (hide_the_failure, "Done: the announcements of a failed run must not hide its failure"),
    (end_without_a_look, "Notify: while all runs fail, nothing is announced"),
    (look_for_real, "Run: while all runs fail, nothing is announced"),
    (forget_the_failure, "Seen: must put"),
    (stay_silent_about_what_is_stuck, "Announced: nobody learns of a message that is stuck"),
], ids=lambda value: getattr(value, "__name__", None))
def test_a_planted_bug_in_the_announcing_is_found(mutate, expected):
    machine = worker_machine()
    assert announcing_findings(machine) == []
    mutate(machine)
    found = announcing_findings(machine)
    assert any(expected in finding for finding in found), found


def sending():
    return announce_machine({"Topic": "page", "InformTopic": "inform"})


def test_the_state_machines_read_the_fields_that_the_workers_write():
    fields, urgencies = declared()
    text = json.dumps([sending(), worker_machine()["States"]["Announce"]])
    assert fields == {"urgency", "name", "subject", "text"} and all(f'"$.{field}"' in text for field in fields)
    # Every other urgency pages.
    assert urgencies == {"page", "inform"} and '"StringEquals": "inform"' in text
    report = (ROOT / "shared/domain/src/run/report.rs").read_text()
    assert "pub announcements: Vec<Announcement>" in report and "pub dry_run: bool" in report


def catch_the_failure(machine):
    machine["States"]["Page"]["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": "Inform"}]


def mix_up_the_topics(machine):
    machine["States"]["Inform"]["Parameters"]["TopicArn"] = "page"


def inform_by_default(machine):
    machine["States"]["Urgency"]["Default"] = "Inform"


def give_up_at_once(machine):
    del machine["States"]["Inform"]["Retry"]


def retry_beyond_the_end(machine):
    machine["States"]["Page"]["Retry"][0]["MaxAttempts"] = 30


def send_another_text(machine):
    machine["States"]["Page"]["Parameters"]["Message.$"] = "$.subject"


@pytest.mark.parametrize("mutate,expected", [
    (catch_the_failure, "Page: a failure that is caught cannot be redriven"),
    (mix_up_the_topics, "inform leads to the topic page"),
    (inform_by_default, "an unknown urgency leads to the topic inform"),
    (give_up_at_once, "Inform: gives up at once"),
    (retry_beyond_the_end, "Page: its attempts need"),
    (send_another_text, "Page: sends"),
], ids=lambda value: getattr(value, "__name__", None))
def test_a_planted_bug_in_the_machine_of_announcements_is_found(mutate, expected):
    machine = sending()
    assert sending_findings(machine) == []
    mutate(machine)
    found = sending_findings(machine)
    assert any(expected in finding for finding in found), found


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
    (wait_too_long_for_the_other_machine, "nobody would receive the cause"),
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
