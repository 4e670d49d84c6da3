"""Charts show what the results hold, and can be drawn."""

from __future__ import annotations

import json
import re
import shlex
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from calling import Call, Done

DRAWN = {
    "sensitivity": "sensitivity acme --metric company.operating_margin",
    "breakeven": "breakeven acme:low-inference --payer uniform --compute paid --elasticity 0,0.9,1",
    "project": "project acme-plan --by quarter --metric company.gross_margin",
}
"""A command for each chart."""


@pytest.fixture
def chart(llmcost: Call) -> Any:
    def call(command: str) -> Any:
        done = llmcost(*shlex.split(command), "--format", "vega")
        assert (done.code, done.err) == (0, "")
        return json.loads(done.out)

    return call


def said(chart: Any) -> str:
    """Return all that stands above and below a chart."""
    title, below = chart["title"], chart["vconcat"][0]["title"]
    return " ".join([*title["text"], *title.get("subtitle", []), *below["text"]])


@pytest.mark.parametrize("name", DRAWN)
def test_every_chart_is_drawn(name: str, llmcost: Call, tmp_path: Path) -> None:
    """As SVG, in which each text that the specification writes can be found, whole."""
    target = tmp_path / "chart.svg"
    assert llmcost(*shlex.split(DRAWN[name]), "-o", str(target)) == Done(0, "", f"wrote {target}\n")
    texts = [
        " ".join(element.itertext()) for element in ET.parse(target).iter() if element.tag.endswith("text")
    ]
    shown = json.loads(llmcost(*shlex.split(DRAWN[name]), "--format", "vega").out)
    for line in (*shown["title"]["text"], *shown["vconcat"][0]["title"]["text"]):
        assert line in " ".join(texts)
    assert not [text for text in texts if "…" in text or "NaN" in text or "undefined" in text]


def test_a_chart_as_png_says_who_made_it(llmcost: Call, tmp_path: Path) -> None:
    """And so may be replaced, while that of somebody else may not."""
    target = tmp_path / "chart.png"
    command = (*shlex.split(DRAWN["sensitivity"]), "-o", str(target))
    assert llmcost(*command).code == 0
    assert target.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert b"tEXtSoftware\0llmcost" in target.read_bytes()
    assert llmcost(*command).code == 0
    target.write_bytes(b"\x89PNG\r\n\x1a\nsomething")
    assert "llmcost has not written it" in llmcost(*command).err


def test_without_the_extra_a_line_says_how_to_get_it(llmcost: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The specification needs none."""
    monkeypatch.setattr("llmcost.render.drawn.can_draw", lambda: False)
    command = shlex.split(DRAWN["sensitivity"])
    done = llmcost(*command, "--format", "svg")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "needs the extra 'charts': pip install -e '.[charts]'" in done.err
    assert llmcost(*command, "--format", "vega").code == 0


def test_a_page_needs_no_network_and_runs_no_text(llmcost: Call, tmp_path: Path) -> None:
    hostile = tmp_path / "x.yaml"
    hostile.write_text(
        'kind: company\ntitle: "</script><script>alert(1)</script>"\n'
        'revenue: {total: {value: 4B, source: "<img src=x onerror=alert(2)>"}}\ncost: {total: 8B}\n',
        encoding="utf-8",
    )
    command = ("sensitivity", str(hostile), "--metric", "company.operating_margin")
    page = llmcost(*command, "--format", "html").out
    assert "alert(1)</script>" not in page
    assert "<img src=x" not in page
    assert re.findall(r'(?:src|href)="(?!#)[^"]*"', page.partition("<script>")[0]) == []
    assert "default-src 'none'" in page


# What each shows


def test_a_tornado(chart: Any) -> None:
    """Revenue of 1B and 3B, cost of 8B: -100%. With 2.7B of subscriptions (3.7 - 8) / 3.7, with 3.3B -86%."""
    shown = chart(DRAWN["sensitivity"])
    bars = shown["datasets"]["bars"]
    assert [bar["input"] for bar in bars[:4]] == [
        "revenue.subscription",
        "revenue.subscription",
        "cost.inference",
        "cost.training",
    ]
    low, high, inference, training = bars[:4]
    assert (low["label"], low["from"], low["to"]) == ("2.70B", -1, pytest.approx(-4.3 / 3.7))
    assert (high["label"], high["to"], high["side"]) == ("3.30B", pytest.approx(-3.7 / 4.3), "more")
    assert (inference["label"], inference["to"]) == ("1.00B", pytest.approx(-0.75))
    assert (training["label"], training["to"], training["side"]) == ("4.00B", pytest.approx(-1.25), "less")
    assert "Sources: The Gazette; The Herald" in said(shown)


def test_the_breakeven_ladder(chart: Any) -> None:
    """A total of 8B on 4B is twice the price; at ε = 1 revenue stays what it is, and never gets there."""
    shown = chart(DRAWN["breakeven"])
    rungs = {(rung["boundary"], rung["elasticity"]): rung for rung in shown["datasets"]["rungs"]}
    assert (rungs["total", 0]["kind"], rungs["total", 0]["y"]) == ("multiplier", pytest.approx(2))
    assert rungs["total", 1]["kind"] == "never"
    assert rungs["total", 1]["y"] > rungs["total", 0.9]["y"] > 100
    band = shown["vconcat"][0]["vconcat"][0]["hconcat"][0]["layer"][0]["encoding"]
    assert (band["y"]["datum"], band["y2"]["datum"]) == (10, 100)


def test_what_is_beyond_the_scale_of_a_ladder_stands_at_its_end(chart: Any) -> None:
    """8B on 4B, half of it inference: at ε = 0.99 the price to the power of 0.01 has to do it."""
    shown = chart("breakeven acme --payer uniform --compute paid --boundary total --elasticity 0,0.99")
    last = shown["datasets"]["rungs"][-1]
    assert (last["kind"], last["y"]) == ("beyond", 10_000)
    assert last["multiplier"] > 10_000
    assert "What stands at 10,000× is that or more." in said(shown)


def test_cash_over_time(chart: Any) -> None:
    """2B come in at the start, and 83.3M more each month, for as long as credits pay for the compute."""
    shown = chart("project acme --months 6")
    cash = shown["datasets"]["cash"]
    assert [row["month"] for row in cash] == [1, 2, 3, 4, 5, 6]
    assert cash[0]["cash"] == pytest.approx(2e9 + 1e9 / 12)
    assert cash[5]["cash"] == pytest.approx(2.5e9)
    flows = shown["datasets"]["flows"]
    assert [(row["flow"], row["value"]) for row in flows[:2]] == [
        ("revenue.total", pytest.approx(4e9 / 12)),
        ("cost.total", pytest.approx(8e9 / 12)),
    ]


def test_what_has_nothing_to_see_says_so(llmcost: Call) -> None:
    done = llmcost("sensitivity", "wren", "--metric", "price.input_per_mtok", "--format", "vega")
    assert done.code == 0
    done = llmcost("project", "acme", "--months", "1", "--format", "vega")
    assert done == Done(2, "", "there is nothing to draw: the projection has a single period and no cash\n")
