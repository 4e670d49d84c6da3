"""Every error of every file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from llmcost.analysis.ask.load import check_totals
from llmcost.analysis.gates.check import alike, items_of, scenario_of
from llmcost.analysis.projection.checks import check_months
from llmcost.errors import LlmcostError, Problem
from llmcost.scenario.files.ledger import is_ledger
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.library import Library, files_of
from llmcost.scenario.reference import Reference, exists
from llmcost.scenario.timeline import Timeline
from llmcost.scenario.values.number import shorten


class Validation(NamedTuple):
    """The result of `validate`: the files that were read, and everything that is wrong with them."""

    files: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def validate(*paths: str | Path) -> Validation:
    """Read scenario and test files and folders; parents, suppliers, variants, totals, months, conditions too.

    A claims ledger is worked out, with the scenarios and metrics that it refers to.

    Raises:
        LlmcostError: if a path does not exist, or there is no scenario file at all.
    """
    library = Library()
    files = list(dict.fromkeys(_expand(paths)))
    problems: dict[Problem, None] = {}
    for path in files:
        problems.update(dict.fromkeys(_check(library, path)))
    return Validation(tuple(map(str, files)), tuple(problems))


def _expand(paths: Iterable[str | Path]) -> list[Path]:
    found: list[Path] = []
    for item in paths:
        if str(item) != "-" and not exists(Path(item)):
            raise LlmcostError(Problem("there is no such file or folder", where=shorten(str(item), 80)))
        found += [Path(item)] if str(item) == "-" else files_of(Path(item), ledgers=True)
    return found


def _check_ledger(path: Path) -> list[Problem]:
    """Work out a claims ledger, which finds whatever is wrong with it and with what it refers to."""
    from llmcost.analysis.claims.judge import claims

    try:
        claims(path)
    except LlmcostError as error:
        return list(error.problems)
    return []


def _check(library: Library, path: Path) -> list[Problem]:
    if str(path) != "-" and is_ledger(path):
        return _check_ledger(path)
    try:
        document = library.stdin() if str(path) == "-" else library.document(path)
        if isinstance(document, ScenarioFile):
            document = library.complete(document)
    except LlmcostError as error:
        return list(error.problems)
    problems = _check_scenario(library, document) if isinstance(document, ScenarioFile) else []
    known = {problem.subject for problem in problems if problem.subject}
    for together in alike(items_of(document)):
        try:
            scenario_of(together[0], library)
        except LlmcostError as error:
            problems += [problem for problem in error.problems if problem.subject not in known]
    return problems


def _check_scenario(library: Library, file: ScenarioFile) -> list[Problem]:
    problems = _check_settled(library, file, ())
    known = {problem.subject for problem in problems if problem.subject}
    for name in file.variants:
        found = _check_settled(library, file, (name,))
        problems += [problem for problem in found if problem.subject not in known]
    return problems


def _check_settled(library: Library, file: ScenarioFile, variants: tuple[str, ...]) -> list[Problem]:
    """Return what is wrong with the suppliers, the totals, and the months to come."""
    try:
        settled = library.settle(file, Reference(file.name, variants))
        check_totals(settled)
        if settled.timeline != Timeline():
            check_months(settled)
    except LlmcostError as error:
        return list(error.problems)
    return []
