"""The sliders of a page: the inputs of a scenario that matter most, their ranges, and the metrics."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from llmcost.analysis.ask.caveats import Caveats, caveats
from llmcost.analysis.ask.evaluation import OF_A_PROJECTION, Evaluation, evaluate, select_metrics, why_missing
from llmcost.analysis.ask.load import load, put_workload
from llmcost.analysis.whatif.evaluate import inputs_of
from llmcost.analysis.whatif.grid import Grid
from llmcost.analysis.whatif.sensitivity import SUPPLIER, sensitivity, with_levers
from llmcost.analysis.whatif.uncertainty import HEADLINES
from llmcost.analysis.whatif.vary import bounds, is_input, named, not_an_input
from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError, Problem, did_you_mean
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.number import shorten

OTHERS: Final = ("parts.cost_per_month", "serving.cost_per_mtok", "price.blended_per_mtok")
"""The metrics if there are no headlines."""
MOST: Final = 5
"""The number of sliders by default."""
WIDE: Final = 20.0
"""A slider moves by factors if the high end of its range is at least this many times the low end."""


class Slider(NamedTuple):
    """An input that can be moved.

    Attributes:
        quantity: the input.
        value: its value, in its unit.
        low, high: the ends of its movement.
        stated: whether these are the range that the scenario states.
    """

    quantity: Quantity
    value: float
    low: float
    high: float
    stated: bool = False

    @property
    def by_factors(self) -> bool:
        """Whether it moves by factors rather than by steps of one size."""
        return self.low > 0 and self.high / self.low >= WIDE


class Sliders(NamedTuple):
    """The contents of a page that computes.

    Attributes:
        evaluation: the scenario and its metrics as stated.
        metrics: the metrics that are shown.
        sliders: the inputs that can be moved.
        grid: the evaluator of the metrics for all slider positions.
    """

    evaluation: Evaluation
    metrics: tuple[Quantity, ...]
    sliders: tuple[Slider, ...]
    grid: Grid

    @property
    def scenario(self) -> Scenario:
        """The scenario, with a workload."""
        return self.evaluation.scenario

    @property
    def caveats(self) -> Caveats:
        """What a reader must know before the metrics, up to the ends of the sliders."""
        names = [quantity.name for quantity in self.metrics]
        moved = [slider.quantity.name for slider in self.sliders]
        ends = [{s.quantity.name: end} for s in self.sliders for end in (s.low, s.high)]
        return caveats(self.scenario, names, moved).at(self.scenario, names, ends)


def sliders(scenario: Scenario | str, *, vary: Sequence[str] = (), metrics: Sequence[str] = ()) -> Sliders:
    """Choose the inputs to move and the metrics to show.

    Args:
        scenario: a loaded scenario or whatever `load` takes.
        vary: inputs, as `NAME` or `NAME=LOW to HIGH`; without any, those that move the first metric most.
            An input without a stated or requested range goes from half to twice its value, within its
            bounds.
        metrics: names, sections or patterns; without any, the headlines of such a scenario.

    Raises:
        LlmcostError: for an unknown name, a metric that cannot be derived or only a projection yields, an
            input without a value, or a bad range.
    """
    loaded = load(scenario) if isinstance(scenario, str) else put_workload(scenario, None)
    found = evaluate(loaded)
    asked = select_metrics(metrics) if metrics else (*HEADLINES, *OTHERS)
    # Of a section or pattern, metrics that cannot be derived are left out; named metrics are required.
    chosen = [name for name in asked if name in found or name in metrics][: None if metrics else 4]
    chosen = chosen or [node.name for node in found.shown if node.step is not None][:4]
    projected = [name for name in chosen if name in MODEL.outcomes]
    if projected:
        raise LlmcostError(*(Problem(OF_A_PROJECTION, "--metric", subject=name) for name in projected))
    if not chosen:
        raise LlmcostError(
            Problem("nothing can be derived from what is stated; see 'llmcost show'", loaded.label)
        )
    Grid(loaded, (), chosen)  # refuses what cannot be derived
    moved = list(vary) or _most_moving(loaded, chosen[0])
    if any(text.partition("=")[0].strip() == SUPPLIER for text in moved):
        loaded = with_levers(loaded)
        found = evaluate(loaded)
    made = [_slider(found, text, chosen[0]) for text in moved]
    names = [slider.quantity.name for slider in made]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise LlmcostError(Problem("is there twice", "--vary", subject=twice))
    return Sliders(
        found, tuple(MODEL.quantities[name] for name in chosen), tuple(made), Grid(loaded, names, chosen)
    )


def _most_moving(scenario: Scenario, metric: str) -> list[str]:
    moving = [item.quantity.name for item in sensitivity(scenario, metric).influences]
    if not moving:
        raise LlmcostError(Problem(f"no input moves {metric}; name some with --vary", scenario.label))
    return moving[:MOST]


def _slider(found: Evaluation, text: str, metric: str) -> Slider:
    """Return the slider of `NAME` or `NAME=LOW to HIGH`, to move a metric."""
    name, equals, spec = (part.strip() for part in text.partition("="))
    where = f"--vary {shorten(text, 80)}"
    quantity = None if MODEL.quantities.find(name) is None else found.scenario.quantity(name)
    if quantity is None or name in MODEL.outcomes:
        raise LlmcostError(Problem(MODEL.unknown(name, "input"), where))
    if not is_input(name, [found.scenario]):
        raise LlmcostError(Problem(not_an_input(name, [found.scenario]), "--vary"))
    value = found.value(name) if name in found else None
    if value is None:
        why = str(found[name].reason) if name in found else why_missing(found, name)
        moving = named(inputs_of(found.scenario, [metric]))
        known = did_you_mean(name, found.scenario.data) or f"; what moves {metric} is {moving}"
        raise LlmcostError(Problem(f"{found.scenario.label} gives it no value ({why}){known}", where))
    if equals:
        low, high = bounds(spec, quantity, where)
        return Slider(quantity, value, min(low, value), max(high, value))
    datum = found.scenario.data.get(name)
    if datum is not None and datum.ends is not None:
        return Slider(quantity, value, min(*datum.ends, value), max(*datum.ends, value), stated=True)
    return _around(quantity, value)


def _around(quantity: Quantity, value: float) -> Slider:
    """Return a slider from half to twice a value, or from 0 to 1 if the value is 0."""
    low, high = sorted((value / 2, value * 2)) if value else (0.0, 1.0)
    if quantity.high is not None:
        high = min(high, quantity.high)
    if quantity.low is not None:
        low = max(low, quantity.low)
    return Slider(quantity, value, low, max(high, math.nextafter(low, math.inf)))
