"""One number of a reading: what it comes to, over draws and as an input moves, and how far off it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple

from llmcost.analysis.ask.evaluation import Evaluation, evaluate, why_missing
from llmcost.analysis.ask.load import DEFAULT_WORKLOAD, check_totals, library, prepare
from llmcost.analysis.whatif.draws import draw, uncertain_inputs
from llmcost.analysis.whatif.grid import Grid
from llmcost.engine.plan import resolve
from llmcost.engine.registry import Basis, Quantity, weakest
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.reasons import Reason, Undefined
from llmcost.scenario.claims import Belief, Claim, Part
from llmcost.scenario.library import normalise
from llmcost.scenario.override import Override
from llmcost.scenario.reference import Link
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.claimed_range import Claimed
from llmcost.scenario.values.expression import Expression

DRAWS: Final = 2000
SEED: Final = 0


class Term(NamedTuple):
    """What a metric, or arithmetic over metrics, comes to in one scenario; None where it is undefined."""

    scenario: Scenario
    metric: Expression
    evaluation: Evaluation
    value: float | None


class Off(NamedTuple):
    """How far a value lies from the nearest end of what is claimed.

    Attributes:
        end: that end.
        difference: value less end.
        factor: value over end; None unless both are above zero.
    """

    end: float
    difference: float
    factor: float | None

    @property
    def distance(self) -> float:
        """How far off it is, to tell nearer from farther: the logarithm of the factor, where there is one."""
        if self.factor is not None:
            return abs(math.log(self.factor))
        return abs(self.difference) / max(abs(self.end), 1e-300)


class Figure(NamedTuple):
    """One number of a reading.

    Attributes:
        part: what was asked.
        quantity: its unit, under the text of the metric as its name.
        terms: what it is made of, one for each scenario.
        value: the number; None where it is undefined.
        reason: why it is undefined.
        basis: the weakest basis among the figures that lead here.
        off: how far it is from what is claimed; None where it is not.
    """

    part: Part
    quantity: Quantity
    terms: tuple[Term, ...]
    value: float | None
    reason: Reason | None
    basis: Basis
    off: Off | None

    @property
    def holds(self) -> bool:
        """Whether the value is what is claimed."""
        return self.value is not None and self.part.claimed.holds(self.value)


class Side(NamedTuple):
    """One scenario of a number; `sourced` is it before anything was overridden."""

    scenario: Scenario
    sourced: Scenario
    metric: Expression
    evaluation: Evaluation


def sides_of(claim: Claim, part: Part) -> tuple[Side, ...]:
    """Return the scenarios that a number is worked out from, as the reading sets them.

    Raises:
        LlmcostError: with everything that is wrong with them, each at its place in the ledger.
    """
    sides = []
    problems: list[Problem] = []
    workload = part.workload or (DEFAULT_WORKLOAD if len(part.sources) == 2 else None)
    for source, metric in zip(part.sources, part.metrics, strict=True):
        try:
            sourced = prepare(library().load(source), workload=workload)
            scenario = _supposed(sourced, part.set)
            check_totals(scenario)
        except LlmcostError as error:
            problems += (
                problem
                if problem.line is not None
                else placed(str(problem).removeprefix("--"), claim, source)
                for problem in error.problems
            )
            continue
        evaluation = evaluate(scenario, metric.metrics)
        for name in metric.metrics:
            if name not in evaluation:
                message = f"{name} of {scenario.label}: {why_missing(evaluation, name)}"
                problems.append(placed(message, claim, part))
        sides.append(Side(scenario, sourced, metric, evaluation))
    if problems:
        raise LlmcostError(*problems)
    return tuple(sides)


def _supposed(scenario: Scenario, overrides: Iterable[Override]) -> Scenario:
    """Return a scenario with what a reading sets, which is a supposition of its own."""
    for override in overrides:
        scenario = scenario.overridden(override)
        datum = scenario.data.get(override.name)
        if datum is not None:
            scenario = scenario.with_data({override.name: datum.credited(datum.source or "", "assumed")})
    return scenario


def placed(message: str, claim: Claim, at: Link | Part | Belief) -> Problem:
    """Return a problem of a claim at a place in its ledger."""
    return Problem(message, *at.place, claim.id)


Value = Callable[[float], float | None]


class Sought:
    """Works out one number that a reading asks for: as it stands, over draws, and as an input moves."""

    def __init__(self, part: Part, sides: tuple[Side, ...]) -> None:
        self.part = part
        self.sides = sides
        self._figure: Figure | None = None

    def figure(self) -> Figure:
        """Return the number as it stands."""
        if self._figure is None:
            self._figure = self._work_out()
        return self._figure

    def _work_out(self) -> Figure:
        part, terms = self.part, []
        reason: Reason | None = None
        for side in self.sides:
            nodes = [side.evaluation[name] for name in side.metric.metrics]
            undefined = next((node for node in nodes if node.value is None), None)
            value = None
            try:
                if undefined is not None:
                    raise Undefined(undefined.reason or "no_value")
                value = side.metric.at({node.name: node.value for node in nodes if node.value is not None})
            except Undefined as why:
                reason = reason or why.reason
            terms.append(Term(side.scenario, side.metric, side.evaluation, value))
        value = None
        if reason is None:
            try:
                value = _made(part, [term.value for term in terms if term.value is not None])
            except Undefined as why:
                reason = why.reason
        bases = [side.evaluation[name].basis for side in self.sides for name in side.metric.metrics]
        name = " / ".join(dict.fromkeys(metric.text for metric in part.metrics))
        quantity = Quantity(name, part.unit, "", low=None)
        off = None if value is None or part.claimed.holds(value) else _off(value, part.claimed)
        return Figure(part, quantity, tuple(terms), value, reason, weakest(bases), off)

    def drawn(self) -> list[bool] | None:
        """Return for each draw whether the number is what is claimed; None where there is no range."""
        if not self.part.draws:
            return None
        uncertain = [uncertain_inputs(side.scenario, side.metric.metrics) for side in self.sides]
        if not any(uncertain):
            return None
        columns = [self._column(side, own) for side, own in zip(self.sides, uncertain, strict=True)]
        return [self._holds(row) for row in zip(*columns, strict=True)]

    def _column(self, side: Side, uncertain: Sequence[Quantity]) -> list[float | None]:
        if not uncertain:
            (value,) = (term.value for term in self.figure().terms if term.scenario is side.scenario)
            return [value] * DRAWS
        drawn = draw(side.scenario, side.metric.metrics, DRAWS, SEED, "lhs")
        # What no number is enough for is more than any that is claimed.
        ends = side.metric.is_metric and self.part.how == "value"
        grid = Grid(side.scenario, drawn.names, side.metric.metrics)
        found = grid.one_by_one(drawn.columns, ends=ends)
        if side.metric.is_metric:
            return found[0]
        return [_at(side.metric, row) for row in zip(*found, strict=True)]

    def _holds(self, values: Sequence[float | None]) -> bool:
        value = self._made(values)
        return value is not None and self.part.claimed.holds(value)

    def _made(self, values: Sequence[float | None]) -> float | None:
        there = [value for value in values if value is not None]
        try:
            return _made(self.part, there) if len(there) == len(values) else None
        except Undefined:
            return None

    def places(self, belief: Belief) -> list[int]:
        """Return which of the scenarios an input belongs to and moves the number through."""
        return [
            place
            for place, side in enumerate(self.sides)
            if (belief.scenario is None or normalise(belief.scenario) == normalise(side.scenario.name))
            and belief.input
            in resolve(MODEL, {*side.scenario.data, belief.input}, side.metric.metrics).inputs
        ]

    def moved(self, belief: Belief) -> Value | None:
        """Return the number as a function of an input; None where it does not depend on it."""
        places = self.places(belief)
        if not places:
            return None
        grids = {
            place: Grid(self.sides[place].scenario, [belief.input], self.sides[place].metric.metrics)
            for place in places
        }
        fixed = [term.value for term in self.figure().terms]
        known: dict[float, float | None] = {}

        def at(x: float) -> float | None:
            if x not in known:
                values = [
                    _at(side.metric, grids[place].at([x])) if place in grids else fixed[place]
                    for place, side in enumerate(self.sides)
                ]
                known[x] = self._made(values)
            return known[x]

        return at


def _at(metric: Expression, row: Sequence[float | None]) -> float | None:
    if metric.is_metric:
        return row[0]
    values = {name: value for name, value in zip(metric.metrics, row, strict=True) if value is not None}
    try:
        return metric.at(values) if len(values) == len(metric.metrics) else None
    except Undefined:
        return None


def _made(part: Part, values: Sequence[float]) -> float:
    """Return what a comparison amounts to.

    Raises:
        Undefined: where it divides by zero, or by a number below it.
    """
    if part.how == "value":
        return values[0]
    first, second = values
    if part.how == "difference":
        return first - second
    above, below = (first, second) if part.how == "ratio" else (second, first)
    if below <= 0:
        raise Undefined("not_above_zero")
    return above / below if part.how == "ratio" else 1 - above / below


def _off(value: float, claimed: Claimed) -> Off:
    end = claimed.low if claimed.low is not None and value <= claimed.low else claimed.high
    assert end is not None
    return Off(end, value - end, value / end if value > 0 < end else None)
