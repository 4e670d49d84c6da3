"""Wholes of parts, worked out by hand: bills, mixes, plans, fleets and companies.

lark costs 3.50 USD/Mtok on the chat workload, wren 0.35. A month is 365/12 days.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from calling import Call, each, refusal
from llmcost import evaluate, load, project
from llmcost.analysis.ask.conflicts import conflicts
from llmcost.analysis.ask.evaluation import Evaluation
from llmcost.analysis.ask.load import library
from llmcost.analysis.ask.parts import parts_of
from llmcost.analysis.whatif.draws import Draws
from llmcost.analysis.whatif.sensitivity import sensitivity
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.dual import slopes
from llmcost.engine.plan import resolve
from llmcost.engine.units import Measure, powers
from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL

DAYS = 365 / 12
BILL: dict[str, Any] = {
    "kind": "portfolio",
    "parts": {
        "hard": {"scenario": "lark", "workload": "chat", "set": {"traffic.tokens_per_day": "10M"}},
        "easy": {"scenario": "wren", "workload": "chat", "set": {"traffic.tokens_per_day": "90M"}},
    },
    "variants": {
        "all-on-wren": {"parts": {"hard": {"scenario": "wren"}}},
        "twice": {"parts.hard.traffic.tokens_per_day": "*2"},
        "easy-alone": {"parts": {"hard": None}},
    },
}
MIX: dict[str, Any] = {
    "kind": "portfolio",
    "parts": {"hard": {"scenario": "lark", "share": "10%"}, "easy": {"scenario": "wren", "share": "90%"}},
}


def plan(price: float, cost: float, share: str) -> dict[str, Any]:
    chosen = {"product.price_per_unit": price, "product.variable_cost_per_unit": cost}
    return {"scenario": "./unit.yaml", "share": share, "set": chosen}


SEATS: dict[str, Any] = {
    "kind": "product",
    "parts": {"free": plan(0, 1, "60%"), "plus": plan(20, 5, "30%"), "heavy": plan(20, 40, "rest")},
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("unit.yaml").write_text("llmcost: 1\nkind: product\nproduct: {price_per_unit: 20}\n", "utf-8")


def write(content: dict[str, Any], name: str = "ours.yaml") -> None:
    Path(name).write_text(yaml.safe_dump({"llmcost": 1} | content, sort_keys=False), "utf-8")
    library.cache_clear()


def derived(content: dict[str, Any], reference: str = "ours.yaml", *sets: str) -> Evaluation:
    write(content)
    return evaluate(load(reference, set=sets))


def refused(content: dict[str, Any], *sets: str) -> str:
    write(content)
    return refusal(load, "ours.yaml", set=sets)


# A bill: a sum


def test_a_bill_is_the_sum_of_what_its_parts_cost() -> None:
    bill = derived(BILL)
    assert bill.value("parts.hard.cost_per_month") == pytest.approx(10 * 3.5 * DAYS)
    assert bill.value("parts.easy.cost_per_month") == pytest.approx(90 * 0.35 * DAYS)
    assert bill.value("parts.cost_per_month") == pytest.approx(66.5 * DAYS)
    assert bill.value("parts.tokens_per_month") == pytest.approx(100e6 * DAYS)
    assert bill.value("parts.cost_per_mtok") == pytest.approx(0.665)
    assert bill.value("parts.largest_cost_share") == pytest.approx(35 / 66.5)


def test_another_model_for_all_is_a_variant() -> None:
    assert derived(BILL, "ours.yaml:all-on-wren").value("parts.cost_per_month") == pytest.approx(35 * DAYS)
    assert derived(BILL, "ours.yaml:easy-alone").value("parts.cost_per_month") == pytest.approx(31.5 * DAYS)


def test_what_a_part_has_is_set_by_its_path() -> None:
    assert derived(BILL, "ours.yaml:twice").value("parts.cost_per_month") == pytest.approx(101.5 * DAYS)
    dearer = derived(BILL, "ours.yaml", "parts.hard.price.output_per_mtok=*2")
    assert dearer.value("parts.hard.price.blended_per_mtok") == pytest.approx(0.75 * 2 + 0.25 * 16)
    assert "has no part 'heard'; it has hard, easy" in refused(BILL, "parts.heard.share=1")


def test_a_bill_that_came_may_disagree_with_the_prices() -> None:
    parts = {"hard": BILL["parts"]["hard"] | {"cost_per_month": 1500}}
    write({"kind": "portfolio", "parts": parts})
    (conflict,) = conflicts(load("ours.yaml"))
    assert (conflict.name, conflict.stated.value) == ("parts.hard.cost_per_month", 1500)
    assert conflict.follows == pytest.approx(35 * DAYS)
    assert evaluate(load("ours.yaml")).value("parts.cost_per_month") == 1500


def test_a_bill_is_gated_shown_and_compared(llmcost: Call) -> None:
    write(BILL | {"expect": {"parts.cost_per_month": {"below": "2.1k"}}})
    assert llmcost("check", "ours.yaml").code == 0
    write(BILL | {"expect": {"parts.cost_per_month": {"below": "2k"}}})
    assert llmcost("check", "ours.yaml").code == 1
    shown = json.loads(llmcost("show", "ours.yaml", "--format", "json").out)
    assert list(shown["parts"]) == ["hard", "easy"]
    assert shown["parts"]["hard"]["scenario"] == "lark"
    assert shown["parts"]["hard"]["cost_share"] == pytest.approx(35 / 66.5)
    told = llmcost("compare", "ours.yaml", "ours.yaml:all-on-wren").out
    assert "ours:all-on-wren is 1.90× cheaper than ours a month." in told  # 66.5 / 35
    assert "may need more tokens" in told


def test_requests_of_all_parts() -> None:
    parts: dict[str, Any] = {
        name: part | {"set": part["set"] | {"traffic.requests_per_day": 1000}}
        for name, part in BILL["parts"].items()
    }
    bill = derived({"kind": "portfolio", "parts": parts})
    assert bill.value("parts.requests_per_month") == pytest.approx(2000 * DAYS)
    assert bill.value("parts.cost_per_request") == pytest.approx(66.5 / 2000)


def fee(**chosen: Any) -> Evaluation:
    """A bill at 1 and 2 USD/Mtok, and 1 cent a request."""
    price = "price: {input_per_mtok: 1, output_per_mtok: 2, per_request: 0.01}"
    Path("asked.yaml").write_text(f"llmcost: 1\nkind: model\n{price}\n", "utf-8")
    mix = "workload: {input_tokens_per_request: 6000, output_tokens_per_request: 300}"
    Path("mix.yaml").write_text(f"llmcost: 1\nkind: workload\n{mix}\n", "utf-8")
    return derived({"kind": "portfolio", "parts": {"asked": {"scenario": "./asked.yaml", **chosen}}})


def test_requests_of_a_part_are_as_long_as_those_of_its_workload_and_their_fees_are_billed() -> None:
    bill = fee(workload="./mix.yaml", set={"traffic.tokens_per_day": "63M"})
    assert bill.value("parts.requests_per_month") == pytest.approx(10_000 * DAYS)  # 63M / 6,300
    assert bill.value("parts.cost_per_month") == pytest.approx((60 + 2 * 3 + 0.01 * 10_000) * DAYS)


def test_requests_that_are_stated_are_what_fees_are_billed_for() -> None:
    own = {"traffic.input_tokens_per_day": "8M", "traffic.output_tokens_per_day": "2M"}
    bill = fee(set=own | {"traffic.requests_per_day": 1000})
    assert bill.value("parts.cost_per_month") == pytest.approx((8 + 2 * 2 + 10) * DAYS)
    put = {"traffic.tokens_per_day": "63M", "traffic.requests_per_day": 4000}
    bill = fee(workload="./mix.yaml", set=put)
    assert bill.value("parts.cost_per_month") == pytest.approx((60 + 2 * 3 + 40) * DAYS)


def test_a_part_whose_requests_state_their_length_has_the_mix_of_its_requests() -> None:
    lengths = {"traffic.input_tokens_per_request": 3000, "traffic.output_tokens_per_request": 500}
    bill = fee(set=lengths | {"traffic.requests_per_day": 1000})
    assert bill.value("parts.asked.price.blended_per_mtok") == pytest.approx((3 + 2 * 0.5 + 10) / 3.5)
    assert bill.value("parts.cost_per_month") == pytest.approx((3 + 2 * 0.5 + 10) * DAYS)


def test_a_mix_of_requests_costs_what_its_requests_cost() -> None:
    short = {"traffic.input_tokens_per_request": 3000, "traffic.output_tokens_per_request": 500}
    long = short | {"traffic.input_tokens_per_request": 9500}
    parts = {
        "long": {"scenario": "lark", "share": "40%", "set": long},
        "short": {"scenario": "lark", "share": "rest", "set": short},
    }
    mix: dict[str, Any] = {"kind": "portfolio", "traffic": {"requests_per_day": 1000}, "parts": parts}
    assert derived(mix).value("parts.tokens_per_month") == pytest.approx((4e6 + 2.1e6) * DAYS)
    write(mix, "inner.yaml")
    halves = {"inner": {"scenario": "./inner.yaml", "share": "50%"}, "short": parts["short"]}
    assert derived(mix | {"parts": halves}).value("parts.requests_per_month") == pytest.approx(1000 * DAYS)


def test_a_mix_of_requests_as_long_as_those_of_its_workloads_costs_what_they_cost() -> None:
    """500 of 6,000 + 300 tokens at 2.50 and 10 USD, and 500 of 900 + 300 at 0.15 and 0.60."""
    write({"kind": "model", "price": {"input_per_mtok": 2.5, "output_per_mtok": 10}}, "dear.yaml")
    write({"kind": "model", "price": {"input_per_mtok": 0.15, "output_per_mtok": 0.6}}, "cheap.yaml")
    for name, length in (("reading", 6000), ("talk", 900)):
        use = {"input_tokens_per_request": length, "output_tokens_per_request": 300}
        write({"kind": "workload", "workload": use}, f"{name}.yaml")
    parts = {
        "a": {"scenario": "./dear.yaml", "share": "50%", "workload": "./reading.yaml"},
        "b": {"scenario": "./cheap.yaml", "share": "rest", "workload": "./talk.yaml"},
    }
    bill = derived({"kind": "portfolio", "traffic": {"requests_per_day": 1000}, "parts": parts})
    day = 500 * (0.015 + 0.003) + 500 * (0.000135 + 0.00018)
    assert bill.value("parts.cost_per_month") == pytest.approx(day * DAYS)
    assert bill.value("price.blended_per_mtok") == pytest.approx(day / 3.75)


def test_a_part_with_two_mixes_says_which_rules(llmcost: Call) -> None:
    own = {"traffic.input_tokens_per_day": "8M", "traffic.output_tokens_per_day": "2M"}
    fee(workload="./mix.yaml", set=own)
    said = "parts.asked: its workload rules what a token costs (4.76% output), not the mix of its own traffic"
    assert said in " ".join(llmcost("show", "ours.yaml").out.split())
    fee(workload="./mix.yaml", set={"traffic.tokens_per_day": "10M"})
    assert "its workload rules" not in llmcost("show", "ours.yaml").out


def test_a_fleet_that_is_in_no_line_of_its_company_is_said(llmcost: Call) -> None:
    fleet = "llmcost: 1\nkind: infrastructure\nserving: {gpus: 10, gpu_hour_cost: 2}\n"
    Path("fleet.yaml").write_text(fleet, "utf-8")
    company = {"kind": "company", "parts": {"one": {"scenario": "./fleet.yaml"}}, "revenue": {"api": 1200}}
    said = "cost.total leaves out what parts.one costs, which is no line here: state it as cost.inference"
    write(company | {"cost": {"staff": 600}})
    assert said in " ".join(llmcost("show", "ours.yaml").out.split())
    assert said not in " ".join(llmcost("show", "ours.yaml", "--metric", "parts.cost_per_month").out.split())
    for cost in ({"staff": 600, "inference": 100}, {"total": 600}):
        write(company | {"cost": cost})
        assert "leaves out" not in llmcost("show", "ours.yaml").out


def test_what_moves_in_a_part_alone_is_said() -> None:
    text = "revenue: {api: 1200}\ncost: {inference: 600}\ntrajectory: {revenue.api: +10%/month}\n"
    Path("one.yaml").write_text(f"llmcost: 1\nkind: company\n{text}", "utf-8")
    write({"kind": "company", "parts": {"one": {"scenario": "./one.yaml"}}})
    found = dict(project(load("ours.yaml"), months=2).notes)
    assert "have no effect here" in found["parts.one"]


def test_a_bill_is_projected_unasked() -> None:
    """The hard part's 10M tokens a day grow by a tenth a month: 35 and 31.5 a day, then 38.5 and 31.5."""
    write(BILL | {"trajectory": {"parts.hard.traffic.tokens_per_day": "+10%/month"}})
    rows = project(load("ours.yaml"), months=2).rows
    assert [row.metrics["parts.cost_per_month"] for row in rows] == pytest.approx([66.5 * DAYS, 70 * DAYS])


