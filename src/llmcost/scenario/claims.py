"""A claims ledger: what somebody said, and the ways in which the sentence can be meant.

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

Whatever says how a number is worked out (`scenario` or `compare`, `metric`, `as`, `unit`, `workload`, `set`,
`ranges`, `claimed`, `within`) may stand at the claim, at a reading, or at one of the numbers under a
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
"""What a comparison [a, b] amounts to: a ÷ b, 1 − b ÷ a, or a − b."""


class Fact(NamedTuple):
    """A number that belongs to no scenario: its name and unit, and the number with its source."""

    quantity: Quantity
    datum: Datum


Facts = Mapping[str, Fact]


class AskedNumber(NamedTuple):
    """One number of a reading: what it is, of which scenario or two, and what is claimed of it.

    Attributes:
        sources: the scenario, or the two that are compared; none where it is made of facts alone.
        metrics: what is worked out of each of them.
        how: what is made of it; `value` where there is one scenario.
        unit: the unit of the result.
        claimed: what is claimed.
        workload: the mix that is priced, where one is named.
        set: overrides, as for `--set`.
        draws: whether the ranges of the inputs are drawn from.
        facts: the ledger's facts that are in the metrics.
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
    """An input that one may have to believe otherwise.

    Attributes:
        scenario: whose it is, where a comparison has two.
        input: its name, or that of a fact.
        between: where to search, if anywhere else than around today's value.
        place: where it was written.
    """

    scenario: str | None
    input: str
    between: tuple[float, float] | None
    place: Place


class TurnsOn(NamedTuple):
    """The input on which a reading turns, and what is known of it.

    Attributes:
        belief: which input, and where to search.
        estimates: what has been published of it, as facts.
        varies: among whom it differs, where its range is no doubt about one number: "buyers".
    """

    belief: Belief
    estimates: tuple[Fact, ...]
    varies: str | None


class Reading(NamedTuple):
    """One way to mean a claim; it holds where all its numbers do.

    Attributes:
        name: what it is called.
        note: what to know about it.
        asked: its numbers.
        beliefs: inputs that one may have to believe otherwise.
        turns_on: the input on which it turns, where it is told as a threshold.
        quotes: whose number it repeats, where nothing else is held against it.
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
