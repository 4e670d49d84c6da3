"""Test files (`kind: tests`): named cases, each a scenario under conditions and what is expected of it."""

from __future__ import annotations

from typing import Final, NamedTuple

from llmcost.engine.registry import Registry
from llmcost.errors import LlmcostError, Place, Problem
from llmcost.scenario.files.expectation import (
    SETTING_KEYS,
    Expectation,
    Setting,
    read_expectations,
    read_setting,
)
from llmcost.scenario.files.scenario_file import CLAIMS, TESTS, ScenarioFile, check_version, scenario_of
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence, compose
from llmcost.scenario.values.datum import Problems, fields, kind_of, text_of

SUITE_KEYS: Final = ("llmcost", "kind", "title", "note", "cases")
CASE_KEYS: Final = ("name", "scenario", *SETTING_KEYS, "expect")


class Case(NamedTuple):
    """A scenario, the conditions it is put under, and what is expected of it.

    `reference` is what names the scenario: a name, or a path as seen from the test file.
    """

    name: str
    reference: str
    setting: Setting
    expectations: tuple[Expectation, ...]
    place: Place


class Suite(NamedTuple):
    """A test file."""

    name: str
    where: str
    cases: tuple[Case, ...]
    title: str | None = None
    note: str | None = None


def read_document(text: str, name: str, where: str, registry: Registry) -> ScenarioFile | Suite:
    """Read a scenario or a test file, whichever the text says it is.

    Raises:
        LlmcostError: with every problem of the text, each with its line and column.
    """
    node = compose(text, where)
    if _says(node, CLAIMS):
        raise LlmcostError(Problem("is a claims ledger and no scenario; see 'llmcost claims'", where))
    if not _says(node, TESTS):
        return scenario_of(node, name, where, registry)
    problems = Problems(where)
    suite = _suite(node, name, registry, problems)
    if problems.found:
        raise LlmcostError(*problems.sorted())
    return suite


def _says(node: Node, kind: str) -> bool:
    """Whether a file says that it is of a kind."""
    return isinstance(node, Mapping) and any(
        key.text == "kind" and isinstance(value, Scalar) and value.text == kind for key, value in node.items
    )


def _suite(node: Node, name: str, registry: Registry, problems: Problems) -> Suite:
    assert isinstance(node, Mapping)
    found = fields(node, SUITE_KEYS, problems)
    check_version(found.get("llmcost"), problems)
    cases: dict[str, Case] = {}
    listed = found.get("cases")
    if not isinstance(listed, Sequence) or not listed.items:
        message = "a test file needs a list of 'cases', each with 'name', 'scenario' and 'expect'"
        problems.add(listed or node, message)
    for item in listed.items if isinstance(listed, Sequence) else ():
        case = _case(item, registry, problems)
        if case is None:
            continue
        if case.name in cases:
            problems.add(item, f"duplicate case '{case.name}', first in line {cases[case.name].place.line}")
        else:
            cases[case.name] = case
    title, note = (
        text_of(found[key], problems, None, key) if key in found else None for key in ("title", "note")
    )
    return Suite(name, problems.where or name, tuple(cases.values()), title, note)


def _case(node: Node, registry: Registry, problems: Problems) -> Case | None:
    if not isinstance(node, Mapping):
        problems.add(node, f"a case is a mapping with 'name', 'scenario' and 'expect', got {kind_of(node)}")
        return None
    found = fields(node, CASE_KEYS, problems, "case")
    missing = [key for key in ("name", "scenario", "expect") if key not in found]
    if missing:
        problems.add(node, f"has no {' and no '.join(map(repr, missing))}", "case")
    texts = {key: text_of(found[key], problems, "case", key) for key in ("name", "scenario") if key in found}
    subject = f"case '{texts.get('name')}'" if texts.get("name") else "case"
    setting = read_setting(found, registry, problems, subject)
    before = len(problems.found)
    expectations = read_expectations(found.get("expect"), registry, problems)
    if "expect" in found and not expectations and len(problems.found) == before:
        problems.add(found["expect"], "expects nothing; name a metric and its value", subject)
    name, reference = texts.get("name"), texts.get("scenario")
    if name is None or reference is None:
        return None
    return Case(name, reference, setting, expectations, problems.place(node))
