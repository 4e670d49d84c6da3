"""Charts show what the results hold, and can be drawn."""

from __future__ import annotations

import json
import re
import shlex
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from calling import WORLD, Call, Done, each
from llmcost.formulas import MODEL
from llmcost.render.charts.waterfall import WaterfallStep, adding_up, rows
from llmcost.render.drawn import svg_of

DRAWN = {
    "sensitivity": "sensitivity acme --metric company.operating_margin",
    "breakeven": "breakeven acme:low-inference --payer uniform --compute paid --elasticity 0,0.9,1",
    "project": "project acme-plan --by quarter --metric company.gross_margin",
    "project-models": "project vintages",
    "simulate": "simulate acme --metric cost.total --metric breakeven.uniform_multiplier --draws 300",
    "sweep": "sweep lark wren --vary serving.gpu_hour_cost=0.5:50:9:log --metric unit.gross_margin",
    "sweep-map": "sweep wren --vary serving.utilization=0:1:5 --vary serving.gpu_hour_cost=1,2,4 "
    "--metric unit.gross_margin",
    "sweep-scenarios": "sweep acme acme:leak beta --metric company.operating_margin",
    "compare": "compare lark wren --uncertainty --draws 200",
    "show": "show seat",
    "diff": "diff acme acme:leak",
    "prices": "prices lark",
    "solve": "solve wren --vary serving.gpu_hour_cost --until 'unit.gross_margin >= 50%'",
    "selfhost": "selfhost nest lark wren",
    "explain": "explain wren unit.gross_margin",
    "check": "check {world}/expectations",
    "claims": "claims {world}/claims/essay.yaml",
    "claim": "claims show prices-3-to-30x {world}/claims/essay.yaml",
    "size": "size finch --accelerator anvil,mill --users 150 --min-tokens-per-second 20 --pareto",
}
"""A command for each chart."""


@pytest.fixture
def chart(llmcost: Call) -> Any:
    def call(command: str) -> Any:
        done = llmcost(*shlex.split(command.format(world=WORLD)), "--format", "vega")
        assert done.code == command.startswith("check")
        assert done.err == ""
        return json.loads(done.out)

    return call


def said(chart: Any) -> str:
    """Return all that stands above and below a chart."""
    title, below = chart["title"], chart["vconcat"][0]["title"]
    return " ".join([*title["text"], *title.get("subtitle", []), *below["text"]])


@each("name", DRAWN)
def test_every_chart_is_drawn(name: str, chart: Any) -> None:
    """As SVG, in which each text that the specification writes can be found, whole."""
    shown = chart(DRAWN[name])
    drawn = ET.fromstring(svg_of(shown))
    texts = [" ".join(element.itertext()) for element in drawn.iter() if element.tag.endswith("text")]
    for line in (*shown["title"]["text"], *shown["vconcat"][0]["title"]["text"]):
        assert line in " ".join(texts)
    assert not [text for text in texts if "…" in text or "NaN" in text or text == "undefined"]


def test_a_chart_as_svg(llmcost: Call, tmp_path: Path) -> None:
    target = tmp_path / "chart.svg"
    command = (*shlex.split(DRAWN["sensitivity"]), "-o", str(target))
    for _ in range(2):
        assert llmcost(*command) == Done(0, "", f"wrote {target}\n")
    assert ET.parse(target).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_a_chart_as_png_says_who_made_it(llmcost: Call, tmp_path: Path) -> None:
    """And so may be replaced, while that of somebody else may not."""
    target = tmp_path / "chart.png"
    command = (*shlex.split(DRAWN["sensitivity"]), "-o", str(target))
    assert llmcost(*command).code == 0
    assert target.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert b"tEXtSoftware\0llmcost" in target.read_bytes()
    assert llmcost(*command).code == 0
    target.write_bytes(b"\x89PNG\r\n\x1a\nsomething")
    assert "llmcost did not write it" in llmcost(*command).err


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
    assert "A value shown at 10,000× is that or more." in said(shown)


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


