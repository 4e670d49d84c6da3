"""How a scenario changes over time: trajectories, events, and models seen as companies.

Months count from 1. If the start is known, they have dates too; a date means its whole month, as months are
the finest unit here.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from types import MappingProxyType
from typing import Final, Literal

from llmcost.errors import Place
from llmcost.records import NamedTuple
from llmcost.scenario.values.datum import Datum, Provenance

HORIZON: Final = 60
"""The default length of a projection in months."""

MOST_MONTHS: Final = 1200


class When(NamedTuple):
    """A month: its number from the start, or a calendar month, counted from year 0."""

    number: int | None
    calendar: int | None
    text: str
    place: Place


class Growth(NamedTuple):
    """A growth that begins: its rate, and its period.

    Attributes:
        name: the name of the rate as a quantity, such as `trajectory.revenue.api`.
        rate: the share added in a period.
        months: the length of that period.
    """

    name: str
    rate: Datum
    months: int


class Follows(NamedTuple):
    """How a quantity follows another: by the same factor, or as a share of it.

    Attributes:
        driver: the quantity that it follows.
        name: the name of the share as a quantity, such as `follows.cost.inference`.
        share: the share; None if it changes by the same factor.
        place: where it was written.
    """

    driver: str
    name: str
    share: Datum | None
    place: Place


Step = float | Growth | Follows
"""A new value, a growth that begins, or a quantity to follow."""


def is_outright(step: Step) -> bool:
    """Whether a step sets a quantity, regardless of its value before."""
    return step.share is not None if isinstance(step, Follows) else not isinstance(step, Growth)


class Trajectory(NamedTuple):
    """How one quantity moves.

    Attributes:
        name: the quantity.
        steps: the steps, each with the month in which it begins.
        text: how it was written, shortened.
        listed: whether it is a list with a value for each month.
        provenance: its source and place.
    """

    name: str
    steps: tuple[tuple[When, Step], ...]
    text: str
    provenance: Provenance
    listed: bool = False

    @property
    def place(self) -> Place:
        """Where it was written."""
        return self.provenance.place

    @property
    def sets_values(self) -> bool:
        """Whether it sets the quantity, so that nothing else may move it."""
        return any(is_outright(step) for _, step in self.steps)

    @property
    def rates(self) -> dict[str, Datum]:
        """The growth rates and shares that it states, by their names."""
        found = {}
        for _, step in self.steps:
            if isinstance(step, Growth):
                found[step.name] = step.rate
            elif isinstance(step, Follows) and step.share is not None:
                found[step.name] = step.share
        return found


class Effect(NamedTuple):
    """What an event does to one quantity: `set` it, `add` to it or `scale` it."""

    name: str
    kind: Literal["set", "add", "scale"]
    amount: float
    text: str
    place: Place


class Reprice(NamedTuple):
    """A multiplication of prices, to which demand responds: for all revenue or for the API."""

    payer: str
    multiplier: float
    place: Place


class Event(NamedTuple):
    """What happens in one month."""

    at: When
    effects: tuple[Effect, ...]
    reprice: Reprice | None
    provenance: Provenance


class Cohort(NamedTuple):
    """One model as a company: what it cost to train, and what it earned and cost since.

    Attributes:
        name: what it is called.
        at: the year (as it was written) or month of the first entry of each list.
        training, revenue, serving: USD in each period of its life, the first being that of the training.
        provenance: its source and place.
    """

    name: str
    at: When
    yearly: bool
    training: tuple[float, ...]
    revenue: tuple[float, ...]
    serving: tuple[float, ...]
    provenance: Provenance


class Timeline(NamedTuple):
    """Everything that a scenario says about time.

    Attributes:
        start: the month in which the projection starts.
        horizon: how many months it has.
        trajectories: trajectories by quantity; None removes an inherited one.
        events: None if there are none; an empty tuple removes the inherited ones.
        models: None if there are none.
        months: the requested number of months, which replaces the horizon.
    """

    start: When | None = None
    horizon: int | None = None
    trajectories: Map[str, Trajectory | None] = MappingProxyType({})
    events: tuple[Event, ...] | None = None
    models: tuple[Cohort, ...] | None = None
    months: int | None = None

    @property
    def moving(self) -> tuple[Trajectory, ...]:
        """The trajectories that are not removed."""
        return tuple(trajectory for trajectory in self.trajectories.values() if trajectory is not None)

    @property
    def rates(self) -> dict[str, Datum]:
        """All growth rates and shares in trajectories, by their names as quantities."""
        return {name: datum for item in self.moving for name, datum in item.rates.items()}

    def period_of(self, name: str) -> int | None:
        """Return the period of a growth in months, given its name as a quantity; None for a share."""
        steps = (step for item in self.moving for _, step in item.steps)
        return next((s.months for s in steps if isinstance(s, Growth) and s.name == name), None)

    @property
    def length(self) -> int:
        """Months of the projection."""
        return self.months or self.horizon or HORIZON

    def over(self, parent: Timeline) -> Timeline:
        """Return the timeline with its gaps filled from a parent; events of both apply."""
        events = self.events
        if events and parent.events:
            events = (*parent.events, *events)
        return Timeline(
            start=self.start or parent.start,
            horizon=self.horizon or parent.horizon,
            trajectories={**parent.trajectories, **self.trajectories},
            events=parent.events if events is None else events,
            models=parent.models if self.models is None else self.models,
            months=self.months or parent.months,
        )


def month_name(calendar: int) -> str:
    """Return `2025-03` for a calendar month."""
    return f"{calendar // 12:04}-{calendar % 12 + 1:02}"
