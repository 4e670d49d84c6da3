"""What `import` has to say."""

from __future__ import annotations

from llmcost.render.report import Cell, Column, Document, Report, Rows, Table, Views
from llmcost.render.results.shared import header
from llmcost.scenario.imports.draft import Stated
from llmcost.scenario.imports.registry import Imported


def views(result: Imported) -> Views:
    """Return the ways to show what files of another tool say."""
    return Views(
        lambda: report(result),
        lambda: document(result),
        lambda: rows(result),
        files={"yaml": lambda: result.text},
        aside=lambda: asides(result),
    )


def asides(result: Imported) -> list[str]:
    """Say what was found and what is missing, a line each, beside the scenario."""
    return [*result.draft.findings, *map(str, result.draft.gaps)]


def report(result: Imported) -> Report:
    """Show each number with its source, what was found, and what is missing."""
    draft = result.draft
    columns = [Column("quantity"), Column("value", right=True, narrow="beneath at last")]
    columns.append(Column("source", wrap=True, narrow="beneath"))
    table = [[Cell(s.name, "name"), Cell(s.value), Cell(s.source, "faint")] for s in draft.stated]
    several = [f"Variants: {', '.join(v.name for v in draft.variants)}"] if draft.variants else []
    return Report(
        title=draft.title,
        lead=draft.note,
        blocks=[Table(columns, table)],
        facts=[*several, *asides(result)],
    )


def document(result: Imported) -> Document:
    """The document of `import`."""
    draft = result.draft
    return header("import") | {
        "files": list(result.files),
        "as": result.format.name,
        "title": draft.title,
        "kind": draft.kind,
        "note": list(draft.note),
        "stated": list(map(_stated, draft.stated)),
        "missing": [gap._asdict() for gap in draft.gaps],
        "findings": list(draft.findings),
        "variants": [
            {"name": v.name, "note": v.note, "stated": list(map(_stated, v.stated))} for v in draft.variants
        ],
        "scenario": result.text,
    }


def _stated(item: Stated) -> Document:
    return {key: value for key, value in item._asdict().items() if value is not None}


def rows(result: Imported) -> Rows:
    """A row for each number, by variant."""
    runs = [("", result.draft.stated), *((v.name, v.stated) for v in result.draft.variants)]
    return [{"variant": name, **_stated(item)} for name, stated in runs for item in stated]
