"""Inputs that do not move what is asked for, because something that is stated stands in between."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from calling import Call, each
from llmcost import load
from llmcost.analysis.ask.load import library
from llmcost.analysis.ask.reach import NoEffect, without_effect

PRODUCT = """\
llmcost: 1
kind: product
product:
  price_per_unit: 20
  input_tokens_per_unit: 10M
  output_tokens_per_unit: 1M
  input_cost_per_mtok: 3
  output_cost_per_mtok: 15
  token_cost_per_unit: 45
"""
COMPANY = """\
llmcost: 1
kind: company
revenue: {api: 100}
cost: {total: 90, inference: 40, staff: 30}
cash: {balance: 500}
"""
MULTIPLIER = "product.supplier_price_multiplier"
STATED = f"{MULTIPLIER} has no effect: product.token_cost_per_unit is stated"

pytestmark = pytest.mark.usefixtures("here")


def write(text: str) -> None:
    Path("ours.yaml").write_text(text, "utf-8")
    library.cache_clear()


def idle(text: str, name: str, *metrics: str) -> NoEffect | None:
    write(text)
    return next(iter(without_effect(load("ours.yaml").data, [name], metrics or None)), None)


def test_what_is_stated_stands_in_between() -> None:
    gap = idle(PRODUCT, MULTIPLIER, "product.gross_margin")
    assert gap is not None
    assert (gap.by, gap.partly, str(gap)) == (("product.token_cost_per_unit",), False, STATED)


def test_what_is_asked_for_may_be_stated_itself() -> None:
    gap = idle(PRODUCT, MULTIPLIER, "product.token_cost_per_unit")
    assert gap is not None
    assert str(gap) == STATED


def test_all_that_stands_in_between_is_named() -> None:
    """Behind the token cost stands the cost of a unit, which is stated as well."""
    gap = idle(f"{PRODUCT}  variable_cost_per_unit: 46\n", MULTIPLIER, "product.gross_margin")
    assert gap is not None
    stated = "product.token_cost_per_unit and product.variable_cost_per_unit are stated"
    assert str(gap) == f"{MULTIPLIER} has no effect: {stated}"


def test_what_gets_through_on_one_way_is_without_effect_on_the_other() -> None:
    """The price of a request moves with the multiplier, the cost of a unit does not."""
    text = f"{PRODUCT}  input_tokens_per_request: 1k\n  output_tokens_per_request: 100\n"
    gap = idle(text, MULTIPLIER)
    assert gap is not None
    assert str(gap) == f"{MULTIPLIER} has no effect on product.token_cost_per_unit, which is stated"
    assert idle(text, MULTIPLIER, "product.token_cost_per_request") is None


def test_a_total_holds_against_its_lines() -> None:
    gap = idle(COMPANY, "cost.inference")
    assert gap is not None
    assert str(gap) == "cost.inference has no effect on cost.total, which is stated"
    assert str(idle(COMPANY, "cost.inference", "company.operating_profit")) == (
        "cost.inference has no effect: cost.total is stated"
    )
    assert idle(COMPANY, "cost.inference", "company.gross_margin") is None


def test_what_is_not_asked_about_is_not_told() -> None:
    assert str(idle(COMPANY, "cost.staff", "company.gross_margin")) == (
        "cost.staff has no effect: company.gross_margin does not depend on it"
    )
    assert str(idle(COMPANY, "training.days", "company.gross_margin", "cost.total")) == (
        "training.days has no effect: company.gross_margin and cost.total do not depend on it"
    )
    # Users follow once a target is put, too.
    replica = load("perch", set={"deployment.concurrency": None}).data
    put = ("deployment.min_tokens_per_second_per_user", "deployment.input_tokens_per_request")
    assert without_effect(replica, put, ["deployment.concurrency"]) == []
    # What is asked for beside others moves itself.
    assert idle(COMPANY, "training.days", "company.gross_margin", "training.days") is None


def test_what_moves_something_is_told_of_nothing() -> None:
    assert idle(PRODUCT, "product.price_per_unit") is None
    assert idle(PRODUCT.replace("  token_cost_per_unit: 45\n", ""), MULTIPLIER) is None


def test_a_default_that_a_statement_takes_the_place_of_is_not_in_between() -> None:
    text = "llmcost: 1\nprice: {input_per_mtok: 2, cached_input_per_mtok: 1, output_per_mtok: 8}\n"
    assert idle(text, "price.input_per_mtok") is None


def test_a_statement_that_rules_a_formula_out_is_in_between() -> None:
    """At a stated rate, the amount paid counts for nothing."""
    text = (
        "llmcost: 1\nrevenue: {total: 100}\ncost: {revenue_share: 15}\ncompany: {revenue_share_rate: 15%}\n"
    )
    assert str(idle(text, "cost.revenue_share")) == (
        "cost.revenue_share has no effect: company.revenue_share_rate is stated"
    )


# Commands


@each(
    "command",
    [
        f"show ours.yaml --set {MULTIPLIER}=*2",
        f"show ours.yaml --set {MULTIPLIER}=*2 --metric product",
        f"show ours.yaml --set {MULTIPLIER}=*2 --metric product.gross_margin",
        f"explain ours.yaml product.gross_margin --set {MULTIPLIER}=2",
        f"compare ours.yaml ours.yaml --set {MULTIPLIER}=2",
        f"sweep ours.yaml --vary {MULTIPLIER}=1,2 --metric product.gross_margin",
        f"sensitivity ours.yaml --metric product.gross_margin --set {MULTIPLIER}=2",
        f"simulate ours.yaml --metric product.gross_margin --set {MULTIPLIER}=2",
    ],
)
def test_every_command_says_so(command: str, llmcost: Call) -> None:
    write(PRODUCT.replace("price_per_unit: 20", "price_per_unit: 20 to 30"))
    done = llmcost(*command.split())
    said = f"{re.escape(MULTIPLIER)}.* no effect: product.token_cost_per_unit is stated"
    assert re.search(said, " ".join(done.out.split())), done
    document = json.loads(llmcost(*command.split(), "--format", "json").out)
    assert document["no_effect"][0] == {
        "scenario": "ours",
        "input": MULTIPLIER,
        "stated": ["product.token_cost_per_unit"],
        "partly": False,
    }


def test_solve_exits_1(llmcost: Call) -> None:
    """Whether the condition holds at every value or at none: no value changes that."""
    write(PRODUCT)
    for sign in (">=", "<="):
        done = llmcost(
            "solve", "ours.yaml", "--vary", MULTIPLIER, "--until", f"product.gross_margin {sign} 10%"
        )
        assert done.code == 1
        assert STATED in done.out
        assert f"No value of {MULTIPLIER} changes this." in done.out
    done = llmcost(
        "solve", "ours.yaml", "--vary", MULTIPLIER, "--until", "product.gross_margin = 10%", "--value"
    )
    assert (done.code, done.out) == (1, "")


def test_solve_looks_at_both_sides(llmcost: Call) -> None:
    """The metric is stated and what it is compared with is not."""
    write(PRODUCT)
    command = ["solve", "ours.yaml", "--vary", "product.input_cost_per_mtok", "--until"]
    done = llmcost(*command, "product.token_cost_per_unit = product.base_token_cost_per_unit")
    assert done.code == 0
    assert "product.input_cost_per_mtok = 3 USD/Mtok" in done.out


def test_sensitivity_and_simulate_name_ranges_that_cannot_move_the_metric(llmcost: Call) -> None:
    text = PRODUCT.replace("output_cost_per_mtok: 15", "output_cost_per_mtok: 10 to 20")
    write(text.replace("price_per_unit: 20", "price_per_unit: 20 to 30"))
    said = {
        "simulate": "product.output_cost_per_mtok has no effect: product.token_cost_per_unit is stated",
        "sensitivity": "product.input_tokens_per_unit, product.output_tokens_per_unit, "
        "product.input_cost_per_mtok and product.output_cost_per_mtok have no effect: "
        "product.token_cost_per_unit is stated",
    }
    for command, sentence in said.items():
        done = llmcost(command, "ours.yaml", "--metric", "product.gross_margin")
        assert sentence in " ".join(done.out.split()), done.out


def test_a_trajectory_and_an_event_that_a_stated_burn_holds_back(llmcost: Call) -> None:
    burning = "llmcost: 1\ncash: {balance: 500}\ncompany: {net_burn_per_month: 20}\ncost: {staff: 30}\n"
    said = "cost.staff has no effect on company.net_burn_per_month, which is stated"
    burning += "revenue: {api: 5}\n"
    for moves in ("trajectory: {cost.staff: +5%/month}", "events: [{at: 3, cost.staff: +5}]"):
        write(f"{burning}{moves}\n")
        done = llmcost("project", "ours.yaml", "--months", "6")
        assert said in " ".join(done.out.split()), done
        found = json.loads(llmcost("project", "ours.yaml", "--months", "6", "--format", "json").out)
        assert [item["input"] for item in found["no_effect"]] == ["cost.staff"]


def test_a_move_that_a_stated_metric_holds_back(llmcost: Call) -> None:
    write(f"{PRODUCT}trajectory: {{{MULTIPLIER}: [1, 2]}}\n")
    done = llmcost("project", "ours.yaml", "--months", "3", "--metric", "product.gross_margin")
    assert STATED in done.out
    write(PRODUCT.replace("  token_cost_per_unit: 45\n", "") + f"trajectory: {{{MULTIPLIER}: [1, 2]}}\n")
    done = llmcost("project", "ours.yaml", "--months", "3", "--metric", "product.gross_margin")
    assert "no effect" not in done.out


def test_an_override_that_a_projection_does_not_feel(llmcost: Call) -> None:
    write(f"{COMPANY}company: {{net_burn_per_month: 20}}\n")
    done = llmcost("project", "ours.yaml", "--months", "3", "--set", "cost.staff=40")
    assert done.out.split("\n")[1] == "cost.staff has no effect: cost.total is stated"


def test_a_projection_names_the_conflict_that_it_rests_on(llmcost: Call) -> None:
    write(f"{COMPANY}company: {{net_burn_per_month: 20, period_months: 12}}\n")
    done = llmcost("project", "ours.yaml", "--months", "3")
    assert done.out.split("\n")[1].startswith(
        "Conflict: company.net_burn_per_month is stated as 20.0 USD/month"
    )


def test_check_tells_of_a_condition_without_effect(llmcost: Call) -> None:
    setting = f"{{value: 1 - 45 / 20, within: 1%, set: {{{MULTIPLIER}: 2}}}}"
    write(f"{PRODUCT}expect:\n  product.gross_margin: {setting}\n")
    done = llmcost("check", "ours.yaml")
    assert done.code == 0
    assert f"ours.yaml:11:3: {STATED}" in " ".join(done.out.split())
    (found,) = json.loads(llmcost("check", "ours.yaml", "--format", "json").out)["no_effect"]
    assert (found["line"], found["stated"]) == (11, ["product.token_cost_per_unit"])
    assert (
        f"::warning file=ours.yaml,line=11,col=3,title={MULTIPLIER} has no effect::{STATED}"
        in llmcost("check", "ours.yaml", "--format", "github").out
    )


def test_a_claim_names_what_it_rests_on(llmcost: Call) -> None:
    write(PRODUCT.replace("token_cost_per_unit: 45", "token_cost_per_unit: 5"))
    Path("claims.yaml").write_text(
        "llmcost: 1\nkind: claims\nclaims:\n  rich:\n    statement: It earns three quarters\n"
        "    scenario: ours.yaml\n    metric: product.gross_margin\n    claimed: 75%\n    readings:\n"
        f"      plain:\n      dear: {{set: {{{MULTIPLIER}: 2}}}}\n"
    )
    for command in (["claims", "claims.yaml"], ["claims", "show", "rich", "claims.yaml"]):
        said = " ".join(llmcost(*command).out.split())
        assert "ours: Conflict: product.token_cost_per_unit is stated as 5.00 USD/unit" in said
        assert f"ours: {STATED}" in said
        found = json.loads(llmcost(*command, "--format", "json").out)
        assert {item["quantity"] for item in found["conflicts"]} == {"product.token_cost_per_unit"}


@each("form", ["csv", "jsonl"])
def test_rows_alone_leave_it_to_standard_error(form: str, llmcost: Call) -> None:
    write(PRODUCT)
    command = f"sweep ours.yaml --vary {MULTIPLIER}=1,2 --metric product.gross_margin --format {form}"
    done = llmcost(*command.split())
    assert done.err == f"warning: {STATED}\n"
    assert "no effect" not in done.out
    assert llmcost(*command.replace(form, "json").split()).err == ""


def test_the_bare_solution_is_none_where_nothing_moves(llmcost: Call) -> None:
    write(PRODUCT)
    command = f"solve ours.yaml --value --vary {MULTIPLIER} --until product.gross_margin=-1.25"
    assert llmcost(*command.split()).code == 1


def test_what_is_asked_for_may_be_the_input_itself() -> None:
    assert idle(PRODUCT, MULTIPLIER, MULTIPLIER) is None
