"""The economics, by topic. `MODEL` holds the whole vocabulary and every formula over it."""

from __future__ import annotations

from llmcost.formulas import (  # noqa: F401  (imported so that their formulas are registered)
    alternative,
    breakeven,
    capital,
    cash,
    company,
    compute,
    fleet,
    price,
    product,
    serving,
    supplier_rise,
    training,
    unit,
)
from llmcost.formulas.supply import (  # noqa: F401
    attention,
    decode,
    deployment,
    energy,
    exchange,
    prefill,
    rates,
    shape,
)
from llmcost.formulas.vocabulary import MODEL

# isort: split
from llmcost.formulas import parts  # noqa: F401  (last: it speaks of what the others have declared)

MODEL.complete()

__all__ = ["MODEL"]
