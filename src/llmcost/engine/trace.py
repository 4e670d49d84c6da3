"""One evaluation in full: every value, where it comes from, and why it may have none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from llmcost.engine.formula import Formula
from llmcost.engine.parts import split
from llmcost.engine.plan import Missing, Plan, Step, resolve
from llmcost.engine.registry import BASES, WEAK, Basis, Quantity, Registry
from llmcost.reasons import Reason, Undefined
from llmcost.records import NamedTuple


class Given(NamedTuple):
    """A stated value; `origin` is whatever the caller attaches to it (source, place, date)."""

    value: float
    basis: Basis = "stated"
    origin: Any = None


class Node(NamedTuple):
    """One quantity of a trace.

    Attributes:
        value: the number, in the quantity's unit; None where it is undefined.
        reason: why it is undefined.
        basis: the weakest basis among the given values that lead here; defaults do not count.
        given: the stated value, if it is stated.
        step: the formula used and its inputs, if it is derived.
        rooted: whether any given value leads here; a bare default is not rooted.
        origin: the first node on the way that is undefined.
    """

    quantity: Quantity
    value: float | None
    basis: Basis
    given: Given | None = None
    step: Step | None = None
    reason: Reason | None = None
    rooted: bool = True
    origin: str | None = None

    @property
    def name(self) -> str:
        """The quantity's name."""
        return self.quantity.name

    @property
    def formula(self) -> Formula | None:
        """The formula used, if the value is derived."""
        return self.step.formula if self.step else None

    @property
    def is_weak(self) -> bool:
        """Whether it rests on an estimate or assumption, defaults aside."""
        return self.rooted and self.basis in WEAK

    @property
    def is_default(self) -> bool:
        """Whether it is a documented default, because nothing was stated."""
        return self.step is not None and not self.step.formula.inputs


class Trace(NamedTuple):
    """The result of an evaluation: a node for each quantity reached, and what is missing."""

    registry: Registry
    plan: Plan
    nodes: Mapping[str, Node]

    @property
    def missing(self) -> Mapping[str, Missing]:
        """Quantities that cannot be derived, with what each route lacks."""
        return self.plan.missing

    def ancestry(self, *names: str) -> Iterator[Node]:
        """Yield some nodes and everything that leads to them, each once, nearest first."""
        return (self.nodes[name] for name in self.plan.behind(names))

    def lacking(self, name: str) -> tuple[str, ...]:
        """Return the given quantities whose absence keeps `name` from being derived, nearest first."""
        leaves: dict[str, None] = {}
        seen: set[str] = set()
        pending = [name]
        while pending:
            current = pending.pop(0)
            if current in seen or current not in self.missing:
                continue
            seen.add(current)
            routes = self.missing[current].routes
            if not routes:
                leaves[current] = None
            for route in routes:
                pending.extend(route.lacking)
        return tuple(leaves)


def call(formula: Formula, values: Mapping[str, float | None]) -> float:
    """Run one formula on floats.

    Raises:
        Undefined: with a reason, for a division by zero, an overflow, or whatever the formula refuses.
    """
    function: Callable[..., Any] = formula.function
    try:
        result = float(function(*map(values.get, formula.inputs)))
    except ZeroDivisionError:
        raise Undefined(Reason("division_by_zero", _blame(formula, values))) from None
    except OverflowError:
        raise Undefined("too_large") from None
    if not math.isfinite(result):
        raise Undefined("too_large")
    return result


def _blame(formula: Formula, values: Mapping[str, float | None]) -> tuple[str, ...]:
    """Name the inputs whose zeros make the division fail."""
    zeros = [name for name in formula.inputs if values.get(name) == 0]
    guilty = []
    for name in zeros:
        try:
            formula.function(*(1.0 if item == name else values.get(item) for item in formula.inputs))
        except ArithmeticError:
            continue
        guilty.append(name)
    named = guilty or zeros
    return (f"{' and '.join(named)} {'is' if len(named) == 1 else 'are'} 0",) if named else ()


@lru_cache(maxsize=128)
def of_interest(registry: Registry, plan: Plan) -> tuple[str, ...]:
    """Return the quantities that a given value leads to, in vocabulary order.

    Details are left out unless something else rests on them.
    """
    given = set(plan.inputs)
    rooted = plan.ahead(given)  # the rest are bare defaults
    whole = [name for name in rooted if name in given or split(name)[1] not in registry.details]
    return tuple(registry.in_order(rooted.intersection(plan.behind(whole))))


def work_out(steps: Iterable[Step], values: dict[str, float | None]) -> dict[str, Reason]:
    """Add the results of some steps to given values; return, by name, why any of them is undefined."""
    reasons: dict[str, Reason] = {}
    for step in steps:
        broken = next((name for name in step.inputs if values[name] is None), None) if reasons else None
        try:
            values[step.name] = None if broken else call(step.formula, values)
        except Undefined as why:
            values[step.name], reasons[step.name] = None, why.reason
        if broken:
            reasons[step.name] = reasons[broken]
    return reasons


def evaluate(registry: Registry, given: Mapping[str, Given], targets: Iterable[str] | None = None) -> Trace:
    """Derive the targets (without any, all quantities except outcomes) from given values.

    An undefined value has a reason, and makes everything that depends on it undefined; nothing is raised.
    """
    plan, quantities = resolve(registry, given, targets), registry.quantities
    stated = {name: given[name] for name in plan.inputs}
    nodes = {name: Node(quantities[name], item.value, item.basis, item) for name, item in stated.items()}
    values: dict[str, float | None] = {name: item.value for name, item in stated.items()}
    reasons = work_out(plan.steps, values)
    ranks = {name: BASES.index(item.basis) for name, item in stated.items()}  # bare defaults have none
    for step in plan.steps:
        name, reason, origin = step.name, None, None
        found = [ranks[used] for used in step.inputs if used in ranks]
        if found:
            ranks[name] = max(found)
        if name in reasons:
            reason = reasons[name]
            origin = next((nodes[used].origin for used in step.inputs if nodes[used].value is None), name)
        basis = BASES[ranks[name]] if found else "assumed"
        nodes[name] = Node(quantities[name], values[name], basis, None, step, reason, bool(found), origin)
    return Trace(registry, plan, nodes)
