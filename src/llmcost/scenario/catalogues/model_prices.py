"""The adapter for model-prices: a compiled history, with modes and hours of the day."""

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

TIER_NAMES: Final = {"batch": "batch", "flex": "flex", "fast": "priority", "priority": "priority"}
"""Tiers, by the modes of the catalogue."""


@cache
def data() -> Any:
    """Return the data of model-prices; None if it is not installed."""
    try:
        from importlib.resources import files

        text = (files("model_prices") / "snapshot.json").read_bytes()
    except (ModuleNotFoundError, FileNotFoundError):
        return None
    import json

    return json.loads(text)


def models_of(provider: str) -> Mapping[str, Any]:
    """Return the models of a seller, with the intervals in which each mode has a price."""
    prices = (data() or {"prices": {}})["prices"]
    found: Mapping[str, Any] = prices.get(provider) or prices.get(ALSO.get(provider), {})
    return found


def find(provider: str, model: str) -> CatalogueModel | None:
    """Return what is known about a model, or None."""
    known = models_of(provider)
    name = named(model, known)
    if name is None:
        return None
    modes = {mode: _timeline(intervals) for mode, intervals in known[name].items()}
    hours = [item for item in data()["schedules"]["schedule"] if item["provider"] == provider]
    first = modes["standard"][0][0] if modes.get("standard") else None
    if first is None:
        return None
    moments = {moment for line in modes.values() for moment, _ in line}
    moments |= {_moment(item[key]) for item in hours for key in ("valid_from", "valid_until") if key in item}
    quotes: dict[dt.date, Quote] = {}
    for moment in sorted(moment for moment in moments if moment >= first):
        rates = _at(modes["standard"], moment)
        if rates is None:
            quotes[moment.date()] = Quote(moment.date(), {}, "ended", None)
            continue
        others = {TIER_NAMES[mode]: _at(line, moment) for mode, line in modes.items() if mode in TIER_NAMES}
        thinking = _at(modes["thinking"], moment) if "thinking" in modes else None
        prices = _fields(rates, others, thinking)
        prices = _by_the_hour(prices, name, moment, hours)
        quotes[moment.date()] = Quote(moment.date(), prices, rates["valid_from_basis"], rates["source"])
    return found("model-prices", quotes.values())


def _moment(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


Line = list[tuple[dt.datetime, Any]]


def _timeline(intervals: list[dict[str, Any]]) -> Line:
    """Return rates by the moment from which they hold; one without a start holds from its own date."""
    found = []
    for interval in intervals:
        rates, start = interval["rates"], interval["start"]
        begins = _moment(start) if start else None
        if rates is not None:
            dated = _moment(rates["valid_from"])
            begins = dated if begins is None or begins < dated else begins
        if begins is not None:
            found.append((begins, rates))
    return found


def _at(line: Line, moment: dt.datetime) -> Any:
    return next((rates for begins, rates in reversed(line) if begins <= moment), None)


def _fields(rates: Any, others: Mapping[str, Any], thinking: Any) -> dict[str, float]:
    """Return the fields of a price list; if a tier differs for input and output, the higher factor counts."""
    prices = {"input_per_mtok": rates["input"], "output_per_mtok": rates["output"]}
    for field, key in (("cached_input_per_mtok", "cache_read"), ("cache_write_per_mtok", "cache_write")):
        # The catalogue writes 0 for no such price, even for models without a cache.
        if rates.get(key):
            prices[field] = rates[key]
    if rates.get("cache_write") and rates.get("cache_write_1h_multiple"):
        prices["cache_write_1h_per_mtok"] = rates["input"] * rates["cache_write_1h_multiple"]
    for tier, other in others.items():
        times = None if other is None else multiplier(prices, {key: other[key] for key in SIDES})
        prices |= {} if times is None else {f"{tier}_multiplier": times}
    if thinking is not None and thinking["output"] != rates["output"]:
        prices["reasoning_per_mtok"] = thinking["output"]
    tiers = rates.get("tiers") or []
    others = {key: [tier[key] for tier in tiers if tier.get(key)] for key in SIDES}
    return {**prices, **long_context(prices, (tier["above"] for tier in tiers), others)}


def _by_the_hour(
    prices: dict[str, float], name: str, moment: dt.datetime, hours: list[dict[str, Any]]
) -> dict[str, float]:
    """Return peak prices, with the multiplier of off-peak hours if the seller has them at that time."""
    for item in hours:
        ends = _moment(item["valid_until"]) if "valid_until" in item else None
        if _moment(item["valid_from"]) > moment or (ends is not None and moment >= ends):
            continue
        if "peak_multiplier" in item:
            peak = item["peak_multiplier"]
            raised = {f: v * peak if f.endswith("_per_mtok") else v for f, v in prices.items()}
            return {**raised, "off_peak_multiplier": 1 / peak}
        if name in item.get("off_peak_multiplier", {}):
            return {**prices, "off_peak_multiplier": item["off_peak_multiplier"][name]}
    return prices
