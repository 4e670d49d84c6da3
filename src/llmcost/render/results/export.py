"""What `export` writes."""

from __future__ import annotations

from collections.abc import Sequence

from llmcost.analysis.ask.evaluation import Evaluation
from llmcost.render.report import Views


def views(evaluations: Sequence[Evaluation]) -> Views:
    """Return the forms of a hand-over that computes."""
    return Views(files={"xlsx": lambda: _workbook(evaluations)})


def _workbook(evaluations: Sequence[Evaluation]) -> bytes:
    from llmcost.render.workbook import workbook

    return workbook(evaluations)
