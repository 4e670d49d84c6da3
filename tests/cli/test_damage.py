"""Whatever a ledger, a test file, a snapshot or a command line holds, it is answered with 0, 1 or 2.

A longer run takes LLMCOST_FUZZ=5000 of each, and LLMCOST_EXPLORE=1 others than these.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path
from typing import Final

import pytest

from calling import WORLD, Call, each
from llmcost.cli import app
from llmcost.verbs import VERBS

COUNT: Final = int(os.environ.get("LLMCOST_FUZZ", "12"))
LONGEST: Final = 5.0
"""CPU seconds that an answer may take; far above any, so that a busy machine fails no test."""
PIECES: Final = [
    *(
        "llmcost: 1",
        "kind: ",
        "  - ",
        "&a",
        "*a",
        "<<: ",
        "!!int ",
        "? ",
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        "|",
        "#",
    ),
    *("---\n", "\t", "1e400", ".nan", "2 to 1", "12:30", "yes", "null", "2024-05-13", "é", "\x00", "\u2028"),
    *(
        "\ufeff",
        "\\x",
        "\r",
        "27%",
        "(5)",
        "*2",
        "+8%/month",
        "follows ",
        "9" * 40,
        "A" * 300,
        "project.",
        "1..1",
    ),
]
WORDS: Final = [
    *(
        "acme",
        "wren",
        "lark",
        "nest",
        "pass-pro",
        "vintages",
        "crane",
        "anvil",
        "chat",
        "essay",
        "nope",
        ".",
        "-",
    ),
    *("wren@2024-01-01", "wren:", "acme:high", "/dev/null", "x" * 300, "*", "cash.*", "unit.gross_margin"),
    *(
        "price.input_per_mtok=1 to 5",
        "revenue.api=*2",
        "revenue.api=x3/year",
        "serving.utilization",
        "json",
        "0",
    ),
    *("-1", "1e308", "unit.gross_margin > 0", "acme/revenue.total", "1 to 5", "out.md", "9999-12-31", "10"),
]


def damaged(text: str, dice: random.Random) -> str:
    """Return a text with something cut out, put in, repeated or moved, once to six times."""
    for _ in range(dice.choice((1, 1, 2, 6))):
        start = dice.randrange(len(text) + 1)
        end = min(len(text), start + dice.choice((0, 1, 5, 20, 80)))
        middle = (dice.choice(PIECES), "", text[start:end] * 3, text[end : end + 40])[dice.randrange(4)]
        text = text[:start] + middle + text[end:]
    return text


def command_line(dice: random.Random) -> list[str]:
    """Return a verb with names and options, most of them its own."""
    verb = dice.choice([name for name in VERBS if name not in ("init", "import")])
    found = [verb, *dice.choices(WORDS, k=dice.randrange(4))]
    options = [item for item in app.command(verb).params if item.opts[0].startswith("-")]
    for option in dice.choices(options, k=dice.randrange(3)):
        found += [option.opts[0], *([] if getattr(option, "is_flag", False) else [dice.choice(WORDS)])]
    return [damaged(word, dice).replace("\x00", "") for word in found] if dice.random() < 0.1 else found


@each("kind", ["claims", "check", "diff", "any verb"])
def test_whatever_it_is_it_is_answered(
    kind: str, llmcost: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(None if os.environ.get("LLMCOST_EXPLORE") else kind)
    monkeypatch.chdir(tmp_path)
    whole, target = "", tmp_path / "it"
    if kind == "claims":
        whole, target = (WORLD / "claims/essay.yaml").read_text(), tmp_path / "it.yaml"
    elif kind == "check":
        whole, target = (WORLD / "expectations/ours.yaml").read_text(), tmp_path / "it.yaml"
    elif kind == "diff":
        assert llmcost("snapshot", "wren", "acme", "-o", "whole.json").code == 0
        whole, target = Path("whole.json").read_text(), tmp_path / "it.json"
    for _ in range(COUNT):
        text = damaged(whole, dice)
        target.write_text(text, encoding="utf-8")
        arguments = command_line(dice) if kind == "any verb" else [kind, str(target)]
        start = time.process_time()
        done = llmcost(*arguments)
        assert done.code in (0, 1, 2), (arguments, done.err, text)
        assert "Traceback" not in done.err
        assert time.process_time() - start < LONGEST, (arguments, text)
