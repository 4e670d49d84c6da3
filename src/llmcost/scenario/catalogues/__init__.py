"""Price catalogues of other projects, one adapter each: `provider/model` as a scenario with a price history.

The extra `prices` installs two: model-prices, which has dates, and genai-prices, which has more sellers. They
are imported only when a name needs them. A price holds from the first day that a catalogue gives for it,
never earlier; one without a date holds from the newest day of the catalogue.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Final

from llmcost.engine.registry import Basis
from llmcost.errors import LlmcostError, Problem, missing_extra
from llmcost.scenario.catalogues import genai_prices, model_prices
from llmcost.scenario.catalogues.quote import CatalogueModel, Quote
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.values.datum import Datum, Provenance, Series

ADAPTERS: Final = (model_prices, genai_prices)
"""One module a catalogue, the dated one first."""
SELLERS: Final = frozenset(
    (
        *("alibaba", "anthropic", "aws", "azure", "cerebras", "cohere", "deepseek", "fireworks", "google"),
        *("groq", "meta", "minimax", "mistral", "moonshotai", "novita", "openai", "openrouter", "perplexity"),
        *("together", "x-ai", "xai", "zai"),
    )
)
"""Sellers whose names show that a reference means a catalogue, even if none is installed."""


def look_up(reference: str) -> ScenarioFile | None:
    """Return the scenario of `provider/model`; None for other names, and for unknown sellers.

    Raises:
        LlmcostError: if the seller is known and the model is not, with the nearest names; and if the extra is
            not installed, with the command to install it.
    """
    named = re.fullmatch(r"([a-z][a-z0-9-]*)/([\w.:/-]+)", reference, re.IGNORECASE)
    if named is None or reference.endswith((".yaml", ".yml")):
        return None
    provider, model = named[1].lower(), named[2]
    if not installed():
        if provider in SELLERS:
            raise LlmcostError(missing_extra("prices", f"a price of {reference}"))
        return None
    found = next(find(provider, model), None)
    if found is not None:
        return _scenario(f"{provider}/{model}", found)
    names = models_of(provider)
    if not names:
        return None
    raise LlmcostError(Problem(f"no price catalogue has {reference}{nearest(model, names)}"))


def find(provider: str, model: str) -> Iterator[CatalogueModel]:
    """Yield the entry of each catalogue for a model, the dated one first."""
    for adapter in ADAPTERS:
        found = adapter.find(provider, model)
        if found is not None and found.quotes:
            yield found


def installed() -> bool:
    """Whether any catalogue is installed."""
    return any(adapter.data() is not None for adapter in ADAPTERS)


def models_of(provider: str) -> list[str]:
    """Return the catalogues' names for the models of a seller."""
    return sorted({name for adapter in ADAPTERS for name in adapter.models_of(provider)})


def nearest(model: str, names: list[str]) -> str:
    """Suggest the nearest model of the same family and version; else list some of the family or seller."""
    words = _words(model)

    def likeness(name: str) -> tuple[int, float, float]:
        alike = SequenceMatcher(None, _last(name), _last(model)).ratio()
        near = -abs(_number(name) - _number(model)) if _version(model) else _number(name)
        return len(set(words) & set(_words(name))), near, alike

    kin = [name for name in names if words and _words(name)[:1] == words[:1]]
    kin.sort(key=likeness, reverse=True)
    same = [name for name in kin if _version(name) == _version(model)]
    if same:
        return f"; did you mean {', '.join(same[:3])}?"
    if kin:
        return f"; of that family it has {', '.join(kin[:4])}"
    more = f" and {len(names) - 4} more" if len(names) > 4 else ""
    return f"; that seller's models there are {', '.join(names[:4])}{more}"


def _last(name: str) -> str:
    return name.casefold().rpartition("/")[2]


def _words(name: str) -> list[str]:
    return re.findall(r"[a-z]+", _last(name))


def _number(name: str) -> float:
    """Return the version of a name as a number; a size such as 70b is none."""
    return float(".".join(_version(re.sub(r"\d+b\b", "", _last(name)))[:2]) or 0)


def _version(name: str) -> list[str]:
    """Return the numbers of a name, without the date of a release."""
    return [number for number in re.findall(r"\d+", _last(name)) if len(number) < len("250101")]


def _scenario(reference: str, found: CatalogueModel) -> ScenarioFile:
    """Return the entry of a catalogue as a scenario file, each price with source, evidence and URL."""
    where = f"{found.catalogue}: {reference}"
    series: dict[str, Series] = {}
    fields = dict.fromkeys(field for quote in found.quotes for field in quote.prices)
    for field in fields:
        entries: list[tuple[dt.date | None, Datum | None]] = []
        last: float | None = None
        for quote in found.quotes:
            value = quote.prices.get(field)
            if value == last:
                continue
            last = value
            entries.append((quote.since, None if value is None else _datum(value, quote, found)))
        series[f"price.{field}"] = Series(tuple(entries))
    title = f"{reference}, from {found.catalogue}"
    return ScenarioFile(reference, where, title=title, kind="model", quantities=series)


def _datum(value: float, quote: Quote, found: CatalogueModel) -> Datum:
    basis: Basis = "disclosed" if quote.evidence == "documented" else "reported"
    source = f"{found.catalogue}, {quote.evidence}"
    return Datum(value, provenance=Provenance(basis, source, quote.url, since=quote.since))
