"""Results for machines: versioned JSON and flat rows, unrounded and in a stable order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llmcost.analysis.evaluation import Evaluation, datum_of, in_order, shortest_gap
from llmcost.engine.trace import Node
from llmcost.formulas import MODEL
from llmcost.render.words import clean
from llmcost.scenario.quantity import Datum
from llmcost.scenario.reader import ScenarioFile
from llmcost.scenario.scenario import Scenario

if TYPE_CHECKING:
    # The results of other verbs than the one that runs are types here and nothing else.
    from llmcost.analysis.breakeven import Ladder
    from llmcost.analysis.catalog import QuantityEntry
    from llmcost.analysis.compare import Comparison
    from llmcost.analysis.explain import Derivation, Explanation
    from llmcost.analysis.validate import Validation

Document = dict[str, Any]
Rows = list[Document]


def to_json(document: Document) -> str:
    """Return JSON text; NaN and infinity cannot occur and are refused."""
    import json

    return json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def to_csv(rows: Rows) -> str:
    """Return CSV text with a header; an apostrophe keeps a spreadsheet from running text as a formula."""
    import csv
    import io

    file = io.StringIO()
    titles = list(dict.fromkeys(key for row in rows for key in row))
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(titles)
    writer.writerows([_field(row.get(title)) for title in titles] for row in rows)
    return file.getvalue()


def _field(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return value
    text = clean(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _header(kind: str) -> Document:
    return {"format": f"llmcost/{kind}", "version": 1}


def _date(scenario: Scenario) -> str | None:
    return str(scenario.in_force_since) if scenario.in_force_since else None


def _value(node: Node) -> Document:
    entry: Document = {"value": node.value, "unit": node.quantity.unit}
    if node.value is None:
        entry["reason"] = node.reason
        return entry
    entry |= {"basis": node.basis, "given": node.given is not None}
    datum = datum_of(node)
    if datum is not None and datum.low is not None:
        entry |= {"low": datum.low, "high": datum.high}
    return entry


# --- JSON ------------------------------------------------------------------------------------------


def overview(result: Evaluation, metrics: Sequence[str] | None, *, everything: bool) -> Document:
    """The document of `show`."""
    nodes = result.shown if metrics is None else [result.trace.nodes[m] for m in metrics if m in result]
    document = _header("show") | {
        "scenario": result.scenario.label,
        "as_of": _date(result.scenario),
        "workload": result.scenario.workload,
        "values": {node.name: _value(node) for node in nodes},
    }
    if everything:
        names = result.trace.missing if metrics is None else [m for m in metrics if m not in result]
        document["missing"] = {
            name: {"lacks": list(shortest_gap(result, name))}
            for name in in_order(names)
            if metrics is not None or MODEL.formulas.get(name)
        }
    return document


def comparison(result: Comparison) -> Document:
    """The document of `compare`."""
    return _header("compare") | {
        "scenarios": list(result.labels),
        "workload": result.workload,
        "as_of": [_date(scenario) for scenario in result.scenarios],
        "rows": [
            {
                "metric": row.quantity.name,
                "unit": row.quantity.unit,
                "values": list(row.values),
                "ratios": list(row.ratios),
                "basis": [node.basis if node else None for node in row.nodes],
            }
            for row in result.rows
        ],
        "notes": [{"scenario": label, "metric": name, "note": note} for label, name, note in result.notes],
        "missing": [
            {"scenario": gap.label, "metric": gap.metric, "reason": gap.reason} for gap in result.gaps
        ],
    }


def explanation(result: Explanation) -> Document:
    """The document of `explain`: the whole tree."""
    return _header("explain") | {
        "scenario": result.scenario.label,
        "as_of": _date(result.scenario),
        "workload": result.scenario.workload,
        "metric": result.tree.name,
        "tree": _derivation(result.tree),
    }


def _derivation(item: Derivation) -> Document:
    entry: Document = {"metric": item.name, "value": item.value, "unit": item.quantity.unit}
    if item.reason is not None:
        entry["reason"] = item.reason
    if item.missing:
        entry["missing"] = True
        entry["routes"] = [
            {"formula": route.formula, "lacks": list(route.lacking)}
            | ({"reason": route.reason} if route.reason else {})
            for route in item.passed
        ]
    else:
        entry |= {"basis": item.basis, "given": item.datum is not None}
    if item.formula is not None:
        entry["formula"] = item.formula
    if item.default:
        entry["default"] = item.description
    if item.datum is not None:
        entry |= _provenance(item.datum)
    elif item.notes:
        entry["notes"] = list(item.notes)
    if item.inputs:
        entry["inputs"] = [_derivation(below) for below in item.inputs]
    return entry


def _provenance(datum: Datum) -> Document:
    known = {
        "written": datum.text,
        "low": datum.low,
        "high": datum.high,
        "source": datum.source,
        "url": datum.url,
        "since": str(datum.since) if datum.since else None,
        "as_of": datum.as_of,
        "note": datum.note,
    }
    return {key: value for key, value in known.items() if value is not None}


def ladder(result: Ladder) -> Document:
    """The document of `breakeven`."""
    return _header("breakeven") | {
        "scenario": result.scenario.label,
        "as_of": _date(result.scenario),
        "rows": ladder_rows(result),
        "missing": [
            {"boundary": line.boundary, "payer": line.payer, "compute": line.compute, "reason": line.reason}
            for line in result.lines
            if not line.rungs
        ],
    }


def scenario_list(files: Sequence[ScenarioFile]) -> Document:
    """The document of `list scenarios`."""
    return _header("list") | {
        "scenarios": [
            {
                "name": file.name,
                "kind": file.kind,
                "title": file.title,
                "aliases": list(file.aliases),
                "variants": list(file.variants),
                "path": file.where,
            }
            for file in files
        ]
    }


def quantity_list(entries: Sequence[QuantityEntry], what: str) -> Document:
    """The document of `list metrics` and `list inputs`."""
    return _header("list") | {
        what: [
            {
                "name": entry.quantity.name,
                "unit": entry.quantity.unit,
                "description": entry.quantity.description,
                "given": entry.is_input,
                "formulas": list(entry.formulas),
            }
            for entry in entries
        ]
    }


def validation(result: Validation) -> Document:
    """The document of `validate`."""
    return _header("validate") | {
        "files": list(result.files),
        "problems": [
            {
                "file": problem.where,
                "line": problem.line,
                "column": problem.column,
                "subject": problem.subject,
                "message": problem.message,
            }
            for problem in result.problems
        ],
    }


# --- rows ------------------------------------------------------------------------------------------


def overview_rows(result: Evaluation, metrics: Sequence[str] | None, *, everything: bool) -> Rows:
    """A row for each metric of `show`."""
    document = overview(result, metrics, everything=everything)
    rows = [
        {"scenario": result.scenario.label, "metric": name, **_flat(entry)}
        for name, entry in document["values"].items()
    ]
    for name, entry in document.get("missing", {}).items():
        rows.append(
            {
                "scenario": result.scenario.label,
                "metric": name,
                "reason": f"lacks {', '.join(entry['lacks'])}",
            }
        )
    return rows


def _flat(entry: Document) -> Document:
    return {key: entry.get(key) for key in ("value", "unit", "basis", "given", "low", "high", "reason")}


def comparison_rows(result: Comparison) -> Rows:
    """A row for each metric of `compare`, with a value and a ratio for each scenario."""
    titles = _distinct(result.labels)
    return [
        {"metric": row.quantity.name, "unit": row.quantity.unit}
        | dict(zip(titles, row.values, strict=True))
        | {f"{titles[0]} ÷ {title}": ratio for title, ratio in list(zip(titles, row.ratios, strict=True))[1:]}
        for row in result.rows
    ]


def _distinct(labels: Sequence[str]) -> list[str]:
    """Number labels that stand for more than one scenario, so that no column hides another."""
    return [
        f"{label} #{labels[: index + 1].count(label)}" if labels.count(label) > 1 else label
        for index, label in enumerate(labels)
    ]


def explanation_rows(result: Explanation) -> Rows:
    """A row for each quantity of a derivation, depth first."""
    return [
        {
            "metric": item.name,
            "value": item.value,
            "unit": item.quantity.unit,
            "basis": item.basis,
            "given": item.datum is not None,
            "formula": item.formula,
            "source": item.datum.source if item.datum else None,
            "url": item.datum.url if item.datum else None,
            "since": str(item.datum.since) if item.datum and item.datum.since else None,
            "reason": item.reason,
            "lacks": ", ".join(dict.fromkeys(name for route in item.passed for name in route.lacking))
            if item.missing
            else None,
        }
        for item in dict.fromkeys(result.tree.walk())
    ]


def ladder_rows(result: Ladder) -> Rows:
    """A row for each rung of `breakeven`."""
    rows = []
    for rung in result.rungs:
        row: Document = {
            "boundary": rung.boundary,
            "payer": rung.payer,
            "compute": rung.compute,
            "elasticity": rung.elasticity,
            "multiplier": rung.multiplier,
        }
        found = rung.result
        if rung.reason is not None:
            row["reason"] = rung.reason
        if found is not None and found.other is not None:
            row["other_multiplier"] = found.other
        if found is not None and found.least_loss is not None:
            row |= {"least_loss_multiplier": found.least_loss_multiplier, "least_loss": found.least_loss}
        if found is not None and found.near_singular:
            row["near_singular"] = True
        rows.append(row)
    return rows


def scenario_rows(files: Sequence[ScenarioFile]) -> Rows:
    """A row for each scenario."""
    document = scenario_list(files)
    return [
        {**entry, "aliases": " ".join(entry["aliases"]), "variants": " ".join(entry["variants"])}
        for entry in document["scenarios"]
    ]


def quantity_rows(entries: Sequence[QuantityEntry]) -> Rows:
    """A row for each metric or input."""
    return [
        {
            "name": entry.quantity.name,
            "unit": entry.quantity.unit,
            "description": entry.quantity.description,
            "formula": " | ".join(entry.formulas),
        }
        for entry in entries
    ]