def test_a_simulation(chart: Any) -> None:
    """ε between 0 and 1.2: where it is above 1, no price breaks even, and that has a bar of its own."""
    shown = chart(DRAWN["simulate"])["datasets"]
    assert {"bins0", "bins1", "ends1"} <= shown.keys()
    assert "ends0" not in shown  # the cost always has a number
    number, never = shown["ends1"]
    assert (number["what"], never["what"]) == ("a number", "never")
    assert number["share"] + never["share"] == pytest.approx(1)
    assert 0.05 < never["share"] < 0.4
    inside = sum(row["share"] for row in shown["bins0"])
    assert inside == pytest.approx(0.9, abs=0.02)
    assert all(
        row["to"] == after["from"] for row, after in zip(shown["bins0"], shown["bins0"][1:], strict=False)
    )


def test_what_is_the_same_in_every_draw_is_said(chart: Any) -> None:
    """Credits pay for what varies, and rounding makes no histogram of the rest."""
    command = "simulate acme --metric company.net_burn_per_month --metric cost.total --draws 100"
    shown = chart(command)
    assert "company.net_burn_per_month is -83.3M USD/month throughout." in said(shown)
    assert set(shown["datasets"]) == {"bins1"}


def test_a_sweep(chart: Any) -> None:
    """Of wren at a price of 0.35: 0.21875 at 1.80 USD an hour is 37.5%, at twice that the margin is -25%."""
    shown = chart("sweep wren --vary serving.gpu_hour_cost=1.8,3.6 --metric unit.gross_margin")
    points = [(row["x"], row["value"], row["label"]) for row in shown["datasets"]["metric0"]]
    assert points == [(1.8, pytest.approx(0.375), "37.5%"), (3.6, pytest.approx(-0.25), "-25.0%")]
    assert "Sources: definition of the workload; Wren price list" in said(shown)


def test_a_map_leaves_out_what_is_undefined(chart: Any) -> None:
    """At a utilization of 0 there is no margin."""
    shown = chart(DRAWN["sweep-map"])
    cells = shown["datasets"]["metric0"]
    assert len(cells) == 12
    assert "Where nothing is drawn, the metric is undefined." in said(shown)


@each(
    "more, why",
    [
        (
            "--vary serving.utilization=0.1:1:200 --vary serving.gpu_hour_cost=1:4:200",
            "at most 20,000 points",
        ),
        (
            "--vary serving.utilization=1,0.5 --vary serving.gpu_hour_cost=1,2 "
            "--vary price.output_per_mtok=1,2",
            "one scenario over two inputs, or several over one",
        ),
    ],
)
def test_what_cannot_be_told_apart_is_refused(llmcost: Call, more: str, why: str) -> None:
    done = llmcost("sweep", "wren", *shlex.split(more), "--metric", "unit.gross_margin", "--format", "vega")
    assert (done.code, done.out) == (2, "")
    assert why in done.err


def test_a_comparison(chart: Any) -> None:
    """A chat costs 3.50 of lark and 0.35 of wren; serving rests on ranges, a list price on none."""
    shown = chart(DRAWN["compare"])
    names = [panel["layer"][0]["encoding"]["x"]["axis"]["title"] for panel in shown["vconcat"][0]["vconcat"]]
    lark, wren = shown["datasets"][f"metric{names.index('price.blended_per_mtok, USD/Mtok')}"]
    assert (lark["value"], wren["value"]) == (pytest.approx(3.5), pytest.approx(0.35))
    assert "low" not in lark
    lark, wren = shown["datasets"][f"metric{names.index('serving.cost_per_mtok, USD/Mtok')}"]
    assert lark["low"] < lark["value"] < lark["high"]
    assert wren["label"].startswith("~0.219 (")
    assert "As of lark 2024-10-01; wren 2024-07-01" in said(shown)
    panels = shown["vconcat"][0]["vconcat"]
    margin = panels[names.index("unit.gross_margin")]["layer"][0]["encoding"]["x"]
    assert margin["scale"]["domain"][1] > 1  # room for the labels, without ticks
    assert margin["axis"]["values"] == [1, 0.8, 0.6, 0.4, 0.2, 0]
    bare = chart("compare lark@2024-11-01 wren@2024-11-01 --metric unit.gross_margin")
    assert all("low" in bar for bar in bare["datasets"]["metric0"])
    assert "As of 2024-11-01." in said(bare)


