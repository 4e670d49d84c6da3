"""The command `sources`."""

from __future__ import annotations

from llmcost.cli.options import AsOfOption, ScenarioArgument, SetOption, WorkloadOption
from llmcost.render.report import Views


def run(
    scenario: ScenarioArgument,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
) -> Views:
    """List each source of a scenario once, with its address, what it states and what rests on it."""
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.ask.sources import sources
    from llmcost.render.results.sources import views

    return views(sources(load(scenario, as_of=as_of, set=set_ or (), workload=workload)))
