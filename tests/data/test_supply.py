"""The formulas of the supply side against measured runs: they must not get worse unseen."""

from __future__ import annotations

import sys

import pytest

from calling import ROOT

sys.path.insert(0, str(ROOT / "benchmarks"))

from supply import LIMITS, familiar, rows, spread

MEDIAN = 0.120
"""The median error of aggregated runs with usual attention, when somebody last looked."""


@pytest.fixture(scope="module")
def measured() -> list:  # type: ignore[type-arg]
    return rows()


def test_the_error_is_within_its_limits(measured: list) -> None:  # type: ignore[type-arg]
    median, ninety = spread(familiar(measured))
    assert median <= LIMITS["median"]
    assert ninety <= LIMITS["p90"]


def test_the_error_has_not_grown_by_a_fifth(measured: list) -> None:  # type: ignore[type-arg]
    median, _ = spread(familiar(measured))
    assert median <= MEDIAN * 1.2


def test_every_row_is_modelled(measured: list) -> None:  # type: ignore[type-arg]
    assert len(measured) == 490
    assert len(familiar(measured)) == 252
