"""From a YAML document to a timeline: the keys of a file that are about time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Map
from typing import Any, Final, Literal, cast

from llmcost.engine.registry import Quantity, Registry
from llmcost.engine.units import same_unit
from llmcost.errors import LlmcostError, did_you_mean
from llmcost.scenario.files.models import CohortReader, whole
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence, compose_any
from llmcost.scenario.timeline import (
    MOST_MONTHS,
    Cohort,
    Effect,
    Event,
    Follows,
    Growth,
    Reprice,
    Step,
    Timeline,
    Trajectory,
    When,
    month_name,
)
from llmcost.scenario.values.datum import (
    SOURCE_KEYS,
    Problems,
    Sources,
    fields,
    kind_of,
    parse_day,
    provenance_of,
    read_choice,
    read_number,
    read_sources,
    text_of,
)
from llmcost.scenario.values.growth import looks_like_growth, meant, parse_follows, parse_growth
from llmcost.scenario.values.number import Amount, NotANumber, parse_number, shorten
from llmcost.scenario.values.provenance import DISTRIBUTIONS, Datum, Distribution

TIMELINE_KEYS: Final = ("start", "horizon_months", "trajectory", "events", "models")
PAYERS: Final = ("uniform", "api-only")
_EVENT_KEYS: Final = ("at", "reprice", *SOURCE_KEYS)
_TRAJECTORY_KEYS: Final = ("growth", "values", "dist", *SOURCE_KEYS)
NO_INPUT: Final = "is an outcome of a projection, and cannot be stated"
_STOCK: Final = "is a stock, which follows from burn and funding; an event moves it, a trajectory does not"
_FIXED: Final = frozenset({"company.period_months"})

_CHANGE: Final = re.compile(r"^(?:(?P<times>[*/])\s*(?P<by>.+)|(?P<sign>[+-])\s*(?P<amount>.+))$", re.DOTALL)
_MONTH: Final = re.compile(r"^(\d{4})-(\d{2})$")


class TimelineReader:
    """Reads the keys of a file that are about time."""

    def __init__(self, registry: Registry, problems: Problems) -> None:
        self.registry = registry
        self.problems = problems

    def read(self, header: Map[str, Node]) -> Timeline:
        """Read what is there of `start`, `horizon_months`, `trajectory`, `events` and `models`."""
        return Timeline(
            start=self._start(header.get("start")),
            horizon=self._horizon(header.get("horizon_months")),
            trajectories=self._trajectories(header.get("trajectory")),
            events=self._events(header["events"]) if "events" in header else None,
            models=self._models(header["models"]) if "models" in header else None,
        )

    def _models(self, node: Node) -> tuple[Cohort, ...]:
        return CohortReader(self.problems, self._when).read(node)

    def _start(self, node: Node | None) -> When | None:
        if node is None:
            return None
        text = text_of(node, self.problems, None, "start")
        calendar = _calendar(text) if text is not None else None
        if text is not None and calendar is None:
            self.problems.add(node, f"'start' is a month such as 2025-01, got '{shorten(text)}'")
        return (
            None if calendar is None else When(1, calendar, month_name(calendar), self.problems.place(node))
        )

    def _horizon(self, node: Node | None) -> int | None:
        if node is None:
            return None
        number = whole(node)
        if number is None or not 1 <= number <= MOST_MONTHS:
            message = f"'horizon_months' is a whole number from 1 to {MOST_MONTHS:,}, got {kind_of(node)}"
            self.problems.add(node, message)
            return None
        return number

    def _trajectories(self, node: Node | None) -> dict[str, Trajectory | None]:
        found: dict[str, Trajectory | None] = {}
        if node is None or (isinstance(node, Scalar) and node.is_null):
            return found
        if not isinstance(node, Mapping):
            message = f"'trajectory' maps quantities to growth such as +8%/month, got {kind_of(node)}"
            self.problems.add(node, message)
            return found
        first: dict[str, int] = {}
        for key, value in node.items:
            if key.text in first:
                message = f"duplicate key '{key.text}', first in line {first[key.text]}"
                self.problems.add(key, message, "trajectory")
                continue
            first[key.text] = key.line
            if not self._movable(key, "trajectory"):
                continue
            if key.text.startswith("cash."):
                self.problems.add(key, _STOCK, key.text)
            else:
                null = isinstance(value, Scalar) and value.is_null
                found[key.text] = None if null else self.trajectory(key.text, value)
        return found

    def _movable(self, key: Scalar, subject: str) -> bool:
        """Whether a key names what may be moved; if not, why is noted."""
        name = key.text
        if name not in self.registry.quantities:
            fault, about = self.registry.unknown(shorten(name, 80), hint=self.problems.few), subject
        elif name in self.registry.outcomes:
            fault, about = NO_INPUT, name
        elif name in _FIXED:
            fault, about = "does not move: flows become monthly by it", name
        else:
            return True
        self.problems.add(key, fault, about)
        return False

    def trajectory(self, name: str, node: Node) -> Trajectory | None:
        """Read how one quantity moves: a growth, steps by month, a list, or a mapping that holds one."""
        sources: Sources = {}
        dist: str | None = None
        body = node
        if isinstance(node, Mapping) and any(key.text in _TRAJECTORY_KEYS for key, _ in node.items):
            found = fields(node, _TRAJECTORY_KEYS, self.problems, name)
            sources = read_sources(found, name, self.problems)
            if ("growth" in found) == ("values" in found):
                message = "has both 'growth' and 'values'" if "growth" in found else "has no 'growth'"
                self.problems.add(node, message, name)
                return None
            dist = read_choice(found.get("dist"), DISTRIBUTIONS, self.problems, name, "dist")
            body = found["growth"] if "growth" in found else found["values"]
        provenance = provenance_of(sources, self.problems.place(body))
        steps = self._steps(
            name, body, Datum(0.0, dist=cast("Distribution | None", dist), provenance=provenance)
        )
        if not steps:
            return None
        return Trajectory(name, tuple(steps), _described(body), provenance, isinstance(body, Sequence))

    def _steps(self, name: str, node: Node, like: Datum) -> list[tuple[When, Step]]:
        """Read the steps; growth rates and shares are data `like` the one given."""
        quantity = self.registry.quantities[name]
        start = When(1, None, "1", self.problems.place(node))
        steps: list[tuple[When, Step]] = []
        if isinstance(node, Scalar):
            step = self._rate(node, quantity, "", like)
            return [] if step is None else [(start, step)]
        if not node.items:
            self.problems.add(node, "is empty", name)
        if isinstance(node, Sequence):
            for month, item in enumerate(node.items, start=1):
                value = read_number(item, quantity, self.problems)
                if value is not None:
                    steps.append((start._replace(number=month, text=str(month)), value))
            return steps
        seen: set[str] = set()
        for key, item in node.items:
            when = self._when(key, name)
            kind = meant(item.text.strip(), is_share=quantity.is_share) if isinstance(item, Scalar) else None
            found: Step | None
            if kind is None:
                found = read_number(item, quantity, self.problems)
            else:
                # The first rate of a trajectory has its name alone, later ones that of their month too.
                found = self._rate(item, quantity, f".{key.text.strip()}" if kind in seen else "", like)
                seen.add(kind)
            if when is not None and found is not None:
                steps.append((when, found))
        return steps

    def _rate(self, node: Node, quantity: Quantity, suffix: str, like: Datum) -> Growth | Follows | None:
        """Read a growth, or what a quantity goes along with."""
        assert isinstance(node, Scalar)
        name, place = quantity.name, self.problems.place(node)
        like = like._replace(provenance=like.provenance._replace(place=place))
        try:
            follows = parse_follows(node.text)
            if follows is not None:
                share = None if follows.share is None else _datum(follows.share, like)
                found = Follows(follows.driver, f"follows.{name}{suffix}", share, place)
                return found if self._followed(found, quantity, node) else None
            if node.is_null or not looks_like_growth(node.text, is_share=False):
                expected = "expected a growth such as +8%/month, steps such as {7: 0.42} or a list"
                raise NotANumber(f"{expected}, got {kind_of(node)}")
            growth = parse_growth(node.text)
        except NotANumber as error:
            self.problems.add(node, str(error), name)
            return None
        return Growth(f"trajectory.{name}{suffix}", _datum(growth.rate, like), growth.months)

    def _followed(self, found: Follows, quantity: Quantity, node: Node) -> bool:
        """Whether a quantity may be followed; if not, why is noted."""
        driver, name = self.registry.quantities.get(found.driver), quantity.name
        if driver is None:
            fault = self.registry.unknown(shorten(found.driver, 80), hint=self.problems.few)
        elif found.driver in self.registry.outcomes or found.driver in _FIXED or driver.name == name:
            fault = f"cannot follow {found.driver}"
        elif found.driver.startswith("cash."):
            fault = f"cannot follow {found.driver}: it is a stock, which follows from burn and funding"
        elif found.share is not None and not same_unit(driver.unit, quantity.unit):
            units = f"one is in {quantity.unit}, the other in {driver.unit}"
            fault = f"cannot be a share of {found.driver}: {units}"
        else:
            return True
        self.problems.add(node, fault, name)
        return False

    def _when(self, node: Node, subject: str) -> When | None:
        """Read a month: its number, or a date."""
        number, calendar = whole(node), _calendar(node.text) if isinstance(node, Scalar) else None
        if calendar is None and (number is None or number < 1):
            message = f"expected a month such as 6 or a date such as 2025-06, got {kind_of(node)}"
            self.problems.add(node, message, subject)
            return None
        text = str(number) if calendar is None else node.text.strip()  # type: ignore[union-attr]
        return When(number if calendar is None else None, calendar, text, self.problems.place(node))

    def _events(self, node: Node) -> tuple[Event, ...]:
        if isinstance(node, Scalar) and node.is_null:
            return ()
        if not isinstance(node, Sequence):
            message = f"'events' is a list such as [{{at: 6, cash.balance: +1B}}], got {kind_of(node)}"
            self.problems.add(node, message)
            return ()
        return tuple(filter(None, map(self._event, node.items)))

    def _event(self, node: Node) -> Event | None:
        if not isinstance(node, Mapping):
            message = f"an event is a mapping such as {{at: 6, cash.balance: +1B}}, got {kind_of(node)}"
            self.problems.add(node, message, "events")
            return None
        header: dict[str, Node] = {}
        changes: list[Effect] = []
        first: dict[str, int] = {}
        for key, value in node.items:
            if key.text in first:
                message = f"duplicate key '{shorten(key.text)}', first in line {first[key.text]}"
                self.problems.add(key, message, "events")
                continue
            first[key.text] = key.line
            if key.text in _EVENT_KEYS:
                header[key.text] = value
            elif key.text not in self.registry.quantities:
                known = (*_EVENT_KEYS, *self.registry.quantities)
                hint = did_you_mean(key.text, known) if self.problems.few else ""
                hint = hint or "; an event has 'at', quantities such as cash.balance, and 'reprice'"
                what = "quantity" if "." in key.text else "key"
                self.problems.add(key, f"unknown {what} '{shorten(key.text, 80)}'{hint}", "events")
            elif self._movable(key, "events"):
                change = self._change(key.text, value)
                if change is not None:
                    changes.append(change)
        sources = read_sources(header, "events", self.problems)
        when = self._when(header["at"], "events") if "at" in header else None
        reprice = self._reprice(header["reprice"]) if "reprice" in header else None
        if "at" not in header:
            self.problems.add(node, "has no 'at': the month in which it happens", "events")
        elif len(first) == len(header) and "reprice" not in header:
            self.problems.add(node, "moves nothing: it has no quantity and no 'reprice'", "events")
        if when is None:
            return None
        return Event(when, tuple(changes), reprice, provenance_of(sources, self.problems.place(node)))

    def _change(self, name: str, node: Node) -> Effect | None:
        quantity = self.registry.quantities[name]
        match = _CHANGE.match(node.text.strip()) if isinstance(node, Scalar) else None
        if match is None:
            value = read_number(node, quantity, self.problems)
            return None if value is None else self._changed(name, "set", value, node)
        try:
            if match["times"]:
                by = parse_number(match["by"], percent=True)
                if by <= 0:
                    raise NotANumber(f"the factor must be above 0, got {by:g}")
                return self._changed(name, "scale", by if match["times"] == "*" else 1 / by, node)
            relative = match["amount"].strip().endswith("%")
            amount = parse_number(match["amount"], percent=relative)
            signed = amount if match["sign"] == "+" else -amount
            if relative:
                if signed < -1:
                    raise NotANumber("cannot take away more than 100%")
                return self._changed(name, "scale", 1 + signed, node)
            return self._changed(name, "add", signed, node)
        except NotANumber as error:
            self.problems.add(node, str(error), name)
            return None

    def _changed(self, name: str, kind: Literal["set", "add", "scale"], amount: float, node: Node) -> Effect:
        assert isinstance(node, Scalar)
        return Effect(name, kind, amount, shorten(node.text.strip()), self.problems.place(node))

    def _reprice(self, node: Node) -> Reprice | None:
        if not isinstance(node, Mapping):
            message = (
                f"'reprice' is a mapping such as {{payer: api-only, multiplier: 6}}, got {kind_of(node)}"
            )
            self.problems.add(node, message, "events")
            return None
        found = fields(node, ("payer", "multiplier"), self.problems, "reprice")
        missing = [key for key in ("payer", "multiplier") if key not in found]
        if missing:
            self.problems.add(node, f"has no '{missing[0]}'", "reprice")
            return None
        payer = read_choice(found["payer"], PAYERS, self.problems, "reprice", "payer")
        multiplier = self._multiplier(found["multiplier"])
        return (
            None
            if payer is None or multiplier is None
            else Reprice(payer, multiplier, self.problems.place(node))
        )

    def _multiplier(self, node: Node) -> float | None:
        text = text_of(node, self.problems, "reprice", "multiplier")
        if text is None:
            return None
        try:
            value = parse_number(re.sub(r"(?<=\d)[x×]$", "", text), percent=True)
            if value <= 0:
                raise NotANumber(f"the multiplier must be above 0, got {value:g}")
        except NotANumber as error:
            self.problems.add(node, str(error), "reprice")
            return None
        return value


def read_trajectory(text: str, registry: Registry, option: str = "--trajectory") -> Trajectory:
    """Read `PATH=GROWTH`, steps or a list, written as in a file.

    Raises:
        LlmcostError: naming the option and what is wrong.
    """
    name, equals, value = (part.strip() for part in text.partition("="))
    where = f"{option} {shorten(text, 80)}"
    problems = Problems(where, located=False)
    if not equals or not value:
        problems.add(None, "expected PATH=GROWTH, such as revenue.api=+8%/month")
    else:
        # Through the same reader as a file's, so that the same is refused with the same words.
        key = Scalar(name, True, 1, 1)
        node = compose_any(value, where)
        reader = TimelineReader(registry, problems)
        if node is not None:
            mapping = Mapping(((key, node),), 1, 1)
            trajectory = reader.read({"trajectory": mapping}).trajectories.get(name)
            if trajectory is not None and not problems.found:
                return trajectory
        if not problems.found:
            problems.add(None, "expected PATH=GROWTH, such as revenue.api=+8%/month")
    raise LlmcostError(*problems.found)


def _datum(amount: Amount, like: Datum) -> Datum:
    """Return a rate with its range, of the distribution and the provenance of another datum."""
    return like._replace(value=amount.value, low=amount.low, high=amount.high, text=amount.text)


def _described(node: Node) -> str:
    """How a trajectory was written, on one line."""
    if isinstance(node, Scalar):
        return node.text.strip()
    if isinstance(node, Sequence):
        return f"{len(node.items)} monthly values"
    return ", ".join(f"{key.text}: {item.text.strip()}" for key, item in _texts(node))


def _texts(node: Mapping) -> Iterator[tuple[Scalar, Any]]:
    return ((key, item) for key, item in node.items if isinstance(item, Scalar))


def _calendar(text: str) -> int | None:
    """Return the calendar month of `2025-06` or `2025-06-15`, counted from year 0; None if it is neither."""
    stripped = text.strip()
    month = _MONTH.match(stripped)
    day = parse_day(f"{stripped}-01" if month else stripped)
    return None if day is None else day.year * 12 + day.month - 1
