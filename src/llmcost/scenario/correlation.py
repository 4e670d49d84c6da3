"""How two uncertain quantities go together."""

from __future__ import annotations

from typing import NamedTuple

from llmcost.scenario.values.provenance import Provenance

Pair = frozenset[str]
"""The names of two quantities."""


class Correlation(NamedTuple):
    """The rank correlation (Spearman's) of two quantities, −1 to 1, and who says so."""

    rank: float
    provenance: Provenance = Provenance()
