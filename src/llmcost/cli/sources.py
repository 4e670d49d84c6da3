"""The command `sources`."""

from __future__ import annotations

from llmcost.cli.options import AS_OF, SCENARIO, SET, WORKLOAD
from llmcost.render.report import Views


def run(
    scenario: str = SCENARIO,
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """List each source of a scenario once, with its address, its values and the figures that rest on them."""
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.ask.sources import sources
    from llmcost.render.results.sources import views

    return views(sources(load(scenario, as_of=as_of, set=set_ or (), workload=workload)))
