"""Puts trajectories and events in their months, and finds contradictions."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Map

from llmcost.errors import LlmcostError, Place, Problem
from llmcost.records import NamedTuple
from llmcost.scenario.timeline import (
    HORIZON,
    Event,
    Follows,
    Reprice,
    Step,
    Timeline,
    Trajectory,
    When,
    is_outright,
)
from llmcost.scenario.values.datum import Datum


class Schedule(NamedTuple):
    """A timeline with everything in its month.

    Attributes:
        months: how many there are.
        start: the calendar month of the first, counted from year 0.
        trajectories: trajectories, each with its steps by month.
        events: events by month, in the order in which they happen.
        later: the number of events and steps after the last month.
    """

    months: int
    start: int | None
    trajectories: tuple[tuple[Trajectory, Map[int, Step]], ...]
    events: tuple[tuple[int, Event], ...]
    later: int


def schedule(
    timeline: Timeline, data: Map[str, Datum], varied: Collection[str] = (), removed: Collection[str] = ()
) -> Schedule:
    """Put trajectories and events in their months.

    Args:
        timeline: what the scenario says.
        data: the values that it states.
        varied: other quantities that will get values.
        removed: quantities that a variant or a later date removes; their trajectories move nothing.

    Raises:
        LlmcostError: with everything that contradicts something else, does not exist, or lies outside the
            horizon, each at its place.
    """
    planner = _Scheduler(timeline, data, {*data, *varied})
    gone = {*removed} - {*varied}
    moving = [item for item in timeline.moving if item.sets_values or item.name not in gone]
    trajectories = [(item, planner.steps(item)) for item in moving]
    events = planner.events({item.name: item for item in moving})
    planner.existing(trajectories, events)
    if planner.problems:
        raise LlmcostError(*sorted(planner.problems, key=lambda p: (p.line or 0, p.column or 0)))
    months = timeline.length
    later = sum(month > months for month, _ in events)
    later += sum(month > months for item, steps in trajectories if not item.listed for month in steps)
    return Schedule(
        months,
        timeline.start.calendar if timeline.start else None,
        tuple(trajectories),
        tuple(item for item in events if item[0] <= months),
        later,
    )


def set_in_month_1(found: Schedule) -> dict[str, float]:
    """Return the values that trajectories and events set in month 1."""
    firsts = ((item.name, steps.get(1)) for item, steps in found.trajectories)
    values = {name: step for name, step in firsts if isinstance(step, float)}
    first = [effect for month, event in found.events if month == 1 for effect in event.effects]
    return values | {effect.name: effect.amount for effect in first if effect.kind == "set"}


class _Scheduler:
    """Finds the month of everything, and collects problems."""

    def __init__(self, timeline: Timeline, data: Map[str, Datum], given: Collection[str]) -> None:
        self.timeline = timeline
        self.data = data
        self.given = given
        self.problems: list[Problem] = []

    def refuse(self, place: Place, message: str, subject: str | None = None) -> None:
        """Add a problem."""
        self.problems.append(Problem(message, *place, subject))

    def month(self, when: When, subject: str) -> int | None:
        """Return the number of a month, or None after adding a problem."""
        found = self._month(when)
        if isinstance(found, str):
            self.refuse(when.place, found, subject)
            return None
        return found

    def _month(self, when: When) -> int | str:
        """Return the number of a month, or why it has none."""
        number, start, horizon = when.number, self.timeline.start, self.timeline.horizon or HORIZON
        if number is None:
            assert when.calendar is not None
            if start is None or start.calendar is None:
                return f"'{when.text}' is a date, and 'start' does not say when month 1 is"
            number = when.calendar - start.calendar + 1
            if number < 1:
                return f"{when.text} lies before the start of the projection, {start.text}"
        if number > max(horizon, self.timeline.months or 0):
            beyond = f"{_when_words(when, number)} lies beyond the horizon of {horizon} months"
            return f"{beyond}; 'horizon_months' sets another"
        return number

    def steps(self, trajectory: Trajectory) -> dict[int, Step]:
        """Return a trajectory's steps by month."""
        found: dict[int, Step] = {}
        if trajectory.listed:
            return {index: step for index, (_, step) in enumerate(trajectory.steps, start=1)}
        for when, step in trajectory.steps:
            month = self.month(when, trajectory.name)
            if month is not None and month in found:
                self.refuse(when.place, f"has two steps in {_when_words(when, month)}", trajectory.name)
            elif month is not None:
                found[month] = step
        datum, start = self.data.get(trajectory.name), self.timeline.start
        grown = not isinstance(found.get(1), float)
        if datum is not None and datum.since is not None and start is not None and grown:
            assert start.calendar is not None
            if datum.since.year * 12 + datum.since.month - 1 > start.calendar:
                message = f"its value is dated {datum.since}, after the start of the projection, {start.text}"
                self.refuse(trajectory.place, f"{message}; --as-of takes an older one", trajectory.name)
        return dict(sorted(found.items()))

    def events(self, trajectories: Map[str, Trajectory]) -> list[tuple[int, Event]]:
        """Return events by month, and report contradictions."""
        placed: list[tuple[int, Event]] = []
        seen: dict[tuple[int, str], Place] = {}
        for event in self.timeline.events or ():
            month = self.month(event.at, "events")
            for effect in event.effects:
                trajectory = trajectories.get(effect.name)
                if trajectory is not None and trajectory.sets_values:
                    message = "its trajectory already says what it is; an event contradicts it"
                    self.refuse(effect.place, message, effect.name)
                if month is not None:
                    self._once(seen, month, effect.name, effect.place)
            if event.reprice is not None:
                self._repriced(event.reprice, trajectories)
                if month is not None:
                    self._once(seen, month, "reprice", event.reprice.place)
            if month is not None:
                placed.append((month, event))
        return sorted(placed, key=lambda item: item[0])

    def _once(self, seen: dict[tuple[int, str], Place], month: int, name: str, place: Place) -> None:
        first = seen.setdefault((month, name), place)
        if first is not place:
            at = f", first in line {first.line}" if first.line is not None else ""
            self.refuse(place, f"two events of month {month} move it{at}", name)

    def _repriced(self, reprice: Reprice, trajectories: Map[str, Trajectory]) -> None:
        moved = ["revenue.api", "cost.inference"]
        if reprice.payer == "uniform":
            moved += ["revenue.subscription", "revenue.other", "revenue.total"]
        for name in moved:
            if name in trajectories and trajectories[name].sets_values:
                message = f"the trajectory of {name} already says what it is; a repricing contradicts it"
                self.refuse(reprice.place, message, "reprice")

    def existing(
        self, trajectories: list[tuple[Trajectory, dict[int, Step]]], events: list[tuple[int, Event]]
    ) -> None:
        """Report quantities that grow, or are added to or scaled, before they have a value."""
        there = dict.fromkeys(self.given, 1)
        for trajectory, steps in trajectories:
            if not steps:
                continue
            first = min(steps)
            step = steps[first]
            if is_outright(step):
                there.setdefault(trajectory.name, first)
            elif trajectory.name not in there:
                what = f"go along with {step.driver}" if isinstance(step, Follows) else "grow"
                message = f"is not stated, so there is nothing to {what}; "
                message += "state it, or set it from some month on"
                self.refuse(trajectory.place, message, trajectory.name)
        for month, event in events:
            for effect in event.effects:
                if effect.kind == "set":
                    there.setdefault(effect.name, month)
                elif there.get(effect.name, month + 1) > month:
                    what = "add to" if effect.kind == "add" else "scale"
                    message = f"is not stated, so there is nothing to {what}; set it instead"
                    self.refuse(effect.place, message, effect.name)


def _when_words(when: When, month: int) -> str:
    return f"month {month}" if when.calendar is None else when.text