# A mix: shares


def test_a_mix_without_a_volume_has_prices_and_no_bill() -> None:
    mix = derived(MIX)
    assert mix.value("price.blended_per_mtok") == pytest.approx(0.665)
    assert mix.value("parts.cost_per_mtok") == pytest.approx(0.665)
    assert mix.value("parts.largest_cost_share") == pytest.approx(35 / 66.5)
    assert "parts.cost_per_month" not in mix


def test_a_mix_has_its_share_of_the_volume_of_the_whole() -> None:
    mix = derived(MIX | {"traffic": {"tokens_per_day": "100M"}})
    assert mix.value("parts.hard.traffic.tokens_per_day") == pytest.approx(10e6)
    assert mix.value("parts.cost_per_month") == pytest.approx(66.5 * DAYS)


def test_the_mix_of_the_whole_is_that_of_its_parts() -> None:
    traffic: dict[str, Any] = {"input_tokens_per_day": "50M", "output_tokens_per_day": "50M"}
    mix = derived(MIX | {"traffic": traffic})
    assert mix.value("parts.hard.price.blended_per_mtok") == pytest.approx(5)
    assert mix.value("parts.cost_per_month") == pytest.approx((10 * 5 + 90 * 0.5) * DAYS)


def test_the_other_shares_give_way_in_proportion() -> None:
    three: dict[str, Any] = {
        "a": {"scenario": "lark", "share": "50%"},
        "b": {"scenario": "wren", "share": "30%"},
    }
    three["c"] = {"scenario": "wren", "share": "20%"}
    write({"parts": three})
    moved = load("ours.yaml", set=["parts.a.share=60%"]).data
    assert [moved[f"parts.{name}.share"].value for name in "abc"] == pytest.approx([0.6, 0.24, 0.16])
    both = load("ours.yaml", set=["parts.a.share=60%", "parts.b.share=30%"]).data
    assert [both[f"parts.{name}.share"].value for name in "abc"] == pytest.approx([0.6, 0.3, 0.1])
    assert "add up to 110%" in refused({"parts": three}, "parts.a.share=60%", "parts.b.share=50%")


