"""What a reader must know before any figure: statements that disagree, and inputs without effect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from llmcost.analysis.ask.conflicts import Beyond, Conflict, Overruled, beyond, conflicts_behind, overruled
from llmcost.analysis.ask.reach import NoEffect, asked, without_effect
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario

APART: Final = 0.01
"""Two mixes that differ by more than this share are reported."""

SERVING_COST: Final = frozenset(
    (
        *("cost.inference", "cost.unallocated", "cost.total"),
        *("company.cogs", "company.gross_profit", "company.gross_margin"),
    )
)
"""A company's inputs that include the cost of serving."""
ACCOUNTS: Final = ("cost", "company", "breakeven")
"""Sections that depend on the lines of a company."""


class TwoMixes(NamedTuple):
    """A part whose price uses another mix than its own traffic.

    Attributes:
        part: its name, including `parts.`.
        workload: the output share of its workload, which is used.
        traffic: the output share of its traffic.
    """

    part: str
    workload: float
    traffic: float


class Caveats(NamedTuple):
    """What a reader must know before some figures of one scenario.

    Attributes:
        label: the scenario.
        conflicts: disagreements between its statements.
        overruled: varied inputs whose value would otherwise follow from others.
        no_effect: inputs that do not move the figures.
        mixes: parts whose traffic and workload have different mixes.
        left_out: parts whose cost is in none of the company's stated lines.
        beyond: stated quantities that are too small at some values of varied inputs.
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
        """Return the same, with the stated quantities that are too small at some points."""
        return self._replace(beyond=beyond(scenario, metrics, points))


def caveats(scenario: Scenario, metrics: Iterable[str] | None = None, varied: Iterable[str] = ()) -> Caveats:
    """Return the caveats of some metrics (all, without a list) of a scenario.

    `varied` are inputs that take other values, in addition to those that options override.
    """
    targets = None if metrics is None else tuple(metrics)
    moved = tuple(varied)
    gaps = without_effect(scenario.data, [*moved, *asked(scenario)], targets)
    idle = {gap.name for gap in gaps if not gap.partly}
    ruling = [name for name in moved if name not in idle]
    accounts = targets is None or any(name.partition(".")[0] in ACCOUNTS for name in targets)
    return Caveats(
        scenario.label,
        tuple(c for c in conflicts_behind(scenario, targets) if c.name not in ruling),
        overruled(scenario, ruling),
        tuple(gaps),
        tuple(_two_mixes(scenario)),
        tuple(_left_out(scenario)) if accounts else (),
    )


def _left_out(scenario: Scenario) -> Iterator[str]:
    """Yield the parts without accounts of their own, if a company has lines but none for serving."""
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
    """Return the output share that a section states, directly or as amounts of input and output."""
    stated, read, written = (
        scenario.data.get(f"{section}{name}")
        for name in ("output_share", f"input_{amount}", f"output_{amount}")
    )
    if stated is not None:
        return stated.value
    total = 0.0 if read is None or written is None else read.value + written.value
    return None if written is None or total <= 0 else written.value / total
