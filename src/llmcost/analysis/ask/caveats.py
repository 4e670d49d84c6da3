"""What a reader must know before any figure: statements that disagree, and inputs without effect."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from llmcost.analysis.ask.conflicts import Conflict, Overruled, conflicts_behind, overruled
from llmcost.analysis.ask.reach import NoEffect, asked, without_effect
from llmcost.scenario.settled import Scenario


class Caveats(NamedTuple):
    """What some figures of one scenario rest on.

    Attributes:
        label: the scenario.
        conflicts: the disagreements among what it states.
        overruled: what would follow for inputs that are varied.
        no_effect: inputs that do not move the figures.
    """

    label: str
    conflicts: tuple[Conflict, ...] = ()
    overruled: tuple[Overruled, ...] = ()
    no_effect: tuple[NoEffect, ...] = ()


def caveats(scenario: Scenario, metrics: Iterable[str] | None = None, varied: Iterable[str] = ()) -> Caveats:
    """Return what is to be said before some metrics (all, without a list) of a scenario.

    `varied` are inputs that are put elsewhere, beside those that options have overridden.
    """
    targets = None if metrics is None else tuple(metrics)
    moved = tuple(varied)
    gaps = without_effect(scenario.data, [*moved, *asked(scenario)], targets)
    idle = {gap.name for gap in gaps if not gap.partly}
    ruling = [name for name in moved if name not in idle]
    return Caveats(
        scenario.label,
        tuple(c for c in conflicts_behind(scenario, targets) if c.name not in ruling),
        overruled(scenario, ruling),
        tuple(gaps),
    )