def test_the_part_that_takes_the_rest_takes_what_is_stated_of_it(llmcost: Call) -> None:
    rest: dict[str, Any] = {"parts": MIX["parts"] | {"easy": {"scenario": "wren", "share": "rest"}}}
    write(rest, "mix.yaml")
    write(
        {"parts": {"mix": {"scenario": "./mix.yaml", "set": {"traffic.tokens_per_day": "1M"}}}}, "whole.yaml"
    )
    for prefix, file in (("parts.", "mix.yaml"), ("parts.mix.parts.", "whole.yaml")):
        for moved, hard in (("easy.share=40%", 0.6), ("hard.share=60%", 0.6)):
            found = evaluate(load(file, set=[prefix + moved]))
            assert found.value(f"{prefix}hard.share") == pytest.approx(hard)
            assert found.value(f"{prefix}easy.share") == pytest.approx(1 - hard)
    assert "no effect" not in llmcost("show", "mix.yaml", "--set", "parts.easy.share=40%").out


def test_parts_with_volumes_of_their_own_have_no_shares() -> None:
    message = (
        "the parts of ours have volumes of their own, and no shares; to make it a mix, state 'share: …' in"
    )
    for given in ("parts.hard.share=50%", "parts.hard.share=*2"):
        assert message in refused(BILL, given)
    variant = BILL | {"variants": {"v": {"parts.hard.share": "50%"}}}
    write(variant)
    with pytest.raises(LlmcostError, match="have volumes of their own, and no shares"):
        load("ours.yaml:v")
    write(BILL, "bill.yaml")
    whole = {"parts": {"bill": {"scenario": "./bill.yaml"}}}
    assert "has no part 'soft'; it has hard, easy" in refused(whole, "parts.bill.parts.soft.share=1")


