"""Shows one claim in full: readings, arithmetic, and what you would have to believe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from llmcost.analysis.claims.believe import Believed
from llmcost.analysis.claims.reading import Figure, Term
from llmcost.analysis.claims.threshold import Threshold
from llmcost.analysis.claims.verdict import Cited, Finding, Judged
from llmcost.engine.registry import Quantity
from llmcost.engine.trace import Node
from llmcost.render import words
from llmcost.render.report import Cell, Column, Report, Style, Table, Tree, columns_of
from llmcost.render.results.caveats import warnings
from llmcost.render.results.claims_words import (
    distance,
    known_range,
    marked,
    percent,
    sentence,
    stretches,
    whose,
)
from llmcost.render.results.shared import WEAK, grouped, span, united, with_unit
from llmcost.scenario.claims import Verdict

STYLES: Final[dict[Verdict, Style]] = {
    "holds": "good",
    "holds only if": "strong",
    "undecided": "strong",
    "does not hold": "bad",
    "quotes its source": "strong",
}


def report(judged: Judged) -> Report:
    """Show one claim in full."""
    shown = full(judged)
    facts = [WEAK] if any(words.is_weak(f.basis) for o in judged.findings for f in o.figures) else []
    if not judged.as_expected:
        facts.append(f"The ledger expects '{judged.claim.expected}'")
    return shown._replace(title=f"{judged.claim.id}: {judged.verdict}", facts=facts)


def full(judged: Judged) -> Report:
    """Return the report of a claim without a heading."""
    claim = judged.claim
    said = ", ".join(filter(None, [claim.who, claim.source, claim.when, claim.url]))
    lead = [*warnings(judged.caveats, named=True), f"“{claim.statement}”", said, sentence(judged)]
    lead.append(claim.note or "")
    blocks: list[Table | Tree] = [_readings(judged)]
    blocks += [_known(finding) for finding in judged.findings if finding.threshold is not None]
    blocks.append(_arithmetic(judged))
    if any(finding.believed for finding in judged.findings):
        blocks.append(_believe(judged))
    sources = _sources(judged)
    if sources.branches:
        blocks.append(sources)
    return Report(lead=[line for line in lead if line], blocks=blocks)


def _readings(judged: Judged) -> Table:
    reading, told = Column("reading", wrap=True), Column("", wrap=True, narrow="beneath")
    lines: list[list[Cell]] = []
    for finding in judged.findings:
        verdict = Cell(_result(finding), STYLES[finding.verdict])
        if len(finding.figures) == 1:
            figure = finding.figures[0]
            lines.append([Cell(finding.reading.name), *_numbers(figure, finding.threshold), verdict])
            continue
        lines.append([Cell(finding.reading.name), Cell(""), Cell(""), verdict])
        for figure in finding.figures:
            shown = Cell("holds", "faint") if figure.holds else Cell(_off_by(figure), "faint")
            lines.append([Cell(f"· {_what(figure)}", "faint"), *_numbers(figure), shown])
    return Table(columns_of(reading, ">claimed", ">computed", told), lines, title="Readings")


def _numbers(figure: Figure, threshold: Threshold | None = None) -> list[Cell]:
    shown = marked(figure) if threshold is None else _spread(figure, threshold)
    return [Cell(figure.asked.claimed.text, "faint"), Cell(shown, "strong")]


def _spread(figure: Figure, threshold: Threshold) -> str:
    """Return the range of a number over the known values of the input that decides it."""
    there = sorted(value for known in threshold.known for value in known.values if value is not None)
    if not there:
        return "undefined"
    mark = "~" if any(words.is_weak(known.datum.basis) for known in threshold.known) else ""
    return mark + span(there[0], there[-1], figure.quantity)


def _what(figure: Figure) -> str:
    labels = ", ".join(dict.fromkeys(term.scenario.label for term in figure.terms if term.metric.metrics))
    return f"{figure.quantity.name} of {labels}" if labels else figure.quantity.name


def _result(finding: Finding) -> str:
    """Return the outcome of a reading in a few words."""
    if finding.threshold is not None and finding.verdict != "holds":
        found = finding.threshold.believed
        if not found.holds:
            return "does not hold for any value searched"
        needed = f"{found.input.name} {{}} {stretches(found)}".format
        only = finding.verdict == "holds only if"
        return f"holds only if {needed('is')}" if only else f"does not hold: {needed('would have to be')}"
    drawn = "" if finding.probability is None else f"{percent(finding.probability)} of draws"
    if finding.verdict == "undecided":
        return f"undecided: {drawn}"
    if finding.accepts:
        return f"{finding.verdict}, {drawn}" if drawn and finding.probability != 1 else finding.verdict
    if len(finding.figures) > 1:
        return "does not hold"
    return _off_by(finding.figures[0])


def _off_by(figure: Figure) -> str:
    if figure.off is None:
        return str(figure.reason or "undefined")
    return distance(figure.off, figure.quantity)


def _known(finding: Finding) -> Tree:
    """Show published values of the input that decides a reading, each with its outcome."""
    threshold = finding.threshold
    assert threshold is not None
    branches = []
    for known in threshold.known:
        quantity = finding.figures[0].quantity
        values = [words.number(value, quantity) for value in known.values if value is not None]
        number = united(" to ".join(dict.fromkeys(values)), quantity) if values else "no number"
        does = {True: "holds", False: "does not hold", None: "holds for part of it"}[known.holds]
        said = ", ".join(filter(None, [known.datum.source, known.datum.basis, known.datum.url]))
        details = [Cell(text, "faint") for text in (said, known.datum.note) if text]
        shown = Cell(known_range(known, threshold.believed.input))
        branches.append(Tree([shown, Cell(f"gives {number}: {does}")], details))
    among = f"Among {threshold.varies}, {{}} differs" if threshold.varies else "Published values of {}"
    title = among.format(whose(threshold.believed)) + f", for “{finding.reading.name}”"
    return Tree([Cell(title, "strong")], branches=branches)


def _arithmetic(judged: Judged) -> Tree:
    """Show how the numbers of each reading are computed from metrics."""
    branches = []
    for finding in judged.findings:
        details = [Cell(line, "faint") for figure in finding.figures for line in _lines(figure)]
        if finding.reading.note:
            details.append(Cell(finding.reading.note, "faint"))
        branches.append(Tree([Cell(finding.reading.name)], details))
    return Tree([Cell("Arithmetic", "strong")], branches=branches)


def _lines(figure: Figure) -> Iterator[str]:
    terms = figure.terms
    if len(terms) == 1:
        yield _line(terms[0], figure)
        return
    yield from (_line(term, figure) for term in terms if not term.metric.is_metric)
    alike = terms[0].metric.text == terms[1].metric.text
    worked = not any(term.metric.is_metric for term in terms)  # shown line by line above
    named = [
        term.scenario.label if alike or worked else f"{term.metric.text} of {term.scenario.label}"
        for term in terms
    ]
    first, second = (f"{name} {_exact(term)}" for name, term in zip(named, terms, strict=True))
    metric = f"{terms[0].metric.text}: " if alike and terms[0].metric.is_metric else ""
    match figure.asked.how:
        case "ratio":
            made = f"{first} ÷ {second}"
        case "saving":
            made = f"1 − {second} ÷ {first}"
        case _:
            made = f"{first} − {second}"
    yield f"{metric}{made} = {_total(figure)}"


def _line(term: Term, figure: Figure) -> str:
    """Return a term with numbers in place of its metrics."""
    head = f"{term.metric.text} of {term.scenario.label}" if term.metric.metrics else term.metric.text
    total = _total(figure) if len(figure.terms) == 1 else _exact(term)
    if term.metric.is_metric:
        node = term.side.evaluation[term.metric.metrics[0]]
        if node.step is None:
            return f"{head} = {total}"
        told = ", ".join(f"{name} {_value(term.side.evaluation[name])}" for name in node.step.inputs)
        return f"{head} = {total}" + (f", from {told}" if told else "")
    put = {name: _value(term.side.evaluation[name]) for name in term.metric.metrics}
    put |= {name: words.exact(f.datum.value, f.quantity) for name, f in figure.asked.facts.items()}
    return f"{head} = {term.metric.written(put)} = {total}"


def _value(node: Node) -> str:
    return "undefined" if node.value is None else words.exact(node.value, node.quantity)


def _exact(term: Term) -> str:
    if term.value is None:
        return "undefined"
    return words.exact(term.value, Quantity(term.metric.text, term.metric.unit, ""))


def _total(figure: Figure) -> str:
    if figure.value is None:
        return f"undefined: {figure.reason}"
    return with_unit(figure.value, figure.quantity)


def _believe(judged: Judged) -> Tree:
    """Show the value that each input would need for each reading, beside its sourced range."""
    # By full label: a variant or another day has different values, and perhaps no range.
    by_input = grouped(
        ((believed.input.name, believed.scenario.label), (finding, believed))
        for finding in judged.findings
        for believed in finding.believed
    )
    branches = []
    for (name, scenario), found in by_input.items():
        quantity = found[0][1].input
        sourced = next((believed.sourced for _, believed in found if believed.sourced), None)
        detail = "no source gives a range"
        if sourced is not None:
            detail = f"its source allows {span(*sourced, quantity)}"
        below = [Tree([Cell(_would(finding, believed))]) for finding, believed in found]
        of = f"of {scenario}: " if found[0][1].scenario.data else ""
        branches.append(Tree([Cell(name, "name"), Cell(f"{of}{detail}")], branches=below))
    return Tree([Cell("What you would have to believe", "strong")], branches=branches)


def _would(finding: Finding, believed: Believed) -> str:
    """Return the value that an input would need for a reading to hold."""
    quantity = believed.input
    named = f"for “{finding.reading.name}”: "
    if not believed.holds:
        return f"{named}no value from {span(*believed.searched, quantity)} works"
    told = f"{named}{stretches(believed)}"
    if believed.today is not None:
        told += f", against {words.number(believed.today, quantity)}"
    if believed.needed is not None and believed.today and believed.needed != believed.today:
        told += f" (×{words.significant(believed.needed / believed.today)})"
    if believed.inside is not None:
        told += ", inside its range" if believed.inside else ", outside its range"
    return told


def _sources(judged: Judged) -> Tree:
    """Show each source with its figures."""
    by_source = grouped(
        ((item.datum.source or "stated without a source", item.datum.url or ""), _cited(item))
        for item in judged.cited
    )
    branches = [
        Tree([Cell(text) for text in key if text], [Cell(line, "faint") for line in dict.fromkeys(lines)])
        for key, lines in by_source.items()
    ]
    return Tree([Cell("Sources", "strong")], branches=branches)


def _cited(item: Cited) -> str:
    datum = item.datum
    shown = words.exact(datum.value, item.quantity)
    if datum.ends is not None:
        shown += f" ({' to '.join(words.exact(end, item.quantity) for end in datum.ends)})"
    of = f" of {item.scenario.label}" if item.scenario.data else ""
    return f"{item.quantity.name}{of} = {united(shown, item.quantity)}, {datum.basis}"
