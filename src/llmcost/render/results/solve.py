"""Shows the result of `solve`."""

from __future__ import annotations

from typing import Final

from llmcost.analysis.whatif.search import Blank, Solution
from llmcost.analysis.whatif.solve import Solved
from llmcost.render import words
from llmcost.render.report import Cell, Document, Report, Rows, Table, Views, columns_of
from llmcost.render.results.caveats import caveats_document
from llmcost.render.results.shared import fields, header, horizon_lines, reason_fields, rounded, with_unit
from llmcost.render.results.ways import ways
from llmcost.verbs import ANY

POINT: Final = 1e-9
"""A stretch shorter than this share of the search counts as a point."""


def views(result: Solved) -> Views:
    """Return the ways to show what was solved."""
    return ways(
        result,
        report,
        document,
        rows,
        drawn="solve",
        caveats=lambda one: [one.caveats],
        code=0 if result.found else 1,
    )


def bare_views(result: Solved) -> Views:
    """Return a single number in every form: the solution nearest to today's value."""
    return Views(
        Report, dict, list, stream=lambda _: iter([bare(result)]), streamed=ANY, code=0 if result.best else 1
    )


def report(result: Solved) -> Report:
    """Show every solution with its residual, or why there is none."""
    title = f"{result.scenario.label}: {result.condition.text}, moving {result.input.name}"
    blocks = [_table(result)] if result.solutions and result.no_effect is None else []
    return Report(title, lead=[outcome(result)], blocks=blocks, facts=_facts(result))


def outcome(result: Solved) -> str:
    """Say in a sentence what was found."""
    if result.no_effect is not None:
        return f"No value of {result.input.name} changes this."
    low = words.number(result.low, result.input)
    between = f"between {low} and {rounded(result.high, result.input)}"
    if result.condition.sign != "=" and result.holds:
        if result.holds == ((result.low, result.high),):
            return f"It holds everywhere {between}."
        stretches = " and ".join(_stretch(result, *ends) for ends in result.holds)
        return f"It holds {stretches}, searched {between}."
    if len(result.solutions) == 1:
        return f"{result.input.name} = {with_unit(result.solutions[0].value, result.input)}"
    if result.solutions:
        return f"{len(result.solutions)} solutions {between}."
    return f"No solution {between}: {_path(result)}."


def _stretch(result: Solved, low: float, high: float) -> str:
    """Say where it holds; an end of the search is none of the answer."""
    if low == result.low:
        return f"up to {with_unit(high, result.input)}"
    if high == result.high:
        return f"from {with_unit(low, result.input)} on"
    return f"from {words.exact(low, result.input)} to {with_unit(high, result.input)}"


def _path(result: Solved) -> str:
    start, stop = ("undefined" if end is None else with_unit(end, result.metric) for end in result.ends)
    said = f"{result.metric.name} runs from {start} to {stop}"
    if result.jumps:
        places = ", ".join(with_unit(x, result.input) for x in result.jumps)
        said += f" and jumps across the target at {places}, without meeting it"
    return said


def _table(result: Solved) -> Table:
    columns = columns_of(f">{result.input.name}", f">{result.metric.name}", ">residual")
    rows = [
        [
            Cell(with_unit(s.value, result.input), "strong"),
            Cell(with_unit(s.achieved, result.metric)),
            Cell(f"{s.residual:.1e}" if s.residual else "0", "faint"),
        ]
        for s in result.solutions
    ]
    return Table(columns, rows)


def _facts(result: Solved) -> list[str]:
    facts = []
    if result.jumps and (result.solutions or result.holds):
        facts.append(f"Not a solution: {_path(result)}")
    facts += [f"Undefined {_where(result, blank)}: {blank.reason}" for blank in result.blanks]
    facts += horizon_lines(result.scenario, [result.metric.name])
    facts.append(f"Workload: {result.scenario.workload}")
    return facts


def _where(result: Solved, blank: Blank) -> str:
    """Name a stretch or a point of the search."""
    low, high = with_unit(blank.low, result.input), with_unit(blank.high, result.input)
    if blank.high - blank.low < POINT * (result.high - result.low):
        return f"at {high if blank.high == result.high else low}"
    return f"from {words.exact(blank.low, result.input)} to {high}"


def bare(result: Solved) -> str:
    """Return the solution nearest to today's value as a bare number, for scripts."""
    best = result.best
    return "" if best is None else f"{best.value!r}\n"


def document(result: Solved) -> Document:
    """The document of `solve`."""
    return header("solve") | {
        **fields(result.scenario, "scenario:label workload"),
        **fields(result, "input:input.name unit:input.unit target:condition.text"),
        **caveats_document([result.caveats]),
        **fields(result, "solution:best.value achieved:best.achieved residual:best.residual"),
        "solutions": [_solution(s) for s in result.solutions],
        "holds": [list(stretch) for stretch in result.holds],
        "jumps": list(result.jumps),
        "undefined": [
            fields(blank, "from:low to:high") | reason_fields(blank.reason) for blank in result.blanks
        ],
        "between": [result.low, result.high],
        "ends": list(result.ends),
        "outcome": outcome(result),
    }


def _solution(solution: Solution) -> Document:
    return fields(solution, "value achieved residual")


def rows(result: Solved) -> Rows:
    """A row for each solution."""
    return [
        {"scenario": result.scenario.label, "input": result.input.name, **_solution(s)}
        for s in result.solutions
    ]
