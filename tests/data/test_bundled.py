"""The bundled figures as a whole: they meet their expectations, and nothing moved unseen."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from tasks.generated import CLAIMS, DATA, is_fresh

from calling import Call, each
from llmcost import simulate
from llmcost.reasons import Reason


def test_the_bundled_scenarios_are_what_was_published(llmcost: Call) -> None:
    done = llmcost("check", "scenarios", "--quiet")
    assert done.code == 0, done
    passed = re.fullmatch(r"(\d+) passed, 0 failed", done.out.strip())
    assert passed is not None, done.out
    assert int(passed[1]) >= 30


@each("name", [name for name in DATA if name != CLAIMS])
def test_what_is_generated_from_data_is_fresh(name: str) -> None:
    """The snapshot holds every figure: 'llmcost diff scenarios/snapshot.json' says which one has moved. The
    page of claims is looked at in test_bundled_claims.py.
    """
    assert is_fresh(name, DATA[name]), f"{name} is stale; run 'python -m tasks regenerate'"


def test_no_bundled_scenario_contradicts_itself_without_a_reason(llmcost: Call) -> None:
    """Claims, which take longest, are worked out in test_bundled_claims.py."""
    folders = [str(path) for path in Path("scenarios").iterdir() if path.is_dir() and path.name != "claims"]
    done = llmcost("validate", *folders, "--strict")
    assert done.code == 0, done


def test_in_a_tenth_of_the_draws_no_api_price_saves_openai() -> None:
    """Those rank above every multiplier: a median of about 46×, and no 95th percentile."""
    (found,) = simulate("openai-2024@2026-01-01", metrics=["breakeven.api_only_multiplier"]).metrics
    values = {part.percent: part.value for part in found.percentiles}
    assert values[50] == pytest.approx(46, rel=0.05)
    assert values[95] == math.inf
    assert dict(found.reasons)[Reason("never_breaks_even")] == pytest.approx(991, abs=10)
