"""The command `show`."""

from __future__ import annotations

from llmcost.cli.options import (
    AS_OF,
    METRICS,
    SCENARIO,
    SET,
    UNCERTAINTY_DRAWS,
    UNCERTAINTY_SEED,
    WORKLOAD,
    flag,
)
from llmcost.render.report import Views


def run(
    scenario: str = SCENARIO,
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
    metric: list[str] | None = METRICS,
    everything: bool = flag("--all", "Also list what cannot be derived, and what it lacks."),
    uncertainty: bool = flag("--uncertainty", "Also 90% intervals of derived values."),
    draws: int = UNCERTAINTY_DRAWS,
    seed: int = UNCERTAINTY_SEED,
) -> Views:
    """Show what a scenario states and everything that follows from it."""
    from llmcost.analysis.ask.evaluation import evaluate, select_metrics
    from llmcost.analysis.ask.load import load
    from llmcost.render.results.show import views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    chosen = select_metrics(metric, [loaded]) if metric else None
    result = evaluate(loaded, chosen)
    weak = any(datum.is_uncertain for datum in result.scenario.data.values())
    ranges = None
    if weak:
        from llmcost.analysis.whatif.uncertainty import headlines, intervals

        ranges = intervals(result, draws=draws, seed=seed) if uncertainty else headlines(result)
    return views(result, chosen, everything=everything, ranges=ranges)