def test_a_whole_has_a_part_at_least() -> None:
    empty: list[dict[str, Any]] = [{"parts": None}, {"parts": {}}]
    for content in empty:
        assert "'parts' is a mapping from names to parts, at least one" in refused(content)
    none = BILL | {"variants": {"none": {"parts": {"hard": None, "easy": None}}}}
    write(none)
    with pytest.raises(LlmcostError, match="parts: no part is left; a whole needs at least one"):
        load("ours.yaml:none")


# Plans of a product


def test_a_margin_is_that_of_the_sums() -> None:
    seats = derived(SEATS | {"product": {"units_per_month": 1000, "fixed_cost_per_month": 500}})
    assert seats.value("product.revenue_per_month") == pytest.approx(300 * 20 + 100 * 20)
    assert seats.value("parts.cost_per_month") == pytest.approx(600 * 1 + 300 * 5 + 100 * 40)
    assert seats.value("product.cost_per_month") == pytest.approx(6100 + 500)
    assert seats.value("product.profit_per_month") == pytest.approx(8000 - 6600)
    assert seats.value("product.blended_margin") == pytest.approx(1900 / 8000)
    assert seats.value("parts.losing_share") == pytest.approx(0.7)
    assert seats.value("parts.largest_cost_share") == pytest.approx(4000 / 6100)


def test_shares_alone_say_as_much_of_a_unit() -> None:
    seats = derived(SEATS)
    assert seats.value("product.price_per_unit") == pytest.approx(8)
    assert seats.value("product.blended_margin") == pytest.approx(1900 / 8000)
    assert seats.value("parts.losing_share") == pytest.approx(0.7)
    assert "product.revenue_per_month" not in seats


def test_free_units_of_a_part_are_carried_by_those_that_pay() -> None:
    """Half of 100 units pay 10, and each costs 2: 500 in and 200 out. The other part is 50 at 10 and 1."""
    half = {"product.price_per_unit": 10, "product.variable_cost_per_unit": 2, "product.paying_share": 0.5}
    all_pay = {"product.price_per_unit": 10, "product.variable_cost_per_unit": 1}
    parts: dict[str, Any] = {
        "half": {"scenario": "./unit.yaml", "set": half | {"product.units_per_month": 100}},
        "all": {"scenario": "./unit.yaml", "set": all_pay | {"product.units_per_month": 50}},
    }
    both = derived({"parts": parts})
    assert both.value("product.paying_units_per_month") == pytest.approx(100)
    assert both.value("product.blended_margin") == pytest.approx((1000 - 250) / 1000)
    assert both.value("product.gross_margin") == pytest.approx((500 - 100 + 500 - 50) / 1000)
    assert both.value("product.paying_share") == pytest.approx(100 / 150)
    assert "product.units_carried" not in both


