"""Shows the result of `claims`: a table of the ledger, one claim in full, or a page of everything."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from llmcost.analysis.claims.reading import DRAWS, Figure
from llmcost.analysis.claims.verdict import Claims, Judged
from llmcost.render import words
from llmcost.render.report import Cell, Chapter, Column, Page, Report, Table, Views, columns_of, drawing
from llmcost.render.results import claim
from llmcost.render.results.caveats import warnings
from llmcost.render.results.claims_document import document
from llmcost.render.results.claims_words import marked, verdict_of
from llmcost.render.results.shared import WEAK, relative, united
from llmcost.scenario.claims import Verdict
from llmcost.scenario.files.kinds import CLAIMS
from llmcost.scenario.finding import search_folders

MOST_LISTED: Final = 4
"""The most numbers of a claim in the overview."""


COUNTED: Final[dict[Verdict, tuple[str, str]]] = {
    "holds": ("holds", "hold"),
    "holds only if": ("holds only under a condition", "hold only under a condition"),
    "undecided": ("is undecided", "are undecided"),
    "does not hold": ("does not hold", "do not hold"),
    "quotes its source": ("quotes its source", "quote their source"),
}


def views(result: Claims, *, full: bool = False) -> Views:
    """Return the ways to show a ledger, or (`full`) its only claim."""
    return Views(
        lambda: claim.report(result.judged[0]) if full else report(result),
        lambda: document(result),
        result.to_dicts,
        page=None if full else lambda: page(result),
        warnings=lambda: _caveats(result),
        chart=drawing("claims", result),
        code=0 if result.ok else 1,
    )


def report(result: Claims) -> Report:
    """Show each claim on two lines: claimed above computed, and the verdict above its basis."""
    computed = Column("claimed, computed", wrap=True, least=16)
    columns = [Column("claim", wrap=True), computed, Column("verdict")]
    lines: list[list[Cell]] = []
    for judged in result.judged:
        verdict = Cell(judged.verdict, claim.STYLES[judged.verdict])
        lines += [[]] if lines else []
        lines.append([Cell(judged.claim.id, "name"), Cell(_claimed(judged)), verdict])
        off_and_basis = Cell(", ".join(filter(None, [judged.direction, judged.basis])), "faint")
        lines.append(
            [Cell(judged.claim.statement, "faint"), Cell(_computed(judged), "strong"), off_and_basis]
        )
    show = show_command("ID", result.judged)
    facts = [f"{show} has the readings, the arithmetic and what you would have to believe"]
    if any(words.is_weak(f.basis) for judged in result.judged for o in judged.findings for f in o.figures):
        facts.append(WEAK)
    return Report(
        count(result),
        lead=_caveats(result),
        blocks=[Table(columns, lines)] if lines else [],
        facts=[*facts, *unexpected(result)],
    )


def show_command(claim: str, judged: Sequence[Judged]) -> str:
    """Return the command that shows a claim in full, with its ledger where that is not found without."""
    files = dict.fromkeys(str(one.claim.place.file) for one in judged)
    searched = [folder / CLAIMS for folder in search_folders()]
    named = [file for file in files if not any(Path(file).is_relative_to(folder) for folder in searched)]
    ledger = shlex.quote(relative(named[0])) if len(named) == 1 else "FILE" if named else ""
    return f"llmcost claims show {claim} {ledger}".rstrip()


def _claimed(judged: Judged) -> str:
    """Return what is claimed for each number."""
    told = list(dict.fromkeys(f.asked.claimed.text for o in judged.findings for f in o.figures))
    return "; ".join(told) if len(told) <= MOST_LISTED else f"{len(told)} numbers"


def _computed(judged: Judged) -> str:
    """Return the range of each number over the readings."""
    groups: dict[str, list[Figure]] = {}
    for finding in judged.findings:
        for figure in finding.figures:
            basis = finding.basis if finding.threshold else figure.basis
            figures = [figure._replace(value=value, basis=basis) for value in finding.values_of(figure)]
            groups.setdefault(figure.asked.claimed.text, []).extend(figures)
    if len(groups) > MOST_LISTED:
        return f"{len(groups)} numbers"
    return "; ".join(_span(figures) for figures in groups.values())


def _span(figures: Sequence[Figure]) -> str:
    there = sorted((f for f in figures if f.value is not None), key=lambda f: f.value or 0.0)
    if not there:
        return "undefined"
    units = {figure.quantity.unit for figure in there}
    if len(units) > 1:
        return ", ".join(dict.fromkeys(marked(figure) for figure in there))
    first, last = there[0], there[-1]
    low, high = (words.number(f.value or 0.0, f.quantity) for f in (first, last))
    mark = "~" if any(words.is_weak(figure.basis) for figure in there) else ""
    return mark + united(low if low == high else f"{low} to {high}", first.quantity)


def _caveats(result: Claims) -> list[str]:
    """Return the warnings about scenarios, each once."""
    said = (line for judged in result.judged for line in warnings(judged.caveats, named=True))
    return list(dict.fromkeys(said))


def count(result: Claims) -> str:
    """Say how many claims there are, and how many of each verdict."""
    told = []
    for verdict, (one, many) in COUNTED.items():
        number = sum(judged.verdict == verdict for judged in result.judged)
        if number:
            told.append(f"{number} {one if number == 1 else many}")
    claims = words.counted(len(result.judged), "claim")
    return f"{claims}: {', '.join(told)}" if told else claims


def unexpected(result: Claims) -> list[str]:
    """Say which verdicts differ from the recorded ones, with the places."""
    return [
        f"{judged.claim.place._replace(column=None)}: {judged.claim.id}: the verdict is "
        f"'{judged.verdict}', and the ledger expects '{judged.claim.expected}'"
        for judged in result.unexpected
    ]


def page(result: Claims) -> Page:
    """Return the claims as a page: for each ledger an overview, with links to a section for each claim."""
    by_id = {judged.claim.id: judged for judged in result.judged}
    chapters = []
    for ledger in result.ledgers:
        found = [by_id[claim.id] for claim in ledger.claims if claim.id in by_id]
        if found:
            title = ledger.title or Path(ledger.where).stem
            chapters.append(_chapter(title.rstrip("."), ledger.note, found))
    lead = [INTRODUCTION, f"{count(result)}.", *HOW, *unexpected(result)]
    return Page("Claims", lead, chapters)


def _chapter(title: str, note: str | None, found: Sequence[Judged]) -> Chapter:
    lines = [
        [
            Cell(judged.claim.id, link=f"#{_anchor(judged.claim.id)}"),
            Cell(judged.claim.statement),
            Cell(", ".join(filter(None, [judged.claim.who, judged.claim.when]))),
            # With its condition: 'holds only if' alone says nothing.
            Cell(verdict_of(judged)),
            Cell(judged.basis),
        ]
        for judged in found
    ]
    sections = [(judged.claim.id, claim.full(judged)) for judged in found]
    table = Table(columns_of("claim", "said", "by", "verdict", "rests on"), lines)
    return Chapter(title, [note] if note else [], table, sections)


def _anchor(text: str) -> str:
    """Return the anchor of a heading: its letters, digits, hyphens and underscores."""
    return re.sub(r"[^\w-]", "", text.lower())


INTRODUCTION: Final = (
    "What people have said about the economics of language models, tested by arithmetic: whether an API "
    "earns money, what it costs to train a model, whether the investment can pay for itself. Each row is a "
    "claim with its verdict. Follow the name of a claim to see every reading of it, the figures used, what "
    "you would have to believe, and every source."
)


HOW: Final = (
    "All verdicts are computed. Each claim is worked out in every fair reading. Readings are not votes: "
    "their number decides nothing. A claim holds if it holds in every reading. It holds only if it means a "
    "certain reading, or if a named input has a value that its source allows. A claim that only repeats "
    "the one known number quotes its source. A claim overstates if it says more than what follows, and "
    "understates if it says less.",
    "A reading is undecided if the ranges of its inputs lie on both sides of the claim; the percentage is "
    f"the share of {DRAWS} evenly spread draws in which it holds. If a reading depends on one input on "
    "which estimates disagree, or which differs from buyer to buyer, nothing is drawn: the page shows the "
    "threshold, beside the known values.",
    "'About' allows 10% either way unless the claim says otherwise. A number alone includes every number "
    "that rounds to it as written. A miss is measured from the nearest number that would pass: from 27, if "
    "the claim is about 30 and the result is lower. The sign ~ marks a figure that rests on an estimate or "
    "assumption. Each verdict names the basis of its weakest figure: disclosed by the company itself, "
    "reported by others, estimated, or assumed.",
)
"""Paragraphs on how to read the page."""
