"""One number of a reading: its value, over draws and as an input moves, and how far off it is."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Final, Literal

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.evaluation import Evaluation, evaluate, why_missing
from llmcost.analysis.ask.load import check_totals, library, prepare
from llmcost.analysis.whatif import by_lists
from llmcost.analysis.whatif.draws import Draws, distribution_of, stream, subjects
from llmcost.analysis.whatif.evaluate import caveats_of, grid_of, inputs_of
from llmcost.analysis.whatif.search import Curve, constant, curve_of
from llmcost.engine.plan import resolve
from llmcost.engine.registry import Basis, Quantity, weakest
from llmcost.engine.trace import Node
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.reasons import Reason, Undefined
from llmcost.records import NamedTuple
from llmcost.scenario.claims import AskedNumber, Belief, Claim, Fact
from llmcost.scenario.finding import normalise
from llmcost.scenario.override import Override
from llmcost.scenario.reference import Link
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.claimed_range import Claimed
from llmcost.scenario.values.expression import Expression
from llmcost.scenario.workload import DEFAULT_WORKLOAD

DRAWS: Final = 509
"""Draws of a reading, which are taken evenly."""
Direction = Literal["overstates", "understates"]
Places = Mapping[str, int]
"""A place of its own for each fact that a reading rests on: their draws fill a cube evenly."""


class Side:
    """One scenario of a number; `sourced` is the scenario without overrides."""

    def __init__(
        self, scenario: Scenario, sourced: Scenario, metric: Expression, evaluation: Evaluation
    ) -> None:
        self.scenario, self.sourced, self.metric, self.evaluation = scenario, sourced, metric, evaluation
        self._drawn: dict[object, list[list[float | None]]] = {}

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts that are ranges and lead to the metrics."""
        return tuple(subjects(self.scenario, self.metric.metrics).facts.values())

    @cached_property
    def caveats(self) -> Caveats:
        """The caveats of the metrics."""
        return caveats_of(self.scenario, self.metric.metrics)

    def drawn(self, places: Places, *, ends: bool) -> list[list[float | None]]:
        """Return each metric over the draws; with `ends`, a value beyond all numbers is infinite."""
        metrics = self.metric.metrics
        if not self.facts:
            return [[self.evaluation[name].value] * DRAWS for name in metrics]
        key = (ends, *map(places.get, self.facts))
        if key not in self._drawn:
            drawn = Draws(self.scenario, metrics, DRAWS, 0, "even", places=places)
            grid = grid_of(self.scenario, drawn.names, metrics)
            self._drawn[key] = grid.one_by_one(drawn.columns, ends=ends)
        return self._drawn[key]


class Term(NamedTuple):
    """The value of a metric, or of an expression, in one scenario; None if it is undefined."""

    side: Side
    value: float | None

    @property
    def scenario(self) -> Scenario:
        """The scenario, with what the reading sets."""
        return self.side.scenario

    @property
    def metric(self) -> Expression:
        """The metric or expression."""
        return self.side.metric


