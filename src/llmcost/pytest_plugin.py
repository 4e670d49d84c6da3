"""Expectations as pytest items: those of `*.llmcost.yaml` files, and of folders named by `--llmcost`.

Where neither is there, all this costs is the import of this module: llmcost itself is imported once a
file is collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from llmcost.analysis.check import Item, Outcome

ENDINGS: Final = (".llmcost.yaml", ".llmcost.yml")


class ExpectationWarning(pytest.PytestWarning):
    """An expectation of severity `warn` does not hold."""


class ExpectationError(Exception):
    """An expectation does not hold."""

    def __init__(self, outcome: Outcome) -> None:
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
    if path.suffix not in (".yaml", ".yml"):
        return False
    from llmcost.scenario.library import scenario_paths

    for name in config.getoption("--llmcost"):
        folder = (config.invocation_params.dir / name).resolve()
        if path == folder or (path.is_relative_to(folder) and path in scenario_paths(folder)):
            return True
    return False


class ScenarioTests(pytest.File):
    """A scenario or test file; its items are its expectations."""

    def collect(self) -> Iterator[ExpectationItem]:
        """Yield an item for each expectation.

        Raises:
            CollectError: with every problem of the file.
        """
        from llmcost.analysis.check import documents, items_of
        from llmcost.errors import Problem
        from llmcost.formulas import MODEL
        from llmcost.scenario.library import Library

        problems: dict[Problem, None] = {}
        library = Library(MODEL)
        for document in documents([_shown(self.path, self.config)], library, problems):
            for item in items_of(document):
                name = item.name.partition("::")[2]
                yield ExpectationItem.from_parent(self, name=name, item=item, library=library)
        if problems:
            raise self.CollectError("\n".join(map(str, problems)))


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
        from llmcost.analysis.check import outcomes_of
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

        if isinstance(excinfo.value, ExpectationError):
            return explained(excinfo.value.outcome)
        if isinstance(excinfo.value, LlmcostError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the expectation stands."""
        return self.path, self.item.expectation.line - 1, self.name
