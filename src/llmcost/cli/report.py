"""The command `report`."""

from __future__ import annotations

import shlex
from functools import partial

from llmcost.cli.options import (
    AS_OF,
    MONTHS,
    SET,
    WORKLOAD,
    argument,
    complete_metric,
    complete_scenario,
    option,
)
from llmcost.render.report import Views


def run(
    scenarios: list[str] = argument(
        "SCENARIO...", "One scenario or more; several are also compared.", complete_scenario
    ),
    metric: str | None = option(
        "--metric",
        "NAME",
        "The metrics to report; by default what suits the kind of scenario.",
        complete_metric,
    ),
    months: int | None = MONTHS,
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Write a page for a board: headlines, charts, the inputs that matter most, and sources.

    One file that needs no network; a browser prints it to PDF. Without -o it goes to standard output.
    """
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.whatif.briefing import briefing
    from llmcost.errors import each
    from llmcost.render.results.report import views

    loaded = each(partial(load, as_of=as_of, set=set_ or (), workload=workload), scenarios)
    given = {"--metric": metric, "--months": months, "--workload": workload, "--as-of": as_of}
    options = [str(word) for option, value in given.items() if value is not None for word in (option, value)]
    options += [word for override in set_ or () for word in ("--set", override)]
    command = shlex.join(["llmcost", "report", *scenarios, *options, "-o", "report.html"])
    return views(briefing(*loaded, metric=metric, months=months), command)
