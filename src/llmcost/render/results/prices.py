"""Shows the result of `prices`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

from llmcost.analysis.ask.prices import Difference, Price, PriceCheck, Prices
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.report import Cell, Column, Document, Report, Rows, Table, Views, columns_of
from llmcost.render.results.shared import fields, header, unit_shown
from llmcost.render.results.ways import ways

NAMELESS: Final = "no source stated"
SOURCE: Final = Column("source", wrap=True, narrow="beneath")
MAIN: Final = ("input_per_mtok", "cached_input_per_mtok", "cache_write_per_mtok", "output_per_mtok")
"""The prices that share a table."""


def views(result: Prices) -> Views:
    """Return the ways to show prices over time."""
    return ways(result, report, document, rows, drawn="prices")


def report(result: Prices) -> Report:
    """Show prices over time: one table for each model, and one for its other prices."""
    blocks: list[Table] = []
    for model in dict.fromkeys(price.model for price in result.prices):
        own = [price for price in result.prices if price.model == model]
        main = [price for price in own if _field(price) in MAIN]
        rest = [price for price in own if _field(price) not in MAIN]
        if main:
            blocks.append(_history(model, main))
        if rest:
            blocks.append(_others("" if main else model, rest))
    return Report(blocks=blocks)


def _field(price: Price) -> str:
    return price.name.partition(".")[2]


def _history(model: str, prices: Sequence[Price]) -> Table:
    """A row for each day on which a price changes, with the prices from then on."""
    stated = {price.name for price in prices}
    names = [name for name in (f"price.{field}" for field in MAIN) if name in stated]
    titles = (name.partition(".")[2].removesuffix("_per_mtok").replace("_", " ") for name in names)
    lines, held = [], dict.fromkeys(names, "–")
    for day in sorted({price.since for price in prices}, key=lambda day: day or dt.date.min):
        new = [price for price in prices if price.since == day]
        for price in new:
            held[price.name] = _shown(price)
        sources = dict.fromkeys(price.datum.source or NAMELESS for price in new if price.datum is not None)
        cells = [Cell(str(day or "–"), "name"), *(Cell(value, "strong") for value in held.values())]
        lines.append([*cells, Cell("; ".join(sources), "faint")])
    title = f"{model}, {unit_shown(MODEL.quantities[names[0]].unit)}"
    return Table(columns_of("since", *(f">{title}" for title in titles), SOURCE), lines, title=title)


def _others(title: str, prices: Sequence[Price]) -> Table:
    """A row for each price and each day on which it changes."""
    lines = []
    last = ""
    for price in prices:
        unit = unit_shown(MODEL.quantities[price.name].unit)
        source = "" if price.datum is None else price.datum.source or NAMELESS
        name = "" if price.name == last else _field(price)
        last = price.name
        cells = [Cell(name, "name"), Cell(str(price.since or "–")), Cell(_shown(price), "strong")]
        lines.append([*cells, Cell(unit, "faint"), Cell(source, "faint")])
    return Table(columns_of("also", "since", ">value", "unit", SOURCE), lines, title=title)


def _shown(price: Price) -> str:
    return "ended" if price.datum is None else words.number(price.datum.value, MODEL.quantities[price.name])


def document(result: Prices) -> Document:
    """The document of `prices`."""
    return header("prices") | {"prices": rows(result)}


def rows(result: Prices) -> Rows:
    """A row for each price of a model and each day on which it changes."""
    return [
        fields(price, "model price:name since value:datum.value")
        | {"unit": MODEL.quantities[price.name].unit}
        | fields(price, "basis:datum.basis source:datum.source url:datum.url")
        for price in result.prices
    ]


def check_views(result: PriceCheck) -> Views:
    """Return the ways to show where price catalogues differ."""
    return ways(result, check_report, check_document, check_rows, code=0 if result.ok else 1)


def check_report(result: PriceCheck) -> Report:
    """Show where price catalogues differ and the file does not explain it."""
    wrong = [item for item in result.differences if not item.explained]
    columns = columns_of("model", "price", "on", ">own", ">other", Column("catalogue", narrow="beneath"))
    lines = [_cells(item) for item in wrong]
    explained = len(result.differences) - len(wrong)
    facts = [
        f"Models checked: {len(result.checked)}. Differences that no note explains: {len(wrong)}; "
        f"explained: {explained}."
    ]
    if result.unlisted:
        without = ", ".join(result.unlisted)
        facts.append(f"Not checked, because they have no alias such as openai/gpt-5: {without}")
    if wrong:
        facts.append(f"Correct the file, or add '{wrong[0].saying}' and the reason to its note.")
    return Report(blocks=[Table(columns, lines)] if lines else [], facts=facts)


def _cells(item: Difference) -> list[Cell]:
    if item.day is None:
        return [
            Cell(item.model, "name"),
            *map(Cell, ("–", "–", "–", "not listed")),
            Cell(item.catalogue, "faint"),
        ]
    quantity = MODEL.quantities[item.name]
    own, other = ("–" if one is None else words.number(one, quantity) for one in (item.own, item.other))
    cells = [Cell(item.model, "name"), Cell(item.name.partition(".")[2]), Cell(str(item.day))]
    return [*cells, Cell(own, "strong"), Cell(other, "strong"), Cell(item.catalogue, "faint")]


def _row(item: Difference) -> Document:
    return {**item._asdict(), "saying": item.saying, "day": None if item.day is None else str(item.day)}


def check_rows(result: PriceCheck) -> Rows:
    """A row for each difference."""
    return list(map(_row, result.differences))


def check_document(result: PriceCheck) -> Document:
    """The document of `prices check`."""
    return header("prices-check") | {
        **fields(result, "ok checked unlisted"),
        "differences": check_rows(result),
    }
