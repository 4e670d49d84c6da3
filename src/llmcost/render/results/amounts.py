"""Amounts of money, as tables of months and of models show them."""

from __future__ import annotations

from typing import Final

from llmcost.analysis.projection.names import BALANCE
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.report import Cell, Style

USD: Final = MODEL.quantities["cost.total"]


def usd(value: float) -> str:
    """Return an amount of USD, without its unit."""
    return words.number(value, USD)


def amount(value: float | None, name: str = "", weak: bool = False) -> Cell:
    """Return an amount of USD, `weak` where it is estimated or assumed; `name` says which sign is bad."""
    if value is None:
        return Cell("–", "faint")
    style: Style = ""
    if name == "company.operating_profit":
        style = "good" if value > 0 else "bad"
    elif name == "burn":
        style = "bad" if value > 0 else "good"
    elif name == BALANCE and value < 0:
        style = "bad"
    # Where nothing is there, nothing has been assumed.
    return Cell(("~" if weak and value else "") + usd(value), style)
