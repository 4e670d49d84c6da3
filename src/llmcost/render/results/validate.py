"""What `validate` has to say."""

from __future__ import annotations

from llmcost.analysis.gates.validate import Validation
from llmcost.render.report import Cell, Document, Report, Rows, Views
from llmcost.render.results.shared import header


def views(result: Validation) -> Views:
    """Return the ways to show what is wrong with some files."""
    return Views(
        lambda: report(result), lambda: document(result), lambda: rows(result), code=0 if result.ok else 2
    )


def report(result: Validation) -> Report:
    """Show what was checked and what is wrong, a line each."""
    files, errors = len(result.files), len(result.problems)
    count = f"{files} file{'s' if files != 1 else ''}, {errors or 'no'} error{'s' if errors != 1 else ''}"
    return Report(lines=[Cell(str(problem)) for problem in result.problems], facts=[count])


def document(result: Validation) -> Document:
    """The document of `validate`."""
    return header("validate") | {
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


def rows(result: Validation) -> Rows:
    """A row for each problem."""
    return list(document(result)["problems"])
