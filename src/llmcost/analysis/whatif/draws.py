"""What is drawn for a simulation: a column for each range, correlated as stated; totals hold their lines."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, Literal

from llmcost.analysis.whatif.evaluate import inputs_of
from llmcost.analysis.whatif.grid import Grid
from llmcost.engine.correlation import reordered
from llmcost.engine.parts import split
from llmcost.engine.registry import Quantity
from llmcost.engine.sampling import Distribution, Sampling, distribution, evenly, quantile, uniforms
from llmcost.engine.trace import evaluate
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum

WHOLE: Final = 0.01
"""The part of a total up to which its lines, at their centres, are taken to add up to it."""
KEPT: Final = 10_000
"""Draws up to which those of a fact are kept for the next that asks."""
PAID: Final = {"company.revenue_share": "cost.revenue_share"}
"""Lines that follow from another that is stated, as it is."""


Way = Sampling | Literal["even"]
"""How draws are taken: by chance, or evenly where few must do."""


class Draws(NamedTuple):
    """The ranges that lead to what is asked for, and the columns of all that is drawn, by name.

    Of a stated total and its lines all ranges are drawn, so that the lines of a draw go with the total.
    """

    uncertain: tuple[Quantity, ...]
    by_name: dict[str, Sequence[float]]

    @property
    def names(self) -> list[str]:
        """The names of what is drawn."""
        return list(self.by_name)

    @property
    def columns(self) -> list[Sequence[float]]:
        """The draws, in the order of the names."""
        return list(self.by_name.values())


def uncertain_inputs(scenario: Scenario, metrics: Sequence[str]) -> tuple[Quantity, ...]:
    """Return the inputs that have a range and lead to some metrics."""
    ranged = [name for name in inputs_of(scenario, metrics) if scenario.data[name].is_uncertain]
    return tuple(scenario.quantity(name) for name in ranged)


class Subjects(NamedTuple):
    """What is to be drawn.

    Attributes:
        uncertain: the ranges that lead to what is asked for.
        names: all that is drawn.
        totals: the sections of which a stated total holds lines that are drawn.
        together: what is correlated, by name.
        ranks: their rank correlations, a symmetric matrix.
    """

    uncertain: tuple[Quantity, ...]
    names: tuple[str, ...]
    totals: tuple[str, ...]
    together: tuple[str, ...]
    ranks: list[list[float]]


def subjects(scenario: Scenario, metrics: Sequence[str]) -> Subjects:
    """Return what is to be drawn for some metrics.

    Of a stated total and its lines all ranges are drawn, so that the lines of a draw go with the total.
    """
    uncertain = uncertain_inputs(scenario, metrics)
    names = [quantity.name for quantity in uncertain]
    totals = [section for section in ("revenue", "cost") if _held(scenario, section, names)]
    drawn = dict.fromkeys(names)
    for section in totals:
        drawn |= dict.fromkeys(lines_of(scenario, section))
        if scenario.data[f"{section}.total"].is_uncertain:
            drawn[f"{section}.total"] = None
    pairs = {pair: found.rank for pair, found in scenario.correlations.items() if pair <= drawn.keys()}
    together = [name for name in drawn if any(name in pair for pair in pairs)]
    ranks = [[1.0 if a == b else pairs.get(frozenset((a, b)), 0.0) for b in together] for a in together]
    return Subjects(uncertain, tuple(drawn), tuple(totals), tuple(together), ranks)


def draw(scenario: Scenario, metrics: Sequence[str], count: int, seed: int, sampling: Way) -> Draws:
    """Return draws from every range that leads to some metrics.

    The stream of an input depends on the fact that is stated, so that one fact in two scenarios is drawn
    alike and different facts are independent. Where the scenario correlates two of them, their draws are put
    in an order in which their ranks are correlated so.

    A stated total holds its lines. What the lines of a draw leave of it is the unallocated line; where they
    would be more than the total, the excess is taken off the lines that are drawn, each by its share of their
    variance, none below 0. Where the lines add up to the total at their centres, they do so in every draw.
    """
    found = subjects(scenario, metrics)
    columns: dict[str, Sequence[float]] = {}
    uniform: dict[str, list[float]] = {}
    for place, name in enumerate(found.names):
        datum, quantity = scenario.data[name], MODEL.quantities[name]
        if sampling == "even":
            uniform[name] = evenly(count, place, len(found.names))
        elif name in found.together:
            uniform[name] = uniforms(count, seed, fact(datum, quantity), sampling)
        else:
            columns[name] = sample(datum, quantity, count, seed, sampling)
    if found.together:
        ordered = reordered([uniform[name] for name in found.together], found.ranks)
        uniform |= dict(zip(found.together, ordered, strict=True))
    columns |= {name: _values(scenario.data[name], MODEL.quantities[name], u) for name, u in uniform.items()}
    for section in found.totals:
        columns |= _adjusted(scenario, section, columns)
    return Draws(found.uncertain, {name: columns[name] for name in found.names})


def sample(datum: Datum, quantity: Quantity, count: int, seed: int, sampling: Sampling) -> Sequence[float]:
    """Return draws from one uncertain number."""
    known = _kept if count <= KEPT else _sampled
    return known(datum, quantity, count, seed, sampling)


def _sampled(datum: Datum, quantity: Quantity, count: int, seed: int, sampling: Sampling) -> Sequence[float]:
    return _values(datum, quantity, uniforms(count, seed, fact(datum, quantity), sampling))


_kept = lru_cache(maxsize=64)(_sampled)
"""The draws of facts that several metrics or scenarios have in common."""


def fact(datum: Datum, quantity: Quantity) -> str:
    """Return the name of the stream of a fact: it is one fact, in whichever parts it stands."""
    return (
        f"{split(quantity.name)[1]}|{datum.value!r}|{datum.low!r}|{datum.high!r}|{datum.dist}|{datum.source}"
    )


def distribution_of(datum: Datum, quantity: Quantity) -> Distribution:
    """Return how a fact that is a range is distributed."""
    assert datum.low is not None
    assert datum.high is not None
    return distribution(
        datum.value, datum.low, datum.high, datum.dist, least=quantity.low, most=quantity.high
    )


def _values(datum: Datum, quantity: Quantity, column: Sequence[float]) -> list[float]:
    at = quantile(distribution_of(datum, quantity))
    return [at(u) for u in column]


def lines_of(scenario: Scenario, section: str) -> list[str]:
    """Return the lines of a total that are stated as ranges."""
    (formula,) = MODEL.formulas[f"{section}.lines"]
    names = [name if name in scenario.data else PAID.get(name, name) for name in formula.inputs]
    return [name for name in names if name in scenario.data and scenario.data[name].is_uncertain]


def _held(scenario: Scenario, section: str, names: Sequence[str]) -> bool:
    """Whether a total is stated beside lines that are drawn."""
    total = f"{section}.total"
    lines = lines_of(scenario, section) if total in scenario.data else []
    return bool(lines) and any(name in names for name in (total, *lines))


def whole_of(scenario: Scenario, section: str) -> tuple[float, bool]:
    """Return a total that is stated, and whether its lines add up to it at their centres."""
    lines = f"{section}.lines"
    centre, whole = (
        evaluate(MODEL, scenario.given, [lines]).nodes[lines].value,
        scenario.data[f"{section}.total"].value,
    )
    return whole, centre is not None and abs(whole - centre) <= WHOLE * abs(whole)


def _adjusted(
    scenario: Scenario, section: str, columns: Mapping[str, Sequence[float]]
) -> dict[str, list[float]]:
    """Return the lines of a total, so that in no draw they are more than it."""
    whole, exact = whole_of(scenario, section)
    (sums,) = Grid(scenario, [*columns], [f"{section}.lines"], limits=()).one_by_one([*columns.values()])
    totals = columns.get(f"{section}.total") or [whole] * len(sums)
    lines = [name for name in lines_of(scenario, section) if name in columns]
    found = {name: list(columns[name]) for name in lines}
    variances = {name: _variance(columns[name]) for name in lines}
    for place, (summed, most) in enumerate(zip(sums, totals, strict=True)):
        gap = 0.0 if summed is None else most - summed
        if gap < 0 or exact:
            _spread(gap, place, found, variances)
    return found


def _spread(gap: float, place: int, columns: dict[str, list[float]], variances: dict[str, float]) -> None:
    """Add a gap to the lines of one draw by their share of the variance; none falls below 0."""
    free = dict(variances)
    while free and gap:
        size = math.fsum(free.values())
        if size <= 0:
            return
        steps = {name: gap * variance / size for name, variance in free.items()}
        stopped = [name for name, step in steps.items() if columns[name][place] + step < 0]
        for name in stopped or free:
            step = -columns[name][place] if stopped else steps[name]
            columns[name][place] += step
            gap -= step
        if not stopped:
            return
        for name in stopped:
            del free[name]


def _variance(column: Sequence[float]) -> float:
    mean = math.fsum(column) / len(column)
    return math.fsum((value - mean) ** 2 for value in column) / len(column)
