"""Correlated draws: columns are reordered until their ranks have the wanted correlations.

The method is that of Iman and Conover (1982). Each column keeps its values, so a Latin hypercube remains one.
Plain Python, with the same results on every machine.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence

Matrix = list[list[float]]

SINGULAR = 1e-9
"""Smaller pivots are 0 except for rounding."""


def of_normals(rank: float) -> float:
    """Return the correlation of two normal variables whose rank correlation is ρ: 2·sin(π·ρ/6)."""
    return 2 * math.sin(math.pi * rank / 6)


def cholesky(matrix: Sequence[Sequence[float]]) -> Matrix | None:
    """Return the lower triangular root of a matrix, or None if it is not positive semi-definite."""
    size = len(matrix)
    root = [[0.0] * size for _ in range(size)]
    for row in range(size):
        for column in range(row + 1):
            rest = matrix[row][column] - math.fsum(root[row][k] * root[column][k] for k in range(column))
            pivot = root[column][column]
            if row == column:
                if rest < -SINGULAR:
                    return None
                root[row][row] = math.sqrt(rest) if rest > SINGULAR else 0.0
            elif pivot > 0:
                root[row][column] = rest / pivot
            elif abs(rest) > math.sqrt(SINGULAR):
                return None
    return root


def reordered(columns: Sequence[Sequence[float]], ranks: Sequence[Sequence[float]]) -> list[list[float]]:
    """Reorder columns of draws so that they have the given rank correlations.

    Args:
        columns: uniform draws, at least two columns; the first keeps its order.
        ranks: their rank correlations, a symmetric, positive semi-definite matrix.
    """
    wanted = cholesky([[of_normals(rank) for rank in row] for row in ranks])
    assert wanted is not None
    from statistics import NormalDist  # takes 6 ms to import, which readers of files need not wait for

    normal = NormalDist().inv_cdf
    scores = [_standardised([normal(value) for value in column]) for column in columns]
    count = len(columns[0])
    # The correlation that the draws have by chance is removed first.
    products = [[math.fsum(map(operator.mul, one, other)) / count for other in scores] for one in scores]
    own = cholesky(products)
    if own is not None and all(own[k][k] > 0 for k in range(len(columns))):
        scores = _independent(scores, own)
    return [_in_order_of(column, _mixed(wanted[k][: k + 1], scores)) for k, column in enumerate(columns)]


def _mixed(weights: Sequence[float], columns: Sequence[Sequence[float]]) -> list[float]:
    """Return the weighted sum of columns, without `sum`, which rounds differently in new Pythons."""
    total = [0.0] * len(columns[0])
    for weight, column in zip(weights, columns, strict=False):
        if weight:
            total = [before + weight * value for before, value in zip(total, column, strict=True)]
    return total


def _standardised(column: Sequence[float]) -> list[float]:
    mean = math.fsum(column) / len(column)
    size = math.sqrt(math.fsum((value - mean) ** 2 for value in column) / len(column))
    return [(value - mean) / size if size > 0 else 0.0 for value in column]


def _independent(scores: Sequence[Sequence[float]], own: Matrix) -> list[list[float]]:
    """Return uncorrelated columns that yield the scores if they are mixed by the rows of `own`."""
    found: list[list[float]] = []
    for place, column in enumerate(scores):
        known = _mixed(own[place][:place], found) if found else [0.0] * len(column)
        pivot = own[place][place]
        found.append([(value - rest) / pivot for value, rest in zip(column, known, strict=True)])
    return found


def _in_order_of(column: Sequence[float], keys: Sequence[float]) -> list[float]:
    """Return the values of a column in the order of some keys."""
    result = [0.0] * len(column)
    for value, place in zip(sorted(column), sorted(range(len(keys)), key=keys.__getitem__), strict=True):
        result[place] = value
    return result
