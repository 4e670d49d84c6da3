"""What each result has to say to a person: from an unrounded result to a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from llmcost.analysis.evaluation import Evaluation, datum_of, in_order, notes_of, why_missing
from llmcost.engine.trace import Node
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.report import Cell, Column, Report, Style, Table, Tree
from llmcost.scenario.quantity import Datum
from llmcost.scenario.reader import ScenarioFile
from llmcost.scenario.scenario import Scenario

if TYPE_CHECKING:
    # The results of other verbs than the one that runs are types here and nothing else.
    from llmcost.analysis.breakeven import Ladder, Line, Rung
    from llmcost.analysis.catalog import QuantityEntry
    from llmcost.analysis.compare import Comparison
    from llmcost.analysis.explain import Derivation, Explanation
    from llmcost.analysis.validate import Validation

WEAK = "~ estimated or assumed, itself or something it follows from"


def _marked(node: Node) -> str:
    """A node's value with `~` where it is weak."""
    if node.value is None:
        return "undefined"
    return ("~" if words.is_weak(node.basis) else "") + words.number(node.value, node.quantity)


def _sign(node: Node | None) -> Style:
    """Whether a profit or margin is one."""
    if node is None or node.value is None or node.quantity.low == 0:
        return "" if node is None or node.value is not None else "faint"
    kind = node.name.rpartition(".")[2]
    if "burn" in kind:
        return "bad" if node.value > 0 else "good"
    if any(word in kind for word in ("profit", "margin", "markup")):
        return "good" if node.value > 0 else "bad"
    return ""


def _unit(unit: str) -> str:
    """The unit as a column shows it; what a number carries itself is not repeated."""
    return "" if unit in ("share", "×", "–") else unit


def workload_line(evaluation: Evaluation) -> str:
    """Name the workload and its mix."""
    nodes = evaluation.trace.nodes
    parts = []
    for name, what in (
        ("workload.output_share", "output"),
        ("workload.cached_input_share", "of input cached"),
    ):
        node = nodes.get(name)
        if node is not None and node.value is not None:
            parts.append(f"{words.number(node.value, node.quantity)} {what}")
    mix = f" ({', '.join(parts)})" if parts else ""
    return f"Workload: {evaluation.scenario.workload}{mix}"


def _price_dates(scenario: Scenario) -> str | None:
    """Say since when a scenario's prices are in force."""
    dates: dict[str, list[str]] = {}
    for name, datum in scenario.data.items():
        if name.startswith("price.") and datum.since is not None:
            dates.setdefault(str(datum.since), []).append(name.partition(".")[2].removesuffix("_per_mtok"))
    if not dates:
        return None
    if len(dates) == 1:
        return next(iter(dates))
    return ", ".join(
        f"{date} ({', '.join(names).replace('_', ' ')})" for date, names in sorted(dates.items())
    )


# --- compare ---------------------------------------------------------------------------------------


def comparison(result: Comparison) -> Report:
    """Show scenarios side by side."""
    first, *others = result.labels
    columns = [Column("metric"), Column("unit"), *(Column(label, right=True) for label in result.labels)]
    columns += [Column(_ratio_title(other, len(others)), right=True) for other in others]
    rows = []
    for row in result.rows:
        cells = [Cell(row.quantity.name, "name"), Cell(_unit(row.quantity.unit), "faint")]
        cells += [
            Cell("–", "faint") if node is None else Cell(_marked(node), _sign(node)) for node in row.nodes
        ]
        cells += [Cell(words.ratio(value), "strong") for value in row.ratios[1:]]
        rows.append(cells)
    blocks = [Table(columns, rows)] if rows else []
    title = " against ".join([first, " and ".join(others)])
    return Report(title, lead=_verdict(result), blocks=blocks, facts=_comparison_facts(result))


def _ratio_title(other: str, others: int) -> str:
    return "ratio" if others == 1 else f"÷ {other}"


