"""Amounts of money in tables of months and of models."""

from __future__ import annotations

from typing import Final

from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.report import Cell
from llmcost.render.results.shared import tone

USD: Final = MODEL.quantities["cost.total"]


def usd(value: float) -> str:
    """Return an amount of USD, without its unit."""
    return words.number(value, USD)


def amount(value: float | None, name: str = "", weak: bool = False) -> Cell:
    """Return an amount of USD, `weak` where it is estimated or assumed; by its `name` it is good or bad."""
    if value is None:
        return Cell("–", "faint")
    style = tone(value, MODEL.quantities[name]) if name else ""
    # Nothing was assumed about an amount of zero.
    return Cell(("~" if weak and value else "") + usd(value), style)
