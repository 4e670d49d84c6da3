"""Numbers as people read them, each written down by hand."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Final

from calling import each
from llmcost.engine.registry import Quantity
from llmcost.errors import Place, Problem
from llmcost.render import words
from llmcost.render.results.shared import fields

USD: Final = Quantity("cost.total", "USD", "")
SHARE: Final = Quantity("unit.gross_margin", "share", "")
TIMES: Final = Quantity("unit.breakeven_multiplier", "×", "")


@each(
    "value, quantity, number, exact",
    [
        (0.0, USD, "0", "0"),
        (-0.0, USD, "0", "0"),
        (0.27, USD, "0.270", "0.27"),
        (0.001, USD, "0.00100", "0.001"),
        (0.00012345678, USD, "1.23e-4", "0.000123457"),
        (999.6, USD, "1.00k", "999.6"),
        (12_345.0, USD, "12.3k", "12,345"),
        (999_499.0, USD, "999k", "999,499"),
        (999_999.0, USD, "1.00M", "999,999"),
        (3.7e9, USD, "3.70B", "3.7B"),
        (999_999_700.0, USD, "1.00B", "1B"),
        (4.56e14, USD, "456T", "456T"),
        (1.2e20, USD, "1.20e20", "1.2e+20"),
        (0.845, SHARE, "84.5%", "84.5%"),
        (-0.351234567, SHARE, "-35.1%", "-35.1235%"),
        (2.351351, TIMES, "2.35×", "2.35135×"),
        (384.0, TIMES, "384×", "384×"),
        (10_000.0, TIMES, "10,000×", "10,000×"),
        (1.2e8, TIMES, "1.20e8×", "1.20e8×"),
    ],
)
def test_a_number_in_a_table_and_in_a_derivation(
    value: float, quantity: Quantity, number: str, exact: str
) -> None:
    assert words.number(value, quantity) == number
    assert words.exact(value, quantity) == exact


@each(
    "text, shown",
    [
        ("plain ε × 10", "plain ε × 10"),
        ("one\nline\tonly\r", "one line only "),
        ("\x1b[31mred\x07", "\\u001b[31mred\\u0007"),
        ("\u202eturned", "\\u202eturned"),
        ("\ud800", "\\ud800"),
        ("a\u2028b", "a\\u2028b"),
    ],
)
def test_untrusted_text_is_shown_on_one_line_and_does_nothing(text: str, shown: str) -> None:
    assert words.clean(text) == shown


@each("value", [-2.68e-6, 2.68e-6, -0.0, 0.0])
def test_what_rounding_left_of_a_difference_is_zero(value: float) -> None:
    burn = Quantity("company.net_burn_per_month", "USD/month", "")
    assert words.number(value, burn) == words.exact(value, burn) == "0"


@each("ratio, said", [(9.2593, "9.26× less"), (0.1, "10.0× more"), (1.0, "the same"), (None, "")])
def test_a_ratio_is_told_the_way_it_goes(ratio: float | None, said: str) -> None:
    assert words.against(ratio) == said


def test_fields_of_a_document_have_names_of_their_own_and_end_where_something_is_missing() -> None:
    place = Place("a.yaml", 3)
    assert fields(place, "file at:line column") == {"file": "a.yaml", "at": 3, "column": None}
    known = Problem("is wrong", *place)
    assert fields(known, "name:place.file length:subject.unit") == {"name": "a.yaml", "length": None}
    held = SimpleNamespace(since=dt.date(2025, 1, 31), names=("b", "a"))
    assert fields(held, "since names") == {"since": "2025-01-31", "names": ["b", "a"]}
