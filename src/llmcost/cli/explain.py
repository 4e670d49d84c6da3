"""The command `explain`."""

from __future__ import annotations

from llmcost.cli.options import AS_OF, SCENARIO, SET, WORKLOAD, argument, complete_metric
from llmcost.render.report import Views


def run(
    scenario: str = SCENARIO,
    metric: str = argument("METRIC", "What to explain.", complete_metric),
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Show the formulas that lead to a figure, down to the sources of the inputs."""
    from llmcost.analysis.ask.explain import explain
    from llmcost.analysis.ask.load import load
    from llmcost.render.results.explain import views

    return views(explain(load(scenario, as_of=as_of, set=set_ or (), workload=workload), metric))
