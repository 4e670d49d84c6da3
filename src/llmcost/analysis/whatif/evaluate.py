"""Evaluators of metrics for any values of some inputs: by formulas, or by a whole projection."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from llmcost.analysis.ask.caveats import Caveats, caveats
from llmcost.analysis.whatif.grid import Grid
from llmcost.engine.plan import resolve
from llmcost.formulas import MODEL
from llmcost.scenario.settled import Scenario

if TYPE_CHECKING:
    from llmcost.analysis.whatif.over_time import GridOverTime


def grid_of(scenario: Scenario, varied: Sequence[str], metrics: Sequence[str]) -> Grid | GridOverTime:
    """Return the evaluator of some metrics, with a projection if any of them needs one.

    Raises:
        LlmcostError: for a metric that cannot be derived even once the varied inputs are given.
    """
    if MODEL.outcomes.isdisjoint(metrics):
        return Grid(scenario, varied, metrics)
    from llmcost.analysis.whatif.over_time import GridOverTime

    return GridOverTime(scenario, varied, metrics)


def caveats_of(scenario: Scenario, metrics: Sequence[str], varied: Sequence[str] = ()) -> Caveats:
    """Return the caveats of some metrics, also of a projection's outcomes, if some inputs are varied."""
    if MODEL.outcomes.isdisjoint(metrics):
        return caveats(scenario, metrics, varied)
    from llmcost.analysis.projection.checks import month_targets

    plain = [name for name in metrics if name not in MODEL.outcomes]
    found = caveats(scenario, [*plain, *month_targets(scenario)], varied)
    asked = tuple(metrics)
    return found._replace(no_effect=tuple(gap._replace(on=asked) for gap in found.no_effect))


def blocked(scenario: Scenario, metrics: Sequence[str], names: Iterable[str]) -> Caveats:
    """Return the caveats of some metrics, including inputs among `names` that a stated quantity blocks."""
    said = caveats_of(scenario, metrics)
    known = {gap.name for gap in said.no_effect}
    found = caveats_of(scenario, metrics, [name for name in names if name not in known]).no_effect
    return said._replace(no_effect=(*said.no_effect, *(g for g in found if g.by and g.name not in known)))


def inputs_of(scenario: Scenario, metrics: Sequence[str]) -> tuple[str, ...]:
    """Return the given quantities that lead to some metrics, also to a projection's outcomes."""
    plain = [name for name in metrics if name not in MODEL.outcomes]
    used = resolve(MODEL, scenario.data, plain).inputs
    if len(plain) == len(metrics):
        return used
    from llmcost.analysis.projection.checks import leading

    return tuple(dict.fromkeys((*used, *leading(scenario))))
