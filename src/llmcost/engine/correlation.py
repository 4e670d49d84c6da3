"""Draws that go together: columns reordered until their ranks are correlated as wanted.

The method is that of Iman and Conover (1982). Each column keeps its own values, so that a Latin hypercube
stays one. Plain Python, and the same everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Matrix = list[list[float]]

SINGULAR = 1e-9
"""A pivot that is 0 but for rounding."""


def of_normals(rank: float) -> float:
    """Return the correlation of two normal variables whose ranks are correlated so: 2·sin(π·ρ/6)."""
    return 2 * math.sin(math.pi * rank / 6)


def cholesky(matrix: Sequence[Sequence[float]]) -> Matrix | None:
    """Return the lower triangular root of a matrix, or None where it is not positive semi-definite."""
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
    """Return columns of draws in orders in which their ranks are correlated as `ranks` says.

    Args:
        columns: uniform draws, at least two columns; the first keeps its order.
        ranks: their rank correlations, a symmetric matrix that can hold.
    """
    wanted = cholesky([[of_normals(rank) for rank in row] for row in ranks])
    assert wanted is not None
    from statistics import NormalDist  # costs 6 ms, and whoever only reads a file has no draws

    normal = NormalDist().inv_cdf
    scores = [_standardised([normal(value) for value in column]) for column in columns]
    count, size = len(columns[0]), len(columns)
    # What the draws happen to be correlated by themselves is taken out first.
    own = cholesky(
        [
            [math.fsum(a * b for a, b in zip(one, other, strict=True)) / count for other in scores]
            for one in scores
        ]
    )
    if own is not None and all(own[k][k] > 0 for k in range(size)):
        scores = _independent(scores, own)
    return [
        _in_order_of(column, _mixed(wanted[place][: place + 1], scores))
        for place, column in enumerate(columns)
    ]


def _mixed(weights: Sequence[float], columns: Sequence[Sequence[float]]) -> list[float]:
    """Return the sum of columns, each times its weight; one after another, as `sum` differs by version."""
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
    """Return columns without correlation, whose combinations by the rows of `own` are the scores."""
    found: list[list[float]] = []
    for place, column in enumerate(scores):
        known = _mixed(own[place][:place], found) if found else [0.0] * len(column)
        pivot = own[place][place]
        found.append([(value - rest) / pivot for value, rest in zip(column, known, strict=True)])
    return found


def _in_order_of(column: Sequence[float], keys: Sequence[float]) -> list[float]:
    """Return the values of a column in the order that some keys have."""
    result = [0.0] * len(column)
    for value, place in zip(sorted(column), sorted(range(len(keys)), key=keys.__getitem__), strict=True):
        result[place] = value
    return result
