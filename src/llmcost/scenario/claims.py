"""A claims ledger: what somebody said, and the ways in which the sentence can be meant.

    llmcost: 1
    kind: claims
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

from typing import Final, Literal, NamedTuple, get_args

from llmcost.errors import Place
from llmcost.scenario.override import Override
from llmcost.scenario.reference import Link
from llmcost.scenario.values.claimed_range import Claimed
from llmcost.scenario.values.expression import Expression

Verdict = Literal["holds", "holds only if", "does not hold", "undecided"]
VERDICTS: Final[tuple[Verdict, ...]] = get_args(Verdict)
How = Literal["value", "ratio", "saving", "difference"]
COMPARED: Final[tuple[How, ...]] = ("ratio", "saving", "difference")
"""What a comparison [a, b] amounts to: a ÷ b, 1 − b ÷ a, or a − b."""


class Part(NamedTuple):
    """One number of a reading: what it is, of which scenario or two, and what is claimed of it.

    Attributes:
        sources: the scenario, or the two that are compared.
        metrics: what is worked out of each of them.
        how: what is made of it; `value` where there is one scenario.
        unit: the unit of the result.
        claimed: what is claimed.
        workload: the mix that is priced, where one is named.
        set: overrides, as for `--set`.
        draws: whether the ranges of the inputs are drawn from.
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
    place: Place


class Belief(NamedTuple):
    """An input that one may have to believe otherwise.

    Attributes:
        scenario: whose it is, where a comparison has two.
        input: its name.
        between: where to search, if anywhere else than around today's value.
        place: where it was written.
    """

    scenario: str | None
    input: str
    between: tuple[float, float] | None
    place: Place


class Reading(NamedTuple):
    """One way to mean a claim; it holds where all its parts do."""

    name: str
    note: str | None
    parts: tuple[Part, ...]
    beliefs: tuple[Belief, ...]


class Claim(NamedTuple):
    """What was said, by whom, and every way in which it can be meant."""

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
