"""One evaluation with its whole story: every value, where it comes from, and why there is none."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from llmcost.engine.formula import Formula
from llmcost.engine.parts import split
from llmcost.engine.plan import Missing, Plan, Step, resolve
from llmcost.engine.registry import Basis, Quantity, Registry, weakest
from llmcost.reasons import Reason, Undefined


class Given(NamedTuple):
    """A stated value; `origin` is whatever the caller wants back (source, place, date)."""

    value: float
    basis: Basis = "stated"
    origin: Any = None


class Node(NamedTuple):
    """One quantity of a trace.

    Attributes:
        value: the number, in the quantity's unit; None where it is undefined.
        reason: why it is undefined.
        basis: the weakest basis among the given values that lead here; a default taints nothing.
        given: the stated value, for a leaf.
        step: the formula taken and its inputs, for a derived value.
        rooted: whether any given value leads here; a bare default is not rooted.
        origin: the node where an undefined value began.
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
        """The formula taken, for a derived value."""
        return self.step.formula if self.step else None

    @property
    def is_weak(self) -> bool:
        """Whether it rests on an estimate or assumption that somebody made."""
        return self.rooted and self.basis in ("estimated", "assumed")

    @property
    def is_default(self) -> bool:
        """Whether nothing was stated and a documented default stands in."""
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

    def ancestry(self, name: str) -> Iterator[Node]:
        """Yield the node and everything that leads to it, each once, nearest first."""
        return self.behind([name])

    def behind(self, names: Iterable[str]) -> Iterator[Node]:
        """Yield some nodes and everything that leads to them, each once, nearest first."""
        seen: set[str] = set()
        pending = list(names)
        while pending:
            current = pending.pop(0)
            if current not in seen:
                seen.add(current)
                node = self.nodes[current]
                yield node
                if node.step:
                    pending.extend(node.step.inputs)

    @property
    def of_interest(self) -> set[str]:
        """The names of what a given value leads to, without details on which nothing else rests."""
        rooted = [node for node in self.nodes.values() if node.rooted]
        details = self.registry.details
        whole = [n.name for n in rooted if n.given is not None or split(n.name)[1] not in details]
        used = {node.name for node in self.behind(whole)}
        return {node.name for node in rooted if node.name in used}

    def depends_on(self, name: str, section: str) -> bool:
        """Whether a given or default value of `section`, of a part's too, leads to `name`."""
        return any(split(node.name)[1].startswith(f"{section}.") for node in self.ancestry(name))

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
    arguments: list[Any] = [values.get(name) for name in formula.inputs]
    function: Callable[..., Any] = formula.function
    try:
        result = float(function(*arguments))
    except ZeroDivisionError:
        raise Undefined(Reason("division_by_zero", _blame(formula, values))) from None
    except OverflowError:
        raise Undefined("too_large") from None
    if not math.isfinite(result):
        raise Undefined("too_large")
    return result


def _blame(formula: Formula, values: Mapping[str, float | None]) -> tuple[str, ...]:
    """Name the zeros that are divided by: those without which the division would work."""
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


def evaluate(registry: Registry, given: Mapping[str, Given], targets: Iterable[str] | None = None) -> Trace:
    """Derive the targets (all quantities but outcomes, if none are named) from what is given.

    A value that is undefined has a reason and makes what depends on it undefined; nothing is raised.
    """
    wanted = registry.everything(given) if targets is None else targets
    plan = resolve(registry, given, wanted)
    nodes: dict[str, Node] = {}
    for name in plan.inputs:
        stated = given[name]
        nodes[name] = Node(registry.quantities[name], stated.value, stated.basis, given=stated)
    values: dict[str, float | None] = {name: node.value for name, node in nodes.items()}
    for step in plan.steps:
        node = nodes[step.name] = _derive(registry, step, nodes, values)
        values[step.name] = node.value
    return Trace(registry, plan, nodes)


def _derive(
    registry: Registry, step: Step, nodes: Mapping[str, Node], values: Mapping[str, float | None]
) -> Node:
    quantity = registry.quantities[step.name]
    inputs = [nodes[name] for name in step.inputs]
    basis = weakest([node.basis for node in inputs if node.rooted])
    rooted = any(node.rooted for node in inputs)
    value, reason, origin = None, None, None
    broken = next((node for node in inputs if node.value is None), None)
    if broken is not None:
        origin, reason = broken.origin, broken.reason
    else:
        try:
            value = call(step.formula, values)
        except Undefined as why:
            origin, reason = step.name, why.reason
    return Node(quantity, value, basis, step=step, reason=reason, rooted=rooted, origin=origin)
