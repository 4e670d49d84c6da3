"""Claims put to the test: every fair reading of what was said is computed, and yields a verdict.

A reading holds if its value agrees with the claim and, if ranges lead to it, at least 95% of the draws do
too. It does not hold if its value disagrees and at most 5% of the draws agree. Otherwise the ranges straddle
the claim and it is undecided. Ranges are 90% intervals, hence the 5%. A reading with several numbers holds
if all of them do, and is drawn as a whole.

A reading that holds only because it repeats a number stated by somebody else quotes its source. A reading
that turns on one input is not drawn: it has a threshold. It holds if everything known about the input lies on
the right side of it, does not hold if nothing does, and otherwise holds only if.

The verdict on a claim follows from its readings, by these rules in this order:

1. **quotes its source**: every reading does.
2. **holds**: every reading holds, or quotes.
3. **holds only if**: some readings do, or do only if. The condition is that one of those is meant.
4. **undecided**: no reading holds, and some are undecided.
5. **holds only if**: all readings fail as they stand, but one input, named by `believe`, makes one of them
   true within the range that its source gives. The condition is that value.
6. **does not hold**: the miss is the distance of the nearest reading from the nearest end of the claim.

A verdict rests on the figures of the decisive readings: those that hold, or all of them if none holds. It is
as firm as the weakest of these figures. Readings are not votes: their number does not matter.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from llmcost.analysis.claims.believe import Believed, believed_of, faults
from llmcost.analysis.claims.ledgers import read_ledgers
from llmcost.analysis.claims.reading import DRAWS, Figure, Known, Sought, sides_of
from llmcost.analysis.claims.threshold import threshold_of
from llmcost.analysis.claims.verdict import Claims, Finding, Judged, cited_of
from llmcost.errors import LlmcostError, each, there_are
from llmcost.scenario.claims import AskedNumber, Claim, Reading, Verdict
from llmcost.scenario.values.datum import Datum
from llmcost.scenario.values.number import shorten

SURE: Final = 0.95
"""A reading holds if at least this share of the draws agrees."""


def claims(*paths: str | Path, only: Iterable[str] = (), if_any: bool = False) -> Claims:
    """Evaluate every claim in some ledgers.

    Args:
        paths: ledgers and folders of them; without any, those in the `claims` folders of ./scenarios, of
            LLMCOST_PATH, and of the bundled scenarios.
        only: the ids of the claims to evaluate; by default, all.
        if_any: whether folders without a ledger are skipped.

    Raises:
        LlmcostError: with all problems of the ledgers and of the scenarios and metrics that they name, and
            for an unknown id.
    """
    ledgers = read_ledgers(*paths, if_any=if_any)
    every = {claim.id: claim for ledger in ledgers for claim in ledger.claims}
    wanted = list(dict.fromkeys(only))
    unknown = [name for name in wanted if name not in every]
    if unknown:
        lists = shlex.join(["llmcost", "claims", *map(str, paths)])
        hints = {name: there_are(name, every, lists) or f"; '{lists}' lists all claims" for name in unknown}
        raise LlmcostError(*(f"no claim is called '{shorten(name)}'{hint}" for name, hint in hints.items()))
    chosen = [every[name] for name in wanted] if wanted else list(every.values())
    known: Known = {}, {}
    return Claims(ledgers, tuple(each(lambda claim: _judge(claim, known), chosen)))


def _judge(claim: Claim, known: Known) -> Judged:
    def sought(part: AskedNumber) -> Sought:
        return Sought(part, sides_of(claim, part, known))

    worked = each(lambda reading: (reading, each(sought, reading.asked)), claim.readings)
    if problems := faults(claim, worked):
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
    figures = tuple(sought.figure for sought in all_sought)
    if reading.turns_on is not None:
        threshold = threshold_of(claim, reading.turns_on, all_sought)
        return Finding(reading, threshold.verdict, figures, None, threshold)
    probability = _probability(all_sought)
    stands = all(figure.holds for figure in figures)
    verdict: Verdict
    if stands and (probability is None or probability >= SURE):
        verdict = "quotes its source" if reading.quotes or _repeats(figures) else "holds"
    elif not stands and (probability is None or probability <= 1 - SURE):
        verdict = "does not hold"
    else:
        verdict = "undecided"
    beliefs = reading.beliefs if verdict in ("does not hold", "undecided") else ()

    def search() -> tuple[Believed, ...]:
        found = (believed_of(claim, belief, all_sought) for belief in beliefs)
        return tuple(item for item in found if item is not None)

    return Finding(reading, verdict, figures, probability, search=search)


def _repeats(figures: Sequence[Figure]) -> bool:
    """Whether the numbers are only what somebody states, or follow only from such numbers.

    A number that its owner discloses is not a quotation: it is the fact itself.
    """
    stated: dict[tuple[str, str], Datum] = {}
    others: list[Figure] = []
    for figure in figures:
        (term, *more) = figure.terms
        names = (*term.metric.metrics, *term.metric.facts)
        datum = None
        if not more and len(term.metric.steps) == 1 and figure.asked.how == "value":
            datum = next(
                (item.datum for item in cited_of(term, figure) if item.quantity.name == names[0]), None
            )
        if datum is None:
            others.append(figure)
        else:
            stated[term.scenario.label, names[0]] = datum
    if not stated or any(d.source is None or d.basis in ("disclosed", "stated") for d in stated.values()):
        return False
    cited = (item for figure in others for term in figure.terms for item in cited_of(term, figure))
    return all((item.scenario.label, item.quantity.name) in stated for item in cited)


def _probability(all_sought: Sequence[Sought]) -> float | None:
    """Return the share of the draws in which every number agrees with the claim; None without any range."""
    facts = dict.fromkeys(fact for sought in all_sought for fact in sought.facts)
    places = {fact: place for place, fact in enumerate(facts)}
    drawn = [sought.drawn(places) for sought in all_sought]
    if all(column is None for column in drawn):
        return None
    fixed = [sought for sought, column in zip(all_sought, drawn, strict=True) if column is None]
    if not all(sought.figure.holds for sought in fixed):
        return 0.0
    first, *others = (column for column in drawn if column is not None)
    return sum(map(all, zip(first, *others, strict=True)) if others else first) / DRAWS