def _verdict(result: Comparison) -> list[str]:
    """Which is cheaper, by how much, and does it make money."""
    lines = []
    if result.mixed:
        kinds = ", ".join(sorted({scenario.kind or "model" for scenario in result.scenarios}))
        lines.append(
            f"Different kinds ({kinds}): "
            + ("what they share is shown." if result.rows else "they share no metric.")
        )
    blended = result.row("price.blended_per_mtok")
    if blended is not None:
        first = result.labels[0]
        for label, value in list(zip(result.labels, blended.ratios, strict=True))[1:]:
            if value is not None and value > 1:
                times = words.multiplier(value)
                lines.append(f"{label} is {times} cheaper than {first} on the {result.workload} workload.")
            elif value is not None and value < 1:
                times = words.multiplier(1 / value)
                lines.append(f"{first} is {times} cheaper than {label} on the {result.workload} workload.")
            elif value is not None:
                lines.append(f"{label} and {first} cost the same on the {result.workload} workload.")
    margin = result.row("unit.gross_margin") or result.row("company.gross_margin")
    if margin is not None:
        lines.append(_margin_words(result, margin.nodes))
    return lines


def _margin_words(result: Comparison, nodes: Sequence[Node | None]) -> str:
    said = []
    for label, node in zip(result.labels, nodes, strict=True):
        if node is None or node.value is None:
            said.append(f"{label} not known")
        else:
            said.append(f"{label} {'earns' if node.value > 0 else 'loses'} {_marked(node).replace('-', '')}")
    return f"Gross margin: {'; '.join(said)}."


def _comparison_facts(result: Comparison) -> list[str]:
    facts = []
    if result.uses_workload:
        facts.append(workload_line(result.evaluations[0]))
    dated = [(scenario.label, _price_dates(scenario)) for scenario in result.scenarios]
    if any(date for _, date in dated):
        facts.append("Prices since: " + "; ".join(f"{label} {date}" for label, date in dated if date))
    if not all(all(row.comparable) for row in result.rows):
        facts.append("Amounts of periods of different length have no ratio.")
    grouped: dict[tuple[str, str], list[str]] = {}
    for label, name, note in result.notes:
        grouped.setdefault((name, note), []).append(label)
    facts += [f"{name} ({', '.join(labels)}): {note}" for (name, note), labels in grouped.items()]
    missing: dict[tuple[str, str], list[str]] = {}
    for gap in result.gaps:
        missing.setdefault((gap.label, gap.reason), []).append(gap.metric)
    facts += [
        f"No value for {label}: {', '.join(metrics)} – {reason}"
        for (label, reason), metrics in missing.items()
    ]
    if _any_weak(node for row in result.rows for node in row.nodes):
        facts.append(WEAK)
    return facts


def _any_weak(nodes: Iterable[Node | None]) -> bool:
    return any(node is not None and node.value is not None and words.is_weak(node.basis) for node in nodes)


# --- show ------------------------------------------------------------------------------------------


def overview(result: Evaluation, metrics: Sequence[str] | None, *, everything: bool) -> Report:
    """Show what is known of one scenario, by section; with `everything`, also what is missing."""
    scenario = result.scenario
    nodes = result.shown if metrics is None else [result.trace.nodes[m] for m in metrics if m in result]
    blocks: list[Table | Tree] = [_values(nodes)] if nodes else []
    missing = _missing(result, metrics)
    if everything and missing:
        columns = [Column("metric"), Column("what it lacks", wrap=True)]
        rows = [[Cell(name, "name"), Cell(why, "faint")] for name, why in missing]
        blocks.append(Table(columns, rows, title="Cannot be derived"))
    facts = []
    if any(result.trace.depends_on(node.name, "workload") for node in nodes):
        facts.append(workload_line(result))
    facts += [f"{name}: {note}" for name, note in notes_of(result.trace, [node.name for node in nodes])]
    if missing and not everything and metrics is not None:
        grouped: dict[str, list[str]] = {}
        for name, why in missing:
            grouped.setdefault(why, []).append(name)
        facts += [f"No value for {', '.join(names)}: {why}" for why, names in grouped.items()]
    elif missing and not everything:
        facts.append(f"{len(missing)} more cannot be derived; --all says what each lacks")
    if _any_weak(nodes):
        facts.append(WEAK)
    return Report(_heading(scenario), lead=_subheading(scenario), blocks=blocks, facts=facts)


