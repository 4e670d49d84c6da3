"""The results of claims: the computed readings, the verdict on each claim, and what it rests on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.evaluation import datum_of
from llmcost.analysis.claims.believe import Believed
from llmcost.analysis.claims.reading import Direction, Figure, Term
from llmcost.analysis.claims.threshold import Threshold
from llmcost.analysis.whatif.evaluate import inputs_of
from llmcost.engine.registry import Basis, Quantity, weakest
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.claims import Claim, Ledger, Reading, Verdict
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum


class Cited(NamedTuple):
    """A stated number that leads to a claim's figures."""

    scenario: Scenario
    quantity: Quantity
    datum: Datum


class Finding:
    """One computed reading.

    Attributes:
        reading: the reading.
        verdict: its verdict.
        figures: its numbers.
        probability: the share of draws in which it holds, if it was drawn.
        threshold: where it holds, if it turns on one input.
        search: finds `believed`.
    """

    def __init__(
        self,
        reading: Reading,
        verdict: Verdict,
        figures: tuple[Figure, ...],
        probability: float | None,
        threshold: Threshold | None = None,
        search: Callable[[], tuple[Believed, ...]] = tuple,
    ) -> None:
        self.reading, self.verdict, self.figures = reading, verdict, figures
        self.probability, self.threshold, self._search = probability, threshold, search

    @cached_property
    def believed(self) -> tuple[Believed, ...]:
        """What one would have to believe for it to hold.

        This takes longest to find, and is only needed if no reading holds or a claim is shown in full.
        """
        return self._search()

    @property
    def distance(self) -> float:
        """How far the reading is from the claim, by its farthest number."""
        return max((math.inf if f.off is None else f.off.distance) for f in self.figures if not f.holds)

    @property
    def direction(self) -> Direction | None:
        """Which way the claim is off in this reading, if all numbers that miss agree."""
        if self.verdict not in ("does not hold", "undecided") or self.threshold is not None:
            return None
        return _common(f.off.direction if f.off else None for f in self.figures if not f.holds)

    @property
    def basis(self) -> Basis:
        """How firm it is: as firm as the weakest figure that leads to it."""
        if self.threshold is not None:
            return weakest([item.datum.basis for item in self.cited])
        return weakest([figure.basis for figure in self.figures])

    @property
    def cited(self) -> list[Cited]:
        """The stated numbers that lead to its figures; for the input on which it turns, what is known."""
        found = [item for f in self.figures for term in f.terms for item in cited_of(term, f)]
        if self.threshold is None:
            return found
        turning = self.threshold.believed
        known = (Cited(turning.scenario, turning.input, known.datum) for known in self.threshold.known)
        return [item for item in found if item.quantity.name != turning.input.name] + [*known]

    def values_of(self, figure: Figure) -> list[float]:
        """Return the value of a number, or its values over all that is known of a turning input."""
        known = [value for item in self.threshold.known for value in item.values] if self.threshold else []
        return [value for value in known or [figure.value] if value is not None]

    @property
    def accepts(self) -> bool:
        """Whether the claim is true in this reading, at least for a part of what is known."""
        return self.verdict in ("holds", "holds only if", "quotes its source")


def _common(directions: Iterable[Direction | None]) -> Direction | None:
    found = set(directions)
    return found.pop() if len(found) == 1 else None


