"""What a price catalogue says of a model: a price list by the day from which it holds."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from typing import Final

from llmcost.records import NamedTuple

ALSO: Final[Mapping[str, str]] = {"xai": "x-ai", "x-ai": "xai"}
"""Sellers whom the catalogues know by two names."""
SIDES: Final = ("input", "output")
"""What a tier or a long context has a price of its own for."""
Prices = Mapping[str, float]


class Quote(NamedTuple):
    """What a catalogue says of one day on.

    Attributes:
        since: the day.
        prices: what is known from then on, by its field in `price.*`; what is not there has ended.
        evidence: how the day is known: documented, first observed, models.dev commit, undated.
        url: where it stands.
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
    """Return what an installed catalogue says of a model, in its version."""
    from importlib.metadata import version

    return CatalogueModel(
        f"{package} {version(package)}", tuple(sorted(quotes, key=lambda quote: quote.since))
    )


def named(model: str, names: Iterable[str]) -> str | None:
    """Return the name of a model that differs in dashes, dots and capitals alone."""
    return next((name for name in names if _bare(name) == _bare(model)), None)


def _bare(name: str) -> str:
    return re.sub(r"[-_.]", "", name).casefold()


def multiplier(prices: Prices, others: Mapping[str, float]) -> float | None:
    """Return how many times as dear others are, by `input` and `output`: the dearer; None for no price."""
    times = [
        price / prices[f"{key}_per_mtok"] for key, price in others.items() if prices.get(f"{key}_per_mtok")
    ]
    return round(max(times), 6) if times else None


def long_context(prices: Prices, above: Iterable[float], others: Mapping[str, Iterable[float]]) -> Prices:
    """Return the first threshold of long context, with the dearest of the prices that lie above any."""
    thresholds = list(above)
    times = {
        key: multiplier(prices, {key: max((prices.get(f"{key}_per_mtok", 0.0), *dearer))})
        for key, dearer in others.items()
    }
    if not thresholds or None in times.values():
        return {}
    found = {f"long_context_{key}_multiplier": value for key, value in times.items() if value is not None}
    return {"long_context_above": float(min(thresholds)), **found}