def test_from_price_to_profit(chart: Any) -> None:
    """A seat of 20 pays 1 of revenue share, 7 of tokens and 1.73 of the rest: 10.27 are left."""
    steps = chart("show seat --uncertainty --draws 200")["datasets"]["steps0"]
    assert [(step["name"], step["label"].partition(" ")[0]) for step in steps] == [
        ("product.price_per_unit", "20.0"),
        ("product.token_cost_per_unit", "-7.00"),
        ("product.other_cost_per_unit", "-1.73"),
        ("revenue share", "-1.00"),
        ("product.contribution_per_unit", "10.3"),
    ]
    assert steps[1]["from"] == steps[0]["to"]
    assert steps[-1]["to"] == pytest.approx(steps[-2]["to"])
    assert steps[1]["low"] < 20 - 7 < steps[1]["high"]


def test_what_each_part_costs(chart: Any, tmp_path: Path) -> None:
    """35 USD a day each, for 365 / 12 days: 100M tokens of wren at 0.35 a million, 10M of lark at 3.50."""
    bill = tmp_path / "bill.yaml"
    bill.write_text(
        "llmcost: 1\nkind: portfolio\nparts:\n"
        "  one: {scenario: wren, workload: chat, set: {traffic.tokens_per_day: 100M}}\n"
        "  two: {scenario: lark, workload: chat, set: {traffic.tokens_per_day: 10M}}\n",
        encoding="utf-8",
    )
    parts = chart(f"show {bill}")["datasets"]["parts"]
    assert [(part["name"], part["label"]) for part in parts] == [
        ("one", "1.06k (50.0%)"),
        ("two", "1.06k (50.0%)"),
    ]
    assert [part["value"] for part in parts] == pytest.approx([35 * 365 / 12] * 2)


def test_a_company_adds_its_revenue_up_first(chart: Any) -> None:
    """1B and 3B make 4B; 2B, 3B, 1B and 2B take it to -4B."""
    steps = chart("show acme")["datasets"]["steps0"]
    assert [step["to"] / 1e9 for step in steps] == pytest.approx([1, 4, 4, 2, -1, -2, -4, -4])
    training = next(step for step in steps if step["name"] == "cost.training")
    assert (training["low"] / 1e9, training["high"] / 1e9) == pytest.approx((-2, -1))


def test_deployments_and_their_curve(chart: Any) -> None:
    """The cheapest first; the more each user sees, the less a GPU gives."""
    shown = chart(DRAWN["size"])["datasets"]
    bills = [row["value"] for row in shown["deployments"]]
    assert bills == sorted(bills)
    assert all(
        row.get("low", 0) <= row["value"] <= row.get("high", row["value"]) for row in shown["deployments"]
    )
    curve = sorted((row["speed"], row["output"]) for row in shown["curve"] if row["name"] == "anvil")
    assert len(curve) > 3
    assert [output for _, output in curve] == sorted((output for _, output in curve), reverse=True)


def test_a_change_in_its_parts(chart: Any) -> None:
    """A multiplier of 2 becomes 1.9 / 0.9: the revenue share adds, less inference takes away."""
    shown = chart(DRAWN["diff"])
    titles = [panel["layer"][0]["encoding"]["x"]["axis"]["title"] for panel in shown["vconcat"][0]["vconcat"]]
    steps = shown["datasets"][f"steps{titles.index('breakeven.uniform_multiplier')}"]
    assert [step["name"] for step in steps] == ["before", "cost.revenue_share", "cost.inference", "after"]
    assert (steps[0]["to"], steps[-1]["to"]) == (pytest.approx(2), pytest.approx(1.9 / 0.9))
    assert steps[2]["to"] == pytest.approx(steps[-1]["to"])
    assert [step["kind"] for step in steps[1:3]] == ["adds", "takes away"]