def _values(nodes: Sequence[Node]) -> Table:
    """One table of all values, each section under its title."""
    rows: list[list[Cell]] = []
    for section, title in MODEL.sections.items():
        inside = [node for node in nodes if node.quantity.section == section]
        if inside:
            rows += [[], [Cell(title, "strong")]] if rows else [[Cell(title, "strong")]]
        rows += [
            [
                Cell(node.name, "name"),
                Cell(_marked(node), _sign(node)),
                Cell(_unit(node.quantity.unit), "faint"),
                Cell(_how(node), "faint"),
            ]
            for node in inside
        ]
    return Table([Column("metric"), Column("value", right=True), Column("unit"), Column("", wrap=True)], rows)


def _heading(scenario: Scenario) -> str:
    return f"{scenario.label}: {scenario.title}" if scenario.title else scenario.label


def _subheading(scenario: Scenario) -> list[str]:
    since = scenario.in_force_since
    when = f"as of {since}" if scenario.as_of else f"values of {since}" if since else ""
    line = ", ".join(filter(None, [scenario.kind, when]))
    return [text for text in (line, scenario.note) if text]


def _how(node: Node) -> str:
    """Where a value comes from, in a word or two."""
    if node.value is None:
        return node.reason or ""
    if node.step is not None:
        return f"derived, {node.basis}"
    datum = datum_of(node)
    interval = _interval(node, datum)
    return ", ".join(filter(None, [node.basis, interval]))


def _interval(node: Node, datum: Datum | None) -> str:
    if datum is None or datum.low is None or datum.high is None:
        return ""
    return f"{words.number(datum.low, node.quantity)} to {words.number(datum.high, node.quantity)}"


def _missing(result: Evaluation, metrics: Sequence[str] | None) -> list[tuple[str, str]]:
    names = result.trace.missing if metrics is None else [m for m in metrics if m not in result]
    derivable = [name for name in names if metrics is not None or MODEL.formulas.get(name)]
    return [(name, why_missing(result, name)) for name in in_order(derivable)]


# --- explain ---------------------------------------------------------------------------------------


def explanation(result: Explanation) -> Report:
    """Show a derivation as a tree."""
    facts = []
    if any(item.quantity.section == "workload" for item in result.tree.walk()):
        facts.append(workload_line(result.evaluation))
    if any(words.is_weak(item.basis) for item in result.tree.walk()):
        facts.append(WEAK)
    title = f"{result.tree.name} of {_heading(result.scenario)}"
    return Report(title, blocks=[_branch(result.tree, set())], facts=facts)


def _branch(item: Derivation, seen: set[str]) -> Tree:
    line = [Cell(item.name, "name"), *_equals(item)]
    if item.name in seen and (item.inputs or item.notes):
        return Tree([*line, Cell("(see above)", "faint")])
    seen.add(item.name)
    if item.missing:
        return Tree(line, _routes(item), [_branch(below, seen) for below in item.inputs])
    details = []
    if item.formula is not None:
        details.append(Cell(f"= {item.formula}", "faint"))
    if item.datum is not None:
        details += _provenance(item.datum)
    if item.default:
        details.append(Cell(f"default: {item.description}", "faint"))
    details += [Cell(note, "faint") for note in item.notes if item.datum is None or note != item.datum.note]
    return Tree(line, details, [_branch(below, seen) for below in item.inputs])


