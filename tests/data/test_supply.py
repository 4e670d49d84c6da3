"""The formulas of the supply side against measured runs: they must not get worse unseen."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from calling import ROOT, Call

sys.path.insert(0, str(ROOT / "benchmarks"))

from supply import LIMITS, familiar, rows, spread


@pytest.fixture(scope="module")
def measured() -> list:  # type: ignore[type-arg]
    return rows()


def test_the_error_has_not_grown_by_a_fifth(measured: list) -> None:  # type: ignore[type-arg]
    """The median of aggregated runs with usual attention is 12.0 %."""
    median, ninety = spread(familiar(measured))
    assert median <= 0.12 * 1.2 < LIMITS["median"]
    assert ninety <= LIMITS["p90"]


def test_every_row_is_modelled(measured: list) -> None:  # type: ignore[type-arg]
    assert len(measured) == 490
    assert len(familiar(measured)) == 252


def test_a_model_of_the_same_shape_keeps_its_name(llmcost: Call, tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    model = ("llama-3.3-70b@2026-09-01", "--accelerator", "h100@2026-09-01", "--gpus", "2")
    call = ("size", *model, "--users", "9", "--min-tokens-per-second", "20")
    said = llmcost(*call).out
    assert said.startswith("llama-3.3-70b@2026-09-01, for 9 users")
    assert "llama-3.3-70b has the shape of llama-3.1-70b" in said
    assert llmcost(*call, "-o", str(path)).code == 0
    assert "architecture: llama-3.3-70b@2026-09-01\n" in path.read_text("utf-8")
    assert llmcost("check", str(path)).code == 0
