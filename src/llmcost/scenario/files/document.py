"""Reads a file, whichever kind it says it is."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import Final

from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.scenario.files.kinds import CLAIMS, TESTS
from llmcost.scenario.files.problems import At, Missing, Problems
from llmcost.scenario.files.scenario_file import SCENARIO, ScenarioFile, scenario_of
from llmcost.scenario.files.test_file import CaseFile, case_file_of
from llmcost.scenario.files.tree import Mapping, Node, Scalar, compose
from llmcost.scenario.values.number import shorten

TABLES: Final = (".jsonl", ".ndjson", ".csv")
"""Endings of files of rows: results and exports of other tools."""


def read_document(
    text: str,
    name: str,
    where: str,
    tree: Callable[[str, str], Node] = compose,
    missing: Missing = lambda key, link: None,
    *,
    thorough: bool = False,
) -> ScenarioFile | CaseFile:
    """Read a scenario or a test file, whichever the text says it is; `tree` parses it.

    Where something is wrong with it, or to be `thorough`, it says which scenarios that it names are missing.

    Raises:
        LlmcostError: with every problem of the text, each with its line and column.
    """
    try:
        node = tree(text, where)
    except LlmcostError:
        if where.endswith(TABLES):
            raise LlmcostError(Problem(f"is not a scenario; {_imports(where)}", where)) from None
        raise
    kind = kind_said(node)
    if kind == CLAIMS:
        raise LlmcostError(Problem("is a ledger of claims, not a scenario; see 'llmcost claims'", where))
    if said := _something_else(node, where):
        raise LlmcostError(Problem(said, where))
    problems = Problems(where)
    read = case_file_of if kind == TESTS else scenario_of
    found = read(node, name, At(problems))
    if thorough or problems.found:
        problems.check_links(missing)
    if found is None or problems.found:
        raise LlmcostError(*problems.sorted())
    return found


def _something_else(node: Node | None, where: str) -> str | None:
    """Say what a file is if none of its keys belongs to a scenario, such as a benchmark's result."""
    pairs = {key.text: value for key, value in node.items} if isinstance(node, Mapping) else {}
    form = pairs.get("format")
    if isinstance(form, Scalar) and form.text.startswith("llmcost/"):
        what = form.text.removeprefix("llmcost/")
        hint = "; 'llmcost diff' compares with it" if what == "snapshot" else ""
        return f"is the result of 'llmcost {what}', not a scenario{hint}"
    known = {"llmcost", "kind", *SCENARIO.fields, *MODEL.sections}
    if not where.endswith((".json", *TABLES)) or any(key.partition(".")[0] in known for key in pairs):
        return None
    if node is None or (isinstance(node, Mapping) and not pairs):
        return None
    some = ", ".join([*(shorten(key, 30) for key in list(pairs)[:3]), *["…"] * (len(pairs) > 3)])
    why = f": none of its keys ({some}) belongs to one" if some else ""
    return f"is not a scenario{why}; {_imports(where)}"


def _imports(where: str) -> str:
    """Say how to turn a file of another tool into a scenario, and how to start one."""
    reads = f"'llmcost import {shlex.quote(where)}' reads benchmarks, usage exports and bills"
    return f"{reads}, 'llmcost init NAME.yaml' begins a scenario"


def kind_said(node: Node | None) -> str | None:
    """Return the `kind` that a document states."""
    pairs = node.items if isinstance(node, Mapping) else ()
    return next((item.text for key, item in pairs if key.text == "kind" and isinstance(item, Scalar)), None)
