"""Statements that disagree: found by any formula, whatever is a default, and told in every command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from calling import Call, each, write
from llmcost import evaluate, load
from llmcost.analysis.ask.conflicts import Conflict, conflicts, conflicts_behind
from llmcost.analysis.ask.load import library
from llmcost.analysis.gates.validate import validate
from llmcost.errors import LlmcostError
from llmcost.scenario.settled import Scenario

PRODUCT = """\
llmcost: 1
kind: product
product:
  price_per_unit: 20
  input_tokens_per_unit: 10M
  output_tokens_per_unit: 1M
  input_cost_per_mtok: 3
  output_cost_per_mtok: 15
"""
"""Its tokens cost 10 · 3 + 1 · 15 = 45 USD a unit."""

pytestmark = pytest.mark.usefixtures("here")


def scenario(text: str, reference: str = "ours.yaml", **options: object) -> Scenario:
    write("ours.yaml", text)
    library.cache_clear()  # the file may have been read before
    return load(reference, **options)  # type: ignore[arg-type]


def found(text: str, reference: str = "ours.yaml", **options: object) -> list[Conflict]:
    return list(conflicts(scenario(text, reference, **options)))


def only(text: str, reference: str = "ours.yaml", **options: object) -> Conflict:
    (conflict,) = found(text, reference, **options)
    return conflict


def product(stated: str) -> str:
    return f"{PRODUCT}  {stated}\n"


def test_a_product_states_its_token_cost_beside_its_tokens() -> None:
    conflict = only(product("token_cost_per_unit: 5"))
    assert conflict.name == "product.token_cost_per_unit"
    assert (conflict.stated.value, conflict.follows, conflict.low, conflict.high) == (5, 45, 45, 45)
    assert conflict.formula == "product.base_token_cost_per_unit · product.supplier_price_multiplier"
    assert conflict.inputs == (
        "product.input_tokens_per_unit",
        "product.output_tokens_per_unit",
        "product.input_cost_per_mtok",
        "product.output_cost_per_mtok",
    )
    assert conflict.is_open


@each(
    "text, name, follows",
    [
        ("training: {gpu_hours: 1000, gpu_hour_cost: 2, compute_cost: 2500}", "training.compute_cost", 2_000),
        (
            "revenue: {total: 100}\ncost: {total: 300, inference: 60}\ncompany: {operating_profit: -150}",
            "company.operating_profit",
            -200,
        ),
        (
            "revenue: {total: 100}\ncost: {revenue_share: 15}\ncompany: {revenue_share_rate: 20%}",
            "company.revenue_share_rate",
            0.15,
        ),
        (
            "revenue: {total: 100}\ncompany: {revenue_share: 15, revenue_share_rate: 20%}",
            "company.revenue_share_rate",
            0.15,
        ),
        (
            "cash: {balance: 100, committed_funding: 20}\n"
            "company: {net_burn_per_month: 10, runway_months: 10}",
            "company.runway_months",
            12,
        ),
    ],
)
def test_any_formula_is_a_check(text: str, name: str, follows: float) -> None:
    conflict = only(f"llmcost: 1\n{text}\n")
    assert conflict.name == name
    assert conflict.follows == pytest.approx(follows)


@each("stated", ["token_cost_per_unit: 45", "tokens_per_unit: 11M", "base_token_cost_per_unit: 45.4"])
def test_what_agrees_is_no_conflict(stated: str) -> None:
    assert found(product(stated)) == []


def test_two_digits_may_be_rounded_by_two_percent_and_more_digits_by_one() -> None:
    """45 follows: 45.44 is 0.97 % off, 45.5 is 1.1 %, 44 is 2.2 %; 45.9 has three digits."""
    assert found(product("token_cost_per_unit: 45.44")) == []
    assert only(product("token_cost_per_unit: 45.5")).stated.value == 45.5
    assert only(product("token_cost_per_unit: 44")).stated.value == 44
    fleet = "llmcost: 1\nserving: {{gpus: {gpus}, gpu_hour_cost: 1, cost_per_day: {cost}}}\n"
    # 24 · 10 = 240; 244.8 is 2 % more.
    assert found(fleet.format(gpus=10.15, cost=240)) == []  # 243.6 follows, 1.5 % more than 240
    assert found(fleet.format(gpus=10.25, cost=240)) != []  # 246 follows, 2.4 % more
    assert found(fleet.format(gpus=10.15, cost=240.1)) != []  # four digits


def test_ranges_that_overlap_agree() -> None:
    assert found(product("token_cost_per_unit: 5 to 44")) != []
    assert found(product("token_cost_per_unit: 5 to 44.9")) == []  # within rounding of 45
    assert found(product("token_cost_per_unit: 40 to 60")) == []
    ranged = PRODUCT.replace("input_tokens_per_unit: 10M", "input_tokens_per_unit: 5M to 10M")
    assert found(f"{ranged}  token_cost_per_unit: 31\n") == []  # 5 · 3 + 15 = 30 at the least
    conflict = only(f"{ranged}  token_cost_per_unit: 25\n")
    assert [conflict.low, conflict.high] == pytest.approx([30, 45])
    assert conflict.follows == pytest.approx(15 + 3 * 50**0.5)


def test_many_ranges_count_as_few_do() -> None:
    """Seven lines of 10 to 20: 70 to 140 together, whichever way the ends are tried."""
    lines = ("inference", "training", "data", "staff", "sales_marketing", "general", "other")
    cost = "".join(f"  {line}: 10 to 20\n" for line in lines)
    text = f"llmcost: 1\nrevenue: {{total: 500}}\ncost:\n{cost}company: {{operating_profit: {{}}}}\n"
    assert found(text.replace("{}", "400")) == []
    conflict = only(text.replace("{}", "450"))
    assert [conflict.low, conflict.high] == pytest.approx([360, 430])


def test_a_default_is_no_statement_and_may_be_anything() -> None:
    """Hits on a cache at a tenth of the price bring 45 down to 18; nothing brings it to 17."""
    cached = PRODUCT + "  cached_input_cost_per_mtok: 0.3\n"
    assert found(f"{cached}  token_cost_per_unit: 30\n") == []
    conflict = only(f"{cached}  token_cost_per_unit: 17\n")
    assert [conflict.low, conflict.high] == pytest.approx([18, 45])
    stated = f"{cached}  cached_input_share: 0%\n  token_cost_per_unit: 30\n"
    assert only(stated).follows == pytest.approx(45)
    # A period that is not stated may have any length; part of the cost may have been no cash.
    company = "llmcost: 1\nrevenue: {total: 12}\ncost: {total: 24}\n"
    assert found(company + "company: {net_burn_per_month: 3}\n") == []
    company += "company: {period_months: 12, net_burn_per_month: BURN}\n"
    assert found(company.replace("BURN", "0.5")) == []
    assert only(company.replace("BURN", "1.5")).high == pytest.approx(1)


@each(
    "text",
    [
        # What stands in where nothing is stated contradicts nothing that is.
        "price: {input_per_mtok: 2, cached_input_per_mtok: 0.5}",
        "workload: {output_share: 10%}\ntraffic: {input_tokens_per_day: 10, output_tokens_per_day: 10}",
        "training: {compute_cost: 100, cost: 150}",
        "revenue: {api: 10, total: 50}\ncost: {inference: 10, total: 80}",
        "revenue: {api: 10, total: 50}\ncompany: {api_inference_share: 60%}",
        "cash: {balance: 100}\ncompany: {net_burn_per_month: 10, runway_months: 15}",
        "traffic: {input_tokens_per_day: 5, output_tokens_per_day: 5}\n"
        "training: {amortization_months: 10, lifetime_tokens: 99}",
        "compute: {paid_gpu_hour: 1, market_gpu_hour: 2}\ncost: {inference: 10, inference_at_market: 15}",
    ],
)
def test_what_stands_in_for_a_statement_contradicts_none(text: str) -> None:
    assert found(f"llmcost: 1\n{text}\n") == []


def test_what_leaves_a_part_out_is_the_least_there_is() -> None:
    conflict = only("llmcost: 1\ntraining: {compute_cost: 100, cost: 90}\n")
    assert (conflict.low, conflict.high) == (100, float("inf"))


def test_the_end_of_the_line_contradicts_a_number(llmcost: Call) -> None:
    text = "cash: {balance: 100, committed_funding: 0}\ncompany: {net_burn_per_month: -5, runway_months: 8}"
    conflict = only(f"llmcost: 1\n{text}\n")
    assert conflict.reason is not None
    assert conflict.reason.code == "earns_cash"
    assert conflict.follows == float("inf")
    assert llmcost("validate", "ours.yaml", "--strict").code == 2
    shown = llmcost("show", "ours.yaml")
    assert shown.code == 0
    assert "the other statements make it undefined: earns cash" in " ".join(shown.out.split())


FLEET = """\
llmcost: 1
serving:
  gpus: GPUS
  prefill_tokens_per_gpu_second: 9000
  decode_tokens_per_gpu_second: 1800
  utilization: 50%
