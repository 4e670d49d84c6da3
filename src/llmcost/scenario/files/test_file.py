"""Test files (`kind: tests`): named cases, each a scenario, conditions and expectations."""

from __future__ import annotations

from typing import Final

from llmcost.errors import Place
from llmcost.records import NamedTuple
from llmcost.scenario.files.expectation import (
    EXPECT,
    SETTING,
    Expectation,
    Setting,
    expectations_of,
    setting_of,
)
from llmcost.scenario.files.format import Field, Fields, Found, Kind
from llmcost.scenario.files.kinds import LINK, NOTE, TESTS, TEXT, TITLE, VERSION, choice, listed, nested, once
from llmcost.scenario.files.problems import At
from llmcost.scenario.files.tree import Node
from llmcost.scenario.reference import Link


class Case(NamedTuple):
    """A scenario, its conditions, and the expectations."""

    name: str
    scenario: Link
    setting: Setting
    expectations: tuple[Expectation, ...]
    place: Place


def _case(found: Found) -> Case | None:
    expectations = expectations_of(found["expect"])
    if "expect" in found and not expectations and found.sound:
        found.refuse("expects nothing; name a metric and its value", "expect")
    if found["name"] is None or found["scenario"] is None:
        return None
    return Case(found["name"], found["scenario"], setting_of(found), expectations, found.place)


CASE: Final = Fields(
    "Case",
    "a mapping with 'name', 'scenario' and 'expect'",
    "A scenario, its conditions, and what is expected of it.",
    Field("name", TEXT, "The name of the case, for messages and -k.", required=True),
    Field("scenario", LINK, "A name, or a path relative to this file.", required=True),
    *SETTING,
    Field("expect", EXPECT, "What is expected.", required=True),
    title="name",
)
_LISTED: Final = listed(
    nested(CASE, _case), "a list of cases, each with 'name', 'scenario' and 'expect'", least=1
)


def _cases(node: Node, at: At) -> tuple[Case, ...]:
    read = _LISTED.read(node, at) or []
    return tuple(once(read, lambda case: case.name, lambda case: case.place, "case", at))


class CaseFile(NamedTuple):
    """A test file."""

    name: str
    where: str
    cases: tuple[Case, ...]


CASE_FILE: Final = Fields(
    "llmcost tests",
    "a mapping with a list of 'cases'",
    "What is expected of scenarios, under conditions.",
    VERSION,
    Field("kind", choice(TESTS), "The kind of file; marks it as not a scenario.", required=True),
    TITLE,
    NOTE,
    Field("cases", Kind(_LISTED.words, _cases, _LISTED.model), "The cases.", required=True),
)


def case_file_of(node: Node, name: str, at: At) -> CaseFile | None:
    """Read a test file from a document, and report its problems."""
    found = CASE_FILE.read(node, at)
    if found is None:
        return None
    return CaseFile(name, at.problems.where or name, found["cases"] or ())
