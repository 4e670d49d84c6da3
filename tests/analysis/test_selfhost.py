"""Self-host or buy: bills of a month, where the answer turns, how sure it is, and what cannot be said."""

from __future__ import annotations

from pathlib import Path

import pytest

from calling import Call, each
from llmcost import LlmcostError, load, selfhost, sweep
from llmcost.analysis.ask.selfhost import BILLS, SAVINGS, TURNS, Offer
from llmcost.analysis.whatif.uncertainty import likelihood
from llmcost.render.results.selfhost import views

pytestmark = pytest.mark.usefixtures("world")
FIXED = 6_000 * 12 / 365


def values(offer: Offer, *names: str) -> list[float | None]:
    return [offer.evaluation.value(f"alternative.{name}") for name in names]


def test_bills_and_turns_by_hand() -> None:
    """A replica rents for 192 a day; its GPUs serve 98.74M tokens a day at half their time."""
    lark, wren = selfhost("nest", "lark", "wren").offers
    assert lark.evaluation.value("serving.cost_per_month") == pytest.approx(5_840 + 6_000)
    assert values(lark, "cost_per_month", "savings_per_month") == pytest.approx([12_775, 935])
    assert values(wren, "cost_per_month", "savings_per_month") == pytest.approx([1_277.5, -10_562.5])
    assert (lark.cheaper, wren.cheaper) == ("own", "api")
    turns = ("breakeven_tokens_per_day", "always_cheaper_tokens_per_day", "breakeven_gpu_hour_cost")
    assert values(lark, *turns) == pytest.approx(
        [(192 + FIXED) / 3.5e-6] * 2 + [2 * (12_775 - 6_000) / 5_840]
    )
    assert values(wren, *turns) == [None, None, None]
    assert wren.evaluation["alternative.breakeven_tokens_per_day"].reason.code == "never_cheaper"  # type: ignore[union-attr]
    assert values(wren, "breakeven_price_multiplier") == pytest.approx([11_840 / 1_277.5])


def test_the_cheapest_is_the_api_with_the_least_bill() -> None:
    result = selfhost("nest", "lark", "wren")
    assert result.cheapest is result.offers[1]


def test_without_an_api_the_alternative_of_the_file() -> None:
    (offer,) = selfhost("nest").offers
    assert offer.label == "lark"
    assert offer.savings == pytest.approx(935)


def test_the_prices_of_an_api_rule_over_those_of_the_file() -> None:
    mine = load("nest", set={"alternative.output_per_mtok": 100})
    assert selfhost(mine, "wren").offers[0].savings == pytest.approx(-10_562.5)


def test_no_api_at_all() -> None:
    with pytest.raises(LlmcostError, match=r"^fleet: names no alternative: name an API, or write"):
        selfhost("fleet")


def test_an_api_without_a_price_list() -> None:
    with pytest.raises(LlmcostError, match=r"acme: states no list price; your own deployment comes first"):
        selfhost("nest", "acme")


@each("output", ["60M", "90M"])
def test_a_fleet_that_is_too_small_is_held_as_large_as_it_must_be(output: str) -> None:
    """90M in and 60M out keep 0.955 of the GPU busy, and twice as much at the peak; 90M out even 1.30."""
    mine = load("nest", set={"serving.gpus": 1, "traffic.output_tokens_per_day": output})
    result = selfhost(mine, "lark")
    assert result.short
    (offer,) = result.offers
    assert offer.evaluation.value("serving.gpus_required") == 4
    assert offer.evaluation.value("serving.cost_per_month") == pytest.approx(11_840)
    bill = {"60M": 90 * 2 + 60 * 8, "90M": 90 * 2 + 90 * 8}[output] * 365 / 12
    assert offer.savings == pytest.approx(bill - 11_840)
    assert result.fitted is not None
    assert result.stated.value("serving.gpus") == 1


def test_a_fleet_that_is_larger_than_need_be() -> None:
    result = selfhost(load("nest", set={"serving.gpus": 8}), "lark")
    assert not result.short
    assert result.offers[0].savings == pytest.approx(12_775 - 6_000 - 2 * 5_840)
    assert result.fitted is not None
    assert result.fitted.value("serving.cost_per_month") == pytest.approx(11_840)


def test_a_volume_without_a_mix_can_outgrow_the_fleet(llmcost: Call) -> None:
    """It is taken to be of the workload's mix: 14.6 GPUs busy of 8."""
    done = llmcost(
        *("selfhost", "wren", "lark", "--set", "serving.gpus=8"),
        *("--set", "traffic.tokens_per_day=5.76B", "--set", "serving.utilization=null", "--workload", "chat"),
    )
    assert "Against lark there is no answer: the fleet is too small: 14.5833 GPUs are busy" in done.out


