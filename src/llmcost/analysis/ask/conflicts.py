"""Statements that disagree: a stated quantity that also follows, as another value, from others stated.

Every formula of the vocabulary is a check, once all that it needs is stated. A default is not a statement:
it may be anything that its quantity allows. Only where no such value makes both sides agree do they disagree.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from llmcost.engine.formula import Formula
from llmcost.engine.parts import split
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
"""How far a stated value may be from what follows: in general, and where it has two digits at most."""
NOISE: Final = 1e-9
IMPOSSIBLE: Final = {"fleet_too_small": math.inf}
"""Reasons that say where a quantity would lie, though it cannot: no fleet is busy for over a day a day."""
CORNERS: Final = 6
"""Open or ranged inputs up to which every combination of their ends is tried."""


class Conflict(NamedTuple):
    """A stated quantity, and what follows for it from others that are stated.

    Attributes:
        name: the quantity.
        stated: what is stated for it.
        follows: what follows, at the centre of all ranges.
        low, high: the least and the most that can follow, ranges and what is not stated counted; infinite
            where there is no end.
        formula: the formula that it follows by, in readable form.
        inputs: the stated quantities that it follows from.
        reason: why the value is without end, where `follows` is infinite.
        because: why both stand, where the file says so.
        ruler: the option or variant that the stated value comes from; None where the file states it.
        ruled: the options and variants that some of `inputs` come from.
        brief: `inputs` as a sentence has them: many of one architecture or accelerator by its name.
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
        """Whether the file disagrees with itself, rather than an option or a variant with the file."""
        return self.ruler is None and not self.ruled

    @property
    def is_open(self) -> bool:
        """Whether the file disagrees with itself and does not say why both stand."""
        return self.is_own and self.because is None


class Check(NamedTuple):
    """One way to a stated quantity from others.

    Attributes:
        name: the quantity.
        route: the formula that it follows by.
        present: those of the formula's inputs that are there.
        given: the stated quantities that lead to them.
        steps: the formulas on the way.
        inputs: those of `given` that do not lead to something open alone.
        open: what is not stated, with the least and the most that it may be.
    """

    name: str
    route: Formula
    present: tuple[str, ...]
    given: tuple[str, ...]
    steps: tuple[Step, ...]
    inputs: tuple[str, ...]
    open: Mapping[str, tuple[float, float]]


def conflicts(scenario: Scenario) -> tuple[Conflict, ...]:
    """Return every disagreement among what a scenario states, in the order of the vocabulary."""
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
    """Return the disagreements that some metrics (all, without a list) rest on.

    A metric rests on one where the stated value leads to it, or all that contradicts that value does.
    """
    found = conflicts(scenario)
    if not found or metrics is None:
        return found
    plan = resolve(MODEL, scenario.data, metrics)
    leading = {*plan.inputs, *(step.name for step in plan.steps)}
    return tuple(c for c in found if c.name in leading or leading.issuperset(c.inputs))


class Overruled(NamedTuple):
    """What would follow, from what is stated, for a quantity that is put elsewhere."""

    name: str
    follows: float
    formula: str
    brief: tuple[str, ...]


def overruled(scenario: Scenario, varied: Iterable[str]) -> tuple[Overruled, ...]:
    """Return what each varied quantity rules over, where it follows from what is stated."""
    stated = _stated(scenario)
    found: dict[str, Overruled] = {}
    for name in varied:
        for check in checks(stated | {name}):
            if check.route.function is _same:
                continue  # `beyond` tells where what it is put to is too little
            follows = _follows(check, scenario.data, {}) if check.name == name else None
            if follows is not None and name not in found:
                formula = readable(check.route, check.present)
                found[name] = Overruled(name, follows, formula, in_brief(check.inputs, scenario.data))
    return tuple(found.values())


class Beyond(NamedTuple):
    """Where something stated or put would have to be more than it is, once inputs are put elsewhere.

    Attributes:
        name: the quantity, such as the fleet.
        value: what it is there.
        least: what it would at least have to be.
        formula: the quantity that says so.
        put: what the inputs that lead there are put to.
    """

    name: str
    value: float
    least: float
    formula: str
    put: Mapping[str, float]


def beyond(
    scenario: Scenario, metrics: Iterable[str], points: Iterable[Mapping[str, float]]
) -> tuple[Beyond, ...]:
    """Return, of some points at which inputs are put, the worst at which a stated quantity is too little.

    A quantity at a time, and only those that the metrics rest on.
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
    """The names of what is stated; a workload that was put on the scenario is no statement of its own."""
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
        # A total and its remainder contradict their lines in one way, not in two.
        if together not in seen and not _explained(conflict, found, data, stated):
            seen.add(together)
            kept.append(conflict)
    return kept


def _explained(
    conflict: Conflict, found: Mapping[str, Conflict], data: Mapping[str, Datum], stated: frozenset[str]
) -> bool:
    """Whether it is gone once another contradicted statement, from which it follows, is left out."""
    for other in conflict.inputs:
        if other in found:
            rest = [check for check in checks(stated - {other}) if check.name == conflict.name]
            if rest and not any(_disagreement(check, data) for check in rest):
                return True
    return False


@lru_cache(maxsize=512)
def checks(stated: frozenset[str]) -> tuple[Check, ...]:
    """Return every way to a stated quantity from the others: it depends on what is stated, not on values."""
    found = []
    for name in MODEL.in_order(stated):
        for route in MODEL.routes(name, stated - {name}):
            check = _check(name, route, stated - {name})
            if check is not None:
                found.append(check)
    return (*found, *_floors(stated))


@lru_cache(maxsize=512)
def _floors(stated: frozenset[str]) -> tuple[Check, ...]:
    """Return the checks that what is stated is not below what it must be, such as a fleet below its need."""
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
        return None  # a difference of amounts that is 0 but for rounding
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
    """Whether what is stated lies within what follows, or as near to it as rounding brings it."""
    first = stated.value if stated.low is None else stated.low
    last = stated.value if stated.high is None else stated.high
    if first <= high and low <= last:
        return True
    one, other = (first, high) if first > high else (last, low)
    gap = abs(one - other)
    return math.isfinite(gap) and gap <= tolerance(stated) * max(abs(one), abs(other))


def tolerance(stated: Datum) -> float:
    """How far what follows may be from a stated value, as a share: more where that has two digits at most."""
    digits = f"{abs(stated.value):.14e}".partition("e")[0].replace(".", "").rstrip("0")
    return ROUNDED if len(digits) <= 2 else TOLERANCE


def _span(check: Check, data: Mapping[str, Datum]) -> tuple[float, float] | None:
    """Return the least and the most that can follow, with ranges and what is left open put to their ends.

    None where some combination has no value, so that nothing can be told.
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
    """Return the two combinations of ends at which what follows is least and most, each end found alone."""
    down: dict[str, float] = {}
    up: dict[str, float] = {}
    for name, (low, high) in ends.items():
        at_low, at_high = _follows(check, data, {name: low}), _follows(check, data, {name: high})
        rising = at_low is None or at_high is None or at_low <= at_high
        down[name], up[name] = (low, high) if rising else (high, low)
    return [down, up]


def _follows(check: Check, data: Mapping[str, Datum], put: Mapping[str, float]) -> float | None:
    """Return what follows where some quantities are put elsewhere; None where it has no value."""
    found = _outcome(check, data, put)
    return IMPOSSIBLE.get(found.code, found.end) if isinstance(found, Reason) else found


def _outcome(check: Check, data: Mapping[str, Datum], put: Mapping[str, float]) -> float | Reason | None:
    """Return what follows, or why it has no value; None where not even what leads to it has one."""
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
