"""The break-even ladder: what prices must be multiplied by, for each boundary, payer, compute rate and
elasticity, since "would prices have to rise 10–100x?" has no single answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from llmcost.analysis.ask.evaluation import Evaluation, evaluate, notes_of, why_missing
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.formulas.breakeven import BOUNDARIES, PAYERS, RATES, SHARE, fixed_cost
from llmcost.formulas.repricing import Repricing, break_even, elasticities_between
from llmcost.reasons import Reason, Undefined
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario

ELASTICITIES: Final = (0.0, 0.3, 0.5, 0.7, 0.9, 1.1)
INSTEAD: Final = ("product.survivable_multiplier", "unit.breakeven_multiplier")
"""What a product or a model has instead of a ladder."""
BAND: Final = (10.0, 100.0)
"""The disputed rise of prices, 10 to 100 times."""


class Amounts(NamedTuple):
    """The revenue that a line of the ladder reprices and the cost it has to cover, in USD per period."""

    repriced: float
    kept: float
    variable: float | None
    fixed: float
    share: float


class Rung(NamedTuple):
    """One answer of the ladder; without a `result` there is a `reason`."""

    boundary: str
    payer: str
    compute: str
    elasticity: float
    result: Repricing | None
    reason: Reason | None = None

    @property
    def multiplier(self) -> float | None:
        """The factor on the repriced prices."""
        return self.result.multiplier if self.result else None

    @property
    def in_band(self) -> bool:
        """Whether the multiplier lies in 10–100x."""
        return self.multiplier is not None and BAND[0] <= self.multiplier <= BAND[1]


class Line(NamedTuple):
    """The rungs of one boundary, payer and compute rate, over the elasticities.

    `reason` says why there are none. `band` holds the first and last elasticity at which the multiplier lies
    in the 10–100x band; None if there is none, or if it is unknown how cost responds to volume (`answering`).
    """

    boundary: str
    payer: str
    compute: str
    rungs: tuple[Rung, ...]
    band: tuple[float, float] | None = None
    answering: bool = True
    reason: Reason | None = None

    @property
    def amounts(self) -> list[str]:
        """The names of the amounts that it reprices and has to cover."""
        at, who, what = RATES[self.compute], PAYERS[self.payer], BOUNDARIES[self.boundary]
        whole = "breakeven.cost" if self.boundary == "total" else None
        costs = [f"{cost}{at}" for cost in ("cost.inference", who.variable, what.further, whole) if cost]
        return [name for name in (SHARE if what.shared else None, who.repriced, who.kept, *costs) if name]


class Ladder(NamedTuple):
    """The result of `breakeven`."""

    evaluation: Evaluation
    elasticities: tuple[float, ...]
    lines: tuple[Line, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario that was evaluated."""
        return self.evaluation.scenario

    @property
    def rungs(self) -> tuple[Rung, ...]:
        """All rungs, line by line."""
        return tuple(rung for line in self.lines for rung in line.rungs)

    @property
    def notes(self) -> list[tuple[str, str]]:
        """Return (quantity, note) for what a reader must know of the lines that have rungs."""
        used = {name for line in self.lines if line.rungs for name in line.amounts}
        return notes_of(self.evaluation.trace, [name for name in NEEDED if name in used])


NEEDED: Final = (
    "revenue.total",
    "revenue.api",
    "cost.total",
    "cost.inference",
    "cost.inference_at_market",
    "company.api_inference_share",
    "company.free_inference_share",
    SHARE,
    *(f"{payer.variable}{at}" for payer in PAYERS.values() for at in RATES.values()),
    "breakeven.kept_revenue",
    "breakeven.training_cost",
    "breakeven.training_cost_at_market",
    "breakeven.cost",
    "breakeven.cost_at_market",
    "breakeven.other_cost",
    "breakeven.other_cost_at_market",
    "market.price_elasticity",
)


def _instead(scenario: Scenario) -> str:
    """Say which figure of a product or a model answers a similar question."""
    found = evaluate(scenario, INSTEAD)
    name = next((name for name in INSTEAD if name in found), None)
    return f"; {name} is the {MODEL.quantities[name].description.lower()}" if name else ""


