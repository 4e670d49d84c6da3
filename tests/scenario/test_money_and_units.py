"""Units and currencies that people write, and what they are converted to."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from calling import Call, each, refusal, scenario_in
from llmcost.analysis.ask.load import load
from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL
from llmcost.scenario.files.document import read_document
from llmcost.scenario.values.number import NotANumber, parse_amount, parse_number
from llmcost.scenario.values.units import unit_of

PRICE = "price.input_per_mtok"
TOKENS = "traffic.input_tokens_per_day"
RENT = "serving.gpu_hour_cost"
FEE = "product.fixed_cost_per_month"


def quantity(unit: str) -> Quantity:
    return Quantity("some.quantity", unit, "", low=None)


@each(
    "text, unit, value",
    [
        # 365/12 days a month: 1.45B · 12/365
        ("1.45B tok/month", "tok/day", 47_671_232.87671233),
        ("1.45B tokens a month", "tok/day", 47_671_232.87671233),
        ("40 req/s", "request/day", 3_456_000),
        ("40 requests per second", "request/month", 105_120_000),
        ("80 GB", "byte", 80e9),
        ("80 GiB", "byte", 85_899_345_920),
        ("3.35 TB/s", "byte/second", 3.35e12),
        ("989 TFLOPS", "FLOP/second", 989e12),
        ("1,979 TFLOP/s", "FLOP/s", 1979e12),
        ("1.2 kW", "W", 1200),
        ("2 kWh", "Wh", 2000),
        ("0.10 USD/kWh", "USD/MWh", 100),
        ("0.0000025 USD/tok", "USD/Mtok", 2.5),
        ("2.5 USD/ktok", "USD/Mtok", 2500),
        ("$2.50 per million tokens", "USD/Mtok", 2.5),
        ("2.50 $/Mtok", "USD/Mtok", 2.5),
        ("10.24 USD/hour", "USD/day", 245.76),
        ("10.24 USD/hour / 8 GPU", "USD/GPU-hour", 1.28),
        ("8 GPU * 1.28 USD/GPU-hour", "USD/day", 245.76),
        ("2 years", "month", 24),
        ("90 min", "hour", 1.5),
        ("6x", "×", 6),
        ("6×", "×", 6),
        ("12%/year", "share/year", 0.12),
        ("3 bn", "USD", 3e9),
        ("2 billion", "USD", 2e9),
        ("3 million", "USD", 3e6),
        ("3.5 Trillion USD", "USD", 3.5e12),
        ("3 mn", "USD", 3e6),
        ("8 × 2k", "GPU", 16_000),
        ("3 tok/s + 60 tok/min", "tok/second", 4),
    ],
)
def test_what_a_unit_is_converted_to(text: str, unit: str, value: float) -> None:
    assert parse_number(text, quantity(unit)) == pytest.approx(value, rel=1e-14)


@each(
    "text, ends",
    [
        ("2 to 4 USD/GPU-day", (2 / 24, 4 / 24)),
        ("$2 to 4", (2, 4)),
        ("2 USD/GPU-hour to 4", (2, 4)),
        ("1.5 to 2 EUR/GPU-hour", (1.5, 2)),
        ("€1.5 to €2", (1.5, 2)),
    ],
)
def test_a_unit_at_one_end_of_a_range_is_that_of_both(text: str, ends: tuple[float, float]) -> None:
    amount = parse_amount(text, MODEL.quantities[RENT])
    assert amount.ends == pytest.approx(ends, rel=1e-15)
    assert amount.text == text
    assert amount.currency == ("EUR" if "EUR" in text or "€" in text else None)


@each(
    "name, text, message",
    [
        (PRICE, "5 tok", "'5 tok' is in tok; expected USD/Mtok (tok, ktok and Btok work too)"),
        (
            TOKENS,
            "$5",
            "'$5' is money; expected tok/day (ktok, Mtok, Btok, second, hour, month and year work too)",
        ),
        (
            RENT,
            "10.24 USD/hour",
            "'10.24 USD/hour' is in USD/hour; expected USD/GPU-hour (second, day, month and year work too); "
            "for a machine of 8 GPUs write '10.24 USD/hour / 8 GPU'",
        ),
        ("capex.cost_of_capital", "1%/month", "'1%/month' is in 1/month; expected share/year"),
        ("serving.gpus", "6x", "'6x' is a multiple; expected GPU"),
        (TOKENS, "3 tok/day + 5", "'3 tok/day + 5' adds different units; give each number its own"),
        (PRICE, "$5 + €3", "'$5 + €3' mixes currencies, EUR and USD"),
        (TOKENS, "3 mtok/day", "unknown suffix or unit 'mtok' in '3 mtok/day'; did you mean '3 Mtok/day'?"),
        (
            PRICE,
            "¥2",
            "'¥2' is in CNY or JPY; state its rate first, such as "
            "'exchange: {CNY: {value: 0.5, source: ECB}}' if one is 0.5 USD",
        ),
    ],
)
def test_a_unit_that_does_not_fit_is_refused(name: str, text: str, message: str) -> None:
    assert refusal(parse_amount, text, MODEL.quantities[name], rates={}) == message


def test_every_unit_of_the_vocabulary_is_known() -> None:
    for item in MODEL.quantities.values():
        assert unit_of(unit_of(item.unit).text) == unit_of(item.unit)


# --- prices that are likely to be in another unit -------------------------------------------------------


@each(
    "text, message",
    [
        (
            "0.0000025",
            "2.5e-06 USD/Mtok is below 0.0001; did you mean '0.0000025 USD/tok', which is 2.5 USD/Mtok? "
            "If not, write '0.0000025 USD/Mtok'",
        ),
        (
            "0.00001 to 0.00004",
            "1e-05 USD/Mtok is below 0.0001; did you mean '0.00001 to 0.00004 USD/tok', which is 20 USD/Mtok?"
            " If not, write '0.00001 to 0.00004 USD/Mtok'",
        ),
        (
            "$3.00/1M",
            "3e-06 USD/Mtok is below 0.0001; did you mean '3 USD/Mtok'? If not, write '3e-06 USD/Mtok'",
        ),
        (
            "2.5 USD/tok",
            "2500000 USD/Mtok is above 100,000; did you mean '2.5 USD/Mtok'? If not, write "
            "'2500000 USD/Mtok'",
        ),
        (
            "2500000",
            "2500000 USD/Mtok is above 100,000; did you mean '2500000 USD/Btok', which is 2500 USD/Mtok? "
            "If not, write '2500000 USD/Mtok'",
        ),
    ],
)
def test_a_price_that_is_hardly_meant_is_asked_about(text: str, message: str) -> None:
    assert refusal(parse_amount, text, MODEL.quantities[PRICE]) == message


@each("text", ["0", "0.0001", "100000", "0.0000025 USD/Mtok", "0.0000025 $/Mtok"])
def test_a_price_whose_unit_is_written_is_believed(text: str) -> None:
    assert parse_amount(text, MODEL.quantities[PRICE]).value == float(text.split()[0])


# --- losses as accountants write them -------------------------------------------------------------------


@each("text", ["(11.5B)", "($11.5B)", "(11.5B USD)", "( 11,500M )", "((11.5B))"])
def test_parentheses_are_a_loss(text: str) -> None:
    profit = MODEL.quantities["company.operating_profit"]
    assert parse_amount(text, profit).value == -11.5e9
    with pytest.raises(
        NotANumber, match="is how accountants write a loss; this cannot be negative; did you mean"
    ):
        parse_amount(text, MODEL.quantities["revenue.total"])


@each(
    "text, meant",
    [
        *(("$(11.5B)", "($11.5B)"), ("(11.5) bn", "(11.5 bn)"), ("(11.5B) USD", "(11.5B USD)")),
        *(("−2", "-2"), ("–2B", "-2B"), ("— 2B", "- 2B"), ("$-11.5B", "-$11.5B"), ("US$ –2B", "-US$2B")),
    ],
)
def test_a_loss_with_something_beside_the_parentheses(text: str, meant: str) -> None:
    with pytest.raises(NotANumber, match=re.escape(f"did you mean '{meant}'?")):
        parse_amount(text, MODEL.quantities["company.operating_profit"])


def test_a_cost_in_parentheses_is_told_without_them() -> None:
    with pytest.raises(NotANumber, match=re.escape("did you mean '$3bn'?")):
        parse_amount("$(3bn)", MODEL.quantities["cost.training"])


def test_parentheses_at_both_ends_of_a_range() -> None:
    assert parse_amount("(11.5B) to (8B)", MODEL.quantities["company.operating_profit"]).ends == (
        -11.5e9,
        -8e9,
    )


@each("text", ["8.7B + (5.0B)", "8.7B - (5.0B)", "(5.0B) + 8.7B"])
def test_a_loss_in_a_sum_is_refused(text: str) -> None:
    said = "'(5.0B)' in a sum may mean a loss or not; write '- 5.0B' or '+ 5.0B'"
    assert refusal(parse_amount, text, MODEL.quantities["company.operating_profit"]) == said


# --- in files -------------------------------------------------------------------------------------------

FILE = """\
exchange:
  CNY: {value: 1 / 6.71, source: "central bank, 2026-11-20"}
