"""What several tests do: call llmcost within this process, by the fixture in conftest.py; hold one thing
against each of many values.
"""

from __future__ import annotations

import functools
import inspect
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from textwrap import dedent
from typing import Any, Final, NamedTuple

import pytest

from llmcost.analysis.ask.load import prepare
from llmcost.errors import LlmcostError
from llmcost.scenario.files.document import read_document
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.library import Library
from llmcost.scenario.reference import Reference
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.number import NotANumber

ROOT: Final = Path(__file__).parents[1]
TESTS: Final = ROOT / "tests"
WORLD: Final = TESTS / "world"


class Done(NamedTuple):
    """What a call left behind."""

    code: int
    out: str
    err: str


Call = Callable[..., Done]


def write(path: str | Path, text: str) -> Path:
    """Write a file, whose text may stand indented, and the folders above it."""
    found = Path(path)
    found.parent.mkdir(parents=True, exist_ok=True)
    found.write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    return found


def scenario_in(text: str, name: str = "x", where: str = "x.yaml") -> ScenarioFile:
    """Return the scenario that a text holds."""
    found = read_document(text, name, where)
    assert isinstance(found, ScenarioFile)
    return found


def made(text: str) -> Scenario:
    """Return the scenario that a text holds, which stands in no file, ready to be worked with."""
    library, found = Library([]), scenario_in(f"llmcost: 1\n{text}", "company", "company.yaml")
    return prepare(library.settle(library.complete(found), Reference("company")))


def refusal(call: Callable[..., object], *arguments: Any, **options: Any) -> str:
    """Return what is said where a call is refused, a line for each problem."""
    with pytest.raises((LlmcostError, NotANumber)) as caught:
        call(*arguments, **options)
    return str(caught.value)


Test = Callable[..., None]


def each(names: str, values: Iterable[Any], called: Callable[[Any], str] = str) -> Callable[[Test], Test]:
    """Give a test each of many values, as `parametrize` does, but as one test, which names all that fail.

    For what is quick: to set up, hand to a process and report a test takes longer than to read a number.
    """
    split = [name.strip() for name in names.split(",")]

    def decorate(test: Test) -> Test:
        @functools.wraps(test)
        def all_of_them(**fixtures: Any) -> None:
            failed = []
            for value in values:
                given = dict(zip(split, value, strict=True)) if len(split) > 1 else {split[0]: value}
                try:
                    test(**given, **fixtures)
                except (AssertionError, pytest.fail.Exception) as error:
                    line = traceback.extract_tb(error.__traceback__)[1].lineno
                    failed.append(f"{called(value)}, line {line}: {error}")
                except Exception as error:
                    error.add_note(f"with {called(value)}")
                    raise
            if failed:
                pytest.fail("\n\n".join(failed), pytrace=False)

        fixtures = inspect.signature(test)
        others = [one for name, one in fixtures.parameters.items() if name not in split]
        all_of_them.__signature__ = fixtures.replace(parameters=others)  # type: ignore[attr-defined]
        return all_of_them

    return decorate