def _equals(item: Derivation) -> list[Cell]:
    if item.missing:
        return [Cell(f"– {item.reason}", "bad")]
    if item.value is None:
        return [Cell("undefined:", "bad"), Cell(item.reason or "", "bad")]
    mark = "~" if words.is_weak(item.basis) else ""
    unit = _unit(item.quantity.unit)
    shown = mark + words.exact(item.value, item.quantity) + (f" {unit}" if unit else "")
    datum = item.datum
    if datum is not None and datum.text is not None and datum.low is None:
        shown += f"  ({datum.text})"
    elif datum is not None and datum.low is not None and datum.high is not None:
        low, high = words.exact(datum.low, item.quantity), words.exact(datum.high, item.quantity)
        shown += f"  ({low} to {high})"
    return [Cell("="), Cell(shown, "strong"), Cell(str(item.basis), "faint")]


def _provenance(datum: Datum) -> list[Cell]:
    dates = []
    if datum.since is not None:
        dates.append(f"in force since {datum.since}")
    if datum.as_of is not None:
        dates.append(f"as of {datum.as_of}")
    told = "; ".join(filter(None, [datum.source or "no source stated", *dates]))
    return [Cell(text, "faint") for text in (told, datum.url, datum.note) if text]


def _routes(item: Derivation) -> list[Cell]:
    cells = []
    for route in item.passed:
        why = route.reason or ""
        if route.lacking:
            needs = f"lacks {', '.join(route.lacking)}"
            why = f"{needs} ({why})" if why else needs
        cells.append(Cell(f"= {route.formula}: {why}", "faint"))
    return cells


# --- breakeven -------------------------------------------------------------------------------------


def ladder(result: Ladder) -> Report:
    """Show the ladder: a line for each boundary, payer and compute rate, a column for each elasticity."""
    blocks: list[Table | Tree] = []
    for compute in dict.fromkeys(line.compute for line in result.lines):
        for payer in dict.fromkeys(line.payer for line in result.lines):
            lines = [line for line in result.lines if (line.compute, line.payer) == (compute, payer)]
            known = [line for line in lines if line.rungs]
            if known:
                blocks.append(_ladder_table(result, known, f"{payer} payer, compute at the {compute} rate"))
    blocks += _losses(result)
    facts = _missing_lines(result)
    facts += [f"{name}: {note}" for name, note in result.notes]
    facts.append("[ ] marks what lies in 10–100×; ! is near-singular: 0.01 more of ε moves it by 10% or more")
    return Report(
        f"Break-even multipliers of {_heading(result.scenario)}",
        lead=_ladder_lead(result),
        blocks=blocks,
        facts=facts,
    )


def _ladder_table(result: Ladder, lines: Sequence[Line], title: str) -> Table:
    columns = [
        Column("boundary"),
        *(Column(f"ε = {e:g}", right=True) for e in result.elasticities),
        Column("10–100× where ε is", right=True),
    ]
    rows = []
    for line in lines:
        cells = [Cell(line.boundary, "name"), *map(_rung_cell, line.rungs), Cell(_band_words(line))]
        rows.append(cells)
    return Table(columns, rows, title=title)


def _rung_cell(rung: Rung) -> Cell:
    if rung.result is None:
        return Cell("–", "faint")
    if rung.result.covered:
        return Cell("covered", "good")
    if rung.multiplier is None:
        return Cell("never", "bad")
    text = words.multiplier(rung.multiplier) + ("!" if rung.result.near_singular else "")
    return Cell(f"[{text}]", "band") if rung.in_band else Cell(text)


def _band_words(line: Line) -> str:
    low, high = line.band
    if high is None:
        return "–" if low is None else f"{low:.2f} and up"
    return f"{low:.2f} to {high:.2f}" if low else f"0 to {high:.2f}"


