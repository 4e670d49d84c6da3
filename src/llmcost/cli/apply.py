"""The command `apply`."""

from __future__ import annotations

from pathlib import Path

from llmcost.cli.options import AS_OF, METRICS, SCENARIO, SET, WORKLOAD, argument, flag, option
from llmcost.render.report import Views


def run(
    scenario: str = SCENARIO,
    table: Path = argument(
        "TABLE",
        "Your own .csv, .jsonl or .parquet file, such as fleets.csv, with columns named after quantities: "
        "serving.utilization.",
    ),
    metric: list[str] | None = METRICS,
    map_: list[str] | None = option(
        "--map", "COLUMN=QUANTITY", "Use a column of another name as a quantity. Repeatable."
    ),
    reasons: bool = flag("--reasons", "Add a column that says why a metric has no value."),
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Evaluate metrics for each row of a table whose columns are quantities, and add them as columns."""
    from llmcost.analysis.ask.load import load
    from llmcost.analysis.whatif.apply import mapped
    from llmcost.errors import LlmcostError, Problem
    from llmcost.render.results.apply import views
    from llmcost.scenario.tables import open_table

    pairs = [text.rpartition("=") for text in map_ or ()]
    wrong = [one for one, (_, equals, name) in zip(map_ or (), pairs, strict=True) if not equals or not name]
    if wrong:
        raise LlmcostError(Problem("expected COLUMN=QUANTITY", f"--map {wrong[0]}"))
    if not metric:
        raise LlmcostError("apply needs --metric NAME")
    own = load(scenario, as_of=as_of, set=set_ or (), workload=workload)
    found = open_table(table)
    chosen = {column.strip(): name.strip() for column, _, name in pairs}
    return views(found, mapped(own, found.columns, metric, chosen, reasons=reasons, place=found.where()))
