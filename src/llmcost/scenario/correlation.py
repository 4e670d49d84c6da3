"""Correlations of uncertain quantities: `correlations:`, a list of pairs with their rank correlation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from llmcost.engine.correlation import cholesky, of_normals
from llmcost.errors import LlmcostError, Problem
from llmcost.records import NamedTuple
from llmcost.scenario.values.datum import Provenance

Pair = frozenset[str]
"""The names of two quantities."""


class Correlation(NamedTuple):
    """The rank correlation (Spearman's) of two quantities, −1 to 1, with its source."""

    names: tuple[str, str]
    rank: float
    provenance: Provenance = Provenance()

    def refusal(self, message: str) -> Problem:
        """Return a problem with it, at its place."""
        return Problem(message, *self.provenance.place, " and ".join(self.names))


Correlations = Mapping[Pair, Correlation]


def check_correlations(correlations: Correlations, ranged: Iterable[str]) -> None:
    """Refuse correlations of quantities without a range, and those that contradict one another.

    Raises:
        LlmcostError: at each such correlation; for those that contradict one another at the last of them.
    """
    known = set(ranged)
    problems = [
        item.refusal(f"{name} is not stated as a range, so it cannot be correlated")
        for item in correlations.values()
        for name in item.names
        if name not in known
    ]
    if problems:
        raise LlmcostError(*problems)
    names = list(dict.fromkeys(name for item in correlations.values() for name in item.names))
    ranks = {pair: of_normals(item.rank) for pair, item in correlations.items()}
    matrix = [[1.0 if a == b else ranks.get(frozenset((a, b)), 0.0) for b in names] for a in names]
    if cholesky(matrix) is None:
        *_, last = correlations.values()
        message = "the correlations cannot all hold: their matrix is not positive semi-definite"
        raise LlmcostError(last.refusal(message))
