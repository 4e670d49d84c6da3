"""Shows the result of `check`."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from typing import Final

from llmcost.analysis.ask.conflicts import Conflict
from llmcost.analysis.ask.explain import Derivation
from llmcost.analysis.ask.reach import NoEffect
from llmcost.analysis.gates.check import Checked, Tested
from llmcost.engine.registry import Quantity
from llmcost.errors import Place
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.report import (
    Annotation,
    Cell,
    Document,
    Report,
    Rows,
    Style,
    Table,
    TestCase,
    Views,
    columns_of,
)
from llmcost.render.results.caveats import conflict_annotation, conflict_document, located, said_of
from llmcost.render.results.shared import (
    change,
    fields,
    header,
    reason_fields,
    relative,
    rounded,
    seen,
    with_unit,
)
from llmcost.render.results.ways import ways

STYLES: Final[dict[str, Style]] = {"passed": "good", "failed": "bad", "warned": "band"}
UNFOLDED: Final = 20
"""Rows of a table on a page before the rest is folded."""


def views(result: Checked, *, quiet: bool = False) -> Views:
    """Return the ways to show checks; `quiet` leaves out what passed in forms for people."""
    code = 0 if result.ok else 1
    return ways(result, partial(report, quiet=quiet), document, rows, drawn="check", code=code)._replace(
        page=lambda: page(result, quiet=quiet),
        cases=lambda: [*map(_case, result.outcomes), *map(_conflict_case, result.conflicts)],
        annotations=lambda: [
            *map(_annotation, _broken(result)),
            *(conflict_annotation(conflict) for _, conflict in result.conflicts),
            *map(_idle, result.no_effect),
        ],
        summary=lambda: summary(result),
    )


def summary(result: Checked) -> str:
    """Return `N passed, N failed`, and how many conflicts there are, if any."""
    count = len(result.conflicts)
    told = f", {words.counted(count, 'conflict')}" if count else ""
    return f"{len(result.having('passed'))} passed, {len(result.having('failed'))} failed{told}"


def _broken(result: Checked) -> list[Tested]:
    return [outcome for outcome in result.outcomes if outcome.status != "passed"]


def report(result: Checked, *, quiet: bool) -> Report:
    """Show what does not hold and why, then a line for each file, then the summary."""
    lines = [Cell(located(conflict), "bad") for _, conflict in result.conflicts]
    for outcome in _broken(result):
        first, *rest = explained(outcome).split("\n")
        lines += [Cell("")] if lines else []
        lines += [Cell(first, STYLES[outcome.status]), *map(Cell, rest)]
    facts = [f"{seen(place)}: {gap}" for place, gap in result.no_effect]
    facts.append(summary(result))
    warned = len(result.having("warned"))
    if warned:
        does = "does" if warned == 1 else "do"
        facts.insert(0, f"{words.counted(warned, 'warning')}, which {does} not fail")
    return Report(lines=lines, blocks=[] if quiet or not result.outcomes else [_by_file(result)], facts=facts)


def _by_file(result: Checked) -> Table:
    table_rows: list[list[Cell]] = []
    for where, group in groupby(result.outcomes, key=lambda outcome: outcome.expectation.place.file):
        statuses = [outcome.status for outcome in group]
        counts = [statuses.count(word) for word in ("passed", "failed", "warned")]
        cells = [
            Cell(str(count) if count else "", STYLES[word])
            for count, word in zip(counts, STYLES, strict=True)
        ]
        table_rows.append([Cell(relative(where)), *cells])
    return Table(columns_of("file", ">passed", ">failed", ">warned"), table_rows)


def explained(outcome: Tested) -> str:
    """Return lines with the place of an expectation, its status, and the reason."""
    head = words.clean(f"{_place(outcome)}: {outcome.status.upper()} {_title(outcome)}")
    return "\n".join([head, *(f"  {line}" for line in told(outcome))])


def told(outcome: Tested) -> list[str]:
    """Return lines with the expected and the actual value, the deviation, the reason and the derivation."""
    expectation = outcome.expectation
    lines = [f"expected  {expectation.text}{_ends(outcome)}", f"actual    {_actual(outcome)}"]
    if expectation.because:
        lines.append(f"because   {expectation.because}")
    if outcome.why is not None and not outcome.why.missing:
        lines += _branch(outcome.why, 0)
    return [words.clean(line) for line in lines]


def _title(outcome: Tested) -> str:
    setting = str(outcome.expectation.setting)
    about = f"{outcome.case} ({outcome.scenario})" if outcome.case else outcome.scenario
    return f"{outcome.expectation.metric} of {about}" + (f" [{setting}]" if setting else "")


def _ends(outcome: Tested) -> str:
    expectation, quantity = outcome.expectation, _quantity(outcome)
    if expectation.value is None or expectation.low == expectation.high or " within " not in expectation.text:
        return ""
    low, high = (words.exact(end, quantity) for end in (expectation.low, expectation.high) if end is not None)
    return f": {low} to {high}"


def _quantity(outcome: Tested) -> Quantity:
    return MODEL.quantities[outcome.expectation.metric]


def _actual(outcome: Tested) -> str:
    quantity = _quantity(outcome)
    if outcome.actual is None:
        reason = outcome.reason
        underived = isinstance(reason, str) or (reason is not None and reason.code == "not_yet")
        return str(reason) if underived else f"undefined: {reason}" if reason else "undefined"
    shown = with_unit(outcome.actual, quantity)
    return f"{shown} or more: {outcome.reason}" if outcome.reason else f"{shown}{_off(outcome)}"


def _off(outcome: Tested) -> str:
    """Return the deviation of a value in percent, and for shares in percentage points."""
    deviation, relative_part = outcome.deviation, outcome.relative_deviation
    if outcome.expectation.undefined is not None or not deviation:
        return ""
    parts = [] if relative_part is None else [change(relative_part)]
    if words.in_percent(_quantity(outcome).unit):
        parts.append(words.signed(deviation, _quantity(outcome)))
    elif relative_part is None:
        parts.append(f"{'+' if deviation > 0 else '-'}{words.exact(abs(deviation), _quantity(outcome))}")
    return f" ({', '.join(parts)})"


def _branch(item: Derivation, depth: int) -> list[str]:
    """Return a derivation as indented lines: values, formulas and inputs."""
    indent = "  " * depth
    lines = [] if depth == 0 else [f"{indent}{item.name} {_equals(item)}"]
    if item.formula is not None and (item.inputs or depth == 0):
        lines.append(f"{indent}  = {item.formula}")
    return [*lines, *(line for below in item.inputs for line in _branch(below, depth + 1))]


def _equals(item: Derivation) -> str:
    if item.value is None:
        return f"undefined: {item.reason}"
    shown = f"= {words.mark(item.basis)}{with_unit(item.value, item.quantity)}"
    datum = item.datum
    if datum is None:
        return f"{shown} (default)" if item.default else shown
    file, line, _ = datum.place
    place = f"{relative(file)}:{line}" if file and line else datum.source
    return f"{shown} ({place})" if place else shown


def _place(outcome: Tested) -> Place:
    return seen(outcome.expectation.place)


def page(result: Checked, *, quiet: bool) -> Report:
    """Show the result as a table for a pull request, with what passed folded."""
    broken = _broken(result)
    lead = [located(conflict) for _, conflict in result.conflicts]
    lead += [f"{seen(place)}: {gap}" for place, gap in result.no_effect]
    blocks = [_page_table(broken[:UNFOLDED])] if broken else []
    if len(broken) > UNFOLDED:
        blocks.append(_page_table(broken[UNFOLDED:], f"{len(broken) - UNFOLDED} more that do not hold"))
    passed = result.having("passed")
    if passed and not quiet:
        blocks.append(_page_table(passed, f"{len(passed)} passed"))
    return Report(f"llmcost check: {summary(result)}", lead=lead, blocks=blocks)


def _page_table(outcomes: list[Tested], folded: str = "") -> Table:
    columns = columns_of("status", "metric", "scenario", "expected", ">actual", ">change", "why")
    return Table(columns, list(map(_page_row, outcomes)), title=folded, folded=bool(folded))


def _page_row(outcome: Tested) -> list[Cell]:
    quantity = _quantity(outcome)
    actual = str(outcome.reason or "undefined")
    if outcome.actual is not None:
        # A failure by less than three digits must not look like the expected value.
        shown = rounded if outcome.status == "passed" else with_unit
        actual = shown(outcome.actual, quantity)
        actual += f" or more: {outcome.reason}" if outcome.reason else ""
    off = _off(outcome).strip(" ()") if outcome.status != "passed" and not outcome.reason else ""
    setting = str(outcome.expectation.setting)
    return [
        Cell(outcome.status, "strong" if outcome.status != "passed" else ""),
        Cell(outcome.expectation.metric, "name"),
        Cell(" ".join(filter(None, [outcome.case or outcome.scenario, f"[{setting}]" if setting else ""]))),
        Cell(outcome.expectation.text),
        Cell(actual),
        Cell(off),
        Cell(_why(outcome)),
    ]


def _why(outcome: Tested) -> str:
    """Return the author's reason or else the formula, and the place."""
    formula = outcome.why.formula if outcome.why is not None else None
    said = outcome.expectation.because or (f"= {formula}" if formula else "")
    return "; ".join(filter(None, [said, str(_place(outcome)) if outcome.status != "passed" else ""]))


