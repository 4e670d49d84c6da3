"""Shows the result of `sweep`: streams for machines, a table or a matrix for people."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Final

from llmcost.analysis.whatif.grid import CHUNK
from llmcost.analysis.whatif.sweep import Chunk, Sweep
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.render import words
from llmcost.render.columns import Texts, csv_rows, json_rows
from llmcost.render.csv import lines as csv_lines
from llmcost.render.output import with_progress
from llmcost.render.report import Cell, Report, Style, Table, Views, columns_of, drawing
from llmcost.render.results.caveats import caveats_document, warnings
from llmcost.render.results.shared import NONE, fields, header, horizon_lines, reasons_by_metric, titled
from llmcost.render.results.ways import cautious
from llmcost.scenario.files.json_text import json_text

MOST_SHOWN: Final = 500
"""The most rows in a table; csv and jsonl have all."""

MOST_ACROSS: Final = 16
"""The most columns in a matrix."""

MOST_REASONS: Final = 3
"""The most reasons for undefined values that a table gives."""

Band = tuple[float, float] | None


def views(result: Sweep, band: Band = None) -> Views:
    """Return the ways to show a sweep, with values in a band marked."""
    return Views(
        lambda: report(result, band),
        stream=lambda form: with_progress(pieces(result, form), len(result), CHUNK),
        streamed=("json", "jsonl", "csv", "parquet"),
        warnings=lambda: warnings(result.caveats, named=len(result.scenarios) > 1),
        chart=drawing("sweep", result, band),
    )


def report(result: Sweep, band: Band = None) -> Report:
    """Show a matrix for two inputs and one metric, else a row for each point."""
    matrix = (
        len(result.scenarios) == 1
        and len(result.axes) == 2
        and len(result.metrics) == 1
        and not result.zipped
        and result.axes[1].size <= MOST_ACROSS
        and len(result) <= MOST_SHOWN
    )
    shown = _matrix(result, band) if matrix else _list(result, band)
    return cautious(shown, result.caveats, named=len(result.scenarios) > 1)


def _title(result: Sweep) -> str:
    labels = ", ".join(scenario.label for scenario in result.scenarios)
    over = " and ".join(axis.name for axis in result.axes)
    return f"{labels} over {over}" if over else labels


def _matrix(result: Sweep, band: Band) -> Report:
    down, across = result.axes
    metric = result.quantities[0]
    values = [row[-1] for row in result.rows()]
    places = (f">{words.number(across.value(i), across.quantity)}" for i in range(across.size))
    columns = columns_of(f">{down.name}", *places)
    rows = []
    for place in range(down.size):
        own = values[place * across.size : (place + 1) * across.size]
        cells = [_cell(value, metric.name, band) for value in own]
        rows.append([Cell(words.number(down.value(place), down.quantity), "strong"), *cells])
    facts = _facts(result, band, undefined=None in values)
    title = f"{titled(metric)}, across: {across.name}"
    return Report(_title(result), blocks=[Table(columns, rows, title=title)], facts=facts)


def _list(result: Sweep, band: Band) -> Report:
    several = len(result.scenarios) > 1
    quantities = [*(axis.quantity for axis in result.axes), *result.quantities]
    columns = columns_of(*["scenario"] * several, *(f">{titled(quantity)}" for quantity in quantities))
    rows = []
    first = len(result.axes)
    for label, *row in itertools.islice(result.rows(), MOST_SHOWN):
        cells = [Cell(label, "name")] if several else []
        for place, (value, quantity) in enumerate(zip(row, quantities, strict=True)):
            if place < first:
                cells.append(Cell(words.number(value, quantity), "strong"))
            else:
                cells.append(_cell(value, quantity.name, band))
        rows.append(cells)
    undefined = any(cell.text == "–" for row in rows for cell in row)
    facts = _facts(result, band, undefined=undefined)
    return Report(_title(result), blocks=[Table(columns, rows)], facts=facts)


def _cell(value: float | None, metric: str, band: Band) -> Cell:
    quantity = MODEL.quantities[metric]
    if value is None:
        return NONE
    text = words.number(value, quantity)
    if band is not None:
        return Cell(f"[{text}]", "band") if band[0] <= value <= band[1] else Cell(text)
    style: Style = "" if quantity.low == 0 else "good" if value > 0 else "bad"
    return Cell(text, style)


def _facts(result: Sweep, band: Band, *, undefined: bool) -> list[str]:
    facts = []
    if len(result) > MOST_SHOWN:
        facts.append(
            f"The first {MOST_SHOWN:,} of {len(result):,} points; --format csv, jsonl or parquet has them all"
        )
    if band is not None:
        facts.append(f"[ ] marks values in {band[0]:g} to {band[1]:g}")
    facts += horizon_lines(result.scenarios[0], result.metrics)
    if undefined:
        facts.append(f"– is undefined: {'; '.join(_reasons(result))}")
    return facts


def _reasons(result: Sweep) -> list[str]:
    """Return the reasons for undefined values in the table, each once."""
    found: dict[str, None] = {}
    first = len(result.axes)
    for chunk in result.chunks():
        for row in itertools.islice(chunk.rows(), MOST_SHOWN):
            if None in row[first:]:
                values = [value for value in row[:first] if value is not None]
                reasons = result.reasons(chunk.scenario, values).values()
                found |= dict.fromkeys(str(Reason(reason.code)) for reason in reasons)
        if len(found) >= MOST_REASONS:
            break
    return list(found)[:MOST_REASONS]


def pieces(result: Sweep, form: str) -> Iterator[str | bytes]:
    """Yield a stream (`csv`, `jsonl`, `json` or `parquet`) chunk by chunk, text in whole lines."""
    match form:
        case "csv":
            yield csv_lines([result.columns])
            for chunk, columns in _texts(result, ""):
                yield csv_rows(result.scenarios[chunk.scenario].label, columns)
        case "jsonl":
            for rows in _objects(result):
                yield "".join(f"{row}\n" for row in rows)
        case "parquet":
            yield from _parquet(result)
        case _:
            yield from _json(result)


def _parquet(result: Sweep) -> Iterator[bytes]:
    """Yield the points as Parquet: the scenario as text, the rest as numbers or null."""
    from llmcost.render import parquet
    from llmcost.scenario.tables import arrow

    pa = arrow("a Parquet file")
    first, *names = result.columns
    schema = pa.schema([(first, pa.string()), *((name, pa.float64()) for name in names)])

    def batch(chunk: Chunk) -> Any:
        labels = pa.repeat(result.scenarios[chunk.scenario].label, len(chunk.metrics[0]))
        columns = [pa.array(column, pa.float64()) for column in (*chunk.inputs, *chunk.metrics)]
        return pa.record_batch([labels, *columns], schema)

    return parquet.pieces(map(batch, result.chunks()), schema)


def _texts(result: Sweep, missing: str) -> Iterator[tuple[Chunk, list[list[str]]]]:
    """Yield the points in chunks, with their columns as texts."""
    texts = [Texts() for _ in result.axes]
    for chunk in result.chunks():
        inputs = [text.again(column) for text, column in zip(texts, chunk.inputs, strict=True)]
        yield chunk, [*inputs, *(Texts.once(column, missing) for column in chunk.metrics)]


def _objects(result: Sweep) -> Iterator[list[str]]:
    """Yield the points in chunks of JSON objects; one with a missing value gives the reason."""
    first, *names = result.columns
    for chunk, columns in _texts(result, "null"):
        label = result.scenarios[chunk.scenario].label
        rows = list(json_rows(names, columns, (first, label)))
        lost = {place for metric in chunk.metrics if None in metric for place in _without(metric)}
        for place in sorted(lost):
            values = [float(column[place]) for column in chunk.inputs]
            told: dict[str, Any] = reasons_by_metric(result.reasons(chunk.scenario, values))
            rows[place] = f"{rows[place][:-1]}, {json_text(told)[1:]}" if told else rows[place]
        yield rows


def _without(metric: list[float | None]) -> list[int]:
    return [place for place, value in enumerate(metric) if value is None]


def _json(result: Sweep) -> Iterator[str]:
    head = header("sweep") | {
        "scenarios": [scenario.label for scenario in result.scenarios],
        "workloads": [scenario.workload for scenario in result.scenarios],
        "vary": [fields(axis, "name unit:quantity.unit points:size") for axis in result.axes],
        **caveats_document(result.caveats),
        "metrics": [{"name": q.name, "unit": q.unit} for q in result.quantities],
    }
    yield json_text(head, indent=2)[:-2] + ',\n  "rows": [\n'
    separator = "    "
    for rows in _objects(result):
        yield separator + ",\n    ".join(rows)
        separator = ",\n    "
    yield "\n  ]\n}\n"
