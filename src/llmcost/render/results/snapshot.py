"""What `snapshot` has to say: the snapshot as it is written, so that `diff` can read it."""

from __future__ import annotations

from llmcost.render.report import Cell, Report, Rows, Table, Views, columns_of
from llmcost.scenario.files.snapshot import Snapshot, dump


def views(result: Snapshot) -> Views:
    """Return the one form of a snapshot's file, and what a notebook shows of it."""
    return Views(
        lambda: report(result),
        rows=lambda: rows(result),
        stream=lambda _: iter([dump(result)]),
        streamed=("json",),
    )


def report(result: Snapshot) -> Report:
    """Show how much is recorded of each scenario."""
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
