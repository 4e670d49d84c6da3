"""The command `sweep`."""

from __future__ import annotations

from functools import partial

from llmcost.cli.options import (
    AS_OF,
    METRICS,
    MONTHS,
    SET,
    TRAJECTORY,
    WORKLOAD,
    argument,
    complete_scenario,
    complete_set,
    flag,
    option,
    pair,
)
from llmcost.render.report import Views


def run(
    scenarios: list[str] = argument("SCENARIO...", "One scenario or several.", complete_scenario),
    vary: list[str] | None = option(
        "--vary",
        "PATH=SPEC",
        "An input and its values: a,b,c or START:STOP:N or START:STOP:N:log. Repeatable.",
        complete_set,
    ),
    metric: list[str] | None = METRICS,
    zip_: bool = flag("--zip", "Move the inputs together, not over a grid."),
    band: str | None = option("--band", "'LOW to HIGH'", "Mark values in a band."),
    huge: bool = flag("--huge", "Allow more than 50 million points."),
    months: int | None = MONTHS,
    trajectory: list[str] | None = TRAJECTORY,
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Evaluate metrics at each point of a grid of inputs, for one scenario or several."""
    from llmcost.analysis.ask.load import load, over_months
    from llmcost.analysis.whatif.sweep import check_band, sweep
    from llmcost.errors import each
    from llmcost.render.results.sweep import views

    found = each(partial(load, as_of=as_of, set=set_ or (), workload=workload), scenarios)
    loaded = [over_months(scenario, months, trajectory or ()) for scenario in found]
    result = sweep(*loaded, vary=vary or (), metrics=metric or (), zip=zip_, force=huge)
    ends = None if band is None else pair(band, "--band", result.quantities)
    if ends is not None:
        check_band(result, ends, "--band")
    return views(result, ends)
