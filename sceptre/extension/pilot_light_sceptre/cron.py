"""EventBridge schedule expressions: their normal form and the longest gap between two runs.

Sceptre and alarms are left to schedules.py.
"""

import calendar
import datetime
import re

RATE = re.compile(r"^rate\(\s*([1-9][0-9]*)\s+(minute|hour|day)s?\s*\)$")
CRON = re.compile(r"^cron\((.*)\)$")
UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
MONTHS = {name: i + 1 for i, name in enumerate(
    "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split())}
WEEKDAYS = {name: i + 1 for i, name in enumerate("SUN MON TUE WED THU FRI SAT".split())}
# Long enough for every yearly pattern. Rarer schedules are refused anyway.
HORIZON_DAYS = 800
START = datetime.date(2027, 1, 1)


class ScheduleError(ValueError):
    """The error for a schedule that EventBridge, or an alarm on its silence, could not use."""


def normalise(text):
    """The full expression for `text`, which may be six bare cron fields as in older tools."""
    text = " ".join(str(text).split())
    rate = RATE.match(text)
    if rate:
        number, unit = int(rate.group(1)), rate.group(2)
        # EventBridge requires the singular for 1 and the plural for other numbers.
        return f"rate({number} {unit}{'' if number == 1 else 's'})"
    if text.startswith("rate"):
        raise ScheduleError("a rate has the form rate(5 minutes) or rate(1 hour)")
    cron = CRON.match(text)
    fields = (cron.group(1) if cron else text).split()
    if len(fields) != 6:
        raise ScheduleError(
            "allowed are rate(5 minutes), cron(0 1 * * ? *), or the six bare fields 0 1 * * ? *")
    longest_cron_gap(fields)
    return f"cron({' '.join(fields)})"


def longest_gap(expression):
    """Seconds of the longest pause between two runs of a full expression."""
    rate = RATE.match(expression)
    if rate:
        return int(rate.group(1)) * UNIT_SECONDS[rate.group(2)]
    return longest_cron_gap(CRON.match(expression).group(1).split())


def longest_cron_gap(fields):
    """Seconds of the longest pause between two runs of six cron fields (UTC)."""
    minute, hour, day, month, weekday, year = fields
    if year != "*":
        raise ScheduleError("the schedule stops firing for good after its last year; use * as the year")
    if (day == "?") == (weekday == "?"):
        raise ScheduleError("exactly one of day-of-month and day-of-week must be ?")
    minutes = numbers(minute, 0, 59, {})
    times = [h * 3600 + m * 60 for h in numbers(hour, 0, 23, {}) for m in minutes]
    months = numbers(month, 1, 12, MONTHS)
    days = [d for d in (START + datetime.timedelta(n) for n in range(HORIZON_DAYS))
            if d.month in months and day_matches(d, day, weekday)]
    if len(days) < 2:
        raise ScheduleError("it runs less than twice in two years; use a more frequent schedule")
    within = max((b - a for a, b in zip(times, times[1:])), default=0)
    nights = max((b - a).days for a, b in zip(days, days[1:])) * 86400
    return max(within, nights - times[-1] + times[0])


def numbers(field, low, high, names):
    """The sorted values of a field of numbers."""
    values = set()
    for part in field.split(","):
        span, _, step = part.partition("/")
        first, dash, last = span.partition("-")
        if span in ("*", "?"):
            start, end = low, high
        else:
            start = number(first, low, high, names)
            end = number(last, low, high, names) if dash else (high if step else start)
        if step and not (step.isdigit() and int(step) > 0):
            raise ScheduleError(f"{part!r}: the step must be a number above 0")
        if start > end:
            raise ScheduleError(f"{part!r}: the range must not end before it begins")
        values.update(range(start, end + 1, int(step) if step else 1))
    return sorted(values)


def number(text, low, high, names):
    value = names.get(text.upper(), int(text) if text.isdigit() else None)
    if value is None or not low <= value <= high:
        raise ScheduleError(f"{text!r} is not between {low} and {high}")
    return value


def day_matches(date, day, weekday):
    """True if the date matches the day-of-month and day-of-week fields, including L, W and #."""
    last = calendar.monthrange(date.year, date.month)[1]
    if day != "?":
        if day == "L":
            return date.day == last
        if day.upper().endswith("W"):
            wanted = last if day.upper() == "LW" else number(day[:-1], 1, 31, {})
            return date.day == nearest_weekday(date, min(wanted, last), last)
        return date.day in numbers(day, 1, 31, {})
    today = date.isoweekday() % 7 + 1
    if "#" in weekday:
        which, _, nth = weekday.partition("#")
        return today == number(which, 1, 7, WEEKDAYS) and (date.day - 1) // 7 + 1 == number(nth, 1, 5, {})
    if weekday.upper().endswith("L"):
        which = weekday[:-1] or "7"
        return today == number(which, 1, 7, WEEKDAYS) and date.day + 7 > last
    return today in numbers(weekday, 1, 7, WEEKDAYS)


def nearest_weekday(date, wanted, last):
    day = date.replace(day=wanted).isoweekday()
    if day == 6:
        return wanted - 1 if wanted > 1 else wanted + 2
    if day == 7:
        return wanted + 1 if wanted < last else wanted - 2
    return wanted
