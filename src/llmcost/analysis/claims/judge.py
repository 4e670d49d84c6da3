"""Claims put to the test: what was said, worked out in every way it can be meant, and the verdict.

A reading holds where its value is what is claimed and, if inputs that lead to it are ranges, at least 95 % of
the draws from them are too; it does not hold where its value is not and at most 5 % of the draws are; else
the ranges straddle the claim and it is undecided. Ranges are 90 % intervals, hence the 5 %. A reading with
several numbers holds where all of them do, and is drawn as a whole.

A reading that holds because it repeats what was stated, and not by anybody whose own number it is, quotes its
source. A reading that turns on one input is drawn from nothing: it has a threshold, and holds where all that
is known of the input lies on the right side of it, does not where nothing does, else only if.

The verdict on a claim follows from its readings, in this order and whatever their own order is:

1. **quotes its source**: every reading does.
2. **holds**: every reading holds, or quotes.
3. **holds only if**: some readings do, or do only if. The condition is that one of those is meant.
4. **undecided**: no reading holds, and some are undecided.
5. **holds only if**: all readings fail as they stand, but one input, named by `believe`, makes one of them
   true within the range that its source gives. The condition is that value.
6. **does not hold**: by how much is the distance of the nearest reading from the nearest end of what is
   claimed.

A verdict rests on the figures of the readings that make it: those that hold where it holds, all where none
does. It is as firm as the weakest of them. Readings are no votes: how many there are decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.evaluation import datum_of
from llmcost.analysis.ask.load import library
from llmcost.analysis.claims.believe import Believed, believed_of, unused
from llmcost.analysis.claims.reading import DRAWS, Direction, Figure, Sought, Term, sides_of
from llmcost.analysis.claims.threshold import Threshold, threshold_of
from llmcost.analysis.whatif.evaluate import caveats_of, inputs_of
from llmcost.engine.registry import Basis, Quantity, weakest
from llmcost.errors import LlmcostError, Problem, did_you_mean
from llmcost.formulas import MODEL
from llmcost.scenario.claims import Claim, Ledger, Reading, Verdict
from llmcost.scenario.files.kinds import CLAIMS
from llmcost.scenario.files.ledger import is_ledger, read_ledger
from llmcost.scenario.files.tree import read_text
from llmcost.scenario.library import ledger_paths
from llmcost.scenario.reference import is_path
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum
from llmcost.scenario.values.number import shorten

SURE: Final = 0.95
"""The share of the draws from which on a reading is taken to hold."""


class Cited(NamedTuple):
    """A stated number that leads to a claim's figures."""

    scenario: Scenario
    quantity: Quantity
    datum: Datum


class Finding(NamedTuple):
    """One reading, worked out.

    Attributes:
        reading: which.
        verdict: what becomes of it.
        figures: its numbers.
        probability: the share of draws in which it holds, if any were made.
        believed: what one would have to believe for it to hold.
        threshold: from where on it holds, where it turns on one input.
    """

    reading: Reading
    verdict: Verdict
    figures: tuple[Figure, ...]
    probability: float | None
    believed: tuple[Believed, ...]
    threshold: Threshold | None = None

    @property
    def distance(self) -> float:
        """How far the reading is from what is claimed, by its farthest number."""
        return max((math.inf if f.off is None else f.off.distance) for f in self.figures if not f.holds)

    @property
    def direction(self) -> Direction | None:
        """Which way the claim is off in this reading, where all that misses is off the same way."""
        if self.verdict not in ("does not hold", "undecided") or self.threshold is not None:
            return None
        return _common(f.off.direction if f.off else None for f in self.figures if not f.holds)

    @property
    def basis(self) -> Basis:
        """How firm it is: as the weakest of the figures that lead to it."""
        if self.threshold is not None:
            return weakest([item.datum.basis for item in self.cited])
        return weakest([figure.basis for figure in self.figures])

    @property
    def cited(self) -> list[Cited]:
        """The stated numbers that lead to its figures; of the input on which it turns, what is known."""
        found = [item for f in self.figures for term in f.terms for item in _cited(term, f)]
        if self.threshold is None:
            return found
        turning = self.threshold.believed
        known = (Cited(turning.scenario, turning.input, known.datum) for known in self.threshold.known)
        return [item for item in found if item.quantity.name != turning.input.name] + [*known]

    @property
    def accepts(self) -> bool:
        """Whether the claim is true in this reading, be it for a part of what is known."""
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
        """What must be said before the readings, by scenario."""
        terms = (term for finding in self.findings for f in finding.figures for term in f.terms)
        found = (caveats_of(term.scenario, term.metric.metrics) for term in terms)
        held_back = (c._replace(no_effect=tuple(gap for gap in c.no_effect if gap.by)) for c in found)
        return [item for item in dict.fromkeys(held_back) if item.conflicts or item.no_effect]

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the ledger records, if it records one."""
        return self.claim.expected in (None, self.verdict)

    @property
    def holding(self) -> tuple[Finding, ...]:
        """The readings in which it is true, be it for a part of what is known."""
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
        """How firm the verdict is: as the weakest figure that it rests on."""
        return weakest([finding.basis for finding in self.decisive])

    @property
    def weak(self) -> tuple[str, ...]:
        """The stated numbers that make the verdict as weak as it is."""
        found: dict[str, None] = {}
        for item in self._cited_of(self.decisive):
            if item.datum.basis == self.basis:
                found[item.quantity.name] = None
        return tuple(found)

    @property
    def direction(self) -> Direction | None:
        """Which way the claim is off, where every reading in which it fails says the same."""
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
        """The reading that misses by least, where all of them miss."""
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
        # What a reading sets may be the very value that the scenario states, and has another source.
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
        """The claims whose verdict is not the one that the ledger records."""
        return tuple(item for item in self.judged if not item.as_expected)

    @property
    def ok(self) -> bool:
        """Whether every verdict is the one recorded."""
        return not self.unexpected

    def rows(self) -> list[tuple[Any, ...]]:
        """Return a row for each number of each reading, in the order of `to_dicts`."""
        return [tuple(row.values()) for row in self.to_dicts()]

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return a row for each number of each reading, as pandas and polars take them."""
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


