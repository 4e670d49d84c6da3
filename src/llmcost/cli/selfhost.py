"""The command `selfhost`."""

from __future__ import annotations

from llmcost.cli.options import AS_OF, SCENARIO, SET, WORKLOAD, argument, complete_scenario
from llmcost.render.report import Views


def run(
    mine: str = SCENARIO,
    apis: list[str] | None = argument(
        "API...",
        "Scenarios with list prices; by default, the alternative that SCENARIO names.",
        complete_scenario,
        default=None,
    ),
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Compare your own deployment with APIs, on your own traffic: the bills, and where the answer changes."""
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.ask.selfhost import BILLS, SAVINGS, TURNS, selfhost
    from llmcost.analysis.whatif.uncertainty import likelihood
    from llmcost.render.results.selfhost import views

    own = load(mine, as_of=as_of, set=set_ or (), workload=workload)
    result = selfhost(own, *(apis or ()), as_of=as_of)
    metrics = ("serving.cost_per_month", *BILLS, *TURNS)
    return views(result, [likelihood(offer.evaluation, SAVINGS, metrics) for offer in result.offers])
