"""The command `project`."""

from __future__ import annotations

from enum import StrEnum

from llmcost.cli.options import AS_OF, METRICS, MONTHS, SCENARIO, SET, TRAJECTORY, WORKLOAD, option
from llmcost.render.report import Views


class Interval(StrEnum):
    """What a row of a projection covers."""

    month = "month"
    quarter = "quarter"
    year = "year"


def run(
    scenario: str = SCENARIO,
    months: int | None = MONTHS,
    by: Interval = option("--by", None, "What a row covers.", default=Interval.month),
    trajectory: list[str] | None = TRAJECTORY,
    metric: list[str] | None = METRICS,
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Show revenue, cost and cash over time, when the cash runs out and what it takes to break even.

    Quantities move as `trajectory:` and `events:` in the scenario say; `models:` are shown as companies.
    """
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.projection.project import project
    from llmcost.render.results.project import views

    own = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    return views(project(own, months=months, by=by.value, metrics=metric or (), trajectory=trajectory or ()))
