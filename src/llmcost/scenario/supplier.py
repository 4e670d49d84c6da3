"""What a product pays for its tokens, where its supplier is another scenario: that scenario's list prices."""

from __future__ import annotations

from typing import Final

from llmcost.errors import LlmcostError
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.provenance import Datum

PAID: Final = {
    "product.input_cost_per_mtok": "price.input_per_mtok",
    "product.cached_input_cost_per_mtok": "price.cached_input_per_mtok",
    "product.output_cost_per_mtok": "price.output_per_mtok",
}
"""What is paid, and the list price that it is."""


def supplied(scenario: Scenario, supplier: Scenario) -> Scenario:
    """Return the scenario with its supplier's list prices in place of costs that it does not state itself.

    Each keeps its basis, range and date, and says in its source whose list price it is.

    Raises:
        LlmcostError: for a supplier that has no such price.
    """
    listed = {cost: supplier.data[price] for cost, price in PAID.items() if price in supplier.data}
    if not listed:
        raise LlmcostError(f"{supplier.label} states none of {', '.join(PAID.values())}")
    return scenario.with_data(
        {cost: _listed(datum, supplier.label) for cost, datum in listed.items() if cost not in scenario.data}
    )


def _listed(datum: Datum, label: str) -> Datum:
    return datum.credited(", ".join(filter(None, [f"list price of {label}", datum.source])))
