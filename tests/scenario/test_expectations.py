"""What an `expect:` block says: every form and condition, where it stands, and what lies inside.

Numbers are worked out by hand, next to where they stand.
"""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calling import each, refusal, scenario_in
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.scenario.files.document import read_document
from llmcost.scenario.files.expectation import Expectation
from llmcost.scenario.files.test_file import CaseFile
from llmcost.scenario.values.tolerance import parse_tolerance

COST = "training.cost"
MARGIN = "unit.gross_margin"
RUNWAY = "company.runway_months"


def read(metric: str, written: str) -> tuple[Expectation, ...]:
    """Return the expectations of one metric, written behind its name in line 2."""
    return scenario_in(f"expect:\n  {metric}: {written}\n", "x", "x.yaml").expectations


def one(metric: str, written: str) -> Expectation:
    (found,) = read(metric, written)
    return found


def holds(expectation: Expectation, *values: float) -> list[bool]:
    return [expectation.holds(value, None) for value in values]


def complaints(text: str) -> str:
    return refusal(read_document, text, "x", "x.yaml")


# Forms


@each(
    "metric, written, text, value, low, high",
    [
        (COST, "{value: 200, within: 5%}", "200 within 5%", 200, 190, 210),
        (COST, "{value: 200, within: 0.02}", "200 within 0.02", 200, 199.98, 200.02),
        (COST, "{value: 200, within: 0, severity: error}", "200 within 0", 200, 200, 200),
        (MARGIN, "{value: 70%, within: 0.02}", "70% within 0.02", 0.7, 0.68, 0.72),
        (MARGIN, "{value: 70%, within: 0.5 pp}", "70% within 0.5 pp", 0.7, 0.695, 0.705),
        (MARGIN, "{value: -20%, within: 10%}", "-20% within 10%", -0.2, -0.22, -0.18),
        (COST, "{between: 10 to 1k}", "between 10 and 1k", None, 10, 1000),
        (COST, "100 to 2k", "100 to 2k", None, 100, 2000),
        (COST, "{value: 100 to 2k}", "100 to 2k", None, 100, 2000),
        (COST, "{above: 3.7M}", "above 3.7M", None, 3.7e6, None),
        (COST, "{below: $4}", "below $4", None, None, 4),
        (COST, "{below: 2, above: 1}", "above 1 and below 2", None, 1, 2),
    ],
)
def test_every_form(
    metric: str, written: str, text: str, value: float | None, low: float | None, high: float | None
) -> None:
    found = one(metric, written)
    assert (found.metric, found.text) == (metric, text)
    assert found.value == value
    assert found.low == (None if low is None else pytest.approx(low, rel=1e-14))
    assert found.high == (None if high is None else pytest.approx(high, rel=1e-14))
    assert found.undefined is None
    assert not found.warn
    assert found.because is None
    assert str(found.setting) == ""


@pytest.mark.parametrize(
    ("written", "value"),
    [("5", 5.0), ("2664k + 119k + 5k", 2_788_000.0), ('"1,300"', 1300.0), ("$2.50", 2.5)],
)
@pytest.mark.parametrize("form", ["{}", "{{value: {}}}"])
def test_a_value_is_shown_as_written(form: str, written: str, value: float) -> None:
    found = one(COST, form.format(written))
    assert found.value == value
    assert found.text == written.strip('"')


@each(
    "written, said",
    [
        ("{value: 0.24, within: 1}", "1 reaches below 0, where it cannot go; did you mean '1%'?"),
        (
            "{value: 200, within: 1k}",
            "1k reaches below 0, where it cannot go; 'below' states an upper end alone",
        ),
        (
            "{value: 200, within: 500%}",
            "500% reaches below 0, where it cannot go; 'below' states an upper end alone",
        ),
    ],
)
def test_a_tolerance_that_leaves_nothing_too_low_is_refused(written: str, said: str) -> None:
    complaint = complaints(f"expect:\n  {COST}: {written}\n")
    assert complaint.endswith(f"expect {COST}: 'within': {said}")


def test_a_tolerance_may_reach_below_0_where_the_metric_may() -> None:
    found = one("company.operating_profit", "{value: 1M, within: 5M}")
    assert (found.low, found.high) == (-4e6, 6e6)


def test_arithmetic_over_several_lines_is_shown_on_one() -> None:
    assert one(COST, "2664k\n    + 119k\n    + 5k").text == "2664k + 119k + 5k"


@each("reason", ["earns cash", "no price breaks even"])
def test_undefined(reason: str) -> None:
    found = one(RUNWAY, f'{{undefined: "{reason}"}}')
    assert (found.text, found.undefined, found.value) == (f"undefined: {reason}", reason, None)