price:
  input_per_mtok: 2 CNY
  output_per_mtok: {value: 3, low: 2, high: 5, unit: CNY/Mtok, basis: disclosed}
traffic.input_tokens_per_day: 1.45B tok/month
"""


def test_a_price_list_in_another_currency(tmp_path: Path) -> None:
    """2 CNY at 6.71 a dollar are 0.298063 USD."""
    (tmp_path / "cn.yaml").write_text(FILE, encoding="utf-8")
    data = load(tmp_path / "cn.yaml").data
    assert data[PRICE].value == pytest.approx(0.29806259314456, rel=1e-12)
    assert data[PRICE].text == "2 CNY"
    ends = data["price.output_per_mtok"]
    assert (ends.low, ends.value, ends.high) == pytest.approx((2 / 6.71, 3 / 6.71, 5 / 6.71), rel=1e-12)
    assert ends.basis == "disclosed"
    assert data[TOKENS].value == pytest.approx(47_671_232.87671233, rel=1e-15)
    over = load(tmp_path / "cn.yaml", set={PRICE: "6.71 CNY", TOKENS: "2 Mtok/day"}).data
    assert (over[PRICE].value, over[TOKENS].value) == pytest.approx((1, 2e6), rel=1e-12)
    with pytest.raises(LlmcostError, match="cn states no rate of EUR; write 'exchange:"):
        load(tmp_path / "cn.yaml", set={PRICE: "3 EUR"})


def test_explain_and_show_have_both(tmp_path: Path, llmcost: Call) -> None:
    (tmp_path / "cn.yaml").write_text(FILE, encoding="utf-8")
    printed = llmcost("explain", str(tmp_path / "cn.yaml"), PRICE).out
    assert "price.input_per_mtok = 0.298063 USD/Mtok  (2 CNY) stated" in printed
    assert "one CNY is 0.149031 USD (central bank, 2026-11-20)" in printed
    tree = json.loads(llmcost("explain", str(tmp_path / "cn.yaml"), TOKENS, "--format", "json").out)["tree"]
    assert (tree["written"], tree["unit"]) == ("1.45B tok/month", "tok/day")
    assert "stated, from 2 CNY\n" in llmcost("show", str(tmp_path / "cn.yaml")).out
    values = json.loads(llmcost("show", str(tmp_path / "cn.yaml"), "--format", "json").out)["values"]
    assert values[TOKENS]["written"] == "1.45B tok/month"


def test_dated_rates_convert_at_the_day_that_is_asked_for(tmp_path: Path) -> None:
    text = f"exchange: {{EUR: {{values: {{2025-01-01: 1.00, 2026-01-01: 1.20}}}}}}\n{FEE}: 100 EUR/month\n"
    (tmp_path / "eu.yaml").write_text(text, encoding="utf-8")
    found = {
        day: load(tmp_path / "eu.yaml", as_of=day).data[FEE].value for day in ("2025-06-01", "2026-06-01")
    }
    assert found == pytest.approx({"2025-06-01": 100, "2026-06-01": 120})
    assert load(tmp_path / "eu.yaml").data[FEE].value == pytest.approx(120)
    assert (
        load(tmp_path / "eu.yaml", as_of="2024-06-01").absent[FEE]
        == "the rate of EUR has no value before 2025-01-01"
    )


def test_what_is_expected_may_be_in_another_currency() -> None:
    text = f"exchange: {{EUR: 2}}\n{FEE}: 10\nexpect: {{{FEE}: 4 to €6, {RENT}: {{above: 1 EUR}}}}\n"
    fee, rent = scenario_in(text).expectations
    assert (fee.low, fee.high, rent.low) == (8, 12, 2)


def test_an_estimated_rate_makes_an_estimate() -> None:
    text = f"exchange: {{EUR: {{value: 1.08, basis: assumed}}}}\n{FEE}: {{value: €100, basis: disclosed}}\n"
    datum = scenario_in(text, "x", "x.yaml").quantities[FEE].at(None)
    assert not isinstance(datum, str)
    assert (datum.value, datum.basis) == (108, "assumed")


@each(
    "text, message",
    [
        (
            "exchange: {CNY: 6.71}",
            "1:17: exchange CNY: says that one CNY is 6.71 USD; did you mean '1 / 6.71'?",
        ),
        ("exchange: {EUR: 1 to 2}", "1:17: exchange EUR: expected USD for one EUR, one number above 0"),
        ("exchange: {EUR: 0}", "1:17: exchange EUR: expected USD for one EUR, one number above 0"),
        ("exchange: {USD: 1}", "1:12: exchange: not needed for currency 'USD'"),
        (
            "exchange: {euro: 1.08}",
            "1:12: exchange: unknown currency 'euro'; a currency is written as its code, such as EUR or CNY",
        ),
        (
            "exchange: 1.08",
            "1:11: 'exchange' is a mapping from currencies to USD for one, such as {EUR: 1.08}, got '1.08'",
        ),
        (
            f"{FEE}: 100 EUR",
            f"1:31: {FEE}: '100 EUR' is in EUR; state its rate first, such as "
            "'exchange: {EUR: {value: 0.5, source: ECB}}' if one is 0.5 USD",
        ),
        (
            f"exchange: {{EUR: 1.08}}\n{FEE}: {{value: €100, low: 90 USD, high: 110}}",
            f"2:50: {FEE}: '90 USD' mixes currencies, EUR and USD",
        ),
        (
            f"{FEE}: {{value: 100, unit: USD/GPU}}",
            f"1:50: {FEE}: expected the unit USD/month (second, hour, day and year work too), got 'USD/GPU'",
        ),
    ],
)
def test_what_is_wrong_with_money(text: str, message: str) -> None:
    assert refusal(read_document, text, "x", "x.yaml") == f"x.yaml:{message}"
