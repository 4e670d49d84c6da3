"""Reasons: a code for programs, a sentence for people, and where on the line they stand."""

from __future__ import annotations

import math
import pickle
import re
from pathlib import Path

import pytest

from llmcost.reasons import REASONS, Reason, Undefined, reason_of

SRC = Path(__file__).parents[2] / "src" / "llmcost"


def test_codes_are_words_and_sentences_are_clauses() -> None:
    for code, meaning in REASONS.items():
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", code)
        assert not meaning.sentence.endswith(".")
        assert meaning.end in (None, math.inf, -math.inf)


def test_no_reason_is_in_the_table_that_nothing_has() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SRC.rglob("*.py") if path.stem != "reasons")
    assert [code for code in REASONS if f'"{code}"' not in text] == []


def test_a_reason_is_its_code_and_its_parameters() -> None:
    assert Reason("earns_cash") == Reason("earns_cash")
    assert Reason("outside_horizon", (12,)) != Reason("outside_horizon", (24,))
    assert str(Reason("earns_cash")) == f"{Reason('earns_cash')}" == "earns cash"
    assert str(Reason("outside_horizon", (12,))) == "it does not break even within 12 months"


def test_parameters_that_a_sentence_has_no_place_for_follow_a_colon() -> None:
    assert str(Reason("division_by_zero")) == "division by zero"
    assert str(Reason("division_by_zero", ("a.two is 0",))) == "division by zero: a.two is 0"


def test_which_end_of_the_line_a_reason_stands_for() -> None:
    assert Reason("never_breaks_even").end == math.inf
    assert Reason("earns_cash").end == math.inf
    assert Reason("already_covered").end == -math.inf
    assert Reason("division_by_zero").end is None


def test_some_reasons_are_good_news() -> None:
    assert Reason("earns_cash").good
    assert not Reason("never_breaks_even").good


def test_an_undefined_value_says_why_and_can_be_sent_to_another_process() -> None:
    error = Undefined("earns_cash")
    assert (error.reason, str(error)) == (Reason("earns_cash"), "earns cash")
    assert pickle.loads(pickle.dumps(error)).reason == error.reason


def test_a_code_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(KeyError):
        Undefined("earns cash")


def test_the_reason_of_an_error_of_arithmetic() -> None:
    assert reason_of(Undefined("earns_cash")) == Reason("earns_cash")
    assert reason_of(ZeroDivisionError()) == Reason("division_by_zero")
    assert reason_of(OverflowError()) == Reason("too_large")