def test_undefined_is_part_of_the_reason_in_any_case_and_no_number_and_no_lack() -> None:
    found = one(RUNWAY, "{undefined: Earns}")
    assert found.holds(None, Reason("earns_cash"))
    assert not found.holds(None, Reason("division_by_zero", ("revenue.total is 0",)))
    assert not found.holds(None, None)
    assert not found.holds(5.0, None)


def test_undefined_takes_the_code_of_the_reason() -> None:
    found = one(RUNWAY, "{undefined: earns_cash}")
    assert found.holds(None, Reason("earns_cash"))
    assert not found.holds(None, Reason("cash_unknown"))
    assert not one(RUNWAY, "{undefined: earns_}").holds(None, Reason("earns_cash"))


@each("written", ["5", "{value: 5, within: 1}", "{between: 1 to 9}", "{above: 1}", "1 to 9"])
def test_what_has_no_value_is_never_what_a_number_was_expected_to_be(written: str) -> None:
    assert not one(COST, written).holds(None, Reason("earns_cash"))
    assert not one(COST, written).holds(None, None)


def test_a_list_holds_several_each_at_its_own_place() -> None:
    text = "expect:\n  training.cost:\n    - 5\n    - {above: 4}\n    -   value: 3\n        variant: a\n"
    found = scenario_in(text, "x", "x.yaml").expectations
    assert [(e.text, *e.place) for e in found] == [
        ("5", "x.yaml", 3, 7),
        ("above 4", "x.yaml", 4, 7),
        ("3", "x.yaml", 5, 9),
    ]


def test_alone_it_stands_where_its_metric_stands() -> None:
    text = "title: x\nexpect:\n  training.cost:\n    value: 5\n  unit.gross_margin: 50%\n"
    found = scenario_in(text, "x", "x.yaml").expectations
    assert [(e.metric, e.place.line, e.place.column) for e in found] == [(COST, 3, 3), (MARGIN, 5, 3)]


@each("written", ["", " null", " {}"])
def test_nothing_is_expected_where_nothing_stands(written: str) -> None:
    assert scenario_in(f"title: x\nexpect:{written}\n", "x", "x.yaml").expectations == ()


# Conditions


def test_every_condition() -> None:
    written = (
        "{value: 5, as_of: 2025-01-29, variant: owned + cheap, workload: rag, severity: warn, "
        "because: ' So. '}"
    )
    found = one(COST, written)
    assert found.setting.as_of == dt.date(2025, 1, 29)
    assert found.setting.variants == ("owned", "cheap")
    assert found.setting.workload is not None
    assert found.setting.workload.reference.base == "rag"
    assert found.setting.overrides == ()
    assert (found.warn, found.because) == (True, "So.")
    assert str(found.setting) == "as_of=2025-01-29, variant=owned+cheap, workload=rag"


@each(
    "written, factor, value",
    [
        ('"*2"', 2, None),
        ('"/4"', 0.25, None),
        ("+10%", 1.1, None),
        ("-30%", 0.7, None),
        ('"* 50%"', 0.5, None),
        ("2.5M", None, 2.5e6),
        ("2 + 3", None, 5),
        ("{value: 7, source: mine}", None, 7),
        ("null", None, None),
        ("~", None, None),
    ],
)
def test_what_set_puts_in_place(written: str, factor: float | None, value: float | None) -> None:
    (override,) = one(COST, f"{{value: 5, set: {{cost.staff: {written}}}}}").setting.overrides
    assert override.name == "cost.staff"
    assert (override.change and override.change.amount) == (factor and pytest.approx(factor, rel=1e-15))
    assert (override.datum and override.datum.value) == value


def test_set_keeps_its_order_and_is_part_of_what_is_said_of_the_setting() -> None:
    found = one(COST, '{value: 5, set: {training.gpus: "*2", cost.staff: 3k, cost.data: null}}')
    assert str(found.setting) == "training.gpus=*2, cost.staff=3k, cost.data=null"


def test_a_case_s_conditions_hold_where_an_expectation_says_nothing_else() -> None:
    text = (
        "kind: tests\n"
        "cases:\n"
        "  - name: a\n"
        "    scenario: gpt4o\n"
        "    variant: owned\n"
        "    workload: rag\n"
        "    set: {cost.staff: 1}\n"
        "    expect:\n"
        "      training.cost: {value: 5, variant: rented, set: {cost.data: 2}}\n"
    )
    suite = read_document(text, "x", "x.yaml")
    assert isinstance(suite, CaseFile)
    (case,) = suite.cases
    (expectation,) = case.expectations
    both = expectation.setting.within(case.setting)
    assert (both.variants, both.as_of) == (("rented",), None)
    assert both.workload is not None
    assert both.workload.text == "rag"
    assert [override.text for override in both.overrides] == ["cost.staff=1", "cost.data=2"]
    assert case.place[1:] == (3, 5)
    assert expectation.place[1:] == (9, 7)