def _ladder_lead(result: Ladder) -> list[str]:
    """How many rungs lie in the band, and for each compute rate what it takes to get there."""
    inside = sum(rung.in_band for rung in result.rungs)
    lead = [f"{inside} of {len(result.rungs)} rungs lie in 10–100×."]
    for compute in dict.fromkeys(line.compute for line in result.lines if line.rungs):
        lines = [line for line in result.lines if line.compute == compute]
        free = [
            f"{r.payer} {r.boundary}" for line in lines for r in line.rungs if not r.elasticity and r.in_band
        ]
        bounds = [
            (line.band[0], f"{line.payer} {line.boundary}") for line in lines if line.band[0] is not None
        ]
        if free:
            lead.append(
                f"At the {compute} rate {', '.join(free)} {_verb(free)} there even if demand does not answer."
            )
        elif bounds:
            least, where = min(bounds)
            lead.append(f"At the {compute} rate it takes an elasticity of {least:.2f} or more ({where}).")
        else:
            lead.append(f"At the {compute} rate no elasticity below 1 brings any of them there.")
    return lead


def _verb(items: Sequence[str]) -> str:
    return "lies" if len(items) == 1 else "lie"


def _missing_lines(result: Ladder) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for line in result.lines:
        if not line.rungs:
            reasons.setdefault(line.reason or "", []).append(
                f"{line.boundary} ({line.payer}, {line.compute})"
            )
    facts = [f"Not shown: {', '.join(lines)} – {why}" for why, lines in reasons.items()]
    unanswered: dict[str, list[str]] = {}
    for rung in result.rungs:
        if rung.result is None:
            unanswered.setdefault(rung.reason or "", []).append(f"{rung.boundary} at ε = {rung.elasticity:g}")
    return facts + [f"– {', '.join(dict.fromkeys(rungs))}: {why}" for why, rungs in unanswered.items()]


def _losses(result: Ladder) -> list[Table | Tree]:
    """Where no price breaks even: the price of least loss, and that loss."""
    usd = MODEL.quantities["cost.total"]
    rows = []
    for rung in result.rungs:
        found = rung.result
        if found is None or found.least_loss is None:
            continue
        at = "∞" if found.least_loss_multiplier is None else words.multiplier(found.least_loss_multiplier)
        rows.append(
            [
                Cell(rung.boundary, "name"),
                Cell(rung.payer),
                Cell(rung.compute),
                Cell(f"{rung.elasticity:g}"),
                Cell(at),
                Cell(words.number(found.least_loss, usd)),
            ]
        )
    columns = [Column("boundary"), Column("payer"), Column("compute"), Column("ε", right=True)]
    columns += [Column("least loss at", right=True), Column("loss, USD per period", right=True)]
    return [Table(columns, rows, title="Where no price breaks even")] if rows else []


# --- list and validate -----------------------------------------------------------------------------


def scenario_list(files: Sequence[ScenarioFile]) -> Report:
    """Show what scenarios there are."""
    columns = [Column("name"), Column("kind"), Column("title", wrap=True), Column("variants", wrap=True)]
    rows = [
        [
            Cell(f.name, "name"),
            Cell(f.kind or "–", "faint"),
            Cell(f.title or ""),
            Cell(", ".join(f.variants), "faint"),
        ]
        for f in files
    ]
    return Report(blocks=[Table(columns, rows)] if rows else [], facts=[f"{len(files)} scenarios"])


def quantity_list(entries: Sequence[QuantityEntry], what: str) -> Report:
    """Show what metrics or inputs there are, with their formulas."""
    columns = [Column("name"), Column("unit"), Column("description", wrap=True)]
    rows = [
        [Cell(e.quantity.name, "name"), Cell(e.quantity.unit, "faint"), Cell(e.quantity.description)]
        for e in entries
    ]
    return Report(blocks=[Table(columns, rows)] if rows else [], facts=[f"{len(entries)} {what}"])


def validation(result: Validation) -> Report:
    """Show what was checked and what is wrong, a line each."""
    files, errors = len(result.files), len(result.problems)
    count = f"{files} file{'s' if files != 1 else ''}, {errors or 'no'} error{'s' if errors != 1 else ''}"
    return Report(lead=[str(problem) for problem in result.problems], facts=[count])
