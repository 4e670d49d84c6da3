"""The targets of gates: files, folders, names of scenarios and standard input, each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, partial
from pathlib import Path

from llmcost.errors import LlmcostError, Problem, attempt
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.files.test_file import CaseFile
from llmcost.scenario.library import Library
from llmcost.scenario.reference import parse_reference
from llmcost.scenario.values.number import shorten

Target = Path | tuple[Problem, ...]
"""A file, or the problems of a target that names none."""


def paths_of(targets: Iterable[str | Path], library: Library) -> list[Target]:
    """Return the files of targets, each once."""
    found: dict[Target, Target] = {}
    real = cache(Path.resolve)
    for target in map(str, targets):
        try:
            _refuse_reference(target)
            for path in library.paths(target):
                own = path.resolve() if path.is_symlink() else real(path.parent) / path.name
                found.setdefault(own, path)
        except LlmcostError as error:
            found[error.problems] = error.problems
    return list(found.values())


def read_targets(
    paths: Iterable[Target], library: Library, problems: list[Problem]
) -> Iterator[ScenarioFile | CaseFile]:
    """Yield the documents of targets, and add their faults to `problems`.

    A scenario is completed from its parents, but has only its own expectations.
    """
    for path in paths:
        if isinstance(path, tuple):
            problems += path
        elif (document := attempt(partial(document_of, path, library), problems)) is not None:
            yield document


def _refuse_reference(target: str) -> None:
    """Refuse a target that names a variant or a date."""
    reference = parse_reference(target)
    if reference.variants or reference.as_of:
        message = f"expectations name their own variant and date; check '{reference.base}'"
        raise LlmcostError(Problem(message, where=shorten(target, 80)))


def document_of(path: Path, library: Library) -> ScenarioFile | CaseFile:
    """Read a file; a scenario is completed from its parents."""
    found = library.document(path, keep=False)
    return found if isinstance(found, CaseFile) else library.complete(found)
