"""Find every error of every file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from llmcost.analysis.ask.conflicts import Conflict, conflicts
from llmcost.analysis.ask.load import check_totals
from llmcost.analysis.gates.check import Item, alike, held_against, items_of, scenario_of
from llmcost.analysis.gates.jobs import in_parts
from llmcost.analysis.gates.targets import document_of
from llmcost.analysis.projection.checks import check_months
from llmcost.errors import LlmcostError, Place, Problem, attempt, each
from llmcost.records import NamedTuple
from llmcost.scenario.files.ledger import is_ledger
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.finding import Finder, files_of
from llmcost.scenario.library import Library
from llmcost.scenario.reference import Reference, exists, is_path, no_file, parse_reference
from llmcost.scenario.settled import Scenario
from llmcost.scenario.timeline import Timeline
from llmcost.scenario.values.number import shorten


class Validation(NamedTuple):
    """The result of `validate`.

    Attributes:
        files: the files that were read.
        problems: everything that is wrong with them.
        conflicts: disagreements within the scenarios, each with the label of the first that has it.
        idle: reasons stated for conflicts that do not exist.
        strict: whether conflicts and such reasons are errors.
    """

    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    conflicts: tuple[tuple[str, Conflict], ...] = ()
    idle: tuple[Problem, ...] = ()
    strict: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems and not (self.strict and (self.conflicts or self.idle))


def validate(*paths: str | Path, strict: bool = False, jobs: int = 1) -> Validation:
    """Check scenario files, test files, ledgers and folders of them, with everything they refer to.

    Statements that disagree are warnings, or errors with `strict`. A claims ledger is evaluated, with the
    scenarios and metrics that it refers to. `jobs` processes share the files, with the same result.

    Raises:
        LlmcostError: if a path does not exist, or there is no scenario file at all.
    """
    files = list(dict.fromkeys(file for files in each(_files_at, paths) for file in files))
    problems: dict[Problem, None] = {}
    found: Conflicts = {}
    idle: list[Problem] = []
    for wrong, conflicting, needless in in_parts(_validated, files, 1 if Path("-") in files else jobs):
        problems.update(dict.fromkeys(wrong))
        for place, conflict in conflicting.items():
            found.setdefault(place, conflict)
        idle += needless
    return Validation(tuple(map(str, files)), tuple(problems), tuple(found.values()), tuple(idle), strict)


Conflicts = dict[tuple[Place, str], tuple[str, Conflict]]


def _validated(files: Sequence[Path]) -> tuple[list[Problem], Conflicts, list[Problem]]:
    """Return the problems of some files, their conflicts, and reasons for conflicts that do not exist."""
    library = Library()
    problems: list[Problem] = []
    found: Conflicts = {}
    idle: list[Problem] = []
    for path in files:
        scenarios: list[Scenario] = []
        problems += _check(library, path, scenarios)
        idle += _conflicting(scenarios, found)
    return problems, found, idle


def _conflicting(scenarios: Iterable[Scenario], found: Conflicts) -> list[Problem]:
    """Add a file's conflicts, under all variants, to `found`; return the reasons that explain none."""
    given: dict[str, Scenario] = {}
    needed: set[str] = set()
    for scenario in scenarios:
        given |= dict.fromkeys(scenario.conflicts, scenario)
        for conflict in conflicts(scenario):
            needed.add(conflict.name)
            if conflict.is_open:
                found.setdefault((conflict.stated.place, conflict.name), (scenario.label, conflict))
    message = "nothing disagrees with it, so the reason is not needed"
    return [
        Problem(message, item.where or None, subject=f"conflicts: {name}")
        for name, item in given.items()
        if name not in needed
    ]


def _files_at(item: str | Path) -> list[Path]:
    if str(item) != "-" and not exists(Path(item)):
        raise LlmcostError(Problem(_no_file(str(item)), where=shorten(str(item), 80)))
    return files_of(Path(item), ledgers=True)


def _no_file(item: str) -> str:
    """Say that there is no such file, or where the file is if the item is a scenario's name."""
    if not is_path(item) and (path := Finder().find(parse_reference(item).base)):
        return f"is a scenario's name, and files are validated; its file is {path}"
    return no_file(item)


def _check_ledger(path: Path) -> list[Problem]:
    """Judge a claims ledger, which finds everything that is wrong with it and with what it refers to."""
    from llmcost.analysis.claims.judge import claims

    problems: list[Problem] = []
    attempt(lambda: claims(path), problems)
    return problems


def _check(library: Library, path: Path, scenarios: list[Scenario]) -> list[Problem]:
    """Return the problems of a file; `scenarios` is filled with it and its variants."""
    if str(path) != "-" and is_ledger(path):
        return _check_ledger(path)
    problems: list[Problem] = []
    document = attempt(lambda: document_of(path, library), problems)
    if isinstance(document, ScenarioFile):
        problems += _check_scenario(library, document, scenarios)
    known = {problem.subject for problem in problems if problem.subject}
    found: list[Problem] = []
    if document is not None:
        attempt(lambda: each(partial(_check_items, library), alike(items_of(document))), found)
    problems += [problem for problem in found if problem.subject not in known]
    if problems:  # one that is missing must not hide another
        told = {problem.place for problem in problems}
        missing: list[Problem] = []
        attempt(lambda: library.document(path, keep=False, thorough=True), missing)
        problems += [problem for problem in missing if problem.place not in told]
        problems.sort(key=lambda problem: (str(problem.where), problem.line or 0, problem.column or 0))
    return problems


def _check_items(library: Library, together: Sequence[Item]) -> None:
    """Hold what is expected under one condition against the scenario there."""
    scenario = scenario_of(together[0], library)
    for item in together:
        held_against(item, scenario, library)


def _check_scenario(library: Library, file: ScenarioFile, scenarios: list[Scenario]) -> list[Problem]:
    problems = _check_settled(library, file, (), scenarios)
    known = {problem.subject for problem in problems if problem.subject}
    for name in file.variants:
        found = _check_settled(library, file, (name,), scenarios)
        problems += [problem for problem in found if problem.subject not in known]
    return problems


def _check_settled(
    library: Library, file: ScenarioFile, variants: tuple[str, ...], scenarios: list[Scenario]
) -> list[Problem]:
    """Return the problems of a scenario under variants: of its links, totals and projection."""
    try:
        settled = library.settle(file, Reference(file.name, variants))
        check_totals(settled)
        scenarios.append(settled)
        if settled.timeline != Timeline():
            check_months(settled)
    except LlmcostError as error:
        return list(error.problems)
    return []
