"""Shows the result of `list`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from llmcost.analysis.ask.catalog import QuantityEntry
from llmcost.render.report import Cell, Column, Document, Report, Rows, Table, Views
from llmcost.render.results.shared import fields, header
from llmcost.render.results.ways import ways
from llmcost.scenario.files.heading import Heading


def scenario_views(files: Sequence[Heading]) -> Views:
    """Return the ways to show what scenarios there are."""
    return ways(files, scenario_report, scenario_document, scenario_rows)


def quantity_views(entries: Sequence[QuantityEntry], what: str) -> Views:
    """Return the ways to show what metrics or inputs there are."""
    report, document = partial(quantity_report, what=what), partial(quantity_document, what=what)
    return ways(entries, report, document, quantity_rows)


def scenario_report(files: Sequence[Heading]) -> Report:
    """Show what scenarios there are."""
    columns = [Column("name"), Column("kind", narrow="beneath"), Column("title", wrap=True)]
    columns.append(Column("variants", wrap=True, narrow="beneath"))
    rows = [
        [
            Cell(f.name, "name"),
            Cell(f.kind or "–", "faint"),
            Cell(f.title or ""),
            Cell(", ".join(f.variants), "faint"),
        ]
        for f in files
    ]
    return Report(blocks=[Table(columns, rows)] if rows else [], facts=[f"{len(files)} scenarios"])


def quantity_report(entries: Sequence[QuantityEntry], what: str) -> Report:
    """Show what metrics or inputs there are, with their formulas."""
    columns = [Column("name"), Column("unit"), Column("description", wrap=True, narrow="beneath")]
    rows = [
        [Cell(e.quantity.name, "name"), Cell(e.quantity.unit, "faint"), Cell(e.quantity.description)]
        for e in entries
    ]
    return Report(blocks=[Table(columns, rows)] if rows else [], facts=[f"{len(entries)} {what}"])


def scenario_document(files: Sequence[Heading]) -> Document:
    """The document of `list scenarios`."""
    here = f"{Path.cwd()}{os.sep}"
    return header("list") | {
        "scenarios": [
            fields(file, "name kind title")
            | {
                "aliases": list(file.aliases),
                "variants": list(file.variants),
                "path": file.where.removeprefix(here),
            }
            for file in files
        ]
    }


def scenario_rows(files: Sequence[Heading]) -> Rows:
    """A row for each scenario."""
    document = scenario_document(files)
    return [
        {**entry, "aliases": " ".join(entry["aliases"]), "variants": " ".join(entry["variants"])}
        for entry in document["scenarios"]
    ]


def quantity_document(entries: Sequence[QuantityEntry], what: str) -> Document:
    """The document of `list metrics` and `list inputs`."""
    return header("list") | {
        what: [
            fields(entry.quantity, "name unit description") | fields(entry, "given:is_input formulas")
            for entry in entries
        ]
    }


def quantity_rows(entries: Sequence[QuantityEntry]) -> Rows:
    """A row for each metric or input."""
    return [
        fields(entry.quantity, "name unit description") | {"formula": " | ".join(entry.formulas)}
        for entry in entries
    ]
