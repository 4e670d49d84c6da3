"""The command `page`."""

from __future__ import annotations

from llmcost.cli.options import AS_OF, METRICS, SCENARIO, SET, WORKLOAD, complete_set, option
from llmcost.render.report import Views


def run(
    scenario: str = SCENARIO,
    vary: list[str] | None = option(
        "--vary", "PATH[=RANGE]", "An input that gets a slider, from LOW to HIGH. Repeatable.", complete_set
    ),
    metric: list[str] | None = METRICS,
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Write a page (.html) with sliders that computes in the browser, with no server and no network."""
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.whatif.sliders import sliders
    from llmcost.render.results.page import views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    return views(sliders(loaded, vary=vary or (), metrics=metric or ()))