def test_what_no_answer_lacks_is_one_line_without_tables(llmcost: Call, tmp_path: Path) -> None:
    rates = "prefill_tokens_per_gpu_second: 5000, decode_tokens_per_gpu_second: 1000"
    fleet = f"serving: {{gpus: 8, gpu_hour_cost: 2, {rates}}}\nworkload.cached_input_share: 30%\n"
    fleet += "traffic.tokens_per_day: 1B\n"
    (tmp_path / "mine.yaml").write_text(f"kind: infrastructure\n{fleet}", "utf-8")
    command = ("selfhost", str(tmp_path / "mine.yaml"), "lark")
    said = llmcost(*command).out
    assert "no answer: lacks workload.output_share; --workload chat would" in said
    assert "──" not in said
    assert "Self-hosting saves" in llmcost(*command, "--workload", "chat").out


BENCHMARK = """kind: infrastructure
serving: {tokens_per_gpu_second: 1000, measured_output_share: 20%, gpus_per_replica: 8, gpu_hour_cost: 2}
"""
LONG = """kind: model
price: {input_per_mtok: 3, output_per_mtok: 15, long_context_above: 200k, long_context_input_multiplier: 2,
  long_context_output_multiplier: 1.5}
"""
VOLUME, PEAK = "traffic.tokens_per_day=90M", "serving.peak_to_average=2"
MIX = ("traffic.input_tokens_per_day=80M", "traffic.output_tokens_per_day=10M")
AT_MIX = " ".join(f"--set traffic.{way}_tokens_per_day=null" for way in ("input", "output"))
BY_WEIGHT = "--set serving.output_cost_weight=4"
LENGTH = "--set traffic.input_tokens_per_request=1000 --set traffic.output_tokens_per_request=250"
AGAIN = "--set traffic.tokens_per_day=90000000"


@each(
    "stated, option",
    [
        ([PEAK], "--set traffic.tokens_per_day=500M"),
        ([VOLUME], "--set serving.peak_to_average=2.5"),
        ([VOLUME], "--set serving.utilization=40%"),
        ([PEAK, VOLUME], LENGTH),
        ([PEAK, *MIX], BY_WEIGHT),
        ([PEAK, *MIX], f"{AT_MIX} {AGAIN}"),
        ([PEAK, VOLUME, "traffic.cached_input_share=9%"], f"--set traffic.cached_input_share=null {AGAIN}"),
        ([PEAK, VOLUME, "workload.output_share=9%"], f"--set workload.output_share=null {AGAIN}"),
    ],
)
def test_what_would_answer_does(llmcost: Call, tmp_path: Path, stated: list[str], option: str) -> None:
    (tmp_path / "mine.yaml").write_text(BENCHMARK, "utf-8")
    (tmp_path / "api.yaml").write_text(LONG, "utf-8")
    api = str(tmp_path / "api.yaml") if option == LENGTH else "lark"
    command = ["selfhost", str(tmp_path / "mine.yaml"), api]
    for one in stated:
        command += ["--set", one]
    said = " ".join(llmcost(*command).out.split())
    assert "USD a month (" not in said
    assert option in said
    done = llmcost(*command, *option.split())
    assert done.code == 0
    assert "USD a month (" in done.out


def test_no_draw_is_told_of_what_has_no_answer(llmcost: Call, tmp_path: Path) -> None:
    """A rate that ranges, and an API whose price depends on a length that nobody states."""
    (tmp_path / "mine.yaml").write_text(
        BENCHMARK.replace("gpu_hour_cost: 2", "gpu_hour_cost: 1 to 3"), "utf-8"
    )
    (tmp_path / "api.yaml").write_text(LONG, "utf-8")
    command = [
        "selfhost",
        str(tmp_path / "mine.yaml"),
        str(tmp_path / "api.yaml"),
        "--set",
        VOLUME,
        "--set",
        PEAK,
    ]
    assert "of draws" not in llmcost(*command).out
    assert "of draws" in llmcost(*command, *LENGTH.split()).out


