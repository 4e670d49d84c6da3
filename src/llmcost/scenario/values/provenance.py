"""The source of a value, and the place where it was written."""

from __future__ import annotations

import datetime as dt

from llmcost.engine.registry import Basis
from llmcost.errors import Place
from llmcost.records import NamedTuple


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
