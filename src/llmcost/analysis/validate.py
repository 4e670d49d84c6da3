"""Every error of every file."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from llmcost.analysis.loading import check_totals
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.scenario.library import Library, scenario_paths
from llmcost.scenario.reader import ScenarioFile
from llmcost.scenario.scenario import Reference, settle


class Validation(NamedTuple):
    """The result of `validate`: the files that were read, and everything that is wrong with them."""

    files: tuple[str, ...]
    problems: tuple[Problem, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def validate(*paths: str | Path) -> Validation:
    """Read scenario files and folders of them; parents, every variant and every total included.

    Raises:
        LlmcostError: if a path does not exist, or there is no scenario file at all.
    """
    library = Library(MODEL)
    files = list(dict.fromkeys(_expand(paths)))
    problems: dict[Problem, None] = {}
    for path in files:
        problems.update(dict.fromkeys(_check(library, path)))
    return Validation(tuple(map(str, files)), tuple(problems))


def _expand(paths: Iterable[str | Path]) -> list[Path]:
    found: list[Path] = []
    for item in map(Path, paths):
        if str(item) == "-" or item.is_file():
            found.append(item)
        elif item.is_dir():
            below = list(scenario_paths(item))
            if not below:
                raise LlmcostError(Problem("holds no scenario file (.yaml or .yml)", where=str(item)))
            found += below
        else:
            raise LlmcostError(Problem("there is no such file or folder", where=str(item)))
    return found


def _check(library: Library, path: Path) -> list[Problem]:
    try:
        file = library.file("-") if str(path) == "-" else library.complete(library.read(path))
    except LlmcostError as error:
        return list(error.problems)
    problems = _check_totals(file, ())
    known = {problem.subject for problem in problems}
    for name in file.variants:
        problems += [problem for problem in _check_totals(file, (name,)) if problem.subject not in known]
    return problems


def _check_totals(file: ScenarioFile, variants: tuple[str, ...]) -> list[Problem]:
    try:
        check_totals(settle(file, Reference(file.name, variants), None))
    except LlmcostError as error:
        return list(error.problems)
    return []
