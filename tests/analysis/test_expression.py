"""Arithmetic over metrics: what it comes to, in which unit, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calling import each, refusal
from llmcost.formulas import MODEL
from llmcost.reasons import Undefined
from llmcost.scenario.values.expression import parse_expression
from llmcost.scenario.values.number import NotANumber

VALUES = {
    "cost.total": 8.0,
    "revenue.total": 2.0,
    "cost.inference": 3.0,
    "market.price_elasticity": 0.5,
    "company.gross_margin": -0.25,
    "company.net_burn_per_month": 6.0,
    "serving.cost_per_day": 5.0,
}


@each(
    "text, value, unit",
    [
        ("cost.total", 8, "USD"),
        ("cost.total - revenue.total - cost.inference", 3, "USD"),
        ("cost.total + 2 * revenue.total", 12, "USD"),
        ("(cost.total + revenue.total) * 1.5", 15, "USD"),
        ("-cost.total", -8, "USD"),
        ("1 - revenue.total / cost.total", 0.75, "×"),
        ("4 ^ -market.price_elasticity", 0.5, "×"),
        ("-4 ^ market.price_elasticity", -2, "×"),
        ("2 ^ 3 ^ 2 * market.price_elasticity", 256, "×"),
        ("revenue.total * (1 - 80%)", 0.4, "USD"),
        ("serving.cost_per_day * 365", 1825, "USD/day"),
        ("cost.total * revenue.total", 16, "USD-USD"),
        ("revenue.total / serving.cost_per_day", 0.4, "day"),
        ("cost.total / $4M", 2e-6, "×"),
        ("$10 - cost.total", 2, "USD"),
        ("min(cost.total, 3 * revenue.total)", 6, "USD"),
        ("max(cost.inference - $4, revenue.total / 2) * 2", 2, "USD"),
        ("1 - min(2, max(0.1, revenue.total / cost.total))", 0.75, "×"),
        ("5 USD/month + company.net_burn_per_month", 11, "USD/month"),
    ],
)
def test_values_and_units(text: str, value: float, unit: str) -> None:
    found = parse_expression(text, MODEL)
    assert found.value(*map(VALUES.__getitem__, found.names)) == pytest.approx(value, rel=1e-12)
    assert found.unit == unit
    assert found.is_metric == (text == "cost.total")


@each(
    "text, message",
    [
        ("cost.totl", "unknown metric 'cost.totl'; did you mean 'cost.total'?"),
        ("marginn", "unknown metric 'marginn'; 'llmcost list metrics' shows what there is"),
        ("365", "names no metric: '365'"),
        (
            "cost.total - 5",
            "its units do not fit: cost.total in USD; a number has no unit unless you write one, as in $5",
        ),
        (
            "cost.total + serving.cost_per_day",
            "its units do not fit: cost.total in USD, serving.cost_per_day in USD/day; a number has no unit "
            "unless you write one, as in $5",
        ),
        (
            "2 ^ cost.total",
            "its units do not fit: cost.total in USD; a number has no unit unless you write one, as in $5",
        ),
        ("cost.total +", "expected a metric at the end of 'cost.total +'"),
        ("* cost.total", "expected a metric before '*' in '* cost.total'"),
        ("(cost.total", "a ')' is missing in '(cost.total'"),
        ("cost.total)", "a '(' is missing in 'cost.total)'"),
        ("min(cost.total)", "a ',' is missing in 'min(cost.total)'"),
        ("min(cost.total, $2, $3)", "a ')' is missing in 'min(cost.total, $2, $3)'"),
        ("cost.total, $2", "expected an operator in 'cost.total, $2'"),
        (
            "cost.total & 2",
            "cannot be read from '& 2' on; allowed are metrics, numbers, + - * / ^ ( ), min(a, b), max(a, b)",
        ),
        (
            "cost.total * 12z",
            "unknown suffix or unit 'z' in 'cost.total * 12z'; allowed are k, M, B, T, %, and units such as "
            "tok/day, USD/Mtok, GB",
        ),
        ("(" * 31 + "cost.total" + ")" * 31, "is nested deeper than 30 levels"),
        ("cost.total" + " + cost.total" * 20, "is longer than 200 characters"),
        (
            "cost.total / (cost.total - cost.total)",
            "cannot be worked out: 'cost.total / (cost.total - cost.total)'",
        ),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    assert refusal(parse_expression, text, MODEL) == message


@each(
    "text, values, reason",
    [
        ("1 / market.price_elasticity", {"market.price_elasticity": 0.0}, "division by zero"),
        (
            "company.gross_margin ^ market.price_elasticity",
            {"company.gross_margin": -0.25, "market.price_elasticity": 0.5},
            "a power of a negative number",
        ),
        ("10 ^ market.price_elasticity", {"market.price_elasticity": 1e3}, "too large to represent"),
        ("cost.total * 1e30", {"cost.total": 1e300}, "too large to represent"),
    ],
)
def test_what_has_no_value(text: str, values: dict[str, float], reason: str) -> None:
    found = parse_expression(text, MODEL)
    with pytest.raises(Undefined, match=f"^{reason}$"):
        found.value(*map(values.__getitem__, found.names))


def test_the_text_with_numbers_in_the_place_of_metrics() -> None:
    found = parse_expression("cost.total - 2 * cost.inference", MODEL)
    assert found.written({"cost.total": "8B", "cost.inference": "3B"}) == "8B - 2 * 3B"


@given(st.text(alphabet="costal.revnu+-*/^() 0123456789%kM", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        metrics = parse_expression(text, MODEL).metrics
    except NotANumber as error:
        metrics = (str(error),)
    assert all(name.isprintable() and name for name in metrics)
    assert metrics