def test_the_units_of_plans_move() -> None:
    """Of 100 units a tenth leaves and 20 come; of 50 half leave; each is 20 less 5 or 40, after 100.

    110 × 15 + 25 × −20 − 100 in the second month. Of 150 units as a mix (2 to 1) 7/30 leave in every month.
    """
    content = SEATS | {"product": {"fixed_cost_per_month": 100}}
    stayers = {
        "product.units_per_month": 100,
        "product.churn_per_month": 0.1,
        "product.new_units_per_month": 20,
    }
    leavers = {"product.units_per_month": 50, "product.churn_per_month": 0.5}
    parts = {"plus": plan(20, 5, "2/3"), "heavy": plan(20, 40, "rest")}
    for part, own in zip(parts.values(), (stayers, leavers), strict=True):
        part["set"] |= own
    sums = {name: {key: part[key] for key in ("scenario", "set")} for name, part in parts.items()}
    write(content | {"parts": sums})
    found = project(load("ours.yaml"), months=2)
    assert [row.metrics["product.units_per_month"] for row in found.rows] == pytest.approx([150, 110 + 25])
    assert [row.flows["company.operating_profit"] for row in found.rows] == pytest.approx([400, 1050])
    said = dict(found.notes)["parts.heavy.product.units_per_month"]
    assert said.endswith("none are won: parts.heavy.product.new_units_per_month is not stated")
    for part in parts.values():
        del part["set"]["product.units_per_month"]
        part["set"].pop("product.new_units_per_month", None)
    content["product"]["units_per_month"] = 150
    write(content | {"parts": parts})
    found = project(load("ours.yaml"), months=3)
    mixed = [150, 150 * 23 / 30, 150 * (23 / 30) ** 2]
    assert [row.metrics["product.units_per_month"] for row in found.rows] == pytest.approx(mixed)
    assert "their shares stay as they are" in dict(found.notes)["product.units_per_month"]


# Fleets and companies


def test_fleets_add_up_to_their_bill() -> None:
    rates = {"serving.prefill_tokens_per_gpu_second": 1000, "serving.decode_tokens_per_gpu_second": 100}
    traffic = {"traffic.input_tokens_per_day": "864M", "traffic.output_tokens_per_day": "86.4M"}  # 20 GPUs
    Path("gpus.yaml").write_text("llmcost: 1\nkind: infrastructure\nserving.gpu_hour_cost: 2\n", "utf-8")
    parts: dict[str, Any] = {
        name: {"scenario": "./gpus.yaml", "set": rates | traffic | {"serving.gpus": gpus}}
        for name, gpus in {"east": 40, "west": 160}.items()
    }
    fleets = derived({"parts": parts})
    assert fleets.value("serving.gpus") == 200
    assert fleets.value("serving.busy_gpus") == pytest.approx(40)
    assert fleets.value("serving.utilization") == pytest.approx(0.2)
    assert fleets.value("serving.cost_per_day") == pytest.approx(200 * 24 * 2)
    assert fleets.value("parts.cost_per_month") == pytest.approx(9600 * DAYS)
    tokens = fleets.value("traffic.tokens_per_day")
    cost = fleets.value("serving.cost_per_mtok")
    assert tokens is not None
    assert cost is not None
    assert tokens * cost / 1e6 == pytest.approx(9600)
    staffed = derived({"parts": parts, "serving": {"fixed_cost_per_month": 3650}})
    assert staffed.value("serving.fixed_cost_per_month") == 3650
    assert staffed.value("serving.cost_per_day") == pytest.approx(9600 + 120)


# 864M tokens of prefill at 1,000 a second and 86.4M of decode at 100 keep 20 GPUs busy. At 1 and 4 USD/Mtok
# they bring 864 + 345.6 = 1,209.60 USD a day. 100 GPUs at 2 USD an hour cost 4,800 a day, 40 GPUs 1,920.
PRICED = """
price: {input_per_mtok: 1, output_per_mtok: 4}
serving: {gpus: 100, gpu_hour_cost: 2, prefill_tokens_per_gpu_second: 1000, decode_tokens_per_gpu_second: 100}
traffic: {input_tokens_per_day: 864M, output_tokens_per_day: 86.4M}
"""


def two_fleets(whole: str, part: str) -> Evaluation:
    Path("fleet.yaml").write_text(f"llmcost: 1\nkind: {part}\n{PRICED}", "utf-8")
    west = {"scenario": "./fleet.yaml", "set": {"traffic.output_tokens_per_day": "43.2M"}}
    return derived({"kind": whole, "parts": {"east": {"scenario": "./fleet.yaml"}, "west": west}})


