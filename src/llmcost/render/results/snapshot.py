"""Shows the result of `snapshot`: the file itself, which `diff` can read."""

from __future__ import annotations

from llmcost.render.report import Cell, Report, Rows, Table, Views, columns_of
from llmcost.scenario.files.snapshot import Snapshot, dump


def views(result: Snapshot) -> Views:
    """Return the file of a snapshot, and a summary for notebooks."""
    return Views(
        lambda: report(result),
        rows=lambda: rows(result),
        stream=lambda _: iter([dump(result)]),
        streamed=("json",),
    )


def report(result: Snapshot) -> Report:
    """Show how many quantities of each scenario are recorded."""
    columns = columns_of("scenario", ">inputs", ">metrics")
    lines = [
        [Cell(record.label, "name"), Cell(str(len(record.inputs))), Cell(str(len(record.metrics)))]
        for record in result.scenarios.values()
    ]
    return Report(blocks=[Table(columns, lines)], facts=[f"{len(result.formulas)} formulas"])


def rows(result: Snapshot) -> Rows:
    """A row for each quantity of each scenario."""
    return [
        {"scenario": record.label, "metric": name, "given": given, **item._asdict()}
        for record in result.scenarios.values()
        for given, items in ((True, record.inputs), (False, record.metrics))
        for name, item in items.items()
    ]
