"""Calling llmcost within this process, as several tests do; the fixture is in conftest.py."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from llmcost.scenario.files.document import read_document
from llmcost.scenario.files.scenario_file import ScenarioFile

ROOT: Final = Path(__file__).parents[1]
TESTS: Final = ROOT / "tests"
WORLD: Final = TESTS / "world"


class Done(NamedTuple):
    """What a call left behind."""

    code: int
    out: str
    err: str


Call = Callable[..., Done]


def scenario_in(text: str, name: str = "x", where: str = "x.yaml") -> ScenarioFile:
    """Return the scenario that a text holds."""
    found = read_document(text, name, where)
    assert isinstance(found, ScenarioFile)
    return found
