"""What a reader must know before any figure: statements that disagree, and inputs without effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from llmcost.analysis.ask.conflicts import Beyond, Conflict, Overruled, beyond, conflicts_behind, overruled
from llmcost.analysis.ask.reach import NoEffect, asked, without_effect
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario

APART: Final = 0.01
"""How far two mixes may be apart before it is said, as a share."""


SERVING_COST: Final = frozenset(
    (
        *("cost.inference", "cost.unallocated", "cost.total"),
        *("company.cogs", "company.gross_profit", "company.gross_margin"),
    )
)
"""What a company states that holds the cost of serving."""
ACCOUNTS: Final = ("cost", "company", "breakeven")
"""Sections that rest on the lines of a company."""


class TwoMixes(NamedTuple):
    """A part that is priced on another mix than that of its own traffic.

    Attributes:
        part: its name, `parts.` included.
        workload: the output share of its workload, which rules.
        traffic: that of the traffic it states.
    """

    part: str
    workload: float
    traffic: float


class Caveats(NamedTuple):
    """What some figures of one scenario rest on.

    Attributes:
        label: the scenario.
        conflicts: the disagreements among what it states.
        overruled: what would follow for inputs that are varied.
        no_effect: inputs that do not move the figures.
        mixes: parts whose traffic and workload have different mixes.
        left_out: parts whose cost is in none of the lines that a company states.
        beyond: what is too little for some of the places to which inputs are put.
    """

    label: str
    conflicts: tuple[Conflict, ...] = ()
    overruled: tuple[Overruled, ...] = ()
    no_effect: tuple[NoEffect, ...] = ()
    mixes: tuple[TwoMixes, ...] = ()
    left_out: tuple[str, ...] = ()
    beyond: tuple[Beyond, ...] = ()

    def at(
        self, scenario: Scenario, metrics: Iterable[str], points: Iterable[Mapping[str, float]]
    ) -> Caveats:
        """Return the same, with what is too little where inputs are put to some points."""
        return self._replace(beyond=beyond(scenario, metrics, points))


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
        tuple(_two_mixes(scenario)),
        tuple(_left_out(scenario)) if targets is None or _are_accounts(targets) else (),
    )


def _are_accounts(metrics: Iterable[str]) -> bool:
    return any(name.partition(".")[0] in ACCOUNTS for name in metrics)


def _left_out(scenario: Scenario) -> Iterator[str]:
    """Yield the parts without accounts of their own, where a company has lines and none for serving."""
    lined = any(name.startswith("cost.") and name != "cost.noncash" for name in scenario.data)
    if scenario.kind == "company" and lined and SERVING_COST.isdisjoint(scenario.data):
        own = {prefix: (f"{prefix}cost.", f"{prefix}company.") for prefix in scenario.of}
        for prefix, accounts in own.items():
            if not any(name.startswith(accounts) for name in scenario.data):
                yield prefix[:-1]


def _two_mixes(scenario: Scenario) -> Iterator[TwoMixes]:
    for prefix in scenario.of:
        workload = _output_share(scenario, f"{prefix}workload.", "tokens_per_request")
        own = _output_share(scenario, f"{prefix}traffic.", "tokens_per_day")
        if workload is not None and own is not None and abs(workload - own) > APART * max(workload, own):
            yield TwoMixes(prefix[:-1], workload, own)


def _output_share(scenario: Scenario, section: str, amount: str) -> float | None:
    """Return the output share that a section states, by itself or as amounts of input and output."""
    stated, read, written = (
        scenario.data.get(f"{section}{name}")
        for name in ("output_share", f"input_{amount}", f"output_{amount}")
    )
    if stated is not None:
        return stated.value
    total = 0.0 if read is None or written is None else read.value + written.value
    return None if written is None or total <= 0 else written.value / total
