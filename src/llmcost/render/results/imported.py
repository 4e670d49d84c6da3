"""Shows the result of `import`."""

from __future__ import annotations

from collections.abc import Sequence

from llmcost.analysis.ask.importing import BillLine, Imported, money
from llmcost.render.report import Cell, Column, Document, Report, Rows, Table, Views, columns_of
from llmcost.render.results.shared import fields, header
from llmcost.render.results.ways import ways
from llmcost.scenario.imports.draft import PartDraft, Stated
from llmcost.scenario.imports.usage import CLASSES


def views(result: Imported) -> Views:
    """Return the ways to show an import."""
    return ways(result, report, document, rows)._replace(
        files={"yaml": lambda: result.text}, aside=lambda: asides(result)
    )


def asides(result: Imported) -> list[str]:
    """Return the findings and the missing quantities, a line each."""
    return [*result.draft.findings, *map(str, result.draft.gaps)]


def report(result: Imported) -> Report:
    """Show each number with its source, or each line of a bill, then findings and gaps."""
    draft = result.draft
    several = [f"Variants: {', '.join(v.name for v in draft.variants)}"] if draft.variants else []
    table = _bill(result.lines) if result.lines else _stated_table(draft.stated)
    said = [] if result.lines else draft.note
    return Report(title=draft.title, lead=said, blocks=[table], facts=[*several, *asides(result)])


def _stated_table(stated: Sequence[Stated]) -> Table:
    columns = [Column("quantity"), Column("value", right=True, narrow="beneath at last")]
    columns.append(Column("source", wrap=True, narrow="beneath"))
    return Table(columns, [[Cell(s.name, "name"), Cell(s.value), Cell(s.source, "faint")] for s in stated])


def _bill(lines: Sequence[BillLine]) -> Table:
    """Show each line of a bill: tokens, share of cache reads, the amount billed, and the list price."""
    requests, cached = (Column(title, right=True, narrow="out") for title in ("requests", "cached"))
    columns = columns_of("part", requests, ">input", cached, ">output", ">billed", ">at list prices")
    return Table(columns, [_row(line) for line in lines])


def _row(line: BillLine) -> list[Cell]:
    item = line.sum
    cached = f"{item.tokens['cached'] / item.read:.1%}" if item.read else "–"
    return [
        Cell(line.name, "name"),
        Cell("–" if item.requests is None else f"{item.requests:,.0f}"),
        Cell(f"{item.read:,.0f}"),
        Cell(cached),
        Cell(f"{item.written:,.0f}"),
        Cell("–" if item.billed is None else money(item.billed)),
        Cell("unknown" if line.total is None else money(line.total), "bad" if line.told else ""),
    ]


def document(result: Imported) -> Document:
    """The document of `import`."""
    draft = result.draft
    return header("import") | {
        "files": list(result.files),
        "as": result.format.name,
        **fields(draft, "title kind note"),
        "stated": list(map(_stated, draft.stated)),
        "missing": [gap._asdict() for gap in draft.gaps],
        "findings": list(draft.findings),
        "variants": [
            fields(variant, "name note") | {"stated": list(map(_stated, variant.stated))}
            for variant in draft.variants
        ],
        "parts": list(map(_part, draft.parts)),
        "bill": list(map(_line, result.lines)),
        "scenario": result.text,
    }


def _stated(item: Stated) -> Document:
    return {key: value for key, value in item._asdict().items() if value is not None}


def _part(part: PartDraft) -> Document:
    return {
        **fields(part, "name scenario"),
        "stated": list(map(_stated, part.stated)),
        "cost_per_month": None if part.cost is None else _stated(part.cost),
    }


def _line(line: BillLine) -> Document:
    item = line.sum
    return {
        **fields(line, "part:name model:sum.model"),
        "group": item.group or None,
        **fields(line, "scenario:reference requests:sum.requests"),
        "tokens": {kind: item.tokens[kind] for kind in CLASSES},
        **fields(item, "tier billed"),
        "billed_by_kind": dict(item.billed_as),
        "listed": line.total,
        "listed_by_kind": None if line.listed is None else dict(line.listed),
        "difference": line.told or None,
    }


def rows(result: Imported) -> Rows:
    """A row for each line of a bill, else for each number, by variant."""
    if result.lines:
        return [_flat(line) for line in result.lines]
    runs = [("", result.draft.stated), *((v.name, v.stated) for v in result.draft.variants)]
    return [{"variant": name, **_stated(item)} for name, stated in runs for item in stated]


def _flat(line: BillLine) -> Document:
    item = line.sum
    kinds = {f"{kind}_tokens": item.tokens[kind] for kind in CLASSES}
    ends = {"billed": item.billed, "listed": line.total, "difference": line.told or None}
    return {"part": line.name, "model": item.model, "requests": item.requests} | kinds | ends
