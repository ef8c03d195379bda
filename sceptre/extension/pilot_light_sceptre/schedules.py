"""Schedules, and the periods of the alarms that follow from them.

A schedule and the alarm on its silence must be computed together. Otherwise the alarm can never fire (a window longer than CloudWatch's
limits allow), or it never stops (a window shorter than the pause between two runs).
"""

from sceptre.exceptions import SceptreException
from sceptre.resolvers import Resolver

from .cron import ScheduleError, longest_gap, normalise

HOUR = 3600
# CloudWatch: period x evaluation periods is at most 7 days (for periods of an hour or more).
LONGEST_WINDOW = 7 * 24 * HOUR
# One hour for a run that needs all its retries, and one hour because periods are whole hours of the clock.
MARGIN_HOURS = 2


def silence(expression):
    """(period, evaluation periods) of the silence alarm for a full schedule expression.

    With up to an hour between runs, the window is three missed runs. With more, it is the longest pause and two hours.
    """
    gap = longest_gap(expression)
    if gap <= HOUR:
        return -(-gap // 60) * 60, 3
    periods = -(-gap // HOUR) + MARGIN_HOURS
    if periods * HOUR > LONGEST_WINDOW:
        raise ScheduleError("more than 6 days can be between two runs, longer than CloudWatch can monitor; use a more frequent schedule")
    return HOUR, periods


def age(expression):
    """(period, evaluation periods) of the alarm on the age that each run measures.

    It looks back as far as the silence alarm. If all is well, there is always a measurement within that time. Where the silence alarm has
    three short periods, this one has one long period, so that the first measurement beyond the target is enough.
    """
    period, periods = silence(expression)
    return (period, periods) if period == HOUR and periods > 3 else (period * periods, 1)


def shared_silence(values):
    """silence() of the most frequent of several schedules that start one state machine. A schedule that is off is None.

    (0, 1), which means no alarm, where no schedule is on or even the most frequent one is less frequent than CloudWatch can monitor.
    """
    expressions = [normalise(value) for value in values if value != "None"]
    try:
        return silence(min(expressions, key=longest_gap))
    except ValueError:
        return 0, 1


class _Schedule(Resolver):
    """Argument: {parameter: the name that the user knows, value: its value}."""

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
    """The schedule in EventBridge's form."""

    def resolve(self):
        return self.expression()


class _Silence(_Schedule):
    """Argument: as for _Schedule, or {several: their values} for the optional schedules of one state machine."""

    def silence(self):
        return shared_silence(self.argument["several"]) if "several" in self.argument else silence(self.expression())


class SilencePeriod(_Silence):
    """The length of one period of the silence alarm, in seconds."""

    def resolve(self):
        return str(self.silence()[0])


class SilencePeriods(_Silence):
    """The number of silent periods that raise the alarm."""

    def resolve(self):
        return str(self.silence()[1])


class AgePeriod(_Schedule):
    """The length of one period of the alarm on the age of recovery points, in seconds."""

    def resolve(self):
        return str(age(self.expression())[0])


class AgePeriods(_Schedule):
    """The number of periods without a good age that raise that alarm."""

    def resolve(self):
        return str(age(self.expression())[1])
