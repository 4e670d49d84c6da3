"""Which input moves a metric most: each is moved alone to the ends of its range, with exact elasticities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.load import load, put_workload
from llmcost.analysis.whatif.conditions import one_metric
from llmcost.analysis.whatif.evaluate import blocked, grid_of, inputs_of
from llmcost.engine.dual import slopes
from llmcost.engine.parts import inside, split
from llmcost.engine.plan import resolve
from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum, Provenance
from llmcost.scenario.workload import OWN

SUPPLIER: Final = "product.supplier_price_multiplier"
BOUGHT: Final = frozenset(("product.input_cost_per_mtok", "product.base_token_cost_per_unit"))
"""Inputs which show that a product pays a supplier for its tokens."""
AS_STATED: Final = Datum(1.0, provenance=Provenance(source="the supplier's prices as they are stated"))


class Influence(NamedTuple):
    """The influence of one input on the metric.

    Attributes:
        quantity: the input.
        value: its value.
        low, high: the values to which it is moved.
        at_low, at_high: the metric there; None if it is undefined.
        elasticity: percent of the metric's size per percent of the input, at its value; above 0 if both rise
            together. None if one of them is 0 or undefined.
        per_percent: the change of the metric for 1% more of the input, in the metric's unit; None if it is
            undefined.
        stated: whether low and high are its own range, rather than a step of ±10%.
    """

    quantity: Quantity
    value: float
    low: float
    high: float
    at_low: float | None
    at_high: float | None
    elasticity: float | None
    per_percent: float | None
    stated: bool

    @property
    def ends_defined(self) -> bool:
        """Whether the metric has a value at both ends; if not, the input is decisive."""
        return self.at_low is not None and self.at_high is not None

    @property
    def swing(self) -> float:
        """How far the metric moves between the two ends."""
        if self.at_low is None or self.at_high is None:
            return 0.0
        return abs(self.at_high - self.at_low)


class Sensitivity(NamedTuple):
    """The result of `sensitivity`.

    Attributes:
        scenario: the scenario.
        metric: the metric.
        value: the metric at current inputs.
        influences: the inputs that move it: those that make it undefined, then the largest swing first.
        idle: the number of stated inputs that do not move it.
        by: the step for inputs without a range.
    """

    scenario: Scenario
    metric: Quantity
    value: float | None
    influences: tuple[Influence, ...]
    idle: int
    by: float

    @property
    def caveats(self) -> Caveats:
        """What a reader must know before the metric, including inputs that a stated quantity blocks."""
        moving = {item.quantity.name for item in self.influences}
        # The mix of a workload that was put on the scenario is not its own statement.
        put_on = "workload." if self.scenario.workload not in (None, OWN) else ()
        idle = [n for n in self.scenario.data if n not in moving and not n.startswith(put_on)]
        return blocked(self.scenario, [self.metric.name], idle)

    def rows(self) -> list[tuple[Any, ...]]:
        """Return one row per input, in the order of `to_dicts`."""
        return [tuple(row.values()) for row in self.to_dicts()]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one row per input, for pandas and polars."""
        return [
            {
                "input": item.quantity.name,
                "unit": item.quantity.unit,
                "value": item.value,
                "low": item.low,
                "high": item.high,
                "at_low": item.at_low,
                "at_high": item.at_high,
                "swing": item.swing,
                "elasticity": item.elasticity,
                "per_percent": item.per_percent,
                "stated_range": item.stated,
            }
            for item in self.influences
        ]


def sensitivity(scenario: Scenario | str, metric: str, *, by: float = 0.1) -> Sensitivity:
    """Move each stated input alone and see how a metric responds.

    Args:
        scenario: a loaded scenario or whatever `load` takes.
        metric: the metric.
        by: the relative step for inputs that have no range of their own.

    Raises:
        LlmcostError: for an unknown name, a metric that cannot be derived, or a step outside 0..1.
    """
    if not 0 < by < 1:
        raise LlmcostError(Problem(f"the step lies between 0% and 100%, got {by:.6g}", "--by"))
    loaded = load(scenario) if isinstance(scenario, str) else put_workload(scenario, None)
    chosen = one_metric(metric, "--metric")
    levered = with_levers(loaded)
    loaded = levered if SUPPLIER in inputs_of(levered, [chosen]) else loaded
    (value,) = grid_of(loaded, [], [chosen]).at([])
    values = {name: datum.value for name, datum in loaded.data.items()}
    derivatives = _derivatives(loaded, chosen, values)
    influences = []
    for name in inputs_of(loaded, [chosen]):
        quantity = loaded.quantity(name)
        low, high, stated = _ends(quantity, loaded.data[name], by)
        grid = grid_of(loaded, [name], [chosen])
        slope = derivatives[name][chosen] * values[name] if name in derivatives else None
        elasticity = slope / abs(value) if slope is not None and value and values[name] else None
        per_percent = None if slope is None else slope / 100
        ends = grid.at([low])[0], grid.at([high])[0]
        influences.append(
            Influence(quantity, values[name], low, high, *ends, elasticity, per_percent, stated)
        )
    moving = [item for item in influences if item.swing or not item.ends_defined]
    moving.sort(key=lambda item: (item.ends_defined, -item.swing, item.quantity.name))
    return Sensitivity(loaded, MODEL.quantities[chosen], value, tuple(moving), len(values) - len(moving), by)


def with_levers(scenario: Scenario) -> Scenario:
    """Return a scenario with a factor on the supplier's prices, 1 if none is stated, so that it can be moved.

    The factor of a whole moves all products among its parts.
    """
    bought = {split(name)[0] for name in scenario.data if split(name)[1] in BOUGHT}
    if SUPPLIER in scenario.data or all(inside(prefix, SUPPLIER) in scenario.data for prefix in bought):
        return scenario
    return scenario.with_data({SUPPLIER: AS_STATED})


def _derivatives(
    scenario: Scenario, metric: str, values: Mapping[str, float]
) -> Mapping[str, Mapping[str, float]]:
    """Return the metric's derivative by each input; none if it is undefined or a projection's outcome."""
    plan = resolve(MODEL, scenario.data, [metric])
    try:
        return slopes(plan, values, plan.inputs)
    except ArithmeticError:
        return {}


def _ends(quantity: Quantity, datum: Datum, by: float) -> tuple[float, float, bool]:
    if datum.ends is not None:
        return *datum.ends, True
    low, high = sorted((datum.value * (1 - by), datum.value * (1 + by)))
    if quantity.high is not None:
        high = min(high, quantity.high)
    return low, high, False
