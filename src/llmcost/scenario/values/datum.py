"""Stated numbers, with everything known about them, and their history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final, Literal, get_args

from llmcost.engine.registry import BASES, Basis
from llmcost.errors import Place
from llmcost.records import NamedTuple

Distribution = Literal["lognormal", "normal", "uniform", "triangular", "pert", "fixed"]
DISTRIBUTIONS: Final[tuple[Distribution, ...]] = get_args(Distribution)


class Provenance(NamedTuple):
    """The source of a value, and the place where it was written.

    Attributes:
        basis: how firm it is.
        source, url: where it comes from.
        as_of: the date that it refers to, as written.
        note: what to know about it.
        since: the date from which it is in force, for a dated value.
        place: where it was written.
        owner: the scenario that it was filled in from, if any: `architecture llama-3.3-70b`.
    """

    basis: Basis = "stated"
    source: str | None = None
    url: str | None = None
    as_of: str | None = None
    note: str | None = None
    since: dt.date | None = None
    place: Place = Place()
    owner: str | None = None


class Datum(NamedTuple):
    """One stated number.

    Attributes:
        value: the number in the unit of its quantity; for a range, its centre.
        low, high: the ends of its 90% interval, if it is a range.
        dist: the distribution over that range, if one is stated.
        text: how it was written, if that is arithmetic, a range, or in another unit.
        converted: whether it was written in another unit than the quantity's.
        foreign: the currency it is in or was in, if that is not USD.
        provenance: who says so, and where it was written.
    """

    value: float
    low: float | None = None
    high: float | None = None
    dist: Distribution | None = None
    text: str | None = None
    converted: bool = False
    foreign: Foreign | None = None
    provenance: Provenance = Provenance()

    def drawn_as(self, dist: Distribution | None) -> Datum:
        """Return the datum with a distribution; its value becomes the mean of the ends, unless lognormal."""
        if self.low is None or self.high is None or dist in (None, "lognormal", "fixed"):
            return self._replace(dist=dist)
        return self._replace(value=(self.low + self.high) / 2, dist=dist)

    @property
    def ends(self) -> tuple[float, float] | None:
        """The ends of its range, if it is one."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    @property
    def is_uncertain(self) -> bool:
        """Whether it is a range that may be drawn from."""
        return self.low is not None and self.dist != "fixed"

    @property
    def basis(self) -> Basis:
        """How firm it is."""
        return self.provenance.basis

    @property
    def source(self) -> str | None:
        """Where it comes from."""
        return self.provenance.source

    @property
    def url(self) -> str | None:
        """Where to read it."""
        return self.provenance.url

    @property
    def as_of(self) -> str | None:
        """The date that it is about, as it was written."""
        return self.provenance.as_of

    @property
    def note(self) -> str | None:
        """What to know about it."""
        return self.provenance.note

    @property
    def since(self) -> dt.date | None:
        """The date from which it is in force, for a dated value."""
        return self.provenance.since

    @property
    def place(self) -> Place:
        """Where it was written."""
        return self.provenance.place

    def credited(self, source: str, basis: Basis | None = None, owner: str | None = None) -> Datum:
        """Return a copy with another source and owner, and another basis if one is given."""
        said = self.provenance
        return self._replace(provenance=said._replace(source=source, basis=basis or said.basis, owner=owner))

    def changed(self, kind: Literal["scale", "add"], amount: float) -> Datum:
        """Return a copy with its value and range multiplied, or added to."""

        def by(end: float) -> float:
            return end * amount if kind == "scale" else end + amount

        low, high = (None if end is None else by(end) for end in (self.low, self.high))
        return self._replace(value=by(self.value), low=low, high=high, text=None, converted=False)

    def in_dollars(self, rates: Series, day: dt.date | None) -> Datum | str:
        """Return it in USD at the rate of a day (None for the newest), or the reason why there is no rate."""
        assert self.foreign is not None
        rate = rates.at(day)
        if isinstance(rate, str):
            return f"the rate of {self.foreign.currency} has {rate}"
        weak = rate.basis in ("estimated", "assumed")
        basis = max(self.basis, rate.basis, key=BASES.index) if weak else self.basis
        return self.changed("scale", rate.value)._replace(
            text=self.text,
            converted=True,
            foreign=self.foreign._replace(rate=rate),
            provenance=self.provenance._replace(basis=basis),
        )


class Foreign(NamedTuple):
    """A currency other than USD.

    Attributes:
        currency: its code.
        rates: USD for one of it, by date; None if those of the scenario apply.
        rate: the rate at which the number was converted; None if it is still in this currency.
    """

    currency: str
    rates: Series | None = None
    rate: Datum | None = None


class Series(NamedTuple):
    """A quantity's values by the date from which each is in force, oldest first.

    An undated value is one entry with date None. A datum of None ends the value before.
    """

    entries: tuple[tuple[dt.date | None, Datum | None], ...]

    @property
    def is_ranged(self) -> bool:
        """Whether any of the values is a range that may be drawn from."""
        return any(datum is not None and datum.is_uncertain for _, datum in self.entries)

    @property
    def first_date(self) -> dt.date | None:
        """The date of the oldest entry; None if the values are not dated."""
        return self.entries[0][0]

    def at(self, day: dt.date | None) -> Datum | str:
        """Return the datum in force on a day (None for the newest), or the reason why there is none."""
        if (
            len(self.entries) == 1
            and (only := self.entries[0])[0] is None
            and only[1]
            and not only[1].foreign
        ):
            return only[1]
        found: Datum | None = None
        since: dt.date | None = None
        for start, datum in self.entries:
            if start is None or day is None or start <= day:
                since, found = start, datum
        first = self.first_date
        if day is not None and first is not None and day < first:
            return f"no value before {first}"
        if found is not None and found.foreign and found.foreign.rates:
            return found.in_dollars(found.foreign.rates, day)
        if found is not None:
            return found
        return "set to null" if since is None else f"ended on {since}"

    def in_force(self, day: dt.date | None) -> Datum | None:
        """Return the datum in force on a day, if there is one."""
        found = self.at(day)
        return found if isinstance(found, Datum) else None


Exchange = Mapping[str, Series]
"""USD for one of each currency, by its code."""


def newest_rates(exchange: Exchange) -> dict[str, float]:
    """Return the newest rate of each currency."""
    newest = ((code, series.in_force(None)) for code, series in exchange.items())
    return {code: rate.value for code, rate in newest if rate is not None}
