"""The command `compare`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from llmcost.cli.options import (
    AS_OF,
    METRICS,
    SET,
    UNCERTAINTY_DRAWS,
    UNCERTAINTY_SEED,
    WORKLOAD,
    argument,
    complete_scenario,
    flag,
)
from llmcost.render.report import Views

if TYPE_CHECKING:
    from llmcost.analysis.ask.compare import Comparison


def run(
    scenarios: list[str] = argument(
        "SCENARIO...", "Two scenarios or more; ratios are against the first.", complete_scenario
    ),
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
    metric: list[str] | None = METRICS,
    uncertainty: bool = flag("--uncertainty", "Also 90% intervals, and how often each is lower."),
    draws: int = UNCERTAINTY_DRAWS,
    seed: int = UNCERTAINTY_SEED,
) -> Views:
    """Put prices, serving cost, gross margin, break-even and training cost side by side.

    All are priced on one workload (chat by default); ratios are against the first scenario.
    """
    from llmcost.analysis.ask.compare import compare
    from llmcost.analysis.ask.load import load
    from llmcost.errors import each
    from llmcost.render.results.compare import views
    from llmcost.scenario.workload import DEFAULT_WORKLOAD

    mix = workload or DEFAULT_WORKLOAD
    loaded = each(partial(load, as_of=as_of, set=set_ or (), workload=mix), scenarios)
    result = compare(*loaded, metrics=metric, workload=mix)
    spread = None
    if uncertainty:
        from llmcost.analysis.whatif.uncertainty import uncertainty as draw

        spread = draw(result, draws=draws, seed=seed)
    return views(result, spread, () if spread else _margins(result))


def _margins(result: Comparison) -> Sequence[tuple[float, float] | None]:
    """Return the interval of each gross margin that rests on a range which somebody assumed."""
    from llmcost.render.results.compare import margin_row

    row = margin_row(result)
    if row is None or not any(d.is_uncertain for s in result.scenarios for d in s.data.values()):
        return ()
    from llmcost.analysis.whatif.uncertainty import headlines

    name = row.quantity.name
    return [headlines(evaluation, [name]).get(name) for evaluation in result.evaluations]
