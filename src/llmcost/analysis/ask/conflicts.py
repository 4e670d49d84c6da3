"""Statements that disagree: a stated quantity to which other statements give another value.

Every formula of the vocabulary is a check, once its inputs are stated. A default is not a statement: it may
be any value within its bounds. Statements disagree only if no such value makes them agree.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from llmcost.engine.formula import Formula
from llmcost.engine.parts import Parts, split
from llmcost.engine.plan import Step, resolve
from llmcost.engine.writing import readable
from llmcost.formulas import MODEL
from llmcost.reasons import Reason, reason_of
from llmcost.records import NamedTuple
from llmcost.scenario.fill import in_brief
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum
from llmcost.scenario.workload import is_put

TOLERANCE: Final = 0.01
ROUNDED: Final = 0.02
"""How far a stated value may be from what follows: in general, and if it has at most two digits."""
NOISE: Final = 1e-9
IMPOSSIBLE: Final = {"fleet_too_small": math.inf}
"""Reasons that give a quantity a value although it cannot exist: no fleet is busy for over a day a day."""
CORNERS: Final = 6
"""With up to this many open or ranged inputs, every combination of their ends is tried."""


class Conflict(NamedTuple):
    """A stated quantity, and the value that follows for it from other statements.

    Attributes:
        name: the quantity.
        stated: its stated value.
        follows: the value that follows, at the centre of all ranges.
        low, high: the least and the greatest value that can follow, over all ranges and unstated inputs; may
            be infinite.
        formula: the formula by which it follows, in readable form.
        inputs: the stated quantities from which it follows.
        reason: why `follows` is infinite, if it is.
        because: why both are stated, if the file says so.
        ruler: the option or variant that states the value; None if the file does.
        ruled: the options and variants that state some of `inputs`.
        brief: `inputs` for a sentence: many of one architecture or accelerator by its name.
    """

    name: str
    stated: Datum
    follows: float
    low: float
    high: float
    formula: str
    inputs: tuple[str, ...]
    reason: Reason | None = None
    because: str | None = None
    ruler: str | None = None
    ruled: tuple[str, ...] = ()
    brief: tuple[str, ...] = ()

    @property
    def is_own(self) -> bool:
        """Whether the file disagrees with itself, not with an option or variant."""
        return self.ruler is None and not self.ruled

    @property
    def is_open(self) -> bool:
        """Whether the file disagrees with itself and does not say why."""
        return self.is_own and self.because is None


class Check(NamedTuple):
    """One way to a stated quantity from others.

    Attributes:
        name: the quantity.
        route: the formula by which it follows.
        present: the formula's inputs that exist.
        given: the stated quantities that lead to them.
        steps: the formulas on the way.
        inputs: those of `given` that lead not only to open quantities.
        open: quantities that are not stated, with their bounds.
    """

    name: str
    route: Formula
    present: tuple[str, ...]
    given: tuple[str, ...]
    steps: tuple[Step, ...]
    inputs: tuple[str, ...]
    open: Mapping[str, tuple[float, float]]


def conflicts(scenario: Scenario) -> tuple[Conflict, ...]:
    """Return every disagreement between the statements of a scenario, in vocabulary order."""
    found = _disagreements(scenario.data, _stated(scenario))
    if not found:
        return ()
    ruling = {name: rule.said for name, rule in scenario.ruling.items()}
    own = {item.name for item in _disagreements(scenario.own.data, _stated(scenario.own))} if ruling else ()
    told = []
    for conflict in found:
        ruler = ruling.get(conflict.name)
        over = tuple(dict.fromkeys(ruling[name] for name in conflict.inputs if name in ruling))
        whole = ruling.keys() >= {conflict.name, *conflict.inputs} and {ruler} == set(over)
        if conflict.name in own or whole:  # with or without options, or all in one variant
            ruler, over = None, ()
        because = scenario.conflicts.get(conflict.name)
        told.append(conflict._replace(because=because, ruler=ruler, ruled=over))
    return tuple(told)


def conflicts_behind(scenario: Scenario, metrics: Iterable[str] | None) -> tuple[Conflict, ...]:
    """Return the disagreements on which some metrics (all, without a list) rest.

    A metric rests on one if the stated value leads to it, or everything that contradicts that value does.
    """
    found = conflicts(scenario)
    if not found or metrics is None:
        return found
    plan = resolve(MODEL, scenario.data, metrics)
    leading = {*plan.inputs, *(step.name for step in plan.steps)}
    return tuple(c for c in found if c.name in leading or leading.issuperset(c.inputs))


class Overruled(NamedTuple):
    """A varied quantity, and the value that would otherwise follow from other statements."""

    name: str
    follows: float
    formula: str
    brief: tuple[str, ...]


def overruled(scenario: Scenario, varied: Iterable[str]) -> tuple[Overruled, ...]:
    """Return the varied quantities that would otherwise follow from other statements."""
    stated = _stated(scenario)
    found: dict[str, Overruled] = {}
    for name in varied:
        for check in checks(stated | {name}):
            if check.route.function is _same:
                continue  # `beyond` reports values that are too small
            follows = _follows(check, scenario.data, {}) if check.name == name else None
            if follows is not None and name not in found:
                formula = readable(check.route, check.present)
                found[name] = Overruled(name, follows, formula, in_brief(check.inputs, scenario.data))
    return tuple(found.values())


class Beyond(NamedTuple):
    """A quantity that is too small if inputs take other values.

    Attributes:
        name: the quantity, such as the fleet.
        value: its value.
        least: the least value that it would need.
        formula: the quantity that gives the least value.
        put: the values of the varied inputs that matter.
    """

    name: str
    value: float
    least: float
    formula: str
    put: Mapping[str, float]


def beyond(
    scenario: Scenario, metrics: Iterable[str], points: Iterable[Mapping[str, float]]
) -> tuple[Beyond, ...]:
    """Return, for each quantity on which the metrics rest, the point at which it is most too small, if any.

    A point holds values of varied inputs.
    """
    worst: dict[str, Beyond] = {}
    targets = tuple(metrics)
    for point in points:
        floors = _floors(_stated(scenario).union(point))
        if not floors:
            continue
        data = {**scenario.data, **{name: Datum(value) for name, value in point.items()}}
        plan = resolve(MODEL, data, targets)
        for check in floors:
            put = {name: value for name, value in point.items() if name in (check.name, *check.given)}
            if check.name not in plan.inputs or not put or _disagreement(check, data) is None:
                continue
            value, least = data[check.name].value, _follows(check, data, {}) or 0.0
            found = Beyond(check.name, value, least, check.route.inputs[0], put)
            known = worst.get(check.name)
            if known is None or found.least * known.value > known.least * found.value:
                worst[check.name] = found
    return tuple(worst.values())


def _stated(scenario: Scenario) -> frozenset[str]:
    """Return the names of stated quantities, without those of a workload that was put on the scenario."""
    return frozenset(
        [name for name in scenario.data if "workload." not in name or not is_put(scenario, name)]
    )


def _disagreements(data: Mapping[str, Datum], stated: frozenset[str]) -> list[Conflict]:
    found: dict[str, Conflict] = {}
    for check in checks(stated):
        conflict = _disagreement(check, data) if check.name not in found else None
        if conflict is not None:
            found[check.name] = conflict
    seen: set[frozenset[str]] = set()
    kept = []
    for conflict in found.values():
        together = frozenset((conflict.name, *conflict.inputs))
        # A total and its remainder contradict their lines in the same way: report one.
        if together not in seen and not _explained(conflict, found, data, stated):
            seen.add(together)
            kept.append(conflict)
    return kept


def _explained(
    conflict: Conflict, found: Mapping[str, Conflict], data: Mapping[str, Datum], stated: frozenset[str]
) -> bool:
    """Whether it disappears if another contradicted statement, from which it follows, is left out."""
    for other in conflict.inputs:
        if other in found:
            rest = [check for check in checks(stated - {other}) if check.name == conflict.name]
            if rest and not any(_disagreement(check, data) for check in rest):
                return True
    return False


@lru_cache(maxsize=512)
def checks(stated: frozenset[str]) -> tuple[Check, ...]:
    """Return every way to derive a stated quantity from the others, whatever their values."""
    found, whole = [], Parts(stated)
    for name in MODEL.in_order(stated):
        for route in MODEL.routes(name, stated - {name} if whole.below else whole):
            check = _check(name, route, stated - {name})
            if check is not None:
                found.append(check)
    return (*found, *_floors(stated))


@lru_cache(maxsize=512)
def _floors(stated: frozenset[str]) -> tuple[Check, ...]:
    """Return the checks that stated quantities are not too small, such as a fleet for its traffic."""
    found = []
    for name in MODEL.in_order(name for name in stated if MODEL.quantities[name].least):
        prefix = split(name)[0]
        for own in MODEL.quantities[name].least:
            least = prefix + own
            route = Formula(name, _same, (least,), frozenset(), "", text=least, stand_in="least")
            check = _check(name, route, stated)
            if check is not None:
                found.append(check)
                break
    return tuple(found)


def _same(least: float) -> float:
    return least


def _check(name: str, route: Formula, others: frozenset[str]) -> Check | None:
    if route.stand_in in ("rule", "guess") or not others.issuperset(route.if_given):
        return None
    if not others.isdisjoint(route.unless_given):
        return None
    plan = resolve(MODEL, others, route.inputs)
    present = tuple(item for item in route.inputs if item in plan.targets)
    if not present or not set(present).issuperset(route.required):
        return None
    steps = {step.name: step for step in plan.steps}
    inputs: set[str] = set()
    free: set[str] = set()
    seen: set[str] = set()
    pending = list(present)
    while pending:
        item = pending.pop()
        if item in seen:
            continue
        seen.add(item)
        if item not in steps:
            inputs.add(item)
        elif steps[item].formula.stand_in == "guess":
            free.add(item)
        else:
            pending += steps[item].inputs
    if not inputs:
        return None
    opened = dict(map(_bounds, MODEL.in_order(free)))
    return Check(name, route, present, plan.inputs, plan.steps, tuple(MODEL.in_order(inputs)), opened)


def _bounds(name: str) -> tuple[str, tuple[float, float]]:
    low, high = MODEL.quantities[name].low, MODEL.quantities[name].high
    return name, (-math.inf if low is None else low, math.inf if high is None else high)


def _disagreement(check: Check, data: Mapping[str, Datum]) -> Conflict | None:
    stated = data[check.name]
    follows = _follows(check, data, {})
    if follows is None or _close(stated, follows, follows):
        return None
    unit = MODEL.quantities[check.name].unit
    alike = [abs(data[name].value) for name in check.inputs if MODEL.quantities[name].unit == unit]
    if abs(follows - stated.value) <= NOISE * max(alike, default=0.0):
        return None  # a difference of amounts that is 0, rounding aside
    low = high = follows
    if check.open or any(data[name].low is not None for name in check.inputs):
        span = _span(check, data)
        if span is None:
            return None
        low, high = span
    if check.route.stand_in == "least":
        high = math.inf
    if _close(stated, low, high):
        return None
    formula, found = readable(check.route, check.present), _outcome(check, data, {})
    reason = found if isinstance(found, Reason) else None
    brief = in_brief(check.inputs, data)
    return Conflict(check.name, stated, follows, low, high, formula, check.inputs, reason, brief=brief)


def _close(stated: Datum, low: float, high: float) -> bool:
    """Whether the stated value lies in the range that follows, or near it within rounding."""
    first = stated.value if stated.low is None else stated.low
    last = stated.value if stated.high is None else stated.high
    if first <= high and low <= last:
        return True
    one, other = (first, high) if first > high else (last, low)
    gap = abs(one - other)
    return math.isfinite(gap) and gap <= tolerance(stated) * max(abs(one), abs(other))


def tolerance(stated: Datum) -> float:
    """Return the tolerated difference from a stated value, as a share: more if it has at most two digits."""
    digits = f"{abs(stated.value):.14e}".partition("e")[0].replace(".", "").rstrip("0")
    return ROUNDED if len(digits) <= 2 else TOLERANCE


def _span(check: Check, data: Mapping[str, Datum]) -> tuple[float, float] | None:
    """Return the least and the greatest value that can follow, with open and ranged inputs at their ends.

    None if a combination has no value, so that the range is unknown.
    """
    ends = dict(check.open)
    for name in check.inputs:
        if (own := data[name].ends) is not None:
            ends[name] = own
    if len(ends) <= CORNERS:
        corners = [dict(zip(ends, corner, strict=True)) for corner in itertools.product(*ends.values())]
    else:
        corners = _steepest(check, data, ends)
    values = [_follows(check, data, corner) for corner in corners]
    known = [value for value in values if value is not None]
    return (min(known), max(known)) if known and len(known) == len(values) else None


def _steepest(
    check: Check, data: Mapping[str, Datum], ends: Mapping[str, tuple[float, float]]
) -> list[dict[str, float]]:
    """Return the two combinations of ends at which the result is least and greatest, input by input."""
    down: dict[str, float] = {}
    up: dict[str, float] = {}
    for name, (low, high) in ends.items():
        at_low, at_high = _follows(check, data, {name: low}), _follows(check, data, {name: high})
        rising = at_low is None or at_high is None or at_low <= at_high
        down[name], up[name] = (low, high) if rising else (high, low)
    return [down, up]


def _follows(check: Check, data: Mapping[str, Datum], put: Mapping[str, float]) -> float | None:
    """Return what follows if some quantities take other values; None if it has no value."""
    found = _outcome(check, data, put)
    return IMPOSSIBLE.get(found.code, found.end) if isinstance(found, Reason) else found


def _outcome(check: Check, data: Mapping[str, Datum], put: Mapping[str, float]) -> float | Reason | None:
    """Return what follows, or why it has no value; None if its inputs have none."""
    values: dict[str, float] = {name: data[name].value for name in check.given}
    values.update(put)
    try:
        for step in check.steps:
            if step.name not in put:
                values[step.name] = step.formula.function(*map(values.get, step.formula.inputs))
    except ArithmeticError:
        return None
    try:
        result = float(check.route.function(*map(values.get, check.route.inputs)))
    except ArithmeticError as error:
        return reason_of(error)
    return None if math.isnan(result) else result
