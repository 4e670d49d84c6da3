"""Shows the result of `diff`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from llmcost.analysis.gates.attribution import Contribution
from llmcost.analysis.gates.changes import Diff, Move, ScenarioDiff
from llmcost.analysis.gates.snapshot import OF_MODELS
from llmcost.engine.registry import Quantity
from llmcost.errors import Place
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.github import in_repository
from llmcost.render.report import (
    Annotation,
    Cell,
    Column,
    Document,
    Report,
    Rows,
    Style,
    Table,
    TestCase,
    Views,
    columns_of,
)
from llmcost.render.results.shared import change, fields, grouped, header, seen, unit_shown, united
from llmcost.render.results.ways import ways
from llmcost.scenario.files.snapshot import Recorded
from llmcost.scenario.fill import FILLS

PARTS_SHOWN: Final = 3
LEFT_OUT_SHOWN: Final = 5
COLUMNS: Final = (
    *("scenario", "metric", "unit", "given", "status", "before", "after", "change", "relative"),
    *("beyond", "worse", "failed", "reason", "reason_code", "why"),
)
UNFOLDED: Final = 25
"""Rows of a table on a page before the rest is folded."""


def views(result: Diff) -> Views:
    """Return the ways to show what moved."""
    return ways(result, report, document, rows, drawn="diff", code=0 if result.ok else 1)._replace(
        columns=COLUMNS,
        page=lambda: page(result),
        cases=lambda: [case for scenario in result.scenarios for case in _cases(scenario)],
        annotations=lambda: _annotations(result),
        summary=lambda: summary(result),
    )


def summary(result: Diff) -> str:
    """Return `N moved, N added, N removed, N failed`; a new basis or range alone does not count."""
    counts = {"moved": 0, "added": 0, "removed": 0}
    for move in result.moves:
        if move.status != "restated":
            counts[move.status if move.status in counts else "moved"] += 1
    for scenario in result.scenarios:
        if scenario.status in ("added", "removed"):
            counts[scenario.status] += 1
    counts["failed"] = result.failures
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def report(result: Diff) -> Report:
    """Show for each scenario what moved, from what to what, and why."""
    blocks = [_table(scenario) for scenario in result.scenarios if scenario.moves]
    return Report(_title(result), lead=_scenarios_gone(result), blocks=blocks, facts=_facts(result))


def _title(result: Diff) -> str:
    return f"What moved from {result.before} to {result.after}"


def _scenarios_gone(result: Diff) -> list[str]:
    lines = []
    for status in ("added", "removed"):
        keys = [scenario.key for scenario in result.scenarios if scenario.status == status]
        if keys:
            lines.append(f"Scenario{'s' * (len(keys) > 1)} {status}: {', '.join(keys)}")
    for scenario in result.scenarios:
        for key, (before, after) in scenario.links.items():
            lines.append(f"{scenario.label}: {key} {before or 'none'} → {after or 'none'}")
    return lines


def _facts(result: Diff) -> list[str]:
    same = [scenario.label for scenario in result.scenarios if scenario.status == "same"]
    facts = []
    for word, marks in (("changed", result.changed), ("added", result.added), ("removed", result.removed)):
        if marks:
            facts.append(f"Formula code {word}: {', '.join(marks)}")
    if result.left_out:
        named = ", ".join(result.left_out[:LEFT_OUT_SHOWN])
        more = ", …" if len(result.left_out) > LEFT_OUT_SHOWN else ""
        facts.append(f"In {result.before}, but not compared: {named}{more}")
    if same and len(same) == len(result.scenarios):
        facts.append("Nothing moved")
    elif same:
        facts.append(f"Nothing moved in {words.counted(len(same), 'other')}: {', '.join(same)}")
    return [*facts, summary(result)]


def _table(scenario: ScenarioDiff) -> Table:
    flags = [Column("", narrow="beneath")] if any(move.failed for move in scenario.moves) else []
    columns = columns_of(
        *flags,
        *("metric", Column("unit", narrow="beneath"), ">before", ">after"),
        Column("change", right=True, narrow="beneath at last"),
        Column("", narrow="beneath"),
        Column("why", wrap=True, least=32, narrow="beneath"),
    )
    named = {*scenario.unchanged, *(move.metric for move in scenario.moves)}
    priced = any(name.startswith("workload.") for name in named)
    workload = f", workload {scenario.workload}" if priced else ""
    found = [row[not flags :] for move in scenario.moves for row in _rows(move)]
    return Table(columns, found, title=f"{scenario.label}{workload}")


def _rows(move: Move) -> list[list[Cell]]:
    """Return a row for a move with its largest part, and one for each further part."""
    first, *rest = _reasons(move)
    style: Style = "" if move.parts else "faint"
    row = [
        Cell("FAILED" if move.failed else "", "bad"),
        Cell(move.metric, "name"),
        Cell(unit_shown(move.unit), "faint"),
        Cell(_value(move, move.old)),
        Cell(_value(move, move.new)),
        Cell(_change(move), _sign(move)),
        Cell(_side(move), _sign(move)),
        Cell(first, style),
    ]
    return [row, *([*[Cell("")] * 7, Cell(reason, style)] for reason in rest)]


def _sign(move: Move) -> Style:
    return "" if move.worse is None else "bad" if move.worse else "good"


def _quantity(move: Move) -> Quantity:
    return MODEL.quantities.get(move.metric) or Quantity(move.metric, move.unit, "")


def _value(move: Move, entry: Recorded | None) -> str:
    if entry is None:
        return "–"
    if entry.value is None:
        return "undefined"
    return words.mark(entry.basis) + _distinct(move, entry.value)


def _distinct(move: Move, value: float) -> str:
    """Return three digits, or as many more as needed to tell before from after."""
    quantity = _quantity(move)
    if move.before is None or move.after is None:
        return words.number(value, quantity)
    if words.number(move.before, quantity) != words.number(move.after, quantity):
        return words.number(value, quantity)
    if words.exact(move.before, quantity) != words.exact(move.after, quantity) or move.status != "moved":
        return words.exact(value, quantity)
    return repr(value)


def _change(move: Move) -> str:
    if move.status == "undefined" and move.before is None:
        return "other reason"
    if move.status != "moved":
        return move.status
    assert move.change is not None
    if words.in_percent(move.unit) or not move.before or move.before < 0 or (move.after or 0.0) < 0:
        # Relative changes make no sense for shares, nor for negative values.
        return _signed(move.change, move)
    return change(move.change / move.before)


def _side(move: Move) -> str:
    return {True: "worse", False: "better", None: ""}[move.worse]


def _told_change(move: Move) -> str:
    """Return how far it moved, and whether that is better or worse."""
    return ", ".join(filter(None, [_change(move), _side(move)]))


def why(move: Move) -> str:
    """Return the causes of a change, the largest first."""
    return ", ".join(_reasons(move))


def _reasons(move: Move) -> list[str]:
    if move.status == "restated":
        return [_restated(move)]
    if move.old is not None and move.new is not None and move.old.reason and move.new.reason:
        return [f"{move.new.reason}; before: {move.old.reason}"]
    reason = next((entry.reason for entry in (move.new, move.old) if entry and entry.reason), None)
    if reason is not None:
        return [f"was undefined: {reason}" if move.status == "defined" else reason]
    if move.given:
        return ["stated, before derived" if move.switched else "stated"]
    if move.metric.startswith(OF_MODELS):
        return ["the models, as they are stated"]
    if move.metric in MODEL.outcomes and not move.parts:
        return ["the projection, month by month"]
    shown = [_part(part, move) for part in move.parts[:PARTS_SHOWN]]
    rest = move.parts[PARTS_SHOWN:]
    if rest:
        left = sum(part.change for part in rest)
        shown.append(f"{len(rest)} more {_signed(left, move)}")
    return shown or [""]


def _restated(move: Move) -> str:
    assert move.old is not None
    assert move.new is not None
    said = []
    if move.switched:
        said.append("stated, before derived" if move.given else "derived, before stated")
    if move.old.basis != move.new.basis:
        said.append(f"basis {move.old.basis} → {move.new.basis}")
    if (move.old.low, move.old.high) != (move.new.low, move.new.high):
        said.append("another range")
    return ", ".join(said)


def _part(part: Contribution, move: Move) -> str:
    return f"{named(part, PARTS_SHOWN)} {_signed(part.change, move)}"


def named(part: Contribution, most: int) -> str:
    """Return the cause of a part of a change, naming at most so many inputs."""
    if part.kind == "projection":
        return "the projection"
    if part.kind == "formula":
        return f"code of {', '.join(name.partition('/')[0] for name in part.names)}"
    return ", ".join(part.names) if len(part.names) <= most else f"{len(part.names)} inputs together"


def _signed(value: float, move: Move) -> str:
    return words.signed(value, _quantity(move))


def page(result: Diff) -> Report:
    """Show the result as tables for a pull request, with long ones folded."""
    blocks = []
    for scenario in result.scenarios:
        table = _page_table(result, scenario)
        failed = [row for row, move in zip(table.rows, scenario.moves, strict=True) if move.failed]
        passed = [row for row, move in zip(table.rows, scenario.moves, strict=True) if not move.failed]
        if failed:
            blocks.append(table._replace(rows=failed[:UNFOLDED]))
        rest = [*failed[UNFOLDED:], *passed]
        if rest:
            title = (
                f"{table.title}: {len(rest)} more that moved"
                if failed
                else f"{table.title}: {len(rest)} moved"
            )
            blocks.append(table._replace(rows=rest, title=title, folded=len(rest) > 5 or bool(failed)))
    title = f"llmcost diff: {summary(result)}"
    return Report(title, lead=_scenarios_gone(result), blocks=blocks, facts=_facts(result)[:-1])


def _page_table(result: Diff, scenario: ScenarioDiff) -> Table:
    gated = result.fail_on is not None
    columns = columns_of(*["status"] * gated, "metric", ">before", ">after", ">change", "why")
    found = []
    for move in scenario.moves:
        ends = [
            united(_value(move, entry), _quantity(move))
            if entry and entry.value is not None
            else _value(move, entry)
            for entry in (move.old, move.new)
        ]
        status = Cell("failed", "strong") if move.failed else Cell("ok")
        told = [Cell(move.metric, "name"), *map(Cell, (*ends, _told_change(move), why(move)))]
        found.append([status, *told] if gated else told)
    return Table(columns, found, title=scenario.label)


def _told(move: Move) -> str:
    before, after = (_value(move, entry) for entry in (move.old, move.new))
    return f"{before} → {united(after, _quantity(move))} ({_told_change(move)})"


def _cases(scenario: ScenarioDiff) -> list[TestCase]:
    if scenario.status in ("added", "removed"):
        failure = f"scenario {scenario.status}" if scenario.failed else ""
        return [TestCase(scenario.key, scenario.label, failure, failure, "moved")]
    cases = [
        TestCase(
            scenario.key,
            move.metric,
            failure=f"{move.metric}: {_told(move)}" if move.failed else "",
            detail=_parts_told(move) if move.failed else "",
            kind="moved",
            output="" if move.failed else _told(move),
        )
        for move in scenario.moves
    ]
    return [*cases, *(TestCase(scenario.key, name) for name in scenario.unchanged)]


def _parts_told(move: Move) -> str:
    """Return the causes of a change, a line for each part."""
    lines = [_part(part, move) for part in move.parts] or [why(move)]
    return "\n".join([_told(move), *(f"  {line}" for line in lines if line)])


def _annotations(result: Diff) -> list[Annotation]:
    found = []
    for scenario in result.scenarios:
        if scenario.failed:
            title = f"{scenario.label}: scenario {scenario.status}"
            found.append(Annotation("error", title, title))
        # One remark for each place, however many metrics a changed input moves.
        places = grouped((_place(result, scenario, move), move) for move in scenario.moves if move.failed)
        found += [_annotation(scenario, moves, place) for place, moves in places.items()]
    return found


def _annotation(scenario: ScenarioDiff, moves: list[Move], place: Place) -> Annotation:
    """Return a remark on the moves of one place, titled after the first."""
    first, *rest = moves
    if not rest:
        return Annotation("error", f"{first.metric} of {scenario.label}", _parts_told(first), place)
    more = f" and {len(rest)} more"
    told = [f"{move.metric}: {_parts_told(move)}" for move in moves]
    return Annotation("error", f"{first.metric}{more} of {scenario.label}", "\n".join(told), place)


def _place(result: Diff, scenario: ScenarioDiff, move: Move) -> Place:
    """Return the place in the repository of what moved a metric most: a value, or the name of a supplier.

    Otherwise it is the scenario, or the snapshot if the scenario is bundled.
    """
    now = scenario.scenario
    places: list[Place] = []
    if now is not None:
        for name in (move.metric, *(name for part in move.parts for name in part.names)):
            places += [now.data[name].place] if name in now.data else []
            keys = [fill.key for fill in FILLS if name in fill.takes]
            places += [now.links[key].place for key in keys if key in now.links]
        places.append(Place(now.where, 1, 1))
    for place in (*places, Place(result.before, 1)):
        if place.file and in_repository(place.file) and Path(place.file).is_file():
            return seen(place)
    return Place()


def document(result: Diff) -> Document:
    """The document of `diff`."""
    return header("diff") | {
        **fields(result, "before after fail_on failed:failures"),
        "formulas": fields(result, "changed added removed"),
        "scenarios": [
            {
                **fields(scenario, "key scenario:label status failed workload"),
                "links": {
                    key: {"before": before, "after": after} for key, (before, after) in scenario.links.items()
                },
                "unchanged": len(scenario.unchanged),
                "moves": [
                    _flat(move) | {"parts": [fields(part, "kind names change") for part in move.parts]}
                    for move in scenario.moves
                ],
            }
            for scenario in result.scenarios
        ],
    }


def _flat(move: Move) -> Document:
    return fields(
        move,
        "metric unit given status before after change relative beyond worse failed "
        "reason:new.reason reason_code:new.reason_code",
    )


def rows(result: Diff) -> Rows:
    """A row for each move, and for each scenario that was added or removed."""
    found: Rows = []
    for scenario in result.scenarios:
        if scenario.status in ("added", "removed"):
            found.append(fields(scenario, "scenario:label status failed"))
        found += [{"scenario": scenario.label, **_flat(move), "why": why(move)} for move in scenario.moves]
    return found
