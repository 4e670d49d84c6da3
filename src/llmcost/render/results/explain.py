"""Shows the result of `explain`."""

from __future__ import annotations

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.explain import Derivation, Explanation
from llmcost.analysis.ask.limits import Phase
from llmcost.analysis.ask.trust import doubts
from llmcost.render import words
from llmcost.render.report import Cell, Document, Report, Rows, Tree, Views
from llmcost.render.results.caveats import caveats_document
from llmcost.render.results.shared import (
    ABOUT,
    WEAK,
    doubts_document,
    fields,
    header,
    heading,
    reason_fields,
    with_unit,
    workload_line,
)
from llmcost.render.results.ways import ways
from llmcost.scenario.values.datum import Datum


def views(result: Explanation) -> Views:
    """Return the ways to show a derivation."""
    return ways(result, report, document, lambda one: tree_rows(one.tree), drawn="explain", caveats=_caveats)


def _caveats(result: Explanation) -> list[Caveats]:
    return [result.evaluation.caveats([result.tree.name])]


def tree_views(tree: Derivation) -> Views:
    """Return the ways to show a derivation by itself."""
    return ways(tree, lambda one: Report(blocks=[_branch(one, set())]), _derivation, tree_rows)


def report(result: Explanation) -> Report:
    """Show a derivation as a tree."""
    facts = []
    if any(item.quantity.section == "workload" for item in result.tree.walk()):
        facts.append(workload_line(result.evaluation))
    facts += doubts(result.evaluation, [result.tree.name])
    if any(words.is_weak(item.basis) for item in result.tree.walk()):
        facts.append(WEAK)
    title = f"{result.tree.name} of {heading(result.scenario)}"
    lead = [f"{phase}{_rest(phase)}" for phase in result.phases]
    return Report(title, lead=lead, blocks=[_branch(result.tree, set())], facts=facts)


def _rest(phase: Phase) -> str:
    """Return what else a phase spends time on."""
    rest = [f"{part.doing} {words.significant(part.seconds * 1000)}" for part in phase.parts[1:]]
    return f" ({', '.join(rest)})" if rest else ""


def _branch(item: Derivation, seen: set[str]) -> Tree:
    line = [Cell(item.name, "name"), *_equals(item)]
    if item.name in seen and (item.inputs or item.notes):
        return Tree([*line, Cell("(see above)", "faint")])
    seen.add(item.name)
    if item.missing:
        return Tree(line, _routes(item), [_branch(below, seen) for below in item.inputs])
    details = []
    if item.formula is not None:
        details.append(Cell(f"= {item.formula}", "faint"))
    if item.reference is not None:
        details.append(Cell(f"reference: {item.reference}", "faint"))
    if item.datum is not None:
        details += _provenance(item.datum)
    if item.default:
        details.append(Cell(f"default: {item.description}", "faint"))
    details += [Cell(note, "faint") for note in item.notes if item.datum is None or note != item.datum.note]
    return Tree(line, details, [_branch(below, seen) for below in item.inputs])


def _equals(item: Derivation) -> list[Cell]:
    if item.missing:
        return [Cell(f"– {item.reason}", "bad")]
    if item.value is None:
        return [Cell("undefined:", "bad"), Cell(str(item.reason or ""), "bad")]
    shown = words.mark(item.basis) + with_unit(item.value, item.quantity)
    datum = item.datum
    if datum is not None and datum.low is not None and datum.high is not None:
        low, high = words.exact(datum.low, item.quantity), words.exact(datum.high, item.quantity)
        shown += f"  ({low} to {high})"
    if datum is not None and datum.text is not None and (datum.low is None or datum.converted):
        shown += f"  ({datum.text})"
    return [Cell("="), Cell(shown, "strong"), Cell(str(item.basis), "faint")]


def _provenance(datum: Datum) -> list[Cell]:
    dates = []
    if datum.since is not None:
        dates.append(f"in force since {datum.since}")
    if datum.as_of is not None:
        dates.append(f"as of {datum.as_of}")
    told = "; ".join(filter(None, [datum.source or "no source stated", *dates, _rate(datum)]))
    return [Cell(text, "faint") for text in (told, datum.url, datum.note) if text]


def _rate(datum: Datum) -> str:
    """Return the exchange rate of a number, with its source."""
    if datum.foreign is None or datum.foreign.rate is None:
        return ""
    rate = datum.foreign.rate
    said = ", ".join(filter(None, [rate.source, f"since {rate.since}" if rate.since else None]))
    return f"one {datum.foreign.currency} is {rate.value:.6g} USD" + (f" ({said})" if said else "")


def _routes(item: Derivation) -> list[Cell]:
    cells = []
    for route in item.passed:
        why = route.reason or ""
        if route.lacking:
            needs = f"lacks {', '.join(route.lacking)}"
            why = f"{needs} ({why})" if why else needs
        cells.append(Cell(f"= {route.formula}: {why}", "faint"))
    return cells


def document(result: Explanation) -> Document:
    """The document of `explain`: the whole tree."""
    return header("explain") | {
        **fields(result.scenario, ABOUT),
        "metric": result.tree.name,
        **caveats_document(_caveats(result)),
        **doubts_document(doubts(result.evaluation, [result.tree.name])),
        **({"bound_by": [phase_document(phase) for phase in result.phases]} if result.phases else {}),
        "tree": _derivation(result.tree),
    }


def phase_document(phase: Phase) -> Document:
    """Return what a phase of serving spends its time on, in seconds, the longest first."""
    parts = [fields(part, "doing limit seconds") for part in phase.parts]
    return fields(phase, "phase:name seconds") | {"parts": parts}


def _derivation(item: Derivation) -> Document:
    entry = fields(item, "metric:name value unit:quantity.unit")
    if item.reason is not None:
        entry |= reason_fields(item.reason)
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
    if item.reference is not None:
        entry["reference"] = item.reference
    if item.default:
        entry["default"] = item.description
    if item.datum is not None:
        entry |= _origin(item.datum)
    elif item.notes:
        entry["notes"] = list(item.notes)
    if item.inputs:
        entry["inputs"] = [_derivation(below) for below in item.inputs]
    return entry


def _origin(datum: Datum) -> Document:
    known = fields(datum, "written:text low high source url since as_of note")
    if datum.foreign is not None and datum.foreign.rate is not None:
        rate = datum.foreign.rate
        known["exchange"] = {"currency": datum.foreign.currency, "rate": rate.value, "source": rate.source}
    return {key: value for key, value in known.items() if value is not None}


def tree_rows(tree: Derivation) -> Rows:
    """A row for each quantity of a derivation, depth first."""
    return [
        {
            **fields(item, "metric:name value unit:quantity.unit basis"),
            "given": item.datum is not None,
            **fields(item, "formula source:datum.source url:datum.url since:datum.since"),
            "reason": item.reason and str(item.reason),
            "lacks": ", ".join(dict.fromkeys(name for route in item.passed for name in route.lacking))
            if item.missing
            else None,
        }
        for item in dict.fromkeys(tree.walk())
    ]
