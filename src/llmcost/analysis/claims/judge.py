"""Claims put to the test: what was said, worked out in every way it can be meant, and the verdict.

A reading holds where its value is what is claimed and, if inputs that lead to it are ranges, at least 95 % of
the draws from them are too; it does not hold where its value is not and at most 5 % of the draws are; else
the ranges straddle the claim and it is undecided. Ranges are 90 % intervals, hence the 5 %. A reading with
several numbers holds where all of them do, and is drawn as a whole.

The verdict on a claim follows from its readings, in this order and whatever their own order is:

1. **holds**: every reading holds.
2. **holds only if**: some readings hold. The condition is that one of those is meant.
3. **undecided**: no reading holds, and some are undecided. The probability is that of the likeliest.
4. **holds only if**: all readings fail as they stand, but one input, named by `believe`, makes one of them
   true within the range that its source gives. The condition is that value.
5. **does not hold**: by how much is the distance of the nearest reading from the nearest end of what is
   claimed.
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
from llmcost.analysis.claims.reading import DRAWS, Figure, Sought, Term, sides_of
from llmcost.engine.registry import Quantity
from llmcost.errors import LlmcostError, Problem, did_you_mean
from llmcost.scenario.claims import Claim, Ledger, Reading, Verdict
from llmcost.scenario.files.kinds import CLAIMS
from llmcost.scenario.files.ledger import is_ledger, read_ledger
from llmcost.scenario.files.tree import read_text
from llmcost.scenario.library import ledger_paths
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum
from llmcost.scenario.values.number import shorten

SURE: Final = 0.95
"""The share of the draws from which on a reading is taken to hold."""


class Outcome(NamedTuple):
    """One reading, worked out; `probability` is the share of draws in which it holds, if any were made."""

    reading: Reading
    verdict: Verdict
    figures: tuple[Figure, ...]
    probability: float | None
    believed: tuple[Believed, ...]

    @property
    def distance(self) -> float:
        """How far the reading is from what is claimed, by its farthest number."""
        return max((math.inf if f.off is None else f.off.distance) for f in self.figures if not f.holds)


class Cited(NamedTuple):
    """A stated number that leads to a claim's figures."""

    scenario: Scenario
    quantity: Quantity
    datum: Datum


class Judged(NamedTuple):
    """A claim and its verdict."""

    claim: Claim
    verdict: Verdict
    outcomes: tuple[Outcome, ...]

    @property
    def caveats(self) -> list[Caveats]:
        """What must be said before the readings, by scenario."""
        terms = (term for outcome in self.outcomes for f in outcome.figures for term in f.terms)
        found = (term.evaluation.caveats(term.metric.metrics) for term in terms)
        held_back = (c._replace(no_effect=tuple(gap for gap in c.no_effect if gap.by)) for c in found)
        return [item for item in dict.fromkeys(held_back) if item.conflicts or item.no_effect]

    @property
    def as_expected(self) -> bool:
        """Whether the verdict is the one that the ledger records, if it records one."""
        return self.claim.expected in (None, self.verdict)

    @property
    def holding(self) -> tuple[Outcome, ...]:
        """The readings that hold."""
        return tuple(outcome for outcome in self.outcomes if outcome.verdict == "holds")

    @property
    def likeliest(self) -> Outcome | None:
        """The undecided reading that holds in most draws."""
        undecided = [o for o in self.outcomes if o.verdict == "undecided" and o.probability is not None]
        return max(undecided, key=lambda o: (o.probability or 0.0, o.reading.name), default=None)

    @property
    def within_reach(self) -> tuple[tuple[Outcome, Believed], ...]:
        """The inputs that make a reading true within the range that their source gives."""
        return tuple((o, believed) for o in self.outcomes for believed in o.believed if believed.inside)

    @property
    def nearest(self) -> Outcome | None:
        """The reading that misses by least, where all of them miss."""
        if self.holding:
            return None
        missed = [o for o in self.outcomes if any(not figure.holds for figure in o.figures)]
        return min(missed, key=lambda o: (o.distance, o.reading.name), default=None)

    @property
    def cited(self) -> tuple[Cited, ...]:
        """Every stated number that leads to a figure, each once."""
        # What a reading sets may be the very value that the scenario states, and has another source.
        found: dict[tuple[str, str, float, str | None], Cited] = {}
        for outcome in self.outcomes:
            for figure in outcome.figures:
                for term in figure.terms:
                    for item in _cited(term):
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
                "reading": outcome.reading.name,
                "reading_verdict": outcome.verdict,
                "probability": outcome.probability,
                "metric": figure.quantity.name,
                "scenarios": " / ".join(term.scenario.label for term in figure.terms),
                "as": figure.part.how,
                "unit": figure.quantity.unit,
                "claimed": figure.part.claimed.text,
                "value": figure.value,
                "reason": figure.reason and str(figure.reason),
                "factor": figure.off.factor if figure.off else None,
                "difference": figure.off.difference if figure.off else None,
            }
            for judged in self.judged
            for outcome in judged.outcomes
            for figure in outcome.figures
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
    return "there is no such file or folder"


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
        for part in reading.parts:
            try:
                all_sought.append(Sought(part, sides_of(claim, part)))
            except LlmcostError as error:
                problems += error.problems
        worked.append((reading, all_sought))
    if not problems:
        problems = unused(claim, worked)
    if problems:
        raise LlmcostError(*problems)
    outcomes = tuple(_outcome(claim, reading, all_sought) for reading, all_sought in worked)
    return Judged(claim, _verdict(outcomes), outcomes)


def _verdict(outcomes: Sequence[Outcome]) -> Verdict:
    verdicts = {outcome.verdict for outcome in outcomes}
    if verdicts == {"holds"}:
        return "holds"
    if "holds" in verdicts:
        return "holds only if"
    if "undecided" in verdicts:
        return "undecided"
    if any(believed.inside for outcome in outcomes for believed in outcome.believed):
        return "holds only if"
    return "does not hold"


def _outcome(claim: Claim, reading: Reading, all_sought: Sequence[Sought]) -> Outcome:
    figures = tuple(sought.figure() for sought in all_sought)
    probability = _probability(all_sought)
    stands = all(figure.holds for figure in figures)
    verdict: Verdict
    if stands and (probability is None or probability >= SURE):
        verdict = "holds"
    elif not stands and (probability is None or probability <= 1 - SURE):
        verdict = "does not hold"
    else:
        verdict = "undecided"
    believed: list[Believed | None] = []
    if verdict != "holds":
        believed = [believed_of(claim, belief, all_sought) for belief in reading.beliefs]
    return Outcome(reading, verdict, figures, probability, tuple(filter(None, believed)))


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


def _cited(term: Term) -> Iterator[Cited]:
    for metric in term.metric.metrics:
        for node in term.evaluation.trace.ancestry(metric):
            datum = datum_of(node)
            if datum is not None:
                yield Cited(term.scenario, node.quantity, datum)