def claims(*paths: str | Path, only: Iterable[str] = (), if_any: bool = False) -> Claims:
    """Work out every claim of some ledgers.

    Args:
        paths: ledgers and folders of them; without any, those in the `claims` folders of ./scenarios, of
            LLMCOST_PATH, and of what comes along.
        only: the ids of the claims that are wanted; all without it.
        if_any: whether folders without a ledger are passed over.

    Raises:
        LlmcostError: with everything that is wrong with the ledgers, the scenarios and metrics that they
            name included, and for an unknown id.
    """
    return judge(read_ledgers(*paths, if_any=if_any), only=only)


def read_ledgers(*paths: str | Path, if_any: bool = False) -> tuple[Ledger, ...]:
    """Read ledgers, each path a file or a folder; of two claims of one id in a search the first wins.

    Raises:
        LlmcostError: with every problem of every file, and for an id that two of the named files have.
    """
    ledgers: list[Ledger] = []
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for path in _expand(paths, if_any=if_any):
        try:
            ledger = read_ledger(read_text(path), str(path))
        except LlmcostError as error:
            problems += error.problems
            continue
        fresh = []
        for claim in ledger.claims:
            if claim.id not in seen:
                fresh.append(claim)
            elif paths:
                message = f"duplicate claim '{claim.id}', first in {seen[claim.id]}"
                problems.append(Problem(message, *claim.place))
            seen.setdefault(claim.id, str(claim.place._replace(column=None)))
        ledgers.append(ledger._replace(claims=tuple(fresh)))
    if problems:
        raise LlmcostError(*problems)
    return tuple(ledgers)


def _expand(paths: Sequence[str | Path], *, if_any: bool = False) -> list[Path]:
    if not paths:
        return [path for folder in library().folders for path in ledger_paths(folder / CLAIMS)]
    found: list[Path] = []
    for item in map(Path, paths):
        if item.is_dir():
            below = [path for path in _below(item) if not if_any or is_ledger(path)]
            if not below and not if_any:
                raise LlmcostError(Problem("holds no ledger (.yaml or .yml)", where=str(item)))
            found += below
        elif item.exists():
            found.append(item)
        else:
            raise LlmcostError(Problem(_no_ledger(str(item)), where=str(item)))
    return list(dict.fromkeys(found))


def _no_ledger(name: str) -> str:
    """Say what is wrong with a path that is not there: it may be the id of a claim."""
    if any(claim.id == name for ledger in read_ledgers() for claim in ledger.claims):
        return f"is a claim and not a file; run 'llmcost claims show {name}'"
    if is_path(name):
        return "there is no such file or folder"
    known = [claim.id for ledger in read_ledgers() for claim in ledger.claims]
    close = did_you_mean(name, known)
    holding = [id_ for id_ in known if name.casefold() in id_]
    if close:
        return f"is no file, and no claim{close} 'llmcost claims show ID' shows one"
    if holding:
        shown = f"{', '.join(holding[:3])}{f' and {len(holding) - 3} more' if len(holding) > 3 else ''}"
        return f"is no file, and no claim; there are {shown}: 'llmcost claims show ID' shows one"
    return "there is no such file or folder; 'llmcost claims' lists the claims there are"


def _below(folder: Path) -> list[Path]:
    """Return the ledgers of a folder; in one of scenarios those among them, and those in its `claims`."""
    if not (folder / CLAIMS).is_dir():
        return ledger_paths(folder)
    return [*filter(is_ledger, ledger_paths(folder)), *ledger_paths(folder / CLAIMS)]


