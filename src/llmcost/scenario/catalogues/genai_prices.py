"""The adapter for genai-prices: many sellers, few dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from llmcost.scenario.catalogues.quote import (
    ALSO,
    SIDES,
    CatalogueModel,
    Quote,
    found,
    long_context,
    multiplier,
    named,
)

FIELDS: Final = {
    "input_per_mtok": "input_mtok",
    "cached_input_per_mtok": "cache_read_mtok",
    "cache_write_per_mtok": "cache_write_mtok",
    "cache_write_1h_per_mtok": "cache_write_1h_mtok",
    "output_per_mtok": "output_mtok",
    "reasoning_per_mtok": "output_reasoning_mtok",
}
"""The keys of genai-prices by our fields."""
VARIANTS: Final = {
    ("processing", "batch"): "batch",
    ("service_tier", "flex"): "flex",
    ("service_tier", "priority"): "priority",
    ("service_tier", "fast"): "priority",
    ("speed", "fast"): "priority",
}
"""Tiers, by the conditions of price variants in genai-prices."""


@cache
def data() -> Any:
    """Return the sellers of genai-prices by name; None if it is not installed."""
    try:
        from genai_prices.data import providers
    except ModuleNotFoundError:
        return None
    return {provider.id: provider for provider in providers}


@cache
def newest() -> dt.date:
    """Return the newest day in genai-prices, except the first of a month: those are announced in advance."""
    days = {
        price.constraint.start_date
        for provider in data().values()
        for model in provider.models
        for price in (model.prices if isinstance(model.prices, list) else ())
        if hasattr(price.constraint, "start_date")
    }
    found: dt.date = max(day for day in days if day.day != 1)
    return found


def models_of(provider: str) -> list[str]:
    """Return the names of the models of a seller."""
    seller = _seller(provider)
    return [] if seller is None else [model.id for model in seller.models]


def _seller(provider: str) -> Any:
    sellers = data() or {}
    return sellers.get(provider) or sellers.get(ALSO.get(provider))


def find(provider: str, model: str) -> CatalogueModel | None:
    """Return what is known about a model, or None."""
    seller = _seller(provider)
    if seller is None:
        return None
    own = named(model, models_of(provider))
    known = next((one for one in seller.models if one.id == own or (not own and one.is_match(model))), None)
    if known is None:
        return None
    dated, peak = _dated(known.prices)
    url = next(iter(seller.pricing_urls or ()), None)
    quotes = []
    for day in sorted(dated):
        prices = _fields(dated[day], known.price_variants or [], day)
        if not {"input_per_mtok", "output_per_mtok"} & prices.keys():
            continue
        if peak is not None and day == max(day for day in dated if day <= newest()):
            prices = _at_the_peak(prices, _fields(peak, [], day))
        evidence = "undated" if day == newest() else "dated by the catalogue"
        quotes.append(Quote(day, prices, evidence, url))
    return found("genai-prices", quotes)


def _dated(listed: Any) -> tuple[dict[dt.date, Any], Any]:
    """Return prices by the day from which they hold, and the prices of certain hours, if any.

    One without a day counts from the newest day of the catalogue, unless a dated one is already in force.
    """
    if not isinstance(listed, list):
        return {newest(): listed}, None
    starts = {
        item.constraint.start_date: item.prices for item in listed if hasattr(item.constraint, "start_date")
    }
    hours = [item.prices for item in listed if hasattr(item.constraint, "start_time")]
    undated = [item.prices for item in listed if item.constraint is None]
    if undated and not any(day <= newest() for day in starts):
        starts[newest()] = undated[-1]
    return starts, hours[-1] if hours else None


def _at_the_peak(prices: dict[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """Return the prices of more expensive hours; discounts are ignored, as they may have ended unnoticed."""
    one, two = prices.get("output_per_mtok"), other.get("output_per_mtok")
    if not one or not two or two <= one:
        return prices
    raised = {field: other.get(field, price) for field, price in prices.items()}
    return {**raised, "off_peak_multiplier": round(one / two, 6)}


def _base(price: Any) -> float:
    return float(getattr(price, "base", price))


def _fields(price: Any, variants: list[Any], day: dt.date) -> dict[str, float]:
    """Return the fields of a price list on a given day."""
    stated = {field: getattr(price, key, None) for field, key in FIELDS.items()}
    prices = {field: _base(value) for field, value in stated.items() if value is not None}
    if getattr(price, "requests_kcount", None) is not None:
        prices["per_request"] = _base(price.requests_kcount) / 1000
    for variant in variants:
        tier = VARIANTS.get(next(iter(variant.when.items())))
        rates = {key: getattr(variant.prices, f"{key}_mtok", None) for key in SIDES}
        times = multiplier(prices, {key: _base(rate) for key, rate in rates.items() if rate is not None})
        start = getattr(variant.constraint, "start_date", None)
        if tier is not None and times is not None and (start is None or start <= day):
            prices.setdefault(f"{tier}_multiplier", times)
    steps = {key: getattr(getattr(price, f"{key}_mtok", None), "tiers", None) or [] for key in SIDES}
    above = [step.start for tiers in steps.values() for step in tiers]
    others = {key: [float(step.price) for step in tiers] for key, tiers in steps.items()}
    return {**prices, **long_context(prices, above, others)}
