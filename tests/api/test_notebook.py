"""Results in a notebook: a short line, and the whole as text and Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import llmcost
from calling import WORLD
from llmcost.verbs import VERBS

pytestmark = pytest.mark.usefixtures("world")


def result_of(verb: str) -> Any:
    expecting = WORLD / "expectations"
    match verb:
        case "compare":
            return llmcost.compare("lark", "wren")
        case "show":
            return llmcost.evaluate("wren")
        case "explain":
            return llmcost.explain("wren", "unit.gross_margin")
        case "breakeven":
            return llmcost.breakeven("acme")
        case "selfhost":
            return llmcost.selfhost("nest", "lark", "wren")
        case "sweep":
            vary = ["serving.utilization=0.5,1"]
            return llmcost.sweep("wren", vary=vary, metrics=["unit.gross_margin"])
        case "solve":
            return llmcost.solve("acme", vary="revenue.api", until="company.operating_profit = 0")
        case "sensitivity":
            return llmcost.sensitivity("acme", "cost.total")
        case "simulate":
            return llmcost.simulate("acme", metrics=["cost.total"], draws=100)
        case "project":
            return llmcost.project("acme", months=3)
        case "check":
            return llmcost.check(expecting)
        case "snapshot":
            return llmcost.snapshot("acme")
        case "diff":
            return llmcost.diff("acme", "acme:leak")
        case "claims":
            return llmcost.claims(WORLD / "claims/essay.yaml")
        case _:
            return llmcost.validate(WORLD / "companies/acme.yaml")


LINES = {
    "compare": "<Comparison of lark, wren>",
    "show": "<Evaluation of wren>",
    "explain": "<Explanation of wren>",
    "sweep": "<Sweep of wren>",
    "solve": "<Solved of acme>",
    "diff": "<Diff of acme → acme:leak>",
    "snapshot": "<Snapshot of acme>",
}


@pytest.mark.parametrize("verb", [name for name, verb in VERBS.items() if verb.result])
def test_every_result_shows_itself(verb: str) -> None:
    result = result_of(verb)
    assert type(result).__name__ == VERBS[verb].result
    assert type(result) is getattr(llmcost, VERBS[verb].result)
    assert len(repr(result)) < 100
    assert repr(result) == LINES.get(verb, repr(result))
    if verb == "snapshot":
        return
    shown = result._repr_mimebundle_(include=None, exclude=None)
    assert list(shown) == ["text/plain", "text/markdown"]
    assert all(text.endswith("\n") and len(text) > 10 for text in shown.values())
    assert "\x1b" not in shown["text/plain"]
    assert max(map(len, shown["text/plain"].splitlines())) <= 100 or verb in ("check", "validate")


def test_a_scenario_has_a_short_line_too() -> None:
    assert repr(llmcost.load("acme:leak")) == "<Scenario of acme:leak>"
    assert repr(llmcost.load(Path(WORLD / "models/lark.yaml"))) == "<Scenario of lark>"


def test_every_public_name_is_there() -> None:
    assert sorted(llmcost.__all__) == sorted(set(llmcost.__all__))
    assert dir(llmcost) == sorted(llmcost.__all__)
    for name in llmcost.__all__:
        assert getattr(llmcost, name) is not None
