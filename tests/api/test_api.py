"""The public Python API does what the commands do."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Callable
from pathlib import Path

import pytest

import llmcost
from calling import Call, each, refusal
from llmcost import LlmcostError, breakeven, compare, evaluate, explain, load
from llmcost.render.results.breakeven import report
from llmcost.render.results.compare import report as compare_report
from llmcost.render.results.explain import views
from llmcost.render.terminal import render
from llmcost.scenario.files.scenario_file import KINDS


def test_every_public_name_is_there_and_documented() -> None:
    for name in llmcost.__all__:
        item = getattr(llmcost, name)
        assert isinstance(item, str) or inspect.getdoc(item), name
    assert dir(llmcost) == sorted(set(llmcost.__all__)) == sorted(llmcost.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        _ = llmcost.nonsense


def test_load_and_evaluate() -> None:
    half = load("wren", set={"serving.utilization": 0.5})
    output_cost = 1.8 / (3600 * 16_000 / 8 * 0.5) * 1e6
    assert evaluate(half).value("serving.cost_per_output_mtok") == pytest.approx(output_cost, rel=1e-12)
    assert evaluate("owl", ["price"]).value("price.output_per_mtok") == 60


def test_evaluation_says_why_there_is_no_value() -> None:
    evaluation = evaluate("owl")
    with pytest.raises(LlmcostError, match=r"^owl: unit\.gross_margin: lacks serving\.gpu_hour_cost"):
        evaluation.value("unit.gross_margin")
    with pytest.raises(LlmcostError, match=r"unknown metric 'unit\.margin'"):
        evaluation.value("unit.margin")
    assert ("price.output_per_mtok" in evaluation, "unit.gross_margin" in evaluation) == (True, False)


@each(
    "call, name",
    [
        (lambda: evaluate("wren", "unit"), "metrics"),
        (lambda: compare("wren", "lark", metrics="unit"), "metrics"),
        (lambda: llmcost.simulate("lark", metrics="unit"), "metrics"),
        (lambda: llmcost.sweep("wren", vary={"serving.gpu_hour_cost": [1]}, metrics="unit"), "metrics"),
        (lambda: llmcost.project("acme-plan", metrics="unit"), "metrics"),
        (lambda: llmcost.apply("wren", {"serving.gpu_hour_cost": [1]}, metrics="unit"), "metrics"),
        (lambda: load("wren").plan(["serving.gpu_hour_cost"], "unit"), "metrics"),
        (lambda: load("wren").plan("unit", ["unit.markup"]), "inputs"),
        (lambda: load("wren", set="unit"), "set"),
        (lambda: llmcost.simulate("lark", metrics=["unit.markup"], where="unit"), "where"),
        (lambda: llmcost.project("acme-plan", trajectory="unit"), "trajectory"),
    ],
)
def test_a_text_in_place_of_a_list_is_not_read_by_the_letter(call: Callable[[], object], name: str) -> None:
    assert refusal(call) == f"{name}: expected a list, got 'unit'; write ['unit']"


def test_compare_takes_names_and_scenarios() -> None:
    row = compare("lark", load("wren", as_of="2024-01-29"), metrics=["price.output_per_mtok"]).rows[0]
    assert list(row.values) == [8, 0.2]
    assert list(row.ratios) == [1.0, pytest.approx(8 / 0.2)]


def test_scenarios_of_every_kind_are_compared_by_something(tmp_path: Path) -> None:
    for kind in KINDS:
        path = tmp_path / f"{kind}.yaml"
        path.write_text(f"kind: {kind}\ngpu.memory: 40 GB\nmodel.parameters: 2B\n")
        compare(str(path), str(path))
    rows = {row.quantity.name: row.values for row in compare("crane", "finch").rows}
    assert rows["model.parameters"] == (101e9, 11e9)
    assert rows["model.flops_per_token"] == (40e9, 20e9)  # 2 · (21B − 1B in) and 2 · (11B − 1B)


def test_compare_puts_the_workload_on_all() -> None:
    result = compare("owl", "wren", workload="rag")
    assert {scenario.workload for scenario in result.scenarios} == {"rag"}
    blended = result.row("price.blended_per_mtok")
    assert blended is not None
    assert blended.values[0] == pytest.approx(30 * 0.9 + 60 * 0.1)


def test_amounts_of_different_periods_have_no_ratio() -> None:
    result = compare("acme-plan", "beta", "acme-half")
    total, per_month = result.row("revenue.total"), result.row("company.net_burn_per_month")
    assert total is not None
    assert per_month is not None
    assert list(total.ratios) == [1.0, pytest.approx(4e9 / 400e6), None]
    assert per_month.ratios[2] == pytest.approx((4e9 / 12) / 500e6)


def test_what_a_company_is_worth_belongs_to_no_period() -> None:
    worth = {"company.valuation": 300e9}
    half = {"company.valuation": 200e9}
    compared = compare(load("acme", set=worth), load("acme-half", set=half), metrics=list(worth))
    assert compared.rows[0].ratios[1] == pytest.approx(1.5)


def test_explain_reaches_the_sources() -> None:
    tree = explain("wren", "serving.cost_per_mtok").tree
    leaves = {item.name: item.datum for item in tree.walk() if item.datum is not None}
    rate = leaves["serving.prefill_tokens_per_gpu_second"]
    assert rate is not None
    assert (rate.value, rate.text, rate.url) == (64_000 / 8, "64k / 8", "https://example.com/wren/serving")


def test_breakeven_ladder() -> None:
    ladder = breakeven("acme", elasticities=[0], boundaries=["total"], computes=["paid"])
    assert [rung.multiplier for rung in ladder.rungs] == [pytest.approx(8 / 4), pytest.approx(5)]
    assert not any(rung.in_band for rung in ladder.rungs)
    own = breakeven(load("acme", set=["market.price_elasticity=0.5"]))
    assert own.elasticities == (0.5,)


def test_breakeven_says_at_which_elasticities_the_band_is_reached() -> None:
    """A multiplier m of the API needs m^(1−ε) + 3 = 0.5·m^−ε + 7.5, in billions: m^ε = (m − 0.5)/4.5."""
    ladder = breakeven("acme", boundaries=["total"], payers=["api-only"], computes=["paid"])
    (line,) = ladder.lines
    by_hand = [math.log(9.5 / 4.5, 10), math.log(99.5 / 4.5, 100)]
    assert list(line.band or ()) == pytest.approx(by_hand, abs=1e-6)
    text = render(report(ladder), color=False)
    assert "At the paid rate, that takes an elasticity of 0.32 or more (api-only total)." in text
    text = render(report(breakeven("acme-half", elasticities=[0])), color=False)
    assert "At the paid rate, no elasticity can be named: cost.inference is not stated." in text


def test_breakeven_says_where_no_revenue_share_is_counted() -> None:
    assert "none is counted" in dict(breakeven("acme").notes)["company.revenue_share_rate"]
    assert "company.revenue_share_rate" not in dict(breakeven("acme:leak").notes)


def test_breakeven_needs_revenue_and_cost() -> None:
    with pytest.raises(LlmcostError, match=r"lark: there is no break-even ladder without revenue\.total"):
        breakeven("lark")
    with pytest.raises(LlmcostError, match="elasticity lies between 0 and 100"):
        breakeven("acme", elasticities=[-0.1])
    with pytest.raises(LlmcostError, match="no elasticity is stated"):
        breakeven("acme", elasticities=[])


def test_replace_does_what_set_does() -> None:
    replaced = load("wren").replace(**{"serving.utilization": "*0.5", "price.input_per_mtok": 3})
    loaded = load("wren", set={"serving.utilization": "*0.5", "price.input_per_mtok": 3})
    for name in ("serving.utilization", "price.input_per_mtok"):
        assert replaced.data[name] == loaded.data[name]
    # Half of what was disclosed is disclosed by nobody.
    assert replaced.data["serving.utilization"].basis == "stated"
    with pytest.raises(LlmcostError, match=r"serving\.utilization: must lie between 0 and 1, got 5"):
        load("wren").replace(**{"serving.utilization": "*10"})


def test_a_fleet_costs_what_it_does_however_busy_it_is_said_to_be(tmp_path: Path, llmcost: Call) -> None:
    """64 GPUs cost 3,072 a day, for 1,105.92M tokens; half of them would do at the 40 % that is stated."""
    path = tmp_path / "fleet.yaml"
    path.write_text(
        "price: {blended_per_mtok: 5}\n"
        "serving: {gpu_hour_cost: 2, gpus: 64, utilization: 40%, "
        "prefill_tokens_per_gpu_second: 1000, decode_tokens_per_gpu_second: 1000}\n"
        "traffic: {input_tokens_per_day: 552_960_000, output_tokens_per_day: 552_960_000}\n",
        encoding="utf-8",
    )
    shown = json.loads(llmcost("show", str(path), "--format", "json").out)
    values = {name: item["value"] for name, item in shown["values"].items()}
    assert values["serving.busy_gpus"] == pytest.approx(12.8)
    assert values["serving.gpus_required"] == pytest.approx(32)
    assert values["serving.cost_per_mtok"] == pytest.approx(3072 / 1105.92)
    assert values["unit.gross_margin"] == pytest.approx(1 - 3072 / 1105.92 / 5)
    small = llmcost("show", str(path), "--set", "serving.gpus=10", "--metric", "unit.gross_margin")
    assert "the fleet is too small: 12.8 GPUs are busy, 10 are there" in small.out


def test_each_is_priced_at_its_own_mix_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "hosted.yaml"
    path.write_text(
        "price: {input_per_mtok: 1, output_per_mtok: 2}\n"
        "traffic: {input_tokens_per_day: 4B, output_tokens_per_day: 1B}\n",
        encoding="utf-8",
    )
    compared = compare(str(path), "fleet", workload="own")
    # 600B in, of which 300B from the cache, and 200B out
    mixes = "hosted (20.0% output, 0% of input cached), fleet (25.0% output, 50.0% of input cached)"
    assert f"Workload: own, each scenario's own mix: {mixes}" in compare_report(compared).facts
    bill = tmp_path / "bill.yaml"
    traffic = "{traffic.input_tokens_per_day: 4M, traffic.output_tokens_per_day: 1M}"
    bill.write_text(
        f"kind: portfolio\nparts: {{mail: {{scenario: lark, set: {traffic}}}}}\n", encoding="utf-8"
    )
    (said,) = (fact for fact in compare_report(compare(str(bill), "lark")).facts if "own mix" in fact)
    assert "own mix: bill on own, lark (25.0% output" in said
    alike = compare_report(compare("lark", "owl")).facts
    assert "Workload: chat (25.0% output, 0% of input cached)" in alike


def test_breakeven_names_what_is_not_given() -> None:
    total = load("acme", set=["revenue.api=null", "revenue.subscription=null", "revenue.total=4B"])
    reasons = {(line.payer, line.reason and str(line.reason)) for line in breakeven(total).lines}
    assert reasons == {("uniform", None), ("api-only", "revenue.api is not stated")}


def test_explain_names_where_a_formula_comes_from() -> None:
    result = explain("fleet", "unit.markup")
    assert result.tree.reference is not None
    assert result.tree.reference.startswith("DeepSeek-V3/R1 Inference System Overview")
    below = {item.name: item.reference for item in result.tree.walk()}
    assert below["price.blended_per_mtok"] is None
    shown = views(result)
    assert f"reference: {result.tree.reference}" in render(shown.report(), color=False, width=160)
    assert shown.document()["tree"]["reference"] == result.tree.reference
