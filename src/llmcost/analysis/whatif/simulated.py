"""What a simulation tells of a metric, however its draws were worked out."""

from __future__ import annotations

from typing import Final

from llmcost.engine.ranking import Percentile
from llmcost.engine.registry import Quantity
from llmcost.reasons import Reason
from llmcost.records import NamedTuple

PERCENTILES: Final = (5, 25, 50, 75, 95)
RANKED: Final = 20_000
"""Draws that rank correlations are worked out from: enough for two digits."""


class Simulated(NamedTuple):
    """One metric over the draws.

    Attributes:
        metric: what it is.
        defined: in how many draws it has a value.
        ranked: in how many it has a value or lies at the end of the line, such as a runway that never ends.
        mean, deviation: of those draws; None where there are none, or where it is beyond all numbers.
        percentiles: at 5, 25, 50, 75 and 95 % of those draws; infinite at an end of the line.
        reasons: why it has no value in the other draws, with how often.
        histogram: edges and counts of the values, between their 5th and 95th percentile.
        log: whether the edges are spaced on a log scale.
        influences: rank correlation with each uncertain input, strongest first.
    """

    metric: Quantity
    defined: int
    ranked: int
    mean: float | None
    deviation: float | None
    percentiles: tuple[Percentile, ...]
    reasons: tuple[tuple[Reason, int], ...]
    histogram: tuple[tuple[float, float, int], ...]
    log: bool
    influences: tuple[tuple[str, float], ...]
