"""The command `sensitivity`."""

from __future__ import annotations

from llmcost.cli.options import (
    AS_OF,
    MONTHS,
    SCENARIO,
    SET,
    TRAJECTORY,
    WORKLOAD,
    complete_metric,
    numbers,
    option,
)
from llmcost.render.report import Views


def run(
    scenario: str = SCENARIO,
    metric: str = option("--metric", "NAME", "The metric.", complete_metric, default=...),
    by: str = option("--by", "STEP", "How far to move inputs without a range.", default="10%"),
    months: int | None = MONTHS,
    trajectory: list[str] | None = TRAJECTORY,
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Move one input at a time, and show which input moves the metric most, with its exact elasticity."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.sensitivity import sensitivity
    from llmcost.render.results.sensitivity import views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    loaded = over_months(loaded, months, trajectory or ())
    (step,) = numbers(by, "--by", "\n")
    return views(sensitivity(loaded, metric, by=step))
