"""Draws that go together, as columns: what `correlation` does, with numpy."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from llmcost.engine.correlation import cholesky, of_normals
from llmcost.engine.sampling_columns import inverse_normal

Column = Any
"""A float array of one dimension."""


def reordered(columns: Sequence[Column], ranks: Sequence[Sequence[float]]) -> list[Column]:
    """Return columns of uniform draws in orders in which their ranks are correlated as `ranks` says."""
    wanted = cholesky([[of_normals(rank) for rank in row] for row in ranks])
    assert wanted is not None
    scores = [_standardised(inverse_normal(column)) for column in columns]
    own = cholesky([[float(np.dot(one, other)) / len(one) for other in scores] for one in scores])
    if own is not None and all(own[k][k] > 0 for k in range(len(columns))):
        for place, row in enumerate(own):
            for weight, known in zip(row[:place], scores, strict=False):
                scores[place] = scores[place] - weight * known
            scores[place] = scores[place] / row[place]
    found = []
    for place, column in enumerate(columns):
        keys = sum(weight * score for weight, score in zip(wanted[place][: place + 1], scores, strict=False))
        result = np.empty_like(column)
        result[np.argsort(keys, kind="stable")] = np.sort(column)
        found.append(result)
    return found


def _standardised(column: Column) -> Column:
    size = np.std(column)
    return (column - np.mean(column)) / size if size > 0 else np.zeros_like(column)
