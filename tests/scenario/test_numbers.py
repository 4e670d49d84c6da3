"""What people write for a number: what is understood, with its exact value, and what is refused."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calling import each, refusal
from llmcost.scenario.values.number import DOLLARS, PURE, Amount, NotANumber, parse_amount, parse_number

ACCEPTED = {
    # plain
    "5.": 5.0,
    ".5": 0.5,
    "- 5": -5.0,
    "+5": 5.0,
    "  5  ": 5.0,
    # exponents, which YAML 1.1 takes for texts
    "1E9": 1_000_000_000.0,
    ".5e3": 500.0,
    # multipliers
    "350k": 350_000.0,
    "5.576M": 5_576_000.0,
    "14.8T": 14_800_000_000_000.0,
    "3.7 B": 3_700_000_000.0,
    "1e3k": 1_000_000.0,
    ".5M": 500_000.0,
    # percents
    "27 %": 0.27,
    "0%": 0.0,
    "-8%": -0.08,
    "150%": 1.5,
    # money and separators
    "$1,300": 1300.0,
    "-$5": -5.0,
    "$2.5M": 2_500_000.0,
    "1,300.50": 1300.5,
    "1_000_000.000_5": 1_000_000.0005,
    # the edges
    "1e30": 1e30,
    "-1e30": -1e30,
    "1e-30": 1e-30,
}

ARITHMETIC = {
    "2664k + 119k + 5k": 2_788_000.0,
    "2\t*\n3": 6.0,
    "50% * 50%": 0.25,
    "3.6 * 1,000": 3600.0,
    "(((7 + 0)))": 7.0,
    "0 / 5": 0.0,
    "1e30 * 1e-30": 1.0,
    "1e20 * 1e20 / 1e20": 1e20,
}

RANGES = {
    # (low, high, centre): the geometric mean where both ends are positive
    "1 to 4": (1.0, 4.0, 2.0),
    "10% to 40%": (0.1, 0.4, 0.2),
    "1/4 to 100%": (0.25, 1.0, 0.5),
    "1k to 100k": (1e3, 1e5, 1e4),
    "$1 to $9": (1.0, 9.0, 3.0),
    "1 + 1 to 2 * 9": (2.0, 18.0, 6.0),
    "1\nto\n4": (1.0, 4.0, 2.0),
    "900 to 900k": (900.0, 900_000.0, 28_460.498941515413),
    "900 to 1.1M": (900.0, 1_100_000.0, 31_464.265445104547),
    "1e-30 to 1e30": (1e-30, 1e30, 1.0),
    # else the arithmetic mean
    "0 to 5": (0.0, 5.0, 2.5),
    "-5 to 5": (-5.0, 5.0, 0.0),
    "-5 to -1": (-5.0, -1.0, -3.0),
}

ALLOWED = "; allowed are digits with k, M, B, T or %, a unit, and + - * / ( )"
SUFFIXES = ", allowed are k, M, B, T and %"
COMMAS = "; commas separate thousands only, as in 1,300"

REFUSED = {
    "": "a number is missing",
    "cheap": "expected a number, got 'cheap'",
    "k": "expected a number, got 'k'",
    "$": "expected a number, got '$'",
    ".": "expected a number, got '.'",
    "5$": "'5$' is money; expected a number without a unit",
    "$-5": f"expected a number, got '$-5'{ALLOWED}",
    "300–1500": "expected a number, got '300–1500'; did you mean '300 to 1500'?",
    "1__000": f"expected a number, got '1__000'{ALLOWED}",
    "(2 + 3)k": f"expected a number, got '(2 + 3)k'{ALLOWED}",
    "x" * 60: f"expected a number, got '{'x' * 39}…'",
    # separators
    "1,30": f"expected a number, got '1,30'{COMMAS}",
    "1.300,50": f"expected a number, got '1.300,50'{COMMAS}",
    "1 000": "expected an operator in '1 000'; did you mean '1000'?",
    "1.2.3": "expected an operator in '1.2.3'",
    # what YAML would have made of it
    "yes": "expected a number, got the boolean 'yes'",
    "No": "expected a number, got the boolean 'No'",
    "ON": "expected a number, got the boolean 'ON'",
    "false": "expected a number, got the boolean 'false'",
    "2024-05-13": "expected a number, got the date '2024-05-13'",
    "2024-05-13 10:00": "expected a number, got the date '2024-05-13 10:00'",
    "12:30": "expected a number, got '12:30', which reads as a time of day",
    "007": "'007' has a leading zero, which YAML reads as octal",
    "00.5": "'00.5' has a leading zero, which YAML reads as octal",
    "nan": "must be a finite number, got 'nan'",
    "inf": "must be a finite number, got 'inf'",
    "-Infinity": "must be a finite number, got '-Infinity'",
    # suffixes
    "3.7b": "unknown suffix or unit 'b' in '3.7b'; did you mean '3.7B'?",
    "350K": "unknown suffix or unit 'K' in '350K'; did you mean '350k'?",
    "5 tok": "'5 tok' is in tok; expected a number without a unit",
    "1kk": (
        "unknown suffix or unit 'kk' in '1kk'; allowed are k, M, B, T, %, and units such as "
        "tok/day, USD/Mtok, GB"
    ),
    # sizes
    "1e31": "is too large; the limit is 1e+30",
    "-1e31": "is too large; the limit is 1e+30",
    "1e400": "is too large; the limit is 1e+30",
    "1e20 * 1e20": "is too large; the limit is 1e+30",
    "1e30T": "is too large; the limit is 1e+30",
    "1e-31": "is too close to zero; the limit is 1e-30",
    "1e-20 * 1e-20": "is too close to zero; the limit is 1e-30",
    "1" * 201: "is longer than 200 characters",
    # arithmetic
    "5 / 0": "divides by zero: '5 / 0'",
    "5 / -0": "divides by zero: '5 / -0'",
    "(5": "a ')' is missing in '(5'",
    "5)": "a '(' is missing in '5)'",
    "()": "expected a number before ')' in '()'",
    "5 +": "expected a number at the end of '5 +'",
    "-": "expected a number at the end of '-'",
    "* 5": "expected a number before '*' in '* 5'",
    "2 ** 3": "expected a number before '*' in '2 ** 3'",
    "(" * 31 + "5" + ")" * 31: "is nested deeper than 30 levels",
    "-" * 31 + "5": "is nested deeper than 30 levels",
    "__import__('os')": "expected a number, got '__import__('os')'",
}

REFUSED_RANGES = {
    "2 to 1": "a range goes from low to high, got '2 to 1'",
    "2 to 2": "a range goes from low to high, got '2 to 2'",
    "2\nto\n1": "a range goes from low to high, got '2 to 1'",
    "20 to 10%": "a range goes from low to high, got '20 to 10%'",
    "0.1 to 50%": "'0.1 to 50%' has a percent sign at one end alone; did you mean '0.1% to 50%'?",
    "3.5 to 4.5B": "'3.5 to 4.5B' spans a factor of 1.29e+09; did you mean '3.5B to 4.5B'?",
    "4 to 4.5k": "'4 to 4.5k' spans a factor of 1.12e+03; did you mean '4k to 4.5k'?",
    "1e30 to 1e31": "is too large; the limit is 1e+30",
    "cheap to 5": f"expected a number, got 'cheap to 5'{ALLOWED}",
    "1 to 5)": "a '(' is missing in '1 to 5)'",
}


@each("text, value", ACCEPTED.items())
def test_accepted(text: str, value: float) -> None:
    quantity = PURE if "%" in text else DOLLARS
    assert parse_number(text, quantity) == value
    assert parse_amount(text, quantity) == Amount(value)


@each("text, value", ARITHMETIC.items())
def test_arithmetic_is_worked_out_and_kept_as_written(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value, rel=1e-15)
    amount = parse_amount(text)
    assert amount.value == pytest.approx(value, rel=1e-15)
    assert (amount.low, amount.high, amount.text) == (None, None, text)


@each("text, wanted", RANGES.items())
def test_ranges_and_their_centres(text: str, wanted: tuple[float, float, float]) -> None:
    low, high, centre = wanted
    amount = parse_amount(text, PURE if "%" in text else DOLLARS)
    assert (amount.low, amount.high, amount.text) == (low, high, text)
    assert amount.value == pytest.approx(centre, rel=1e-14, abs=0)


@each("text, message", REFUSED.items())
def test_refused(text: str, message: str) -> None:
    for parse in (parse_number, parse_amount):
        assert refusal(parse, text) == message


@each("text, message", REFUSED_RANGES.items())
def test_refused_ranges(text: str, message: str) -> None:
    assert refusal(parse_amount, text) == message


@each("text", ["27%", "10% to 30%", "27% / 2", "5 - 27%", "50% * 27%"])
def test_percentages_are_refused_where_they_make_no_sense(text: str) -> None:
    rule = "a percentage is allowed only for shares, or as a factor, as in 5000 \\* 10%"
    with pytest.raises(NotANumber, match=rf"^'\d+%': {rule}$"):
        parse_amount(text, DOLLARS)


@each(
    "text, value", [("5000 * 10%", 500.0), ("10% * 5k", 500.0), ("50 / 25%", 200.0), ("80 * (1 - 25%)", 60.0)]
)
def test_a_percentage_is_a_factor_of_anything(text: str, value: float) -> None:
    assert parse_number(text, DOLLARS) == pytest.approx(value, rel=1e-15)


@each("text", ["1 to 2", "10% to 30%", "5k to 6k"])
def test_a_range_is_refused_where_one_number_is_wanted(text: str) -> None:
    assert refusal(parse_number, text) == f"expected one number, got the range '{text}'"


@each(
    "text",
    [
        "1e-400",
        "1e-340%",
        " * ".join(["1e-30"] * 11),
        "1 / (" + " * ".join(["1e30"] * 11) + ")",
        "1 / 1e999%",
    ],
)
def test_what_is_lost_in_floating_point_is_refused_and_not_zero(text: str) -> None:
    with pytest.raises(NotANumber, match=r"^is too (close to zero|large); the limit is "):
        parse_amount(text)


def test_control_characters_are_not_repeated() -> None:
    for text in ("\x1b[31mred", "2024-05-13 \x1b[31m", "2024-05-13 \u202e", "2 \x85to 1", "5 to 1\u2028+ 1"):
        assert refusal(parse_amount, text).isprintable()


def test_long_texts_are_refused_unread() -> None:
    for text in ("1" + " " * 30_000 + "x", "1 to" * 20_000, "(" * 100_000, "1," * 100_000):
        with pytest.raises(NotANumber, match="longer than 200 characters"):
            parse_amount(text)


@each("parentheses", ["(" * 29 + "5 + 0" + ")" * 29, "-" * 28 + "5"])
def test_thirty_levels_are_allowed(parentheses: str) -> None:
    assert parse_number(parentheses) == 5.0


def test_two_hundred_characters_are_allowed() -> None:
    assert parse_number("1 + " * 49 + "1 +1") == 51.0


FLOATS = st.floats(min_value=-1e30, max_value=1e30).filter(lambda value: value == 0 or abs(value) >= 1e-30)


@given(FLOATS)
def test_every_float_round_trips(value: float) -> None:
    assert parse_number(repr(value)) == value
    assert parse_number(f"{value:_}") == value
    assert parse_number(f"{value:.17e}") == value


@given(st.integers(min_value=-(10**30), max_value=10**30))
def test_every_integer_round_trips_with_and_without_separators(value: int) -> None:
    assert parse_number(str(value)) == float(value)
    assert parse_number(f"{value:,}") == float(value)
    assert parse_number(f"{value:_}") == float(value)


INTEGERS = st.integers(min_value=0, max_value=30).map(str)
EXPRESSIONS = st.recursive(
    INTEGERS,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" + ", " - ", " * ", "+", "-", "*"]), inner).map("".join),
        inner.map("(0 + {})".format),
        inner.map("-{}".format),
        inner.map("+{}".format),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS.filter(lambda text: len(text) <= 200))
def test_arithmetic_agrees_with_python(text: str) -> None:
    assert parse_number(text) == eval(text, {"__builtins__": {}})


@given(INTEGERS, INTEGERS.filter(lambda text: text != "0"), INTEGERS.filter(lambda text: text != "0"))
def test_division_agrees_with_python(one: str, two: str, three: str) -> None:
    for text in (f"{one} / {two} / {three}", f"{one} / ({two} / {three})", f"{one} + {two} / {three}"):
        assert parse_number(text) == pytest.approx(eval(text), rel=1e-15)


@given(FLOATS, FLOATS)
def test_the_centre_of_a_range_lies_between_its_ends(one: float, other: float) -> None:
    low, high = sorted((one, other))
    if low == high:
        with pytest.raises(NotANumber, match="a range goes from low to high"):
            parse_amount(f"{low!r} to {high!r}")
        return
    amount = parse_amount(f"{low!r} to {high!r}")
    assert (amount.low, amount.high) == (low, high)
    assert low <= amount.value <= high


@settings(max_examples=150)
@given(st.text() | st.text("0123456789.,_$%kMBTeE+-*/() to\t\n", max_size=40))
def test_any_text_is_a_finite_number_or_refused_in_one_line(text: str) -> None:
    amount, refusal = None, ""
    try:
        amount = parse_amount(text)
    except NotANumber as error:
        refusal = str(error)
    if amount is None:
        assert refusal
        assert refusal.isprintable()
    else:
        assert math.isfinite(amount.value)
        assert abs(amount.value) <= 1e30
        assert (amount.low is None) == (amount.high is None)