def judge(ledgers: Sequence[Ledger], *, only: Iterable[str] = ()) -> Claims:
    """Work out the claims of ledgers that have been read.

    Raises:
        LlmcostError: as `claims` does.
    """
    every = {claim.id: claim for ledger in ledgers for claim in ledger.claims}
    wanted = list(dict.fromkeys(only))
    unknown = [name for name in wanted if name not in every]
    if unknown:
        raise LlmcostError(
            *(f"no claim is called '{shorten(name)}'{did_you_mean(name, every)}" for name in unknown)
        )
    chosen = [every[name] for name in wanted] if wanted else list(every.values())
    problems: dict[Problem, None] = {}
    judged = []
    for claim in chosen:
        try:
            judged.append(_judge(claim))
        except LlmcostError as error:
            problems.update(dict.fromkeys(error.problems))
    if problems:
        raise LlmcostError(*problems)
    return Claims(tuple(ledgers), tuple(judged))


def _judge(claim: Claim) -> Judged:
    worked: list[tuple[Reading, list[Sought]]] = []
    problems: list[Problem] = []
    for reading in claim.readings:
        all_sought = []
        for part in reading.asked:
            try:
                all_sought.append(Sought(part, sides_of(claim, part)))
            except LlmcostError as error:
                problems += error.problems
        worked.append((reading, all_sought))
    if not problems:
        problems = unused(claim, worked)
    if problems:
        raise LlmcostError(*problems)
    findings = tuple(_finding(claim, reading, all_sought) for reading, all_sought in worked)
    return Judged(claim, _verdict(findings), findings)


def _verdict(findings: Sequence[Finding]) -> Verdict:
    verdicts = {finding.verdict for finding in findings}
    if verdicts == {"quotes its source"}:
        return "quotes its source"
    if verdicts <= {"holds", "quotes its source"}:
        return "holds"
    if any(finding.accepts for finding in findings):
        return "holds only if"
    if "undecided" in verdicts:
        return "undecided"
    if any(believed.inside for finding in findings for believed in finding.believed):
        return "holds only if"
    return "does not hold"


def _finding(claim: Claim, reading: Reading, all_sought: Sequence[Sought]) -> Finding:
    figures = tuple(sought.figure() for sought in all_sought)
    if reading.turns_on is not None:
        threshold = threshold_of(claim, reading.turns_on, all_sought)
        return Finding(reading, threshold.verdict, figures, None, (), threshold)
    probability = _probability(all_sought)
    stands = all(figure.holds for figure in figures)
    verdict: Verdict
    if stands and (probability is None or probability >= SURE):
        verdict = "quotes its source" if reading.quotes or _repeats(figures) else "holds"
    elif not stands and (probability is None or probability <= 1 - SURE):
        verdict = "does not hold"
    else:
        verdict = "undecided"
    believed: list[Believed | None] = []
    if verdict in ("does not hold", "undecided"):
        believed = [believed_of(claim, belief, all_sought) for belief in reading.beliefs]
    return Finding(reading, verdict, figures, probability, tuple(filter(None, believed)))


def _repeats(figures: Sequence[Figure]) -> bool:
    """Whether the numbers are but what somebody states, or follow from no other numbers than those.

    What somebody discloses of himself is no quotation: it is the thing itself.
    """
    stated: dict[tuple[str, str], Datum] = {}
    others: list[Figure] = []
    for figure in figures:
        (term, *more) = figure.terms
        names = (*term.metric.metrics, *term.metric.facts)
        datum = None
        if not more and len(term.metric.steps) == 1 and figure.asked.how == "value":
            datum = next(
                (item.datum for item in _cited(term, figure) if item.quantity.name == names[0]), None
            )
        if datum is None:
            others.append(figure)
        else:
            stated[term.scenario.label, names[0]] = datum
    if not stated or any(d.source is None or d.basis in ("disclosed", "stated") for d in stated.values()):
        return False
    cited = (item for figure in others for term in figure.terms for item in _cited(term, figure))
    return all((item.scenario.label, item.quantity.name) in stated for item in cited)


def _probability(all_sought: Sequence[Sought]) -> float | None:
    """Return the share of the draws in which every number is what is claimed; None without any range."""
    drawn = [sought.drawn() for sought in all_sought]
    if all(column is None for column in drawn):
        return None
    columns = [
        [sought.figure().holds] * DRAWS if column is None else column
        for sought, column in zip(all_sought, drawn, strict=True)
    ]
    return sum(all(row) for row in zip(*columns, strict=True)) / DRAWS


def _cited(term: Term, figure: Figure) -> Iterator[Cited]:
    """Yield the stated numbers that lead to a term."""
    for metric in term.metric.metrics:
        if metric in MODEL.outcomes:
            used = inputs_of(term.scenario, [metric])
            yield from (Cited(term.scenario, term.scenario.quantity(n), term.scenario.data[n]) for n in used)
            continue
        for node in term.evaluation.trace.ancestry(metric):
            datum = datum_of(node)
            if datum is not None:
                yield Cited(term.scenario, node.quantity, datum)
    for name in term.metric.facts:
        fact = figure.asked.facts[name]
        yield Cited(term.scenario, fact.quantity, fact.datum)
