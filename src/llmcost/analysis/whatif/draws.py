"""The draws of a simulation: a column for each range, with stated correlations and totals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import ModuleType
from typing import Any, Final

from llmcost.analysis.whatif import by_lists
from llmcost.analysis.whatif.evaluate import inputs_of
from llmcost.analysis.whatif.grid import Grid
from llmcost.engine.parts import split
from llmcost.engine.registry import Quantity
from llmcost.engine.sampling import Distribution, Way, distribution
from llmcost.engine.trace import evaluate
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum

WHOLE: Final = 0.01
"""Lines add up to a total if their centres differ from it by at most this share."""
PAID: Final = {"company.revenue_share": "cost.revenue_share"}
"""Lines that equal another line, which is stated."""


def uncertain_inputs(scenario: Scenario, metrics: Sequence[str]) -> tuple[Quantity, ...]:
    """Return the ranges that lead to some metrics."""
    ranged = [name for name in inputs_of(scenario, metrics) if scenario.data[name].is_uncertain]
    return tuple(scenario.quantity(name) for name in ranged)


class Subjects(NamedTuple):
    """What is to be drawn.

    Attributes:
        uncertain: the ranges that lead to the metrics.
        facts: by the name of each quantity that is drawn, its fact: one fact in two scenarios is drawn once.
        totals: the sections with a stated total that limits lines that are drawn.
        together: the names of correlated quantities.
        ranks: their rank correlations, a symmetric matrix.
    """

    uncertain: tuple[Quantity, ...]
    facts: dict[str, str]
    totals: tuple[str, ...]
    together: tuple[str, ...]
    ranks: list[list[float]]


def subjects(scenario: Scenario, metrics: Sequence[str]) -> Subjects:
    """Return what is to be drawn for some metrics.

    If a total is stated, all ranges among it and its lines are drawn, so that the lines can fit the total.
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
    facts = {name: stream(scenario.data[name], MODEL.quantities[name]) for name in drawn}
    return Subjects(uncertain, facts, tuple(totals), tuple(together), ranks)


class Draws:
    """Draws from every range that leads to some metrics.

    The stream of an input depends on the stated fact, so the same fact in two scenarios has the same draws,
    and different facts are independent. If the scenario correlates two of them, their draws are reordered to
    have that rank correlation.

    A stated total limits its lines. The rest of a total is the unallocated line; if the lines of a draw
    exceed the total, the excess is taken off the drawn lines in proportion to their variance, none below 0.
    If the lines add up to the total at their centres, they do so in every draw.

    Attributes:
        uncertain: the ranges that lead to the metrics.
        names: all quantities that are drawn, in the order of the columns.
    """

    def __init__(
        self,
        scenario: Scenario,
        metrics: Sequence[str],
        count: int,
        seed: int,
        way: Way,
        columns: ModuleType = by_lists,
        places: Mapping[str, int] | None = None,
    ) -> None:
        """Draw correlated quantities and lines of totals now, and the others when they are needed.

        `columns` is the module that draws: `by_lists` or `by_columns`. Even draws fill the space of several
        scenarios if `places` has a place for each fact of all of them.
        """
        found = subjects(scenario, metrics)
        self.uncertain, self.names = found.uncertain, tuple(found.facts)
        places = places or {fact: place for place, fact in enumerate(dict.fromkeys(found.facts.values()))}
        self._by, self._count, self._seed, self._way = columns, count, seed, way
        self._streams = {name: places[fact] if way == "even" else fact for name, fact in found.facts.items()}
        self._kinds = {
            name: distribution_of(scenario.data[name], MODEL.quantities[name]) for name in self.names
        }
        self._whole: dict[str, Any] = {}
        if found.together:
            alone = [columns.uniforms(count, seed, self._streams[name], way) for name in found.together]
            for name, ranks in zip(found.together, columns.reordered(alone, found.ranks), strict=True):
                self._whole[name] = columns.values(self._kinds[name], ranks)
        for section in found.totals:
            self._hold(scenario, section)

    def column(self, name: str, start: int, stop: int) -> Any:
        """Return the draws of one fact from `start` to before `stop`."""
        if name not in self._whole:
            kind, stream = self._kinds[name], self._streams[name]
            part = self._by.drawn(kind, start, stop, self._count, self._seed, stream, self._way)
            if stop - start < self._count:
                return part
            self._whole[name] = part
        return self._whole[name][start:stop]

    def parts(self) -> Iterator[tuple[int, list[Any]]]:
        """Yield all draws in parts: where each begins, and a column for each name."""
        for start in range(0, self._count, self._by.STEP):
            stop = min(start + self._by.STEP, self._count)
            yield start, [self.column(name, start, stop) for name in self.names]

    @property
    def columns(self) -> list[Any]:
        """The draws, in the order of the names."""
        return [self.column(name, 0, self._count) for name in self.names]

    @property
    def by_name(self) -> dict[str, Any]:
        """The draws, by the name of what is drawn."""
        return dict(zip(self.names, self.columns, strict=True))

    def _hold(self, scenario: Scenario, section: str) -> None:
        """Adjust the lines of a total, so that they exceed it in no draw."""
        total, (whole, exact) = f"{section}.total", whole_of(scenario, section)
        lines = [name for name in lines_of(scenario, section) if name in self.names]
        grid = Grid(scenario, self.names, [f"{section}.lines"], limits=())
        sums = self._by.empty(self._count)
        for start, columns in self.parts():
            (part,) = self._by.worked_out(grid, columns)
            sums[start : start + len(part)] = part
        drawn = [self.column(name, 0, self._count) for name in lines]
        most = self.column(total, 0, self._count) if total in self.names else whole
        self._whole |= zip(lines, self._by.held(drawn, sums, most, exact=exact), strict=True)


def stream(datum: Datum, quantity: Quantity) -> str:
    """Return the name of a fact's stream, which is the same in all parts that state it."""
    return (
        f"{split(quantity.name)[1]}|{datum.value!r}|{datum.low!r}|{datum.high!r}|{datum.dist}|{datum.source}"
    )


def distribution_of(datum: Datum, quantity: Quantity) -> Distribution:
    """Return the distribution of a range."""
    assert datum.low is not None
    assert datum.high is not None
    return distribution(
        datum.value, datum.low, datum.high, datum.dist, least=quantity.low, most=quantity.high
    )


def lines_of(scenario: Scenario, section: str) -> list[str]:
    """Return the lines of a total that are ranges."""
    (formula,) = MODEL.formulas[f"{section}.lines"]
    names = [name if name in scenario.data else PAID.get(name, name) for name in formula.inputs]
    return [name for name in names if name in scenario.data and scenario.data[name].is_uncertain]


def _held(scenario: Scenario, section: str, names: Sequence[str]) -> bool:
    """Whether a total is stated together with lines that are drawn."""
    total = f"{section}.total"
    lines = lines_of(scenario, section) if total in scenario.data else []
    return bool(lines) and any(name in names for name in (total, *lines))


def whole_of(scenario: Scenario, section: str) -> tuple[float, bool]:
    """Return a stated total, and whether its lines add up to it at their centres."""
    lines, whole = f"{section}.lines", scenario.data[f"{section}.total"].value
    centre = evaluate(MODEL, scenario.given, [lines]).nodes[lines].value
    return whole, centre is not None and abs(whole - centre) <= WHOLE * abs(whole)
