"""Expectations as pytest items: those of `*.llmcost.yaml` files, and of folders named by `--llmcost`.

Where neither is there, all this costs is the import of this module: llmcost itself is imported once a
file is collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from llmcost.analysis.gates.check import Item, Tested
    from llmcost.scenario.library import Library

ENDINGS: Final = (".llmcost.yaml", ".llmcost.yml")
LIBRARY: Final[pytest.StashKey[Library]] = pytest.StashKey()
"""Scenarios are read once, however many files name them."""


class ExpectationWarning(pytest.PytestWarning):
    """An expectation of severity `warn` does not hold."""


class ExpectationError(Exception):
    """An expectation does not hold."""

    def __init__(self, outcome: Tested) -> None:
        super().__init__(outcome.name)
        self.outcome = outcome


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--llmcost`."""
    parser.getgroup("llmcost").addoption(
        "--llmcost",
        action="append",
        default=[],
        metavar="FOLDER",
        help="collect the expectations of the scenarios in this folder too; repeatable",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Have the folders walked that `--llmcost` names, wherever else tests are looked for.

    Raises:
        UsageError: if one is not there.
    """
    for folder in config.getoption("--llmcost"):
        if not (config.invocation_params.dir / folder).exists():
            raise pytest.UsageError(f"--llmcost {folder}: there is no such file or folder")
        if folder not in config.args:
            config.args.append(folder)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioTests | None:
    """Collect a test file, or any scenario below a named folder."""
    if file_path.name.endswith(ENDINGS) or _is_named(file_path, parent.config):
        return ScenarioTests.from_parent(parent, path=file_path)
    return None


def _is_named(path: Path, config: pytest.Config) -> bool:
    if path.suffix.lower() not in (".yaml", ".yml"):
        return False
    for name in config.getoption("--llmcost"):
        folder = (config.invocation_params.dir / name).resolve()
        if path.is_relative_to(folder) and _is_scenario(path.relative_to(folder)):
            return True
    return False


def _is_scenario(below: Path) -> bool:
    """Whether a path below a folder is one that `scenario_paths` yields."""
    from llmcost.scenario.finding import NOT_SCENARIOS

    hidden = any(part.startswith(".") for part in below.parts)
    return not hidden and NOT_SCENARIOS.isdisjoint(below.parts[:-1])


class ScenarioTests(pytest.File):
    """A scenario or test file; its items are its expectations."""

    def collect(self) -> Iterator[CaseTests | ExpectationItem]:
        """Yield an item for each expectation, below its case in a test file.

        Raises:
            CollectError: with every problem of the file.
        """
        from llmcost.analysis.gates.check import items_of
        from llmcost.analysis.gates.targets import paths_of, read_targets
        from llmcost.errors import Problem
        from llmcost.render.words import clean
        from llmcost.scenario.library import Library

        problems: list[Problem] = []
        library = self.config.stash.setdefault(LIBRARY, Library())
        targets = paths_of([_shown(self.path, self.config)], library)
        for document in read_targets(targets, library, problems):
            for case, group in groupby(items_of(document), key=lambda item: item.case):
                items = list(group)
                if case is None:
                    yield from expectation_items(self, items, library)
                else:
                    yield CaseTests.from_parent(self, name=clean(case), items=items, library=library)
        if problems:
            raise self.CollectError("\n".join(clean(str(problem)) for problem in problems))


class CaseTests(pytest.Collector):
    """A case of a test file, so that pytest finds an item by its id, `FILE::CASE::METRIC`."""

    def __init__(self, *, items: list[Item], library: Any, **rest: Any) -> None:
        super().__init__(**rest)
        self.items = items
        self.library = library

    def collect(self) -> Iterator[ExpectationItem]:
        """Yield an item for each expectation."""
        yield from expectation_items(self, self.items, self.library)


def expectation_items(parent: pytest.Collector, items: list[Item], library: Any) -> Iterator[ExpectationItem]:
    """Yield the pytest item of each expectation, named after its metric and conditions."""
    from llmcost.render.words import clean

    for item in items:
        stem = item.name.partition("::")[2]
        own = stem.removeprefix(f"{item.case}::") if item.case is not None else stem
        yield ExpectationItem.from_parent(parent, name=clean(own), item=item, library=library)


def _shown(path: Path, config: pytest.Config) -> Path:
    """Return a path as messages show it: from where pytest was started, if it lies below."""
    start = config.invocation_params.dir
    return path.relative_to(start) if path.is_relative_to(start) and start == Path.cwd() else path


class ExpectationItem(pytest.Item):
    """One expectation."""

    def __init__(self, *, item: Item, library: Any, **rest: Any) -> None:
        super().__init__(**rest)
        self.item = item
        self.library = library

    def runtest(self) -> None:
        """Hold it against what follows from its scenario.

        Raises:
            ExpectationError: if it does not hold.
            LlmcostError: if it cannot be told.
        """
        from llmcost.analysis.gates.check import outcomes_of
        from llmcost.render.results.check import explained

        (outcome,) = outcomes_of([self.item], self.library)
        if outcome.status == "failed":
            raise ExpectationError(outcome)
        if outcome.status == "warned":
            self.warn(ExpectationWarning(explained(outcome)))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what the command line says of a failure; it has no traceback worth reading."""
        from llmcost.errors import LlmcostError
        from llmcost.render.results.check import explained
        from llmcost.render.words import clean

        if isinstance(excinfo.value, ExpectationError):
            return explained(excinfo.value.outcome)
        if isinstance(excinfo.value, ExpectationWarning):  # with `-W error`
            return str(excinfo.value)
        if isinstance(excinfo.value, LlmcostError):
            return "\n".join(clean(str(problem)) for problem in excinfo.value.problems)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the expectation stands."""
        return self.path, (self.item.expectation.place.line or 1) - 1, self.name