def test_a_search_and_what_it_found(chart: Any) -> None:
    """A price of 0.35 and 0.21875 at 1.80 an hour: half of it is left up to 1.44."""
    shown = chart("solve wren --vary serving.gpu_hour_cost --until 'unit.gross_margin >= 50%'")["datasets"]
    answer, today = shown["points"]
    assert (answer["what"], answer["x"], answer["y"]) == ("answer", pytest.approx(1.44), pytest.approx(0.5))
    assert (today["what"], today["x"], today["y"]) == ("today", 1.8, pytest.approx(0.375))
    assert today["label"] == "today 1.80"
    (held,) = shown["holds"]
    assert held["to"] == pytest.approx(1.44)
    metric = [line for line in shown["lines"] if line["name"] == "unit.gross_margin"]
    assert all(line["y"] == pytest.approx(1 - line["x"] * 0.21875 / 1.8 / 0.35) for line in metric)
    assert [line["y"] for line in shown["lines"] if line["name"] == "target"] == [0.5, 0.5]


def test_a_line_ends_where_there_is_no_value(chart: Any) -> None:
    """The margin at a utilization of 0 is undefined, and so is not drawn."""
    shown = chart("solve wren --vary serving.utilization --until 'unit.gross_margin = 20%'")
    assert min(line["x"] for line in shown["datasets"]["lines"] if line["name"] != "target") > 0
    assert "Where nothing is drawn, it is undefined." in said(shown)


def test_bills_over_the_volume(chart: Any) -> None:
    """A replica and its fixed cost are 11,840 a month; at 3.50 a million that pays from 111M tokens a day."""
    drawn = chart("selfhost nest lark wren")
    assert "list price of lark, Lark price list; list price of wren, Wren price list" in said(drawn)
    assert "As of lark 2024-10-01; wren 2024-07-01." in said(drawn)
    shown = drawn["datasets"]
    (crossing,) = shown["points"]  # wren is never dearer
    assert (crossing["name"], crossing["label"]) == ("lark", "from 111M")
    assert crossing["y"] == pytest.approx(11_840)
    own = [line for line in shown["lines"] if line["name"] == "your own"]
    assert [line["y"] for line in own if line["x"] < 300e6] == pytest.approx(
        [11_840] * sum(line["x"] < 300e6 for line in own)
    )
    assert own[-1]["y"] == pytest.approx(11_840 + 5_840)  # beyond 394.9M a second replica
    wren = [line for line in shown["lines"] if line["name"] == "wren"]
    assert all(line["y"] == pytest.approx(line["x"] * 0.35e-6 * 365 / 12) for line in wren)


def test_a_stated_fleet_ends_at_what_it_serves(chart: Any) -> None:
    """Eight GPUs at half their time: 8 · 98.74M tokens a day."""
    shown = chart("selfhost nest lark --set serving.gpus=8")
    own = [line["x"] for line in shown["datasets"]["lines"] if line["name"] == "your own"]
    assert 0.95 * 8 * 98.74e6 < max(own) < 8 * 98.75e6
    assert "The fleet serves no more than 790M." in said(shown)


def test_what_a_figure_is_made_of(chart: Any) -> None:
    """4B less 8B; then what both are made of, a mean by its weights."""
    shown = chart("explain acme company.operating_profit")["datasets"]
    assert [(step["name"], step["to"] / 1e9) for step in shown["steps0"]] == [
        ("revenue.total", 4),
        ("cost.total", -4),
        ("company.operating_profit", -4),
    ]
    blended = chart("explain lark unit.gross_margin --workload chat")["datasets"]["steps0"]
    assert [(step["name"], step["to"]) for step in blended] == [
        ("price.input_per_mtok", pytest.approx(1.5)),
        ("price.output_per_mtok", pytest.approx(3.5)),
        ("price.blended_per_mtok", pytest.approx(3.5)),
    ]


