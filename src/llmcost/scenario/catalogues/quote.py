"""Price lists of a model in a catalogue, by the day from which they hold."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Final

from llmcost.records import NamedTuple

ALSO: Final[Mapping[str, str]] = {"xai": "x-ai", "x-ai": "xai"}
"""Sellers that the catalogues know by two names."""
SIDES: Final = ("input", "output")
"""Where tiers and long contexts have their own prices."""
Prices = Mapping[str, float]


class Quote(NamedTuple):
    """The prices of a model from one day on.

    Attributes:
        since: the day.
        prices: by field in `price.*`; a price that is not there has ended.
        evidence: how the day is known: documented, first observed, models.dev commit, undated.
        url: the page.
    """

    since: dt.date
    prices: Prices
    evidence: str
    url: str | None


class CatalogueModel(NamedTuple):
    """A model in a catalogue.

    Attributes:
        catalogue: its name and version.
        quotes: what it says, oldest first.
    """

    catalogue: str
    quotes: tuple[Quote, ...]


def found(package: str, quotes: Iterable[Quote]) -> CatalogueModel:
    """Return the entry of an installed catalogue for a model, with the version of the catalogue."""
    from importlib.metadata import version

    return CatalogueModel(f"{package} {version(package)}", tuple(sorted(quotes, key=lambda one: one.since)))


def named(model: str, names: Iterable[str]) -> str | None:
    """Return the name of a model, ignoring dashes, dots and capitals; or None."""
    return next((name for name in names if _bare(name) == _bare(model)), None)


def _bare(name: str) -> str:
    return re.sub(r"[-_.]", "", name).casefold()


def multiplier(prices: Prices, others: Mapping[str, float]) -> float | None:
    """Return the factor between other prices and these, the larger of input and output; None for no price."""
    times = [
        price / prices[f"{key}_per_mtok"] for key, price in others.items() if prices.get(f"{key}_per_mtok")
    ]
    return round(max(times), 6) if times else None


def long_context(prices: Prices, above: Iterable[float], others: Mapping[str, Iterable[float]]) -> Prices:
    """Return the lowest threshold of long context, with the highest of the prices above any threshold."""
    thresholds = list(above)
    times = {
        key: multiplier(prices, {key: max((prices.get(f"{key}_per_mtok", 0.0), *dearer))})
        for key, dearer in others.items()
    }
    if not thresholds or None in times.values():
        return {}
    found = {f"long_context_{key}_multiplier": value for key, value in times.items() if value is not None}
    return {"long_context_above": float(min(thresholds)), **found}
