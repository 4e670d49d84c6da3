"""The command `simulate`."""

from __future__ import annotations

from enum import StrEnum

from llmcost.cli.options import AS_OF, METRICS, MONTHS, SCENARIO, SET, TRAJECTORY, WORKLOAD, option
from llmcost.render.report import Views


class Sampling(StrEnum):
    """How draws are taken."""

    lhs = "lhs"
    random = "random"


def run(
    scenario: str = SCENARIO,
    metric: list[str] | None = METRICS,
    draws: int = option("--draws", "N", "How many draws.", default=10_000),
    seed: int = option("--seed", "S", "The same seed gives the same numbers.", default=0),
    where: list[str] | None = option(
        "--where",
        "CONDITION",
        "Also the share of draws that meet 'METRIC OP VALUE' or a band 'LOW to HIGH'. Repeatable.",
    ),
    sampling: Sampling = option(
        "--sampling", None, "Latin hypercube or plain random draws.", default=Sampling.lhs
    ),
    months: int | None = MONTHS,
    trajectory: list[str] | None = TRAJECTORY,
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Draw every input from its range, and show the spread of a metric and the inputs that cause it."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.simulate import simulate
    from llmcost.render.results.simulate import views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    loaded = over_months(loaded, months, trajectory or ())
    result = simulate(
        loaded, metrics=metric or (), draws=draws, seed=seed, where=where or (), sampling=sampling.value
    )
    return views(result)
