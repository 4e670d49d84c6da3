"""A part of a scenario: another scenario with its own overrides, and its share of the whole."""

from __future__ import annotations

from collections.abc import Mapping as Map
from types import MappingProxyType
from typing import Final

from llmcost.errors import Place
from llmcost.records import NamedTuple
from llmcost.scenario.override import Override
from llmcost.scenario.reference import Link
from llmcost.scenario.values.datum import Series

REST: Final = "rest"
"""The share of a part that gets what the others leave."""


class Part(NamedTuple):
    """A part as written.

    Attributes:
        place: the place of its name.
        scenario: the scenario that it is.
        share: its share of the whole in a mix; `REST` for what the others leave.
        cost: its known cost in a month, such as a bill.
        workload: the mix of its tokens.
        links: the scenarios that fill its gaps, by header key.
        set: overrides of the scenario's values, in order.
        gone: whether a variant removes the part.
    """

    place: Place
    scenario: Link | None = None
    share: Series | str | None = None
    cost: Series | None = None
    workload: Link | None = None
    links: Map[str, Link] = MappingProxyType({})
    set: Map[str, tuple[Override, ...]] = MappingProxyType({})
    gone: bool = False

    def over(self, other: Part | None) -> Part:
        """Return the part with its gaps filled from another.

        If it names a new scenario, overrides still apply, but a known cost does not.
        """
        if other is None or other.gone or self.gone:
            return self
        return Part(
            place=self.place,
            scenario=self.scenario or other.scenario,
            share=self.share if self.share is not None else other.share,
            cost=self.cost if self.cost is not None or self.scenario else other.cost,
            workload=self.workload or other.workload,
            links={**other.links, **self.links},
            set={**other.set, **{name: _on(other.set.get(name, ()), put) for name, put in self.set.items()}},
        )


def _on(before: tuple[Override, ...], put: tuple[Override, ...]) -> tuple[Override, ...]:
    """Return overrides on top of earlier ones: a relative change is added, a value replaces them."""
    return (*before, *put) if put[0].change is not None else put


Parts = Map[str, Part]


def merged(parts: Parts, others: Parts) -> dict[str, Part]:
    """Return parts with gaps filled from others of the same name; the others come first."""
    found = dict(others)
    for name, part in parts.items():
        found[name] = part.over(others.get(name))
    return {name: part for name, part in found.items() if not part.gone}
