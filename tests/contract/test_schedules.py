"""Schedules and durations as users write them, and the values that EventBridge and the alarms get."""

import types

import pytest
from pilot_light_sceptre.cron import ScheduleError, longest_gap, normalise
from pilot_light_sceptre.durations import DurationSeconds, seconds
from pilot_light_sceptre.schedules import age
from sceptre.exceptions import SceptreException

HOUR, DAY = 3600, 86400


@pytest.mark.parametrize("given,expression,gap", [
    ("rate(1 minutes)", "rate(1 minute)", 60),
    ("rate( 5  minute )", "rate(5 minutes)", 300),
    ("rate(1 day)", "rate(1 day)", DAY),
    ("0 1 * * ? *", "cron(0 1 * * ? *)", DAY),
    ("  0  1 * * ? * ", "cron(0 1 * * ? *)", DAY),
    ("cron(0/5 * * * ? *)", "cron(0/5 * * * ? *)", 300),
    ("cron(0/7 * * * ? *)", "cron(0/7 * * * ? *)", 420),
    ("cron(0 */6 * * ? *)", "cron(0 */6 * * ? *)", 6 * HOUR),
    ("cron(0 8,20 * * ? *)", "cron(0 8,20 * * ? *)", 12 * HOUR),
    ("cron(0 8 ? * MON-FRI *)", "cron(0 8 ? * MON-FRI *)", 3 * DAY),
    ("cron(0 8 ? * 2-6 *)", "cron(0 8 ? * 2-6 *)", 3 * DAY),
    ("cron(0 0 ? * SUN *)", "cron(0 0 ? * SUN *)", 7 * DAY),
    ("cron(0 0 1 * ? *)", "cron(0 0 1 * ? *)", 31 * DAY),
    ("cron(0 0 L * ? *)", "cron(0 0 L * ? *)", 31 * DAY),
    ("cron(0 0 ? * 6#1 *)", "cron(0 0 ? * 6#1 *)", 35 * DAY),
    ("cron(0 0 ? * 6L *)", "cron(0 0 ? * 6L *)", 35 * DAY),
    ("cron(0 0 1W * ? *)", "cron(0 0 1W * ? *)", 33 * DAY),
    ("cron(0-10 3 * * ? *)", "cron(0-10 3 * * ? *)", DAY - 600),
])
def test_schedules_get_their_normal_form_and_longest_gap(given, expression, gap):
    assert normalise(given) == expression
    assert longest_gap(expression) == gap


@pytest.mark.parametrize("given,expected", [
    ("hourly", "six bare fields"),
    ("rate(5 minuts)", "a rate has the form"),
    ("rate(0 minutes)", "a rate has the form"),
    ("0 1 * * *", "six bare fields"),
    ("0 1 * * * *", "exactly one of"),
    ("0 1 ? * ? *", "exactly one of"),
    ("60 1 * * ? *", "between 0 and 59"),
    ("0 24 * * ? *", "between 0 and 23"),
    ("0 1 ? * MOO *", "between 1 and 7"),
    ("0 5-1 * * ? *", "must not end before it begins"),
    ("0/0 1 * * ? *", "a number above 0"),
    ("0 1 * * ? 2027", "use \\* as the year"),
    ("0 1 30 2 ? *", "less than twice in two years"),
])
def test_an_invalid_schedule_is_refused_with_the_rule_it_breaks(given, expected):
    with pytest.raises(ScheduleError, match=expected):
        normalise(given)


@pytest.mark.parametrize("expression,period,periods", [
    ("rate(1 minute)", 180, 1),
    ("rate(5 minutes)", 900, 1),
    ("rate(1 hour)", 3 * HOUR, 1),
    ("rate(2 hours)", HOUR, 4),
    ("cron(0 1 * * ? *)", HOUR, 26),
])
def test_the_alarm_on_the_age_looks_back_past_the_last_healthy_run(expression, period, periods):
    assert age(expression) == (period, periods)


@pytest.mark.parametrize("text,expected", [("30m", 1800), ("1h", HOUR), ("7d", 7 * DAY), ("2", 2 * HOUR), (2, 2 * HOUR)])
def test_durations_are_read_with_their_units(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "0", "0h", "-1h", "1.5h", "1s", "1 h", "one", "\u0661h"])
def test_an_invalid_duration_is_refused_naming_its_parameter(text):
    stack = types.SimpleNamespace(name="destination/copy")
    with pytest.raises(SceptreException, match="destination/copy: RpoTarget is .*: allowed are whole minutes"):
        DurationSeconds({"parameter": "RpoTarget", "value": text}, stack).resolve()
