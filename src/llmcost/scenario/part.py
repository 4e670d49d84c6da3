"""A part of a scenario: another scenario with values of its own, and how much of the whole it is."""

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
"""The share of a part that takes what the others leave."""


class Part(NamedTuple):
    """A part as it is written.

    Attributes:
        place: where its name stands.
        scenario: what it is a part of that kind of.
        share: its share of the whole in a mix; `REST` for what the others leave.
        cost: what it is known to cost in a month, a bill that came, say.
        workload: the mix of its tokens.
        links: the scenarios that fill what it does not state itself, by key of the header.
        set: what is put in place of the scenario's own values, one after the other.
        gone: whether a variant takes the part away.
    """

    place: Place
    scenario: Link | None = None
    share: Series | str | None = None
    cost: Series | None = None
    workload: Link | None = None
    links: Map[str, Link] = MappingProxyType({})
    set: Map[str, tuple[Override, ...]] = MappingProxyType({})
    note: str | None = None
    gone: bool = False

    def over(self, other: Part | None) -> Part:
        """Return it with what it leaves unsaid taken from another.

        Where another scenario stands in, what is set is still the other part's; what came as a bill is not.
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
            note=self.note or other.note,
        )


def _on(before: tuple[Override, ...], put: tuple[Override, ...]) -> tuple[Override, ...]:
    """Return what is set on top of what was set before: a change changes that, a value replaces it."""
    return (*before, *put) if put[0].change is not None else put


Parts = Map[str, Part]


def merged(parts: Parts, others: Parts) -> dict[str, Part]:
    """Return parts with what they leave unsaid taken from others of their names, those others in front."""
    found = dict(others)
    for name, part in parts.items():
        found[name] = part.over(others.get(name))
    return {name: part for name, part in found.items() if not part.gone}