def test_a_put_mix_that_was_not_measured(llmcost: Call, tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(BENCHMARK, "utf-8")
    command = ["selfhost", str(tmp_path / "mine.yaml"), "lark", "--set", VOLUME, "--set", PEAK]
    said = " ".join(llmcost(*command, "--workload", "chat").out.split())
    assert f"or --workload own {AGAIN} asks at the mix that was measured, 20.0% output." in said
    assert "USD a month (" in llmcost(*command, "--workload", "own").out


def test_how_sure_it_is() -> None:
    """Own is cheaper below 2.32 USD per GPU-hour, of 1.50 to 2.50 at 90 %: 0.854 of a normal."""
    (offer,) = selfhost("nest").offers
    found = likelihood(offer.evaluation, SAVINGS, ["serving.cost_per_month"])
    assert found is not None
    assert found.positive == pytest.approx(0.854, abs=0.005)
    assert found.intervals["serving.cost_per_month"] == pytest.approx((10_380, 13_300), rel=1e-3)
    assert found.intervals[SAVINGS] == pytest.approx((-525, 2_395), rel=5e-3)


def test_what_rests_on_no_range_is_not_drawn() -> None:
    (offer,) = selfhost(load("nest", set={"serving.gpu_hour_cost": 2})).offers
    assert likelihood(offer.evaluation, SAVINGS) is None


def test_a_sweep_draws_it() -> None:
    """Just above a full replica of 394.97M tokens the second one costs 192 a day."""
    grid = {"traffic.input_tokens_per_day": [296e6, 297e6], "traffic.output_tokens_per_day": [98.6e6, 99e6]}
    result = sweep("nest", vary=grid, metrics=["serving.gpus_required", SAVINGS], zip=True)
    assert [row[3] for row in result.rows()] == [4, 8]


FLEET = """
serving: {prefill_tokens_per_gpu_second: 8k, decode_tokens_per_gpu_second: 1600, gpus_per_replica: 8,
  gpu_hour_cost: 2.1, peak_to_average: 2.5, fixed_cost_per_month: 12k}
"""
ONE = """kind: infrastructure
traffic: {input_tokens_per_day: 600M, output_tokens_per_day: 200M,
  cached_input_share: 40%, reasoning_share: 25%}
"""
TWO = """kind: portfolio
parts:
  a: {scenario: wren, set: {traffic.input_tokens_per_day: 400M, traffic.output_tokens_per_day: 100M,
    traffic.cached_input_share: 60%, traffic.reasoning_share: 50%}}
  b: {scenario: wren, set: {traffic.input_tokens_per_day: 200M, traffic.output_tokens_per_day: 100M}}
"""


def test_the_traffic_of_parts_is_served_by_one_fleet(tmp_path: Path) -> None:
    """Two parts of a bill together are the traffic of one; their models' own fleets are others' business."""
    for name, text in (("one", ONE), ("two", TWO)):
        (tmp_path / f"{name}.yaml").write_text(text + FLEET, encoding="utf-8")
    one, two = (selfhost(str(tmp_path / f"{name}.yaml"), "lark") for name in ("one", "two"))
    names = (*BILLS[:3], *TURNS)
    assert [two.own.value(name) for name in names] == pytest.approx([one.own.value(name) for name in names])
    assert two.own.value("serving.cost_per_month") == pytest.approx(8 * 2.1 * 730 + 12_000)


def test_an_api_is_offered_to_all_parts_whatever_they_name_themselves(tmp_path: Path) -> None:
    text = "kind: infrastructure\nparts:\n  a: {scenario: nest}\n  b: {scenario: nest, alternative: wren}\n"
    (tmp_path / "both.yaml").write_text(text, encoding="utf-8")
    found = selfhost(str(tmp_path / "both.yaml"), "lark").own
    assert found.value("alternative.cost_per_month") == pytest.approx(2 * 12_775)


def test_a_utilization_that_was_assumed_yields_to_the_traffic(tmp_path: Path) -> None:
    stated = FLEET.replace("serving: {", "serving: {gpus: 8, utilization: {value: 90%, basis: assumed},")
    (tmp_path / "one.yaml").write_text(ONE + stated, encoding="utf-8")
    found = selfhost(str(tmp_path / "one.yaml"), "lark")
    own = found.own
    assert own.value("serving.utilization") == pytest.approx(own.value("serving.busy_gpus") / 8)  # type: ignore[operator]
    assert found.assumed is not None
    assert [conflict.name for conflict in found.caveats[0].conflicts] == ["serving.utilization"]
    told = [line for line in views(found).report().lead if line.startswith("The traffic decides")]
    assert told[0].startswith("The traffic decides serving.utilization, not the assumed 90.0%: it is")
    shown = views(found).report()
    assert not [line for line in shown.lead if "overrides" in line]
    assert "Traffic: 25.0% output, 40.0% of input cached, 25.0% of output reasoning" in shown.facts