@each("whole, part", [("company", "model"), ("infrastructure", "model"), ("portfolio", "infrastructure")])
def test_a_fleet_of_ones_own_costs_its_bill_and_its_price_is_what_others_pay(whole: str, part: str) -> None:
    fleets = two_fleets(whole, part)
    assert fleets.value("parts.east.cost_per_month") == pytest.approx(4800 * DAYS)
    assert fleets.value("parts.east.cost_per_mtok") == pytest.approx(4800 / 950.4)
    assert fleets.value("parts.cost_per_month") == pytest.approx(9600 * DAYS)
    assert fleets.value("parts.revenue_per_month") == pytest.approx((1209.6 + 1036.8) * DAYS)
    assert fleets.value("parts.profit_per_month") == pytest.approx((2246.4 - 9600) * DAYS)


def test_a_bill_pays_the_price_of_a_model_whose_seller_states_a_fleet() -> None:
    bill = two_fleets("portfolio", "model")
    assert bill.value("parts.cost_per_month") == pytest.approx(2246.4 * DAYS)
    assert "parts.revenue_per_month" not in bill
    assert "serving.gpus" not in bill
    rented = {"scenario": "./fleet.yaml", "set": {"serving.gpus": 40}}
    assert derived({"kind": "portfolio", "parts": {"a": rented}}).value("parts.cost_per_month") == (
        pytest.approx(1920 * DAYS)
    )


def test_what_is_bought_beside_fleets_brings_nothing() -> None:
    two_fleets("company", "infrastructure")
    bought = {"scenario": "lark", "workload": "chat", "set": {"traffic.tokens_per_day": "10M"}}
    Path("priced.yaml").write_text("llmcost: 1\nkind: model\nprice.blended_per_mtok: 3.5\n", "utf-8")
    parts = {"east": {"scenario": "./fleet.yaml"}, "api": bought | {"scenario": "./priced.yaml"}}
    both = derived({"kind": "company", "parts": parts})
    assert both.value("parts.cost_per_month") == pytest.approx((4800 + 35) * DAYS)
    assert both.value("parts.revenue_per_month") == pytest.approx(1209.6 * DAYS)


def test_a_fleet_without_a_stated_size_is_as_large_as_its_traffic_needs(llmcost: Call) -> None:
    """lark is bought at 3.50 USD/Mtok; to a company that serves it a chat costs 0.875."""
    parts: dict[str, Any] = {
        "lark": {"scenario": "lark", "workload": "chat", "set": {"traffic.tokens_per_day": "10M"}}
    }
    bought, served = (derived({"kind": kind, "parts": parts}) for kind in ("portfolio", "company"))
    assert bought.value("parts.cost_per_month") == pytest.approx(35 * DAYS)
    assert served.value("parts.revenue_per_month") == pytest.approx(35 * DAYS)
    assert served.value("parts.cost_per_month") == pytest.approx(8.75 * DAYS)
    two_fleets("company", "infrastructure")
    told = llmcost("compare", "ours.yaml", "ours.yaml").out
    assert "parts.profit_per_month" in told
    asked = json.loads(
        llmcost("show", "ours.yaml", "--metric", "parts.*.cost_per_month", "--format", "json").out
    )
    assert list(asked["values"]) == ["parts.east.cost_per_month", "parts.west.cost_per_month"]
    assert "No value" not in told


def test_companies_add_up_line_by_line() -> None:
    Path("firm.yaml").write_text("llmcost: 1\nkind: company\nrevenue.api: 100\ncost.inference: 60\n", "utf-8")
    parts: dict[str, Any] = {
        "one": {"scenario": "./firm.yaml", "set": {"cost.staff": 30}},
        "two": {"scenario": "./firm.yaml", "set": {"revenue.api": 300}},
    }
    group = derived({"parts": parts, "cost.general": 10})
    assert group.value("revenue.total") == 400
    assert group.value("cost.total") == pytest.approx(60 + 60 + 30 + 10)
    assert group.value("company.operating_profit") == pytest.approx(240)
    longer = parts["two"]["set"] | {"company.period_months": 6}
    said = refused({"parts": parts | {"two": {"scenario": "./firm.yaml", "set": longer}}})
    assert "figures are of 6 and 12 months" in said