class Judged(NamedTuple):
    """A claim and its verdict."""

    claim: Claim
    verdict: Verdict
    findings: tuple[Finding, ...]

    @property
    def caveats(self) -> list[Caveats]:
        """What a reader must know before the readings, by scenario."""
        terms = (term for finding in self.findings for f in finding.figures for term in f.terms)
        found = dict.fromkeys(term.side.caveats for term in terms)
        held_back = (c._replace(no_effect=tuple(gap for gap in c.no_effect if gap.by)) for c in found)
        return [item for item in dict.fromkeys(held_back) if item.conflicts or item.no_effect]

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the ledger records, if it records one."""
        return self.claim.expected in (None, self.verdict)

    @property
    def holding(self) -> tuple[Finding, ...]:
        """The readings in which it is true, at least for a part of what is known."""
        return tuple(finding for finding in self.findings if finding.accepts)

    @property
    def decisive(self) -> tuple[Finding, ...]:
        """The readings on which the verdict rests."""
        if self.holding:
            return self.holding
        if self.verdict == "holds only if":
            return tuple(f for f in self.findings if any(believed.inside for believed in f.believed))
        undecided = tuple(finding for finding in self.findings if finding.verdict == "undecided")
        return undecided or self.findings

    @property
    def basis(self) -> Basis:
        """How firm the verdict is: as firm as the weakest figure on which it rests."""
        return weakest([finding.basis for finding in self.decisive])

    @property
    def weak(self) -> tuple[str, ...]:
        """The stated numbers that make the verdict as weak as it is."""
        cited = self._cited_of(self.decisive)
        return tuple(dict.fromkeys(item.quantity.name for item in cited if item.datum.basis == self.basis))

    @property
    def direction(self) -> Direction | None:
        """Which way the claim is off, if every reading in which it fails agrees."""
        failing = [finding for finding in self.findings if finding.verdict == "does not hold"]
        return _common(finding.direction for finding in failing if finding.threshold is None)

    @property
    def likeliest(self) -> Finding | None:
        """The undecided reading that holds in most draws."""
        undecided = [o for o in self.findings if o.verdict == "undecided" and o.probability is not None]
        return max(undecided, key=lambda o: (o.probability or 0.0, o.reading.name), default=None)

    @property
    def within_reach(self) -> tuple[tuple[Finding, Believed], ...]:
        """The inputs that make a reading true within the range that their source gives."""
        return tuple((o, believed) for o in self.findings for believed in o.believed if believed.inside)

    @property
    def nearest(self) -> Finding | None:
        """The reading that misses by the least, if all of them miss."""
        if self.holding:
            return None
        missed = [o for o in self.findings if any(not figure.holds for figure in o.figures)]
        return min(missed, key=lambda o: (o.distance, o.reading.name), default=None)

    @property
    def cited(self) -> tuple[Cited, ...]:
        """Every stated number that leads to a figure, each once."""
        return self._cited_of(self.findings)

    @staticmethod
    def _cited_of(findings: Iterable[Finding]) -> tuple[Cited, ...]:
        # A reading may set the very value that the scenario states, with another source.
        found: dict[tuple[str, str, float, str | None], Cited] = {}
        for finding in findings:
            for item in finding.cited:
                key = item.scenario.name, item.quantity.name, item.datum.value, item.datum.source
                found.setdefault(key, item)
        return tuple(found.values())


class Claims(NamedTuple):
    """The result of `claims`: the ledgers that were read, and every claim with its verdict."""

    ledgers: tuple[Ledger, ...]
    judged: tuple[Judged, ...]

    @property
    def unexpected(self) -> tuple[Judged, ...]:
        """The claims whose verdict differs from the one that the ledger records."""
        return tuple(item for item in self.judged if not item.as_expected)

    @property
    def ok(self) -> bool:
        """Whether every verdict is the one recorded."""
        return not self.unexpected

    def rows(self) -> list[tuple[Any, ...]]:
        """Return a row for each number of each reading, in the order of `to_dicts`."""
        return [tuple(row.values()) for row in self.to_dicts()]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each number of each reading, for pandas and polars."""
        return [
            {
                "claim": judged.claim.id,
                "verdict": judged.verdict,
                "expected": judged.claim.expected,
                "reading": finding.reading.name,
                "reading_verdict": finding.verdict,
                "probability": finding.probability,
                "direction": finding.direction,
                "basis": finding.basis,
                "metric": figure.quantity.name,
                "scenarios": " / ".join(term.scenario.label for term in figure.terms),
                "as": figure.asked.how,
                "unit": figure.quantity.unit,
                "claimed": figure.asked.claimed.text,
                "value": figure.value,
                "reason": figure.reason and str(figure.reason),
                "factor": figure.off.factor if figure.off else None,
                "difference": figure.off.difference if figure.off else None,
            }
            for judged in self.judged
            for finding in judged.findings
            for figure in finding.figures
        ]


def cited_of(term: Term, figure: Figure) -> Iterator[Cited]:
    """Yield the stated numbers that lead to a term."""
    for metric in term.metric.metrics:
        if metric in MODEL.outcomes:
            used = inputs_of(term.scenario, [metric])
            yield from (Cited(term.scenario, term.scenario.quantity(n), term.scenario.data[n]) for n in used)
            continue
        for node in term.side.evaluation.trace.ancestry(metric):
            datum = datum_of(node)
            if datum is not None:
                yield Cited(term.scenario, node.quantity, datum)
    for name in term.metric.facts:
        fact = figure.asked.facts[name]
        yield Cited(term.scenario, fact.quantity, fact.datum)
