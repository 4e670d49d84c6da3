"""List prices over time, and where price catalogues differ."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from typing import Final

from llmcost.analysis.ask.load import library
from llmcost.errors import LlmcostError, each, missing_extra
from llmcost.records import NamedTuple
from llmcost.scenario.files.scenario_file import ScenarioFile
from llmcost.scenario.reference import Reference, parse_reference
from llmcost.scenario.values.datum import Datum

ALWAYS: Final = ("input_per_mtok", "cached_input_per_mtok", "cache_write_per_mtok", "output_per_mtok")
"""Prices that are compared even if the file does not state them."""
SAME: Final = 1e-5
"""Prices that differ by a smaller share are the same."""
SAYS: Final = re.compile(r"([\w-]+): ((?:\w+ (?:none|[\d.]*\d)(?:, )?)+)")
"""A catalogue's prices in a note: `model-prices: input_per_mtok 1.10, cached_input_per_mtok none`."""
UNLISTED: Final = "no catalogue lists it"
"""The note on a model that is in no catalogue."""


class Price(NamedTuple):
    """One price of a model from one day on; without a datum it has ended."""

    model: str
    name: str
    since: dt.date | None
    datum: Datum | None


class Prices(NamedTuple):
    """The result of `prices`.

    Attributes:
        prices: by model and by the name of the price, oldest first.
    """

    prices: tuple[Price, ...]


class Difference(NamedTuple):
    """A price in a catalogue that differs from one's own file.

    Attributes:
        model: the file's name.
        name: the quantity.
        day: the day of both prices; None if no catalogue has the model.
        own, other: the file's and the catalogue's price, in the quantity's unit; None if there is none.
        catalogue: its name and version.
        url: the catalogue's source.
        explained: whether a note in the file states the catalogue's price.
    """

    model: str
    name: str
    day: dt.date | None
    own: float | None
    other: float | None
    catalogue: str
    url: str | None
    explained: bool

    @property
    def saying(self) -> str:
        """The note that would explain it."""
        if self.day is None:
            return UNLISTED
        said = "none" if self.other is None else f"{self.other:.12f}".rstrip("0").rstrip(".")
        return f"{self.catalogue.partition(' ')[0]}: {self.name.partition('.')[2]} {said}"


class PriceCheck(NamedTuple):
    """The result of `prices check`.

    Attributes:
        checked: the models that a catalogue has.
        unlisted: the models that name no seller, and so cannot be looked up.
        differences: the prices that differ, explained or not.
    """

    checked: tuple[str, ...]
    unlisted: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        """Whether every difference is explained."""
        return all(difference.explained for difference in self.differences)


def prices(*models: str) -> Prices:
    """Return the history of list prices, from your own files first and then from price catalogues.

    Args:
        models: names, paths or `provider/model`; by default, every model. A date or variant, such as
            `gpt-4o@2024-09-01`, limits the prices to it.

    Raises:
        LlmcostError: for an unknown model, a model without a price, and a date before its first price.
    """
    if not models:
        return Prices(tuple(price for file in _files(()) for price in _history(file)))
    return Prices(tuple(price for stated in each(_stated, models) for price in stated))


def _stated(model: str) -> list[Price]:
    reference = parse_reference(model)
    file = library().file(reference.base)
    stated = _history(file) if reference == Reference(reference.base) else _settled(file, reference)
    if not stated:
        raise LlmcostError(f"{file.name} states no price.* quantity")
    return stated


def _history(file: ScenarioFile) -> list[Price]:
    return [
        Price(file.name, name, since, datum)
        for name, series in file.quantities.items()
        if name.startswith("price.")
        for since, datum in series.entries
    ]


def _settled(file: ScenarioFile, reference: Reference) -> list[Price]:
    scenario = library().settle(file, reference)
    return [
        Price(scenario.label, name, datum.since, datum)
        for name, datum in scenario.data.items()
        if name.startswith("price.")
    ]


def check_prices(*models: str) -> PriceCheck:
    """Compare the prices of your own models with what price catalogues list for the same day.

    A model is looked up by an alias such as `openai/gpt-5`. A difference is explained if a note in the file
    names the catalogue, the price and its value there; any other value is a new difference.

    Raises:
        LlmcostError: for an unknown model, and if the extra `prices` is not installed.
    """
    from llmcost.scenario.catalogues import installed

    if not installed():
        raise LlmcostError(missing_extra("prices", "'prices check'"))
    checked: list[str] = []
    unlisted: list[str] = []
    differences: list[Difference] = []
    for file in _files(models):
        named = [alias for alias in file.aliases if "/" in alias]
        if not named:
            if any(name.startswith("price.") for name in file.quantities):
                unlisted.append(file.name)
            continue
        checked.append(file.name)
        for alias in named:
            differences += _differences(file, *alias.split("/", 1))
    return PriceCheck(tuple(checked), tuple(unlisted), tuple(dict.fromkeys(differences)))


def _files(models: Sequence[str]) -> list[ScenarioFile]:
    shelf = library().fresh()
    if models:
        return [shelf.file(model) for model in models]
    return shelf.all_files("model")


def _differences(file: ScenarioFile, provider: str, model: str) -> Iterator[Difference]:
    from llmcost.scenario.catalogues import find

    said = _said(file)
    found = list(find(provider, model))
    if not found:
        told = UNLISTED in (file.note or "").casefold()
        yield Difference(file.name, "", None, None, None, f"{provider}/{model}", None, told)
    for one in found:
        for quote in one.quotes:
            for field in dict.fromkeys((*ALWAYS, *quote.prices)):
                name = f"price.{field}"
                series = file.quantities.get(name)
                if field not in ALWAYS and series is None:
                    continue
                datum = series.at(quote.since) if series is not None else None
                own = datum.value if isinstance(datum, Datum) else None
                other = quote.prices.get(field)
                if not _same(own, other):
                    stated = said.get((one.catalogue.partition(" ")[0], field), ())
                    told = any(_same(value, other) for value in stated)
                    yield Difference(file.name, name, quote.since, own, other, one.catalogue, quote.url, told)


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= SAME * max(abs(one), abs(other))


def _said(file: ScenarioFile) -> dict[tuple[str, str], list[float | None]]:
    """Return the catalogues' prices in the notes of a file, by catalogue and price."""
    data = (datum for series in file.quantities.values() for _, datum in series.entries)
    notes = [file.note, *(datum.note for datum in data if datum is not None)]
    found: dict[tuple[str, str], list[float | None]] = {}
    for catalogue, listed in SAYS.findall(" ".join(filter(None, notes))):
        for item in filter(None, listed.split(", ")):
            field, value = item.split()
            found.setdefault((catalogue, field), []).append(None if value == "none" else float(value))
    return found
