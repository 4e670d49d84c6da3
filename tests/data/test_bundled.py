"""The bundled figures as a whole: they meet their expectations, and nothing moved unseen."""

from __future__ import annotations

import re

import pytest
from tasks.generated import DATA, is_fresh

from calling import Call


def test_the_bundled_scenarios_are_what_was_published(llmcost: Call) -> None:
    done = llmcost("check", "scenarios", "--quiet")
    assert done.code == 0, done
    passed = re.fullmatch(r"(\d+) passed, 0 failed", done.out.strip())
    assert passed is not None, done.out
    assert int(passed[1]) >= 30


def test_the_bundled_scenarios_are_what_they_were(llmcost: Call) -> None:
    """Whoever moves a figure renews the snapshot: python -m tasks regenerate."""
    done = llmcost("diff", "scenarios/snapshot.json", "--fail-on", "any")
    assert done.code == 0, done
    assert "Nothing moved" in done.out


@pytest.mark.parametrize("name", DATA)
def test_what_is_generated_from_data_is_fresh(name: str) -> None:
    assert is_fresh(name, DATA[name]), f"{name} is stale; run 'python -m tasks regenerate'"
