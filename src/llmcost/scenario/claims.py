"""A claims ledger: what somebody said, and what the sentence may mean.

    llmcost: 1
    kind: claims
    facts:
      rent: {value: 60B, unit: USD/year, basis: reported, source: "The Journal, September 2025"}
    claims:
      r1-30-times-cheaper:
        statement: "DeepSeek-R1 is 30 times cheaper to run than o1."
        claimed: about 30
        compare: [o1, deepseek-r1]
        readings:
          the price of output: {metric: price.output_per_mtok}

The keys that say how to compute a number (`scenario` or `compare`, `metric`, `as`, `unit`, `workload`, `set`,
`ranges`, `claimed`, `within`) may be at the claim, at a reading, or at one of the numbers under a
reading's `all`; the innermost wins.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from llmcost.engine.registry import Quantity
from llmcost.errors import Place
from llmcost.records import NamedTuple
from llmcost.scenario.override import Override
from llmcost.scenario.reference import Link
from llmcost.scenario.values.claimed_range import Claimed
from llmcost.scenario.values.datum import Datum
from llmcost.scenario.values.expression import Expression

Verdict = Literal["holds", "holds only if", "does not hold", "undecided", "quotes its source"]
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
How = Literal["value", "ratio", "saving", "difference"]
COMPARED: Final[tuple[How, ...]] = ("ratio", "saving", "difference")
"""How to compare [a, b]: a ÷ b, 1 − b ÷ a, or a − b."""


class Fact(NamedTuple):
    """A number that belongs to no scenario: its name and unit, and the number with its source."""

    quantity: Quantity
    datum: Datum


Facts = Mapping[str, Fact]


class AskedNumber(NamedTuple):
    """One number of a reading: how to compute it, and what is claimed.

    Attributes:
        sources: the scenario, or the two that are compared; none if only facts are used.
        metrics: what to compute for each of them.
        how: how to compare them; `value` for a single scenario.
        unit: the unit of the result.
        claimed: what is claimed.
        workload: the workload to price, if one is named.
        set: overrides, as for `--set`.
        draws: whether the ranges of the inputs are drawn from.
        facts: the facts that the metrics use.
        place: where the metric was written.
    """

    sources: tuple[Link, ...]
    metrics: tuple[Expression, ...]
    how: How
    unit: str
    claimed: Claimed
    workload: Link | None
    set: tuple[Override, ...]
    draws: bool
    facts: Facts
    place: Place


class Belief(NamedTuple):
    """An input whose value might have to be different for the claim to hold.

    Attributes:
        scenario: the scenario it belongs to, if there are two.
        input: its name, or that of a fact.
        between: where to search, if not around today's value.
        place: where it was written.
    """

    scenario: str | None
    input: str
    between: tuple[float, float] | None
    place: Place


class TurnsOn(NamedTuple):
    """The input that decides a reading, and what is known about it.

    Attributes:
        belief: which input, and where to search.
        estimates: published estimates of it, as facts.
        varies: among whom it differs, if its range is not uncertainty about one number: "buyers".
    """

    belief: Belief
    estimates: tuple[Fact, ...]
    varies: str | None


class Reading(NamedTuple):
    """One meaning of a claim; it holds if all its numbers do.

    Attributes:
        name: its name.
        note: what to know about it.
        asked: its numbers.
        beliefs: inputs that might have to be different.
        turns_on: the input that decides it, if a threshold is reported.
        quotes: whose number it only repeats, if so.
    """

    name: str
    note: str | None
    asked: tuple[AskedNumber, ...]
    beliefs: tuple[Belief, ...]
    turns_on: TurnsOn | None = None
    quotes: str | None = None


class Claim(NamedTuple):
    """What was said, by whom, and every reading of it."""

    id: str
    statement: str
    who: str | None
    when: str | None
    source: str | None
    url: str | None
    note: str | None
    readings: tuple[Reading, ...]
    expected: Verdict | None
    place: Place


class Ledger(NamedTuple):
    """One file of claims."""

    where: str
    title: str | None
    note: str | None
    claims: tuple[Claim, ...]