def _headline(outcome: Tested) -> str:
    said = f"{_title(outcome)}: expected {outcome.expectation.text}, got {_actual(outcome)}"
    return words.clean(said)


def _case(outcome: Tested) -> TestCase:
    place = _place(outcome)
    detail = "\n".join([str(place), *told(outcome)])
    failed, warned = outcome.status == "failed", outcome.status == "warned"
    return TestCase(
        group=place.file or "",
        name=outcome.name,
        failure=_headline(outcome) if failed else "",
        detail=detail if failed else "",
        kind="expectation",
        file=place.file or "",
        line=place.line,
        output=f"warning: {_headline(outcome)}\n{detail}" if warned else "",
    )


def _conflict_case(found: tuple[str, Conflict]) -> TestCase:
    label, conflict = found
    place, said = seen(conflict.stated.place), said_of(conflict)
    file = place.file or label
    return TestCase(file, f"{label}::{conflict.name}", said, located(conflict), "conflict", file, place.line)


def _idle(found: tuple[Place, NoEffect]) -> Annotation:
    place, gap = found
    return Annotation("warning", f"{gap.name} has no effect", str(gap), seen(place))


def _annotation(outcome: Tested) -> Annotation:
    failed, said = outcome.status == "failed", "\n".join(told(outcome))
    return Annotation("error" if failed else "warning", _title(outcome), said, _place(outcome))


def document(result: Checked) -> Document:
    """The document of `check`."""
    return header("check") | {
        "passed": len(result.having("passed")),
        "failed": len(result.having("failed")),
        "warned": len(result.having("warned")),
        "conflicts": [conflict_document(conflict, label) for label, conflict in result.conflicts],
        "no_effect": [
            fields(place, "file line") | fields(gap, "input:name stated:by")
            for place, gap in result.no_effect
        ],
        "results": rows(result),
    }


def rows(result: Checked) -> Rows:
    """A row for each expectation."""
    return [
        {
            **fields(outcome, "name status"),
            **fields(outcome.expectation.place, "file line column"),
            **fields(outcome, "scenario case"),
            "setting": str(outcome.expectation.setting) or None,
            "metric": outcome.expectation.metric,
            "unit": _quantity(outcome).unit,
            **fields(outcome.expectation, "expected:text value low high"),
            **fields(outcome, "actual deviation relative_deviation"),
            **reason_fields(outcome.reason),
            "because": outcome.expectation.because,
        }
        for outcome in result.outcomes
    ]
