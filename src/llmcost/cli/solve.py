"""The command `solve`."""

from __future__ import annotations

from llmcost.cli.options import (
    AS_OF,
    MONTHS,
    SCENARIO,
    SET,
    TRAJECTORY,
    WORKLOAD,
    complete_metric,
    flag,
    option,
)
from llmcost.render.report import Views


def run(
    scenario: str = SCENARIO,
    vary: str = option("--vary", "PATH", "The input to move.", complete_metric, default=...),
    until: str = option(
        "--until",
        "'METRIC OP VALUE'",
        "The target; VALUE is a number, a metric, or SCENARIO/METRIC.",
        default=...,
    ),
    between: str | None = option("--between", "'LOW to HIGH'", "Where to search."),
    value: bool = flag("--value", "Print only the number."),
    months: int | None = MONTHS,
    trajectory: list[str] | None = TRAJECTORY,
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Find the values of an input at which a metric meets a target. The exit code is 1 if there is none."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.solve import solve
    from llmcost.render.output import tell
    from llmcost.render.results.solve import bare_views, outcome, views

    loaded = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    loaded = over_months(loaded, months, trajectory or ())
    result = solve(loaded, vary=vary, until=until, between=between)
    if not value:
        return views(result)
    if result.best is None:
        tell(outcome(result))
    return bare_views(result)
