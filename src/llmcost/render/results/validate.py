"""Shows the result of `validate`."""

from __future__ import annotations

from llmcost.analysis.gates.validate import Validation
from llmcost.errors import Problem
from llmcost.render.report import Cell, Document, Report, Rows, Views
from llmcost.render.results.caveats import conflict_document, located, said_of
from llmcost.render.results.shared import fields, header
from llmcost.render.results.ways import ways
from llmcost.render.words import counted


def views(result: Validation) -> Views:
    """Return the ways to show what is wrong with some files."""
    return ways(result, report, document, rows, code=0 if result.ok else 2)


def report(result: Validation) -> Report:
    """Show what was checked and what is wrong, a line each."""
    files, errors = len(result.files), len(result.problems)
    warnings = len(result.conflicts) + len(result.idle)
    if result.strict:
        errors, warnings = errors + warnings, 0
    count = f"{counted(files, 'file')}, {counted(errors or 'no', 'error')}"
    count += f", {counted(warnings, 'warning')}" if warnings else ""
    told = [*map(str, result.problems), *(located(conflict) for _, conflict in result.conflicts)]
    return Report(lines=list(map(Cell, [*told, *map(str, result.idle)])), facts=[count])


def document(result: Validation) -> Document:
    """The document of `validate`."""
    return header("validate") | {
        "files": list(result.files),
        "problems": list(map(_problem, result.problems)),
        "conflicts": [conflict_document(conflict, label) for label, conflict in result.conflicts],
        "warnings": list(map(_problem, result.idle)),
    }


def _problem(problem: Problem) -> Document:
    return fields(problem, "file:where line column subject message")


def rows(result: Validation) -> Rows:
    """A row for each problem, then for each warning."""
    disagreeing = [
        Problem(said_of(conflict), *conflict.stated.place, conflict.name) for _, conflict in result.conflicts
    ]
    return list(map(_problem, [*result.problems, *disagreeing, *result.idle]))
