"""The command `apply`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmcost.cli.options import AsOfOption, MetricsOption, ScenarioArgument, SetOption, WorkloadOption
from llmcost.render.report import Views


def run(
    scenario: ScenarioArgument,
    table: Annotated[
        Path,
        typer.Argument(
            metavar="TABLE", help="A .csv, .jsonl or .parquet file; a column of each quantity's name."
        ),
    ],
    metric: MetricsOption = None,
    map_: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=QUANTITY",
            help="Use a column of another name as a quantity. Repeatable.",
            show_default=False,
        ),
    ] = None,
    reasons: Annotated[
        bool, typer.Option("--reasons", help="Also a column that says why a metric has no value.")
    ] = False,
    set_: SetOption = None,
    workload: WorkloadOption = None,
    as_of: AsOfOption = None,
) -> Views:
    """Evaluate metrics on each row of a table, whose columns are quantities, and add them as columns."""
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.whatif.apply import mapped
    from llmcost.errors import LlmcostError, Problem
    from llmcost.render.results.apply import views
    from llmcost.scenario.tables import open_table

    pairs = [text.rpartition("=") for text in map_ or ()]
    wrong = [
        text for text, (_, equals, name) in zip(map_ or (), pairs, strict=True) if not equals or not name
    ]
    if wrong:
        raise LlmcostError(Problem("expected COLUMN=QUANTITY", f"--map {wrong[0]}"))
    if not metric:
        raise LlmcostError("apply needs --metric NAME")
    own = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    found = open_table(table)
    chosen = {column.strip(): name.strip() for column, _, name in pairs}
    return views(found, mapped(own, found.columns, metric, chosen, reasons=reasons))