traffic: {input_tokens_per_day: 300B, output_tokens_per_day: 100B}
"""
"""Its traffic keeps 300B / 9000 + 100B / 1800 = 88.9M GPU-seconds a day busy, which are 1,029 GPUs."""


def test_a_stated_utilization_beside_fleet_traffic_and_rates() -> None:
    conflict = only(FLEET.replace("GPUS", "8000"))
    assert conflict.name == "serving.utilization"
    assert conflict.follows == pytest.approx(1_028.8 / 8_000, rel=1e-4)
    assert found(FLEET.replace("GPUS", "2050")) == []


def test_a_fleet_that_is_too_small_contradicts_any_utilization() -> None:
    conflict = only(FLEET.replace("GPUS", "500"))
    assert conflict.reason is not None
    assert (conflict.name, conflict.reason.code) == ("serving.utilization", "fleet_too_small")
    assert found(FLEET.replace("GPUS", "500 to 2500")) == []
    assert only(FLEET.replace("GPUS", "500 to 1500")).low == pytest.approx(1_028.8 / 1_500, rel=1e-4)


def test_what_is_zero_but_for_rounding_is_zero() -> None:
    lines = "training: 0.1\n  staff: 0.2"
    text = f"llmcost: 1\nrevenue: {{total: 0.3}}\ncost:\n  {lines}\ncompany: {{operating_profit: 0}}\n"
    assert 0.3 - (0.1 + 0.2) != 0
    assert found(text) == []
    assert found(text.replace("0.3", "0.4")) != []


def test_the_statement_that_explains_the_others_is_named_alone() -> None:
    """25 for the base makes 25 of the token cost; once the base is gone, 45 agrees with the tokens."""
    both = product("base_token_cost_per_unit: 25\n  token_cost_per_unit: 45")
    assert only(both).name == "product.base_token_cost_per_unit"
    two = product("base_token_cost_per_unit: 25\n  token_cost_per_unit: 30")
    assert [c.name for c in found(two)] == ["product.base_token_cost_per_unit", "product.token_cost_per_unit"]


def test_one_contradiction_is_told_once() -> None:
    """A total, its remainder and its lines can be read two ways, and are one contradiction."""
    text = "llmcost: 1\nrevenue: {api: 40, unallocated: 30, total: 100}\n"
    assert len(found(text)) == 1


def test_a_workload_that_was_put_on_a_scenario_is_no_statement() -> None:
    text = "llmcost: 1\nprice: {input_per_mtok: 1, output_per_mtok: 4, blended_per_mtok: 1.2}\n"
    assert found(text) == []
    own = text + "workload: {output_share: 50%, cached_input_share: 0%}\n"
    assert only(own, workload="own").follows == pytest.approx(2.5)
    assert found(own, workload="chat") == []


def test_a_metric_rests_on_a_conflict_by_either_side() -> None:
    """The margin by what is stated, the tokens by all that contradicts it, the price by neither."""
    ours = scenario(product("token_cost_per_unit: 5"))
    assert len(conflicts_behind(ours, ["product.gross_margin"])) == 1
    assert len(conflicts_behind(ours, ["product.base_token_cost_per_unit"])) == 1
    assert conflicts_behind(ours, ["product.net_price_per_unit"]) == ()
    assert conflicts_behind(ours, ["product.tokens_per_unit"]) == ()


# Who brought it about


def test_an_option_may_disagree_with_the_file() -> None:
    conflict = only(PRODUCT, set=["product.token_cost_per_unit=5"])
    assert conflict.ruler == "--set product.token_cost_per_unit=5"
    assert not conflict.is_open
    lower = only(product("token_cost_per_unit: 45"), set=["product.input_cost_per_mtok=*2"])
    assert (lower.ruler, lower.ruled) == (None, ("--set product.input_cost_per_mtok=*2",))
    assert not lower.is_open


def test_an_option_does_not_excuse_the_file() -> None:
    assert only(product("token_cost_per_unit: 5"), set=["product.input_cost_per_mtok=*2"]).is_open
    assert found(product("token_cost_per_unit: 5"), set=["product.token_cost_per_unit=45"]) == []


def test_a_variant_may_disagree_with_the_file_and_not_with_itself() -> None:
    text = PRODUCT + "variants:\n  cheap: {product.token_cost_per_unit: 5}\n"
    assert only(text, "ours.yaml:cheap").ruler == "variant cheap"
    whole = (
        "llmcost: 1\ntitle: ours\n"
        "variants:\n  owned: {serving: {gpus: 10, gpu_hour_cost: 2, cost_per_day: 300}}\n"
    )
    assert only(whole, "ours.yaml:owned").is_open


def test_a_child_answers_for_what_it_inherits() -> None:
    write("base.yaml", PRODUCT)
    assert only("llmcost: 1\nextends: base.yaml\nproduct: {token_cost_per_unit: 5}\n").is_open


# Acknowledged


BECAUSE = 'conflicts: {product.token_cost_per_unit: "a discount that nobody publishes"}\n'


def test_a_file_says_why_both_stand() -> None:
    conflict = only(product("token_cost_per_unit: 5") + BECAUSE)
    assert conflict.because == "a discount that nobody publishes"
    assert not conflict.is_open


def test_a_variant_says_why_both_stand() -> None:
    variant = (
        "variants:\n  owned: {product.token_cost_per_unit: 5, conflicts: {product.token_cost_per_unit: so}}\n"
    )
    assert only(PRODUCT + variant, "ours.yaml:owned").because == "so"


def test_a_child_inherits_the_reason() -> None:
    write("base.yaml", product("token_cost_per_unit: 5") + BECAUSE)
    assert not only("llmcost: 1\nextends: base.yaml\nproduct: {price_per_unit: 30}\n").is_open


@each(
    "conflict, message",
    [
        ("[a]", "a mapping from quantities to why both values are kept, got a list"),
        ("{product.token_cost: why}", "unknown quantity 'product.token_cost'"),
        ("{price.input_per_mtok: why}", "price.input_per_mtok: follows from nothing else"),
        ("{product.token_cost_per_unit: }", "product.token_cost_per_unit: is empty"),
        ("{product.token_cost_per_unit: a, product.token_cost_per_unit: b}", "duplicate key"),
    ],
)
def test_a_bad_reason_is_an_error_with_its_place(conflict: str, message: str) -> None:
    with pytest.raises(LlmcostError) as error:
        scenario(f"{PRODUCT}conflicts: {conflict}\n")
    (problem,) = error.value.problems
    assert problem.line == 9
    assert message in str(problem)


def test_validate_warns_of_a_reason_without_a_conflict() -> None:
    scenario(product("token_cost_per_unit: 45") + BECAUSE)
    result = validate("ours.yaml")
    assert (result.ok, result.conflicts) == (True, ())
    assert [str(problem) for problem in result.idle] == [
        "ours.yaml: conflicts: product.token_cost_per_unit: nothing disagrees with it, so the reason is not "
        "needed"
    ]
    assert not validate("ours.yaml", strict=True).ok


def test_a_reason_may_be_for_a_variant() -> None:
    scenario(PRODUCT + BECAUSE + "variants:\n  cheap: {product.token_cost_per_unit: 5}\n")
    assert validate("ours.yaml", strict=True).ok


# Commands

SAID = (
    "Conflict: product.token_cost_per_unit is stated as 5.00 USD/unit; the other statements make it "
    "45.0 USD/unit: product.base_token_cost_per_unit · product.supplier_price_multiplier, from "
    "product.input_tokens_per_unit, product.output_tokens_per_unit, product.input_cost_per_mtok and "
    "product.output_cost_per_mtok"
)


def test_validate_warns_and_is_strict_on_request(llmcost: Call) -> None:
    scenario(product("token_cost_per_unit: 5"))
    done = llmcost("validate", "ours.yaml")
    assert (done.code, done.out) == (0, f"ours.yaml:9:24: {SAID}\n\n1 file, no errors, 1 warning\n")
    done = llmcost("validate", "ours.yaml", "--strict")
    assert (done.code, done.out) == (2, f"ours.yaml:9:24: {SAID}\n\n1 file, 1 error\n")


def test_validate_looks_into_variants_and_tells_each_conflict_once(llmcost: Call) -> None:
    scenario(
        product("token_cost_per_unit: 5")
        + "variants:\n  dear: {product.price_per_unit: 30}\n"
        + "  owned: {serving: {gpus: 10, gpu_hour_cost: 2, cost_per_day: 300}}\n"
    )
    result = validate("ours.yaml")
    assert [(label, c.name) for label, c in result.conflicts] == [
        ("ours", "product.token_cost_per_unit"),
        ("ours:owned", "serving.cost_per_day"),
    ]


def test_check_fails_on_a_conflict(llmcost: Call) -> None:
    scenario(product("token_cost_per_unit: 5") + "expect:\n  product.price_per_unit: 20\n")
    done = llmcost("check", "ours.yaml")
    assert done.code == 1
    assert done.out.startswith(f"ours.yaml:9:24: {SAID}\n")
    assert done.out.endswith("1 passed, 0 failed, 1 conflict\n")
    assert llmcost("check", "ours.yaml", "--format", "github").out.startswith(
        "::error file=ours.yaml,line=9,col=24,title=product.token_cost_per_unit contradicts other statements"
    )
    assert 'failures="1"' in llmcost("check", "ours.yaml", "--format", "junit").out
    document = json.loads(llmcost("check", "ours.yaml", "--format", "json").out)
    assert [item["quantity"] for item in document["conflicts"]] == ["product.token_cost_per_unit"]
    scenario(product("token_cost_per_unit: 5") + BECAUSE + "expect:\n  product.price_per_unit: 20\n")
    assert llmcost("check", "ours.yaml").code == 0


def test_check_fails_on_a_scenario_without_expectations(llmcost: Call) -> None:
    scenario(product("token_cost_per_unit: 5"))
    assert llmcost("check", "ours.yaml").code == 1
    scenario(PRODUCT)
    assert llmcost("check", "ours.yaml").code == 2  # nothing to check


def test_check_lets_conditions_rule(llmcost: Call) -> None:
    expect = "expect:\n  product.gross_margin: {value: 75%, set: {product.token_cost_per_unit: 5}}\n"
    scenario(PRODUCT + expect)
    assert llmcost("check", "ours.yaml").code == 0


@each(
    "command",
    [
        "show ours.yaml --metric product.gross_margin",
        "explain ours.yaml product.gross_margin",
        "compare ours.yaml ours.yaml --metric product.gross_margin",
        "sweep ours.yaml --vary product.price_per_unit=20,30 --metric product.gross_margin",
        "solve ours.yaml --vary product.price_per_unit --until product.gross_margin=50%",
        "sensitivity ours.yaml --metric product.gross_margin",
        "simulate ours.yaml --metric product.gross_margin",
    ],
)
def test_every_output_that_rests_on_a_conflict_names_it_first(command: str, llmcost: Call) -> None:
    scenario(product("token_cost_per_unit: 4 to 6"))
    done = llmcost(*command.split())
    title, rest = done.out.split("\n", 1)
    said = " ".join(rest.split())
    assert title
    label = "ours: " if command.startswith("compare") else ""
    assert said.startswith(
        f"{label}Conflict: product.token_cost_per_unit is stated as 4.00 to 6.00 USD/unit;"
    )
    document = json.loads(llmcost(*command.split(), "--format", "json").out)
    assert document["conflicts"][0]["follows"] == 45
    other = llmcost(*command.replace("product.gross_margin", "product.price_per_unit").split())
    assert "Conflict" not in other.out


def test_an_acknowledged_conflict_is_a_note_at_the_end(llmcost: Call) -> None:
    scenario(product("token_cost_per_unit: 5") + BECAUSE)
    out = " ".join(llmcost("show", "ours.yaml").out.split())
    assert "Conflict" not in out
    assert "the other statements make it 45.0 USD/unit" in out
    assert "Both are kept: a discount that nobody publishes" in out


def test_the_output_says_which_one_ruled(llmcost: Call) -> None:
    scenario(PRODUCT)
    out = " ".join(llmcost("show", "ours.yaml", "--set", "product.token_cost_per_unit=5").out.split())
    assert (
        "--set product.token_cost_per_unit=5 overrides the file: product.token_cost_per_unit is 5.00 "
        "USD/unit; the other statements make it 45.0 USD/unit" in out
    )
    scenario(product("token_cost_per_unit: 45"))
    command = "sweep ours.yaml --vary product.token_cost_per_unit=5,6 --metric product.gross_margin"
    out = " ".join(llmcost(*command.split()).out.split())
    assert (
        "product.token_cost_per_unit wins at every value; the other statements make it 45.0 USD/unit" in out
    )


def test_a_snapshot_records_it_and_diff_tells_when_it_comes_and_goes(llmcost: Call) -> None:
    scenario(product("token_cost_per_unit: 45"))
    llmcost("snapshot", "ours.yaml", "-o", "fine.json")
    scenario(product("token_cost_per_unit: 5"))
    llmcost("snapshot", "ours.yaml", "-o", "broken.json")
    recorded = json.loads(Path("broken.json").read_text())["scenarios"]["ours.yaml"]["metrics"]
    assert recorded["conflicts[product.token_cost_per_unit]"] == {"value": 45.0, "unit": "USD/unit"}
    done = llmcost("diff", "fine.json", "--fail-on", "regression", "--format", "json")
    moves = {move["metric"]: move for move in json.loads(done.out)["scenarios"][0]["moves"]}
    assert moves["conflicts[product.token_cost_per_unit]"]["worse"] is True
    scenario(product("token_cost_per_unit: 45"))
    done = llmcost("diff", "broken.json", "--fail-on", "regression", "--format", "json")
    moves = {move["metric"]: move for move in json.loads(done.out)["scenarios"][0]["moves"]}
    assert moves["conflicts[product.token_cost_per_unit]"]["worse"] is False


def test_a_rate_and_an_amount_of_revenue_share_that_disagree() -> None:
    """One of the two rules everywhere, so that the multiplier, applied, gives zero profit."""
    text = "revenue: {total: 100}\ncost: {revenue_share: 15, inference: 60, staff: 90}"
    ours = scenario(f"llmcost: 1\n{text}\n", set=["company.revenue_share_rate=20%"])
    (conflict,) = conflicts(ours)
    assert (conflict.name, conflict.ruler) == (
        "company.revenue_share_rate",
        "--set company.revenue_share_rate=20%",
    )
    found = evaluate(ours)
    assert found.value("company.revenue_share") == pytest.approx(20)
    assert found.value("cost.total") == pytest.approx(170)
    # 80 % of 100·m is 150
    assert found.value("breakeven.uniform_multiplier") == pytest.approx(150 / 80)


def test_a_reason_that_a_file_needs_is_not_idle_because_a_variant_does_not() -> None:
    variant = "variants: {listed: {note: x, product.token_cost_per_unit: null}}\n"
    reason = "conflicts: {product.token_cost_per_unit: a discount}\n"
    scenario(PRODUCT + "  token_cost_per_unit: 5\n" + reason + variant)
    assert validate("ours.yaml").idle == ()


def test_what_an_architecture_and_an_accelerator_fill_goes_by_their_names() -> None:
    scenario = load("perch", set={"serving.decode_tokens_per_gpu_second": 99999})
    (found,) = (item for item in conflicts(scenario) if item.name == "serving.decode_tokens_per_gpu_second")
    assert {"architecture finch", "accelerator anvil", "deployment.concurrency"} <= {*found.brief}
    assert not any(name.startswith(("model.", "gpu.")) for name in found.brief)
    assert {"model.parameters", "gpu.memory"} <= {*found.inputs}


OF_GPUS = """\
llmcost: 1
kind: model
price: {input_per_mtok: 2, output_per_mtok: 8}
serving: {gpus: GPUS, gpu_hour_cost: 2, prefill_tokens_per_gpu_second: 9k, decode_tokens_per_gpu_second: 1.8k}
traffic: {input_tokens_per_day: 17.28B, output_tokens_per_day: 5.184B}
"""
"""17.28e9 / 9,000 / 86,400 and 5.184e9 / 1,800 / 86,400 are 22.2 and 33.3 GPUs: 55.56 are busy."""


@each(
    "gpus, more, least",
    [
        ("50", "", 55.5556),
        ("100", "serving.peak_to_average: 2", 111.111),
        ("100", "serving: {peak_to_average: 2, gpus_per_replica: 8}", 112),
        ("112", "serving: {peak_to_average: 2, gpus_per_replica: 8}", None),
        ("90 to 130", "serving.peak_to_average: 2", None),
        ("60", "", None),
    ],
)
def test_a_fleet_that_is_too_small_for_its_traffic_and_its_peaks(
    gpus: str, more: str, least: float | None
) -> None:
    text = OF_GPUS.replace("GPUS", gpus)
    text = text.replace("serving: {", more[:-1] + ", ") if more.endswith("}") else text + more + "\n"
    conflicting = found(text)
    if least is None:
        assert conflicting == []
    else:
        (conflict,) = conflicting
        assert conflict.name == "serving.gpus"
        assert conflict.follows == pytest.approx(least, rel=1e-5)
        assert (conflict.low, conflict.high) == (conflict.follows, float("inf"))


def test_a_fleet_that_is_too_small_is_said_where_inputs_move(llmcost: Call) -> None:
    scenario(OF_GPUS.replace("GPUS", "200") + "serving.peak_to_average: 2\n")
    move = "traffic.input_tokens_per_day"
    sweep = f"sweep ours.yaml --metric unit.gross_margin --vary {move}=17.28B"
    assert "too low" not in llmcost(*f"{sweep},51.84B".split()).out
    said = (
        f"Where {move} is 69.1B tok/day, serving.gpus, 200 GPUs, is too low: "
        "serving.gpus_required is 244 GPUs"
    )
    assert said in " ".join(llmcost(*f"{sweep},69.12B".split()).out.split())
    done = llmcost(*f"{sweep},69.12B --format json".split())
    (low,) = json.loads(done.out)["too_little"]
    assert (low["value"], low["least"]) == (200, pytest.approx(244.444, rel=1e-5))
    solve = "solve ours.yaml --vary serving.gpus --until unit.gross_margin=96%"
    assert "it is too low: serving.gpus_required is 111 GPU" in " ".join(llmcost(*solve.split()).out.split())
    project = f"project ours.yaml --metric unit.gross_margin --months 13 --trajectory {move}=x4/year"
    assert said in " ".join(llmcost(*project.split()).out.split())


OF_CAPACITY = "serving: {gpus: 10, gpu_hour_cost: 2, capacity_tokens_per_day: 100M}\n"


@each(
    "traffic, least",
    [
        ("{tokens_per_day: 300M, output_share: 25%}", 300e6),
        ("{input_tokens_per_day: 90M, output_tokens_per_day: 30M}", 120e6),
        ("{input_tokens_per_day: 75M, output_tokens_per_day: 25M}", None),
        ("{tokens_per_day: 80M to 300M}", None),
    ],
)
def test_a_stated_capacity_below_the_traffic(traffic: str, least: float | None) -> None:
    conflicting = found(f"{OF_CAPACITY}traffic: {traffic}\n")
    if least is None:
        assert conflicting == []
    else:
        (conflict,) = conflicting
        assert (conflict.name, conflict.follows) == ("serving.capacity_tokens_per_day", least)


def test_a_stated_fleet_below_a_stated_need() -> None:
    (conflict,) = found("serving: {gpus: 50, gpus_required: 100}\n")
    assert (conflict.name, conflict.follows, conflict.low) == ("serving.gpus", 100, 100)
