"""Schedules and the alarms whose time follows from them.

A schedule and the alarm on its silence must be computed together, else the alarm can never fire
(window shorter than CloudWatch's limits allow) or never stops (window shorter than the pause between two runs).
"""

from sceptre.exceptions import SceptreException
from sceptre.resolvers import Resolver

from .cron import ScheduleError, longest_gap, normalise

HOUR = 3600
# CloudWatch: period x evaluation periods is at most 7 days (for periods of an hour or more).
LONGEST_WINDOW = 7 * 24 * HOUR
# One hour for a run that needs all its retries, one because periods are whole hours of the clock.
MARGIN_HOURS = 2


def silence(expression):
    """(period, evaluation periods) of the silence alarm for a full schedule expression.

    Up to an hour between runs: three missed runs. Longer: the longest pause and two hours.
    """
    gap = longest_gap(expression)
    if gap <= HOUR:
        return -(-gap // 60) * 60, 3
    periods = -(-gap // HOUR) + MARGIN_HOURS
    if periods * HOUR > LONGEST_WINDOW:
        raise ScheduleError("more than 6 days can pass between two runs, longer than CloudWatch can watch")
    return HOUR, periods


def age(expression):
    """(period, evaluation periods) of the alarm on the age that each run measures.

    It looks back as far as the silence alarm does: so far there is always a measurement, if all is well. Where that is
    three short periods it is one long one here, so that the first measurement beyond the target is enough.
    """
    period, periods = silence(expression)
    return (period, periods) if period == HOUR and periods > 3 else (period * periods, 1)


def shared_silence(values):
    """silence() of the most frequent of several schedules that start one state machine, each None if it is off.

    (0, 1), for no alarm, where none is on or even that one comes more seldom than CloudWatch can watch.
    """
    expressions = [normalise(value) for value in values if value != "None"]
    try:
        return silence(min(expressions, key=longest_gap))
    except ValueError:
        return 0, 1


class _Schedule(Resolver):
    """Argument: {parameter: name the user knows, value: its value}."""

    def expression(self):
        value = self.argument["value"]
        try:
            expression = normalise(value)
            silence(expression)
        except ScheduleError as error:
            raise SceptreException(
                f"{self.stack.name}: {self.argument['parameter']} is {value!r}: {error}") from None
        return expression


class ScheduleExpression(_Schedule):
    """The schedule as EventBridge wants it."""

    def resolve(self):
        return self.expression()


class _Silence(_Schedule):
    """Argument: as above, or {several: their values} for optional schedules of one state machine."""

    def silence(self):
        return shared_silence(self.argument["several"]) if "several" in self.argument else silence(self.expression())


class SilencePeriod(_Silence):
    """Seconds of one period of the silence alarm."""

    def resolve(self):
        return str(self.silence()[0])


class SilencePeriods(_Silence):
    """How many silent periods raise the alarm."""

    def resolve(self):
        return str(self.silence()[1])


class AgePeriod(_Schedule):
    """Seconds of one period of the alarm on the age of recovery points."""

    def resolve(self):
        return str(age(self.expression())[0])


class AgePeriods(_Schedule):
    """How many periods without a good age raise that alarm."""

    def resolve(self):
        return str(age(self.expression())[1])