def test_companies_add_up_with_what_no_line_of_theirs_includes() -> None:
    """60 and a fifth of 200 are the cost of 250 of revenue; 60 more of inference a year are 5 a month."""
    one = (
        "revenue: {api: 100, total: 200}\ncost: {inference: 60, total: 150}\ncompany.revenue_share_rate: 20%"
    )
    for name, text in (("one", one), ("two", "revenue.total: 50\ncost.total: 30")):
        Path(f"{name}.yaml").write_text(f"llmcost: 1\nkind: company\n{text}\n", "utf-8")
    parts = {name: {"scenario": f"./{name}.yaml"} for name in ("one", "two")}
    group = derived({"parts": parts, "trajectory": {"parts.one.cost.inference": {2: 120}}})
    values = [group.value(f"{name}.total") for name in ("revenue", "cost")]
    assert [*values, group.value("company.gross_margin")] == pytest.approx([250, 180, 0.6])
    found = project("ours.yaml", months=2)
    assert [row.flows["cost.total"] for row in found.rows] == pytest.approx([15, 20])


@each("kind, name", [("company", "acme"), ("company", "beta"), ("infrastructure", "fleet")])
def test_a_whole_of_one_part_has_the_figures_of_that_part(kind: str, name: str) -> None:
    alone, whole = evaluate(load(name)), derived({"kind": kind, "parts": {"one": {"scenario": name}}})
    both = {item for item, node in alone.trace.nodes.items() if node.rooted} & whole.trace.nodes.keys()
    assert {item: whole.value(item) for item in both} == pytest.approx(
        {item: alone.value(item) for item in both}, rel=1e-12
    )


def test_companies_are_projected_together(llmcost: Call) -> None:
    """In half a year they earn 100 + 300 and spend 60 + 60 + 60 + 510: 48.33 a month.

    At first credits pay the 10 a month of the inference of each, as long as there are 30.
    """
    text = "llmcost: 1\nkind: company\nrevenue.api: 100\ncost.inference: 60\ncompany.period_months: 6\n"
    Path("firm.yaml").write_text(text, "utf-8")
    parts: dict[str, Any] = {
        "one": {"scenario": "./firm.yaml", "set": {"cost.staff": 60, "cash.balance": 80}},
        "two": {"scenario": "./firm.yaml", "set": {"revenue.api": 300, "cash.credits": 30}},
    }
    group = {"kind": "company", "parts": parts, "cost.general": 510, "cash.committed_funding": 20}
    burn = [290 / 6 - 20, 290 / 6 - 10, 290 / 6]
    whole = derived(group)
    assert whole.value("company.net_burn_per_month") == pytest.approx(burn[0])
    assert whole.value("company.runway_months") == pytest.approx(130 * 6 / 290)
    found = project("ours.yaml", months=3, metrics=["parts.cost_per_month"])
    assert [row.net_burn for row in found.rows] == pytest.approx(burn)
    assert found.outcomes["project.runway_months"].value == pytest.approx(130 * 6 / 290)
    assert [row.metrics["parts.cost_per_month"] for row in found.rows] == pytest.approx([30, 30, 30])
    (quarter,) = project("ours.yaml", months=3, by="quarter").rows
    assert quarter.flows["cost.total"] == pytest.approx(690 / 2)
    write(group | {"events": [{"at": 2, "reprice": {"payer": "uniform", "multiplier": 2}}]})
    assert "move the revenue of its parts by trajectories" in llmcost("project", "ours.yaml").err


def test_parts_may_have_parts() -> None:
    write(BILL, "bill.yaml")
    parts = {"models": {"scenario": "./bill.yaml"}, "one": BILL["parts"]["hard"]}
    both = derived({"parts": parts})
    assert both.value("parts.models.parts.easy.cost_per_month") == pytest.approx(31.5 * DAYS)
    assert both.value("parts.models.cost_per_month") == pytest.approx(66.5 * DAYS)
    assert both.value("parts.cost_per_month") == pytest.approx((66.5 + 35) * DAYS)


# What every kind of number makes of it


def test_one_plan_on_every_kind_of_number() -> None:
    seats = SEATS | {"product": {"units_per_month": 1000, "fixed_cost_per_month": 500}}
    mix = MIX | {"traffic": {"tokens_per_day": "100M"}}
    two_fleets("company", "infrastructure")
    fleets = yaml.safe_load(Path("ours.yaml").read_text("utf-8"))
    for content in (BILL, MIX, mix, SEATS, seats, fleets):
        found = derived(content)
        data, nodes = found.scenario.data, found.trace.nodes
        known = [name for name, node in nodes.items() if node.value is not None]
        plan = resolve(MODEL, data, known)
        compiled = CompiledPlan(plan)
        values = compiled([data[name].value for name in compiled.inputs])
        assert dict(zip(compiled.targets, values, strict=True)) == pytest.approx(
            {name: found.value(name) for name in known}
        )
        measured = {name: Measure(data[name].value, MODEL.quantities[name].unit) for name in plan.inputs}
        for step in plan.steps:
            result = step.formula.function(*map(measured.get, step.formula.inputs))
            unit = MODEL.quantities[step.name].unit
            assert not isinstance(result, Measure) or result.powers == powers(unit), step.name
            measured[step.name] = Measure(
                result.value if isinstance(result, Measure) else float(result or 0), unit
            )