class Off(NamedTuple):
    """How far a value lies from the nearest end of the claimed range.

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
        """How far off it is, for comparisons: the logarithm of the factor, if there is one."""
        if self.factor is not None:
            return abs(math.log(self.factor))
        return abs(self.difference) / max(abs(self.end), 1e-300)

    @property
    def direction(self) -> Direction:
        """Which way the claim is off: it overstates if more is claimed than is true.

        If both are below zero, as losses are, the larger is the one farther below.
        """
        below = self.end < 0 and self.end + self.difference < 0
        return "overstates" if (self.difference < 0) != below else "understates"


class Figure(NamedTuple):
    """One number of a reading.

    Attributes:
        asked: the number that the reading asks for.
        quantity: its unit, with the text of the metric as its name.
        terms: its terms, one for each scenario.
        value: the number; None if it is undefined.
        reason: why it is undefined.
        basis: the weakest basis among the figures that lead here.
        off: how far it is from the claim; None if it agrees.
    """

    asked: AskedNumber
    quantity: Quantity
    terms: tuple[Term, ...]
    value: float | None
    reason: Reason | None
    basis: Basis
    off: Off | None

    @property
    def holds(self) -> bool:
        """Whether the value agrees with the claim."""
        return self.value is not None and self.asked.claimed.holds(self.value)


Known = tuple[dict[object, Scenario], dict[object, Side]]
"""The scenarios read so far by reference, and the sides by reference, settings and metric."""


def sides_of(claim: Claim, asked: AskedNumber, known: Known) -> tuple[Side, ...]:
    """Return the scenarios of a number, with what the reading sets.

    Sides are reused from `known`, and new ones added to it: most ledgers ask a lot about few scenarios.

    Raises:
        LlmcostError: with all their problems, each at its place in the ledger.
    """
    scenarios, asked_before = known
    sides = []
    problems: list[Problem] = []
    workload = asked.workload or (DEFAULT_WORKLOAD if len(asked.sources) == 2 else None)
    mix = (workload.reference, workload.beside) if isinstance(workload, Link) else workload
    for source, metric in zip(asked.sources, asked.metrics if asked.sources else (), strict=True):
        try:
            named = (source.reference, source.beside, mix)
            if named not in scenarios:
                scenarios[named] = prepare(library().load(source), workload=workload)
            supposed = (*named, asked.set)
            if supposed not in scenarios:
                scenario = _supposed(scenarios[named], asked.set)
                check_totals(scenario)
                scenarios[supposed] = scenario
            key = (supposed, metric)
            if key not in asked_before:
                scenario = scenarios[supposed]
                evaluation = _evaluated(scenario, metric.metrics)
                asked_before[key] = Side(scenario, scenarios[named], metric, evaluation)
            side = asked_before[key]
        except LlmcostError as error:
            problems += (
                problem
                if problem.line is not None
                else placed(str(problem).removeprefix("--"), claim, source)
                for problem in error.problems
            )
            continue
        for name in metric.metrics:
            if name not in side.evaluation:
                message = f"{name} of {side.scenario.label}: {why_missing(side.evaluation, name)}"
                problems.append(placed(message, claim, asked))
        sides.append(side)
    if problems:
        raise LlmcostError(*problems)
    if not sides:
        scenario = Scenario(name=claim.id, label="the ledger's facts", data={}, absent={})
        sides = [Side(scenario, scenario, asked.metrics[0], evaluate(scenario, ()))]
    return tuple(sides)


def _evaluated(scenario: Scenario, metrics: Sequence[str]) -> Evaluation:
    """Evaluate some metrics, also those that only a projection yields.

    Raises:
        LlmcostError: for a projection that cannot be run.
    """
    found = evaluate(scenario, [name for name in metrics if name not in MODEL.outcomes])
    over_time = [name for name in metrics if name in MODEL.outcomes]
    if not over_time:
        return found
    from llmcost.analysis.whatif.over_time import outcome_over_time

    basis = weakest([scenario.data[name].basis for name in inputs_of(scenario, over_time)])
    nodes = dict(found.trace.nodes)
    for name in over_time:
        value, _, reason, beyond = outcome_over_time(scenario, name)
        if beyond:
            value, reason = None, Reason("beyond_horizon")
        nodes[name] = Node(MODEL.quantities[name], value, basis, reason=reason)
    return Evaluation(scenario, found.trace._replace(nodes=nodes))


def _supposed(scenario: Scenario, overrides: Iterable[Override]) -> Scenario:
    """Return a scenario with what a reading sets, each as an assumption."""
    for override in overrides:
        scenario = scenario.overridden(override)
        datum = scenario.data.get(override.name)
        if datum is not None:
            scenario = scenario.with_data({override.name: datum.credited(datum.source or "", "assumed")})
    return scenario


def placed(message: str, claim: Claim, at: Link | AskedNumber | Belief) -> Problem:
    """Return a problem of a claim at a place in its ledger."""
    return Problem(message, *at.place, claim.id)


class Sought:
    """Computes one number that a reading asks for: as it is, over draws, and as an input moves."""

    def __init__(self, asked: AskedNumber, sides: tuple[Side, ...]) -> None:
        self.asked = asked
        self.sides = sides

    @cached_property
    def figure(self) -> Figure:
        """The number as it is."""
        asked, terms = self.asked, []
        reason: Reason | None = None
        for side in self.sides:
            nodes = [side.evaluation[name] for name in side.metric.metrics]
            undefined = next((node for node in nodes if node.value is None), None)
            value = None
            try:
                if undefined is not None:
                    raise Undefined(undefined.reason or "no_value")
                there = [node.value for node in nodes if node.value is not None]
                value = side.metric.value(*there, *self._values_of(side).values())
            except Undefined as why:
                reason = reason or why.reason
            terms.append(Term(side, value))
        value = None
        if reason is None:
            try:
                value = _made(asked, [term.value for term in terms if term.value is not None])
            except Undefined as why:
                reason = why.reason
        bases = [side.evaluation[name].basis for side in self.sides for name in side.metric.metrics]
        bases += [fact.datum.basis for fact in asked.facts.values()]
        name = " / ".join(dict.fromkeys(metric.text for metric in asked.metrics))
        quantity = Quantity(name, asked.unit, "", low=None)
        off = None if value is None or asked.claimed.holds(value) else off_by(value, asked.claimed)
        return Figure(asked, quantity, tuple(terms), value, reason, weakest(bases), off)

    def _values_of(self, side: Side) -> dict[str, float]:
        """Return the facts in the metric of one side."""
        return {name: self.asked.facts[name].datum.value for name in side.metric.facts}

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """The facts that are ranges, of scenarios and of the ledger; none if nothing is to be drawn."""
        if not self.asked.draws:
            return ()
        own = (fact for fact in self.asked.facts.values() if fact.datum.is_uncertain)
        return (
            *(fact for side in self.sides for fact in side.facts),
            *(stream(f.datum, f.quantity) for f in own),
        )

    def drawn(self, places: Places) -> list[bool] | None:
        """Return for each draw whether the number is what is claimed; None where there is no range."""
        if not self.facts:
            return None
        columns = [self._column(place, places) for place in range(len(self.sides))]
        made = columns[0] if self.asked.how == "value" else map(self._made, zip(*columns, strict=True))
        return self.asked.claimed.each(made)

    def _column(self, place: int, places: Places) -> list[float | None]:
        side = self.sides[place]
        facts = [self.asked.facts[name] for name in side.metric.facts]
        if not side.facts and not any(fact.datum.is_uncertain for fact in facts):
            return [self.figure.terms[place].value] * DRAWS
        if side.metric.is_metric:
            # A value beyond all numbers exceeds any claimed number.
            return side.drawn(places, ends=self.asked.how == "value")[0]
        return side.metric.over(
            [*side.drawn(places, ends=False), *(_draws_of(fact, places) for fact in facts)]
        )

    def _made(self, values: Sequence[float | None]) -> float | None:
        there = [value for value in values if value is not None]
        try:
            return _made(self.asked, there) if len(there) == len(values) else None
        except Undefined:
            return None

    def places(self, belief: Belief) -> list[int]:
        """Return the places of the scenarios through which an input moves the number."""
        return [
            place
            for place, side in enumerate(self.sides)
            if belief.input in side.metric.facts
            or (_is_meant(belief.scenario, self.asked, place, side) and _leads(belief.input, side))
        ]

    def moved(self, belief: Belief) -> Curve | None:
        """Return the number as a function of an input; None if it does not depend on it."""
        places = self.places(belief)
        if not places:
            return None
        sides = [
            self._side(place, belief.input) if place in places else constant(term.value)
            for place, term in enumerate(self.figure.terms)
        ]
        if self.asked.how == "value":
            return sides[0]
        return Curve(
            lambda x: self._made([side.at(x) for side in sides]),
            lambda xs: list(map(self._made, zip(*(side.over(xs) for side in sides), strict=True))),
        )

    def _side(self, place: int, name: str) -> Curve:
        """Return the term of one scenario as a function of one of its inputs or facts."""
        side = self.sides[place]
        metric, own = side.metric, self._values_of(side)
        at = metric.where_defined()
        if name in own:
            known = {item: side.evaluation[item].value for item in metric.metrics} | own
            return Curve(
                lambda x: at(*{**known, name: x}.values()),
                lambda xs: metric.over([xs if n == name else [v] * len(xs) for n, v in known.items()]),
            )
        rest = tuple(own.values())
        return curve_of(
            grid_of(side.scenario, [name], metric.metrics),
            lambda row: at(*row, *rest),
            lambda columns: metric.over([*columns, *([value] * len(columns[0]) for value in rest)]),
        )


def _is_meant(named: str | None, asked: AskedNumber, place: int, side: Side) -> bool:
    """Whether a name, reference or path means the scenario of a side."""
    if named is None or normalise(named) in (normalise(side.scenario.name), normalise(side.scenario.label)):
        return True
    link = asked.sources[place]
    return Path(named) == Path(link.text) or Path(named) == Path(link.reference.base)


def _leads(name: str, side: Side) -> bool:
    """Whether an input leads to the metric of a side."""
    plain = [metric for metric in side.metric.metrics if metric not in MODEL.outcomes]
    if name in resolve(MODEL, {*side.scenario.data, name}, plain).inputs:
        return True
    return len(plain) < len(side.metric.metrics) and name in inputs_of(side.scenario, side.metric.metrics)


def _draws_of(fact: Fact, places: Places) -> Sequence[float]:
    quantity, datum = fact
    if not datum.is_uncertain:
        return [datum.value] * DRAWS
    place = places[stream(datum, quantity)]
    return by_lists.drawn(distribution_of(datum, quantity), 0, DRAWS, DRAWS, 0, place, "even")


def _made(asked: AskedNumber, values: Sequence[float]) -> float:
    """Return the result of a comparison.

    Raises:
        Undefined: if it divides by a number that is not above zero.
    """
    if asked.how == "value":
        return values[0]
    first, second = values
    if asked.how == "difference":
        return first - second
    above, below = (first, second) if asked.how == "ratio" else (second, first)
    if below <= 0:
        raise Undefined("not_above_zero")
    return above / below if asked.how == "ratio" else 1 - above / below


def off_by(value: float, claimed: Claimed) -> Off:
    """Return how far a value that disagrees with a claim lies from it."""
    end = claimed.low if claimed.low is not None and value <= claimed.low else claimed.high
    assert end is not None
    return Off(end, value - end, value / end if value > 0 < end else None)
