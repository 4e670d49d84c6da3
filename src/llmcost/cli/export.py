"""The command `export`."""

from __future__ import annotations

from functools import partial

from llmcost.cli.options import AS_OF, SET, WORKLOAD, argument, complete_scenario
from llmcost.render.report import Views


def run(
    scenarios: list[str] = argument(
        "SCENARIO...", "A column for each: names, name@DATE, name:variant, paths.", complete_scenario
    ),
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Write a workbook (.xlsx) that recomputes when its inputs are changed."""
    from llmcost.analysis.ask.evaluation import evaluate
    from llmcost.analysis.ask.load import load
    from llmcost.errors import each
    from llmcost.render.results.export import views

    loaded = each(partial(load, as_of=as_of, set=set_ or (), workload=workload), scenarios)
    return views([evaluate(scenario) for scenario in loaded])