def test_slopes_reach_the_parts() -> None:
    found = derived(MIX | {"traffic": {"tokens_per_day": "100M"}})
    data = found.scenario.data
    plan = resolve(MODEL, data, ["parts.cost_per_month"])
    values = {name: datum.value for name, datum in data.items()}
    slope = slopes(plan, values, ["parts.hard.price.output_per_mtok"])
    # A quarter of a tenth of 100M tokens a day is output.
    assert slope["parts.hard.price.output_per_mtok"]["parts.cost_per_month"] == pytest.approx(2.5 * DAYS)


def test_draws_reach_the_parts_and_a_fact_is_drawn_alike() -> None:
    both = {name: {"scenario": "lark", "share": "50%"} for name in ("one", "other")}
    write({"parts": both})
    drawn = Draws(load("ours.yaml"), ["unit.gross_margin"], 50, 0, "lhs")
    one, other = (drawn.by_name[f"parts.{name}.serving.utilization"] for name in both)
    assert list(one) == list(other)
    assert len(set(one)) > 40


def test_every_question_takes_parts(llmcost: Call) -> None:
    more = {"more": {"parts.hard.share": "20%"}}
    write(MIX | {"traffic": {"tokens_per_day": "50M to 200M"}, "variants": more})
    asked = "--metric", "parts.cost_per_month"
    for verb in (
        ["explain", "ours.yaml", "parts.cost_per_month"],
        ["sensitivity", "ours.yaml", *asked],
        ["simulate", "ours.yaml", *asked, "--draws", "100"],
        ["sweep", "ours.yaml", *asked, "--vary", "parts.hard.price.input_per_mtok=1,2"],
        ["solve", "ours.yaml", "--vary", "traffic.tokens_per_day", "--until", "parts.cost_per_month=2k"],
        ["snapshot", "ours.yaml", "-o", "snapshot.json"],
        ["diff", "ours.yaml", "ours.yaml:more"],
        ["show", "ours.yaml", "--metric", "parts.*.share"],
    ):
        done = llmcost(*verb)
        assert done.code == 0, (verb, done.err)
    assert "parts.hard.share" in llmcost("sensitivity", "ours.yaml", *asked).out


def test_the_table_has_a_row_a_part_and_one_for_all() -> None:
    *parts, whole = parts_of(derived(BILL))
    assert [(part.name, part.scenario, part.workload) for part in parts] == [
        ("hard", "lark", "chat"),
        ("easy", "wren", "chat"),
    ]
    assert whole.nodes["parts.cost_per_month"].value == pytest.approx(66.5 * DAYS)


def test_a_share_that_nobody_gives_way_to_is_not_varied(llmcost: Call) -> None:
    write(MIX)
    vary = "--metric", "parts.cost_per_mtok", "--vary", "parts.hard.share=0,0.5,1"
    done = llmcost("sweep", "ours.yaml", *vary)
    assert done.code == 2
    assert "parts.hard.share: the shares of all parts would not add up to 100%" in done.err
    parts = MIX["parts"] | {"easy": {"scenario": "wren", "share": "rest"}}
    write({"parts": parts})
    swept = llmcost("sweep", "ours.yaml", *vary, "--format", "csv").out.splitlines()
    assert [float(row.split(",")[-1]) for row in swept[1:]] == pytest.approx([0.35, 1.925, 3.5])


def test_the_price_of_a_supplier_is_a_lever_without_being_stated() -> None:
    bought = {"product.input_tokens_per_unit": 1e6, "product.output_tokens_per_unit": 1e5}
    part = {"scenario": "./unit.yaml", "supplier": "lark", "share": "100%", "set": bought}
    for content in ({"extends": "./unit.yaml", "supplier": "lark", **bought}, {"parts": {"one": part}}):
        write(content)
        found = {
            item.quantity.name: item for item in sensitivity("ours.yaml", "product.gross_margin").influences
        }
        lever = found["product.supplier_price_multiplier"]
        # 1M at 2 and 100k at 8 cost 2.80 of 20: a percent more is 0.14 points.
        assert lever.value == 1
        assert lever.per_percent == pytest.approx(-0.0014)


def test_whoever_serves_for_oneself_pays_its_cost(llmcost: Call) -> None:
    Path("own.yaml").write_text("llmcost: 1\nkind: infrastructure\nserving.cost_per_mtok: 1.75\n", "utf-8")
    told = json.loads(llmcost("compare", "own.yaml", "lark", "wren", "--format", "json").out)
    (row,) = [row for row in told["rows"] if row["metric"] == "paid_per_mtok"]
    assert row["values"] == pytest.approx([1.75, 3.5, 0.35])
    text = llmcost("compare", "own.yaml", "lark").out
    assert "own is 2.00× cheaper than lark on the chat workload, for whoever uses it." in text
    assert "Gross margin" not in text
    assert "No value" not in llmcost("compare", "owl", "owl").out  # a buyer does not miss what serving costs
