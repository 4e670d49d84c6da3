"""The fields of a price list and of a mix of tokens, named once for every list and every mix.

A list is the model's own (`price`), another seller's (`alternative`), or that of a product's supplier
(`product`). A mix is that of the workload, of the traffic, or of a product's unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from llmcost.engine.registry import Direction
from llmcost.formulas.vocabulary import MODEL, given
from llmcost.records import NamedTuple

TOKEN_PRICES: Final[Mapping[str, str]] = {
    "input_per_mtok": "uncached input",
    "cached_input_per_mtok": "cache-hit input; absent: same as input",
    "output_per_mtok": "output",
    "cache_write_per_mtok": "input written to a cache; absent: same as input",
    "cache_write_1h_per_mtok": "input written to a cache for an hour; absent: same as a cache write",
    "reasoning_per_mtok": "reasoning tokens; absent: same as output",
}
FEES: Final[Mapping[str, str]] = {
    "per_request": "a request, on top of its tokens; absent: 0",
    "per_tool_call": "a tool call, such as a search; absent: 0",
}
TIERS: Final[Mapping[str, str]] = {
    "batch": "in batches",
    "flex": "at the slow, cheap tier",
    "priority": "at the fast, expensive tier",
    "off_peak": "in off-peak hours",
}
ABOVE: Final = "long_context_above"
LONGER: Final[Mapping[str, str]] = {
    "long_context_input_multiplier": "input",
    "long_context_output_multiplier": "output",
}
LIST: Final = (*TOKEN_PRICES, *FEES, *(f"{tier}_multiplier" for tier in TIERS), ABOVE, *LONGER)
"""The fields of a price list."""

USE: Final[Mapping[str, tuple[str, str]]] = {
    "input_tokens_per_request": ("tok/request", "All input of a request, cache hits included"),
    "output_tokens_per_request": ("tok/request", "All output of a request, reasoning tokens included"),
    "cache_write_share": ("share", "Input written to a cache / input"),
    "cache_write_1h_share": ("share", "Input written to a cache for an hour / input"),
    "reasoning_share": ("share", "Reasoning tokens / output"),
    **{f"{tier}_share": ("share", f"Tokens bought {how} / all tokens") for tier, how in TIERS.items()},
    "tool_calls_per_request": ("call/request", "Charged tool calls of a request"),
}
"""The fields of a mix besides its output share and its cache hits, with units and descriptions."""
UNKNOWN: Final = ("input_tokens_per_request", "output_tokens_per_request")
"""Fields without a default: unless they are stated, what depends on them is undefined."""


class Names(NamedTuple):
    """The quantities that are the fields of a list or mix, in a section of the vocabulary."""

    section: str
    fields: Mapping[str, str]

    def of(self, *fields: str) -> tuple[str, ...]:
        """Return the quantities of some fields."""
        return tuple(map(self.fields.__getitem__, fields))


def _supplied(field: str) -> str:
    """Return the quantity of a product that is a field of its supplier's list."""
    if field in TOKEN_PRICES:
        return f"product.{field.removesuffix('_per_mtok')}_cost_per_mtok"
    return f"product.supplier_{'price_' if field in FEES else ''}{field}"


PRICE: Final = Names("price", {field: f"price.{field}" for field in LIST})
ALTERNATIVE: Final = Names("alternative", {field: f"alternative.{field}" for field in LIST})
SUPPLIER: Final = Names("product", {field: _supplied(field) for field in LIST})

_MIX: Final = ("output_share", "cached_input_share", *USE)
WORKLOAD: Final = Names("workload", {field: f"workload.{field}" for field in _MIX})
TRAFFIC: Final = Names("traffic", {field: f"traffic.{field}" for field in _MIX})
UNIT: Final = Names("product", {field: f"product.{field}" for field in _MIX})


def _declare_list(names: Names, whose: str, pays: str, worse: Direction | None = None) -> None:
    said = {
        **{field: ("USD/Mtok", f"{pays} {what}") for field, what in TOKEN_PRICES.items()},
        **{
            field: ("USD/call" if "call" in field else "USD/request", f"{pays} {what}")
            for field, what in FEES.items()
        },
        **{
            f"{tier}_multiplier": ("×", f"Factor on {whose} token prices for tokens bought {how}")
            for tier, how in TIERS.items()
        },
        ABOVE: ("tok", f"Input above which a whole request pays {whose} long-context prices; absent: none"),
        **{
            field: ("×", f"Factor on {whose} {what} prices for a request above that length")
            for field, what in LONGER.items()
        },
    }
    for field in LIST:
        if names.fields[field] not in MODEL.quantities:
            unit, description = said[field]
            given(names.fields[field], unit, description, worse=worse)


def _declare_mix(names: Names, absent: str = "0") -> None:
    for field, (unit, description) in USE.items():
        if names.fields[field] not in MODEL.quantities:
            otherwise = absent.removesuffix(", else 0") if field in UNKNOWN else absent
            known = otherwise != "0" or field not in UNKNOWN
            given(names.fields[field], unit, f"{description}; absent: {otherwise}" if known else description)


_declare_list(PRICE, "the list's", "List price of")
_declare_list(ALTERNATIVE, "the seller's", "Another seller's price of")
_declare_list(SUPPLIER, "the supplier's", "The product's cost of", worse="up")
_declare_mix(WORKLOAD, "the traffic's own, else 0")
_declare_mix(TRAFFIC)
_declare_mix(UNIT)
