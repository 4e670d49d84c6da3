"""Results in a notebook: a short line, and the whole as text and Markdown."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pyarrow import RecordBatchReader

import llmcost
from calling import WORLD, each
from llmcost.errors import LlmcostError
from llmcost.verbs import VERBS

pytestmark = pytest.mark.usefixtures("world")


@cache
def result_of(verb: str) -> Any:
    """Return a result of a verb, worked out once."""
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
        case "prices":
            return llmcost.prices("lark")
        case "check":
            return llmcost.check(expecting)
        case "snapshot":
            return llmcost.snapshot("acme")
        case "diff":
            return llmcost.diff("acme", "acme:leak")
        case "report":
            return llmcost.briefing("lark")
        case "sources":
            return llmcost.sources("acme")
        case "size":
            return llmcost.size("finch", users=9, min_tokens_per_second=20, gpus=[1])
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


@each("verb", [name for name, verb in VERBS.items() if verb.result])
def test_every_result_shows_itself(verb: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """That each chart can be drawn, test_charts.py says."""
    monkeypatch.setattr("llmcost.render.notebook.Chart.svg", lambda self: "<svg/>")
    result = result_of(verb)
    assert type(result).__name__ == VERBS[verb].result
    assert type(result) is getattr(llmcost, VERBS[verb].result)
    assert len(repr(result)) < 100
    assert repr(result) == LINES.get(verb, repr(result))
    shown = result._repr_mimebundle_(include=None, exclude=None)
    charted = {"application/vnd.vegalite.v5+json"} if "vega" in VERBS[verb].forms else set()
    assert shown.keys() == {"text/plain", "text/markdown", "text/html"} | charted
    assert all(len(shown[form]) > 10 for form in shown.keys() - charted)
    assert ("image/svg" in shown["text/html"]) == bool(charted)
    assert '<div class="llmcost">' in shown["text/html"]  # under which its style holds
    if charted:
        assert shown["application/vnd.vegalite.v5+json"] == result.plot()
        assert repr(result.plot()).startswith("<Chart: ")
    else:
        with pytest.raises(LlmcostError, match=r"^there is no chart of this, only a table"):
            result.plot()
    assert "\x1b" not in shown["text/plain"]
    assert max(map(len, shown["text/plain"].splitlines())) <= 100 or verb in ("check", "validate")


@each("verb", [name for name, verb in VERBS.items() if verb.result])
def test_every_result_is_a_table(verb: str) -> None:
    """With every key of its rows as a column; where words stand among numbers, all are words."""
    result = result_of(verb)
    rows = result.to_dicts()
    table = result.to_arrow()
    assert table.num_rows == len(rows)
    assert rows or verb == "validate"  # which has a row for each fault
    assert table.column_names == list(dict.fromkeys(key for row in rows for key in row))


def test_what_is_not_the_result_of_a_verb_shows_itself_too() -> None:
    """A derivation by itself; the spread of a comparison as the comparison with it; what catalogues say."""
    derived: Any = llmcost.explain("wren", "unit.gross_margin").tree
    assert repr(derived) == "<Derivation: unit.gross_margin>"
    assert derived.to_dicts()[0]["value"] == pytest.approx(0.375)
    spread: Any = llmcost.uncertainty(llmcost.compare("lark", "wren"), draws=20)
    assert repr(spread) == "<Uncertainty of lark, wren>"
    assert "wren 5%" in spread.to_arrow().column_names
    assert repr(spread.plot()) == "<Chart: lark against wren>"
    checked: Any = llmcost.check_prices("lark")
    for result in (derived, spread, checked):
        assert {"text/plain", "text/markdown", "text/html"} <= result._repr_mimebundle_().keys()


def test_whoever_knows_arrow_reads_a_result() -> None:
    """Cost of 8B in four lines: the two ranges and the two stated alone move it."""
    result = result_of("sensitivity")
    found = duckdb.from_arrow(RecordBatchReader.from_stream(result)).filter("stated_range").count("*")
    assert found.fetchall() == [(2,)]


def test_a_table_needs_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(LlmcostError, match="an Arrow table needs the extra 'data'"):
        result_of("sensitivity").__arrow_c_stream__()


def test_a_chart_draws_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    chart = result_of("sensitivity").plot()
    assert list(chart._repr_mimebundle_()) == [
        "text/plain",
        "application/vnd.vegalite.v5+json",
        "image/svg+xml",
    ]
    assert chart.png().startswith(b"\x89PNG")
    monkeypatch.setattr("llmcost.render.drawn.can_draw", lambda: False)
    assert "image/svg+xml" not in chart._repr_mimebundle_()
    assert "image/svg" not in result_of("sensitivity")._repr_mimebundle_()["text/html"]


def test_a_scenario_has_a_short_line_too() -> None:
    assert repr(llmcost.load("acme:leak")) == "<Scenario of acme:leak>"
    assert repr(llmcost.load(Path(WORLD / "models/lark.yaml"))) == "<Scenario of lark>"