def breakeven(
    scenario: Scenario | str,
    *,
    elasticities: Sequence[float] | None = None,
    boundaries: Iterable[str] = BOUNDARIES,
    payers: Iterable[str] = PAYERS,
    computes: Iterable[str] = RATES,
) -> Ladder:
    """Compute the break-even ladder of a scenario that has revenue and cost.

    Args:
        scenario: a loaded scenario or whatever `load` takes.
        elasticities: ε ≥ 0; without them the scenario's own, else (and where its own is a range)
            0, 0.3, 0.5, 0.7, 0.9 and 1.1.
        boundaries: which cost must be covered: inference, cogs, cogs+training, total.
        payers: uniform (all revenue is repriced) or api-only.
        computes: at the paid or the market GPU-hour rate.

    Raises:
        LlmcostError: for an unknown scenario or word, a negative elasticity, or a scenario with no
            revenue or no cost at all.
    """
    wanted_boundaries = _chosen(boundaries, BOUNDARIES, "boundary")
    wanted_payers = _chosen(payers, PAYERS, "payer")
    wanted_computes = _chosen(computes, RATES, "compute")
    evaluation = evaluate(scenario, NEEDED)
    if elasticities is None:
        own = evaluation.scenario.data.get("market.price_elasticity")
        elasticities = ELASTICITIES if own is None or own.low is not None else (own.value,)
    bad = [e for e in elasticities if not 0 <= e <= 100]
    if bad or not elasticities:
        raise LlmcostError(
            f"an elasticity lies between 0 and 100, got {bad[0]:g}" if bad else "no elasticity is stated"
        )
    for needed in ("revenue.total", "cost.total"):
        if needed not in evaluation:
            reason = f"there is no break-even ladder without {needed}: {why_missing(evaluation, needed)}"
            reason += _instead(evaluation.scenario)
            raise LlmcostError(Problem(reason, where=evaluation.scenario.label))
    lines = tuple(
        _line(evaluation, boundary, payer, compute, tuple(elasticities))
        for compute in wanted_computes
        for payer in wanted_payers
        for boundary in wanted_boundaries
    )
    return Ladder(evaluation, tuple(elasticities), lines)


def _chosen(words: Iterable[str], allowed: Iterable[str], what: str) -> tuple[str, ...]:
    asked = list(words)
    unknown = [word for word in asked if word not in allowed]
    if unknown:
        raise LlmcostError(f"unknown {what} '{unknown[0]}'; allowed are {', '.join(map(str, allowed))}")
    return tuple(item for item in allowed if item in asked)


def _line(
    evaluation: Evaluation, boundary: str, payer: str, compute: str, elasticities: tuple[float, ...]
) -> Line:
    try:
        amounts = _amounts(evaluation, boundary, payer, compute)
    except Undefined as why:
        return Line(boundary, payer, compute, (), reason=why.reason)
    rungs = tuple(_rung(amounts, boundary, payer, compute, e) for e in elasticities)
    return Line(boundary, payer, compute, rungs, _band(amounts), amounts.variable is not None)


def _band(amounts: Amounts) -> tuple[float, float] | None:
    """The elasticities at which the multiplier lies in the band, if there are any."""
    if amounts.variable is None:
        return None
    return elasticities_between(
        *BAND, amounts.repriced, amounts.kept, amounts.variable, amounts.fixed, amounts.share
    )


def _rung(amounts: Amounts, boundary: str, payer: str, compute: str, elasticity: float) -> Rung:
    try:
        if amounts.variable is None and elasticity > 0:
            raise Undefined("no_inference")
        result = break_even(
            amounts.repriced, amounts.kept, amounts.variable or 0.0, amounts.fixed, elasticity, amounts.share
        )
    except Undefined as why:
        return Rung(boundary, payer, compute, elasticity, None, why.reason)
    return Rung(boundary, payer, compute, elasticity, result, result.reason)


def _amounts(evaluation: Evaluation, boundary: str, payer: str, compute: str) -> Amounts:
    """Collect the amounts of one line.

    Raises:
        Undefined: naming what the scenario lacks.
    """
    at, who, what = RATES[compute], PAYERS[payer], BOUNDARIES[boundary]

    def value(name: str) -> float:
        node = evaluation.trace.nodes.get(name)
        if node is None:
            derivable = evaluation.trace.missing[name].routes or name in evaluation.scenario.absent
            if not derivable:
                raise Undefined(Reason("not_given", (name,)))
            raise Undefined(Reason("not_derived", (name, why_missing(evaluation, name))))
        if node.value is None:
            raise Undefined(Reason("rests_on_undefined", (name, str(node.reason))))
        return node.value

    repriced = value(who.repriced)
    kept = value(who.kept) if who.kept else 0.0
    share = value(SHARE) if what.shared else 0.0
    if boundary == "total" and "cost.inference" not in evaluation:
        return Amounts(repriced, kept, None, value(f"breakeven.cost{at}"), share)
    inference = value(f"cost.inference{at}")
    further = value(f"{what.further}{at}") if what.further else 0.0
    variable = value(f"{who.variable}{at}")
    return Amounts(repriced, kept, variable, fixed_cost(inference, variable, further), share)
