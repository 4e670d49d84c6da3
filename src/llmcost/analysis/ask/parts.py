"""The parts of a scenario and their figures, for a table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from llmcost.analysis.ask.evaluation import Evaluation, value_in
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
"""The columns of a table of parts, if any part has them."""


class PartOf(NamedTuple):
    """The figures of a part.

    Attributes:
        name: the part, or None for all parts together.
        scenario: the scenario that the part is.
        workload: the mix that was put on it; None if it has its own, or no price per token.
        nodes: its `MEASURES`, by their names outside parts.
        cost_share: its share of the cost of all parts; None if unknown.
    """

    name: str | None
    scenario: str
    workload: str | None
    nodes: Mapping[str, Node]
    cost_share: float | None


def parts_of(evaluation: Evaluation) -> list[PartOf]:
    """Return the parts of an evaluated scenario, in the order of the file, followed by the whole."""
    scenario, nodes = evaluation.scenario, evaluation.trace.nodes

    def measured(prefix: str) -> dict[str, Node]:
        return {name: nodes[inside(prefix, name)] for name in MEASURES if inside(prefix, name) in nodes}

    total = value_in(evaluation, "parts.cost_per_month")
    found = []
    for name in scenario.parts:
        prefix = f"{SECTION}{name}."
        part, cost = scenario.of[prefix], value_in(evaluation, inside(prefix, "parts.cost_per_month"))
        share = cost / total if cost is not None and total else None
        put = part.workload if part.workload not in (None, OWN) else None
        if is_put(scenario, f"{prefix}workload.output_share"):
            put = scenario.workload
        found.append(PartOf(name, part.label, put, measured(prefix), share))
    if found:
        found.append(PartOf(None, "", None, measured(""), None))
    return found
