"""What is suggested in place of an unknown word."""

from __future__ import annotations

import pytest

from llmcost.errors import did_you_mean, missing_extra, there_are

NAMES = [
    "gpt-4",
    "gpt-4o",
    "gpt-4o-mini",
    "claude-3-opus",
    "claude-3.5-sonnet",
    "deepseek-v3",
    "acme-2024",
    "o1",
]


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("gpt4o", "gpt-4o"),
        ("gpt-4o-mni", "gpt-4o-mini"),
        ("deepsek-v3", "deepseek-v3"),
        ("deepseek", "deepseek-v3"),
        ("claude-3-opis", "claude-3-opus"),
        *(
            (word, None)
            for word in ("gpt-5", "gpt5o", "deepseek-v4", "claude-4-opus", "acme-2025", "o3", "zzz")
        ),
    ],
)
def test_no_suggestion_changes_a_number(word: str, meant: str | None) -> None:
    assert did_you_mean(word, NAMES) == (f"; did you mean '{meant}'?" if meant else "")


def test_names_that_hold_a_word_are_listed() -> None:
    command = "llmcost list scenarios"
    assert there_are("claude", NAMES, command) == (
        "; there are claude-3-opus and claude-3.5-sonnet: 'llmcost list scenarios' lists them"
    )
    assert there_are("acme", NAMES, command) == "; did you mean 'acme-2024'?"
    assert there_are("53x", ["v3-53x-cheaper", "v3"], command) == "; did you mean 'v3-53x-cheaper'?"
    assert there_are("o", NAMES, command).startswith(
        "; there are gpt-4o, gpt-4o-mini, claude-3-opus and 2 more:"
    )
    assert {there_are(word, NAMES, command) for word in ("", "-", "zzz")} == {""}


def test_a_missing_extra_says_how_to_get_it() -> None:
    said = str(missing_extra("excel", "a workbook"))
    assert said == (
        "a workbook needs the extra 'excel': pip install -e '.[excel]' in the folder of llmcost, "
        "or anywhere: pip install 'xlsxwriter>=3.2'"
    )
