"""What each part of a scenario is and has, for a table of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from llmcost.analysis.ask.evaluation import Evaluation
from llmcost.engine.parts import SECTION, inside
from llmcost.engine.trace import Node
from llmcost.records import NamedTuple
from llmcost.scenario.workload import OWN, is_put

MEASURES: Final = (
    "parts.share",
    "product.units_per_month",
    "serving.gpus",
    "parts.tokens_per_month",
    "parts.requests_per_month",
    "parts.revenue_per_month",
    "parts.cost_per_month",
    "parts.cost_per_mtok",
    "product.price_per_unit",
    "product.variable_cost_per_unit",
    "product.gross_margin",
)
"""What a table of parts has a column for, where any part has it."""


class PartOf(NamedTuple):
    """A part as it came out.

    Attributes:
        name: the part, or None for all parts together.
        scenario: what it is a part of that kind of.
        workload: the mix that was put on it; None where it has its own, or no price by the token.
        nodes: what it has of `MEASURES`, by their names outside parts.
        cost_share: its share of what all parts cost; None where that is not known.
    """

    name: str | None
    scenario: str
    workload: str | None
    nodes: Mapping[str, Node]
    cost_share: float | None


def parts_of(evaluation: Evaluation) -> list[PartOf]:
    """Return the parts of what was evaluated, in the order in which they are written, and their whole."""
    scenario, nodes = evaluation.scenario, evaluation.trace.nodes

    def measured(prefix: str) -> dict[str, Node]:
        return {name: nodes[inside(prefix, name)] for name in MEASURES if inside(prefix, name) in nodes}

    whole = measured("")
    total = whole.get("parts.cost_per_month")
    found = []
    for name in scenario.parts:
        prefix = f"{SECTION}{name}."
        part, own = scenario.of[prefix], measured(prefix)
        cost = own.get("parts.cost_per_month")
        known = cost is not None and total is not None and total.value and cost.value is not None
        share = cost.value / total.value if known else None  # type: ignore[union-attr, operator]
        put = part.workload if part.workload not in (None, OWN) else None
        if is_put(scenario, f"{prefix}workload.output_share"):
            put = scenario.workload
        found.append(PartOf(name, part.label, put, own, share))
    if found:
        found.append(PartOf(None, "", None, whole, None))
    return found
