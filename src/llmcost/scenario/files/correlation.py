"""Reads `correlations:`."""

from __future__ import annotations

from typing import Final

from llmcost.formulas import MODEL
from llmcost.scenario.correlation import Correlation, Pair
from llmcost.scenario.files.format import Field, Fields, Found, Kind
from llmcost.scenario.files.kinds import SOURCES, listed, nested, number, spelled
from llmcost.scenario.files.problems import At
from llmcost.scenario.files.tree import Node
from llmcost.scenario.values.number import NotANumber, shorten


def _name(text: str) -> str:
    if text not in MODEL.quantities:
        raise NotANumber(MODEL.unknown(shorten(text, 80)))
    if text in MODEL.outcomes:
        raise NotANumber(f"{text} is an outcome of a projection, and has no range")
    return text


def _correlation(found: Found) -> Correlation | None:
    names, rank = found["between"], found["rank"]
    if rank is not None and rank > 1:
        found.refuse(f"'rank': must not be above 1, got {rank:.12g}", "rank")
    elif names is not None and found.sound and (len(names) != 2 or names[0] == names[1]):
        found.refuse("'between': names two different quantities", "between")
    elif names is not None and rank is not None and found.sound:
        return Correlation((names[0], names[1]), rank, found.provenance())
    return None


CORRELATION: Final = Fields(
    "Correlation",
    "a mapping such as {between: [cost.inference, cost.training], rank: -0.5}",
    "How two uncertain quantities are correlated.",
    Field(
        "between",
        listed(spelled("the name of a quantity", _name), "a list of two quantities", 1),
        "The two quantities, both stated as ranges.",
        required=True,
    ),
    Field("rank", number(low=-1), "Their rank correlation, -1 to 1.", required=True),
    *SOURCES,
)
_LIST: Final = listed(nested(CORRELATION, _correlation), "a list of correlations")


def _all(node: Node, at: At) -> dict[Pair, Correlation] | None:
    read = _LIST.read(node, at)
    if read is None:
        return None
    found: dict[Pair, Correlation] = {}
    for item in read:
        before = found.setdefault(frozenset(item.names), item)
        if before is not item:
            line = before.provenance.place.line
            at.refuse(item.provenance.place, f"{' and '.join(item.names)} are already in line {line}")
    return found


CORRELATIONS: Final = Field(
    "correlations", Kind(_LIST.words, _all, _LIST.model), "Correlations of uncertain quantities, by pair."
)