def test_what_adds_up_from_nothing_is_not_drawn(llmcost: Call) -> None:
    done = llmcost("explain", "lark", "price.output_per_mtok", "--format", "svg")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "'llmcost sensitivity lark --metric price.output_per_mtok' has what moves it" in done.err


def test_what_is_expected_is_a_band(llmcost: Call, tmp_path: Path) -> None:
    """Of 10 within 10% there are 10.5; above 10 has no upper end; nothing is off a share of 0."""
    file = tmp_path / "x.yaml"
    file.write_text(
        "kind: model\nprice: {input_per_mtok: 8, output_per_mtok: 10.5}\nexpect:\n"
        "  price.output_per_mtok: {value: 10, within: 10%}\n  price.input_per_mtok: {above: 10}\n"
        "  price.fees_per_mtok: 0\n",
        encoding="utf-8",
    )
    shown = json.loads(llmcost("check", str(file), "--format", "vega").out)
    failed, passed = shown["datasets"]["points"]
    assert (failed["what"], failed["value"]) == ("failed", pytest.approx(-0.2))
    assert (passed["what"], passed["value"]) == ("passed", pytest.approx(0.05))
    least, within = shown["datasets"]["bands"]
    assert (least["from"], least["label"]) == (0, "8.00")
    assert least["to"] > 0.2
    assert (within["from"], within["to"]) == (pytest.approx(-0.1), pytest.approx(0.1))
    assert "1 without an expected number other than 0 are left out." in said(shown)


def test_claims_on_one_scale(chart: Any) -> None:
    """0.5, 2, 5 and 15 of 3 to 30; 10, 80 and 10 of 18 to 22."""
    drawn = chart(DRAWN["claims"])
    assert "Sources: An essayist, An essay, 2024-09" in said(drawn)
    shown = drawn["datasets"]
    factors = [
        sorted(point["value"] for point in shown["points"] if point["name"] == name)
        for name in ("prices-3-to-30x", "wren-20x-cheaper")
    ]
    assert factors[0] == pytest.approx([0.5 / 3, 2 / 3, 1, 1, 1])
    assert factors[1] == pytest.approx([10 / 18, 10 / 18, 80 / 22])
    assert shown["spans"][1]["to"] == pytest.approx(80 / 22)
    assert shown["points"][-1]["what"] == "quotes its source"


def test_one_claim_in_its_own_unit(chart: Any) -> None:
    shown = chart(DRAWN["claim"])
    points = [(point["value"], point["what"]) for point in shown["datasets"]["unit0points"]]
    assert points[:3] == [(0.5, "does not hold"), (2, "does not hold"), (5, "holds")]
    assert {(band["from"], band["to"]) for band in shown["datasets"]["unit0bands"]} == {(3, 30)}
    assert "An essayist, An essay, 2024-09" in said(shown)


def test_a_waterfall_shows_what_its_steps_leave_unexplained() -> None:
    steps = [WaterfallStep("a", 10, whole=True), WaterfallStep("b", -3), WaterfallStep("c", 5, whole=True)]
    assert [(step.name, step.amount) for step in adding_up(steps, "the rest")] == [
        ("a", 10),
        ("b", -3),
        ("the rest", -2),
        ("c", 5),
    ]
    assert adding_up(steps[:2], "the rest") == steps[:2]


def test_the_ends_of_a_step_keep_their_signs() -> None:
    """A cost that is taken away, and a profit that may be a loss."""
    steps = [WaterfallStep("cost", -4, low=-6, high=-2), WaterfallStep("profit", -1, True, -3, 1)]
    told = [row["label"] for row in rows(steps, MODEL.quantities["cost.total"])]
    assert told == ["-4.00 (-2.00 to -6.00)", "-1.00 (-3.00 to 1.00)"]


def test_what_has_nothing_to_see_says_so(llmcost: Call) -> None:
    done = llmcost("sensitivity", "wren", "--metric", "price.input_per_mtok", "--format", "vega")
    assert done.code == 0
    done = llmcost("project", "acme", "--months", "1", "--format", "vega")
    assert done == Done(2, "", "there is nothing to draw: the projection has a single period and no cash\n")
