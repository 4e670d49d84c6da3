"""Writes the result of `export`."""

from __future__ import annotations

from collections.abc import Sequence

from llmcost.analysis.ask.evaluation import Evaluation
from llmcost.render.report import Views, later


def views(evaluations: Sequence[Evaluation]) -> Views:
    """Return the forms of a workbook."""
    return Views(files={"xlsx": later("workbook", "workbook", evaluations)})
