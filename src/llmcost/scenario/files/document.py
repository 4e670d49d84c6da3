"""One file of whatever kind it says it is."""

from __future__ import annotations

from llmcost.errors import LlmcostError, Problem
from llmcost.scenario.files.format import At
from llmcost.scenario.files.kinds import CLAIMS, TESTS
from llmcost.scenario.files.scenario_file import ScenarioFile, scenario_of
from llmcost.scenario.files.test_file import CaseFile, case_file_of
from llmcost.scenario.files.tree import Mapping, Node, Scalar, compose
from llmcost.scenario.values.datum import Problems


def read_document(text: str, name: str, where: str) -> ScenarioFile | CaseFile:
    """Read a scenario or a test file, whichever the text says it is.

    Raises:
        LlmcostError: with every problem of the text, each with its line and column.
    """
    node = compose(text, where)
    kind = kind_said(node)
    if kind == CLAIMS:
        raise LlmcostError(Problem("is a ledger of claims, not a scenario; see 'llmcost claims'", where))
    problems = Problems(where)
    read = case_file_of if kind == TESTS else scenario_of
    found = read(node, name, At(problems))
    if found is None or problems.found:
        raise LlmcostError(*problems.sorted())
    return found


def kind_said(node: Node | None) -> str | None:
    """Return the kind that a document says it is of."""
    pairs = node.items if isinstance(node, Mapping) else ()
    return next(
        (value.text for key, value in pairs if key.text == "kind" and isinstance(value, Scalar)), None
    )