# What lies inside


def test_a_bare_value_is_exact_but_for_rounding() -> None:
    found = one(COST, "5.576M")
    # 1e-9 of 5,576,000 is 0.005576
    assert holds(found, 5_576_000, 5_576_000.005, 5_575_999.995) == [True, True, True]
    assert holds(found, 5_576_000.006, 5_575_999.994) == [False, False]


def test_zero_is_zero() -> None:
    assert holds(one(COST, "0"), 0.0, -0.0, 1e-300) == [True, True, False]
    assert holds(one(COST, "{value: 0, within: 0.5}"), 0.0, 0.5, -0.5, 0.501) == [True, True, True, False]


def test_the_ends_of_a_tolerance_belong_to_it() -> None:
    assert holds(one(COST, "{value: 8, within: 25%}"), 6, 10, 5.999, 10.001) == [True, True, False, False]
    assert holds(one(COST, "{value: 8, within: 0.5}"), 7.5, 8.5, 7.499, 8.501) == [True, True, False, False]


def test_above_and_below_leave_their_ends_out() -> None:
    assert holds(one(COST, "{above: 1}"), 1, 1 + 1e-15, 0, 1e30) == [False, True, False, True]
    assert holds(one(COST, "{below: 2}"), 2, 2 - 1e-15, 3, -1e30) == [False, True, False, True]
    assert holds(one(COST, "{above: 1, below: 2}"), 1, 2, 1.5) == [False, False, True]
    assert holds(one("company.operating_profit", "{above: 0}"), 0.0, -0.0, 5e-324) == [False, False, True]


def test_percent_of_a_share_is_relative_and_points_are_not() -> None:
    assert holds(one(MARGIN, "{value: 50%, within: 10%}"), 0.45, 0.55, 0.44, 0.56) == [
        True,
        True,
        False,
        False,
    ]
    assert holds(one(MARGIN, "{value: 50%, within: 10pp}"), 0.41, 0.59, 0.39, 0.61) == [
        *(True, True),
        *(False, False),
    ]


@each(
    "written, actual, deviation",
    [
        ("5", 7, 2),
        ("{value: 5, within: 1}", 4, -1),
        ("{between: 1 to 2}", 5, 3),
        ("{between: 1 to 2}", 0.5, -0.5),
        ("{between: 1 to 2}", 1.5, 0),
        ("{above: 4}", 1, -3),
        ("{above: 4}", 9, 0),
        ("{below: 4}", 6, 2),
    ],
)
def test_the_deviation_is_from_the_value_or_the_nearest_end(
    written: str, actual: float, deviation: float
) -> None:
    assert one(COST, written).deviation(actual) == deviation


@each(
    "written, aim",
    [
        ("5", 5),
        ("{value: 5, within: 1}", 5),
        ("{above: 4}", 4),
        ("{below: 4}", 4),
        ("1 to 2", None),
        ("{above: 1, below: 2}", None),
    ],
)
def test_what_a_deviation_is_a_share_of(written: str, aim: float | None) -> None:
    assert one(COST, written).aim == aim


# Tolerances


@each(
    "text, metric, amount, relative",
    [
        ("5%", COST, 0.05, True),
        ("0.1 %", COST, 0.001, True),
        ("1% + 2%", COST, 0.03, True),
        ("3% / 2", COST, 0.015, True),
        ("0.02", COST, 0.02, False),
        ("1 + 2", COST, 3, False),
        ("0.02", MARGIN, 0.02, False),
        ("2pp", MARGIN, 0.02, False),
        ("0.5  pp", MARGIN, 0.005, False),
        ("5", "unit.markup", 5, False),
        ("1%", None, 0.01, True),
    ],
)
def test_what_a_tolerance_is(text: str, metric: str | None, amount: float, relative: bool) -> None:
    tolerance = parse_tolerance(text, MODEL.quantities[metric] if metric else None)
    assert tolerance.amount == pytest.approx(amount, rel=1e-14)
    assert tolerance.relative is relative
    assert tolerance.around(-200) == pytest.approx(amount * 200 if relative else amount, rel=1e-14)


@each(
    "text, metric, message",
    [
        ("", COST, "a number is missing"),
        ("pp", MARGIN, "expected a number, got 'pp'"),
        ("-1%", COST, "must not be negative, got '-1%'"),
        ("1 to 2", COST, "expected one number, got the range '1 to 2'"),
        (".inf", COST, "must be a finite number, got '.inf'"),
        ("2pp", COST, "percentage points are for shares, which training.cost is not; use a percentage"),
        ("2%pp", MARGIN, "percentage points are written as 2pp, got '2%pp'"),
        ("5", MARGIN, "5 is more than a share can be off; did you mean '5%' of the value, or '5pp'?"),
        ("100pp", MARGIN, "100pp is more than a share can be off"),
        ("0.5", None, "for every metric it is a percentage, such as 1%, got '0.5'"),
        ("2pp", None, "percentage points are for shares, which every metric is not; use a percentage"),
    ],
)
def test_what_is_no_tolerance(text: str, metric: str | None, message: str) -> None:
    assert refusal(parse_tolerance, text, MODEL.quantities[metric] if metric else None) == message


# What could never fail, or never hold, is refused: a forgotten % is the usual reason


@each(
    "metric, written, message",
    [
        (MARGIN, "{below: 80}", "must not exceed 1, got 80; did you mean '80%'?"),
        ("serving.utilization", "{above: 40}", "must lie between 0 and 1, got 40; did you mean '40%'?"),
        ("serving.utilization", "0.1 to 80", "must lie between 0 and 1, got 80; did you mean '0.1% to 80%'?"),
        ("serving.utilization", "70", "must lie between 0 and 1, got 70; did you mean '70%'?"),
        (COST, "{above: -1}", "must not be negative, got -1"),
    ],
)
def test_what_no_value_can_be_is_refused(metric: str, written: str, message: str) -> None:
    complaint = complaints(f"expect:\n  {metric}: {written}\n")
    assert complaint.endswith(f": expect {metric}: {message}")


def test_every_fault_of_a_block_is_reported_in_its_order() -> None:
    text = (
        "expect:\n"
        "  training.cost: {value: x, severity: loud, set: {zzz: 1}}\n"
        "  training.cots: 5\n"
        "  unit.gross_margin:\n"
        "    - {above: 50%}\n"
        "    - {above: half}\n"
    )
    assert complaints(text).splitlines() == [
        "x.yaml:2:26: expect training.cost: expected a number, got 'x'",
        "x.yaml:2:39: expect training.cost: 'severity' is one of error, warn, got 'loud'",
        "x.yaml:2:51: expect training.cost: set: unknown quantity 'zzz'; "
        "'llmcost list inputs' shows what there is",
        "x.yaml:3:3: expect: unknown metric 'training.cots'; did you mean 'training.cost'?",
        "x.yaml:6:15: expect unit.gross_margin: expected a number, got 'half'",
    ]


def test_hostile_words_do_not_reach_a_message() -> None:
    complaint = complaints('expect:\n  "training.cost\\e[31m\\n::error::": 5\n')
    assert complaint.isprintable()
    assert complaint.startswith("x.yaml:2:3: expect: unknown metric 'training.cost [31m ::error::'")


# Properties

amounts = st.integers(min_value=0, max_value=10**9).map(lambda n: n / 1000)


@given(value=amounts, tolerance=amounts, actual=amounts)
def test_value_within_an_amount_holds_up_to_that_amount_and_no_further(
    value: float, tolerance: float, actual: float
) -> None:
    found = one("company.operating_profit", f"{{value: {value!r}, within: {tolerance!r}}}")
    off, allowed = abs(Fraction(actual) - Fraction(value)), Fraction(tolerance)
    # Where the two are as far apart as doubles near them can tell, rounding decides.
    if abs(off - allowed) > Fraction(value + tolerance + actual) / 10**15:
        assert found.holds(actual, None) == (off <= allowed)


@given(
    value=st.integers(-(10**6), 10**6).filter(bool),
    percent=st.integers(0, 300),
    actual=st.integers(-(10**6), 10**6),
)
def test_value_within_a_percentage_holds_up_to_that_share_of_it(
    value: int, percent: int, actual: int
) -> None:
    found = one("company.operating_profit", f"{{value: {value}, within: {percent}%}}")
    off, allowed = abs(actual - value), Fraction(percent, 100) * abs(value)
    if abs(off - allowed) > Fraction(1, 10**6):
        assert found.holds(actual, None) == (off <= allowed)


@given(
    ends=st.lists(st.integers(0, 10**6), min_size=2, max_size=2, unique=True), actual=st.integers(0, 10**6)
)
def test_between_is_above_and_below_and_their_ends(ends: list[int], actual: int) -> None:
    low, high = sorted(ends)
    inside = one(COST, f"{{between: {low} to {high}}}").holds(actual, None)
    strictly = one(COST, f"{{above: {low}, below: {high}}}").holds(actual, None)
    assert inside == (low <= actual <= high)
    assert strictly == (low < actual < high)
    assert one(COST, f"{low} to {high}").holds(actual, None) == inside


@given(value=st.floats(-1e29, 1e29).filter(lambda v: v == 0 or abs(v) > 1e-29))
def test_a_number_is_what_it_is_expected_to_be(value: float) -> None:
    found = one("company.operating_profit", repr(value))
    assert found.holds(value, None)
    assert found.deviation(value) == 0
    if value:
        assert not found.holds(value * (1 + 3e-9), None)
        assert not found.holds(-value, None)
