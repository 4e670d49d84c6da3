"""Shows the result of `selfhost`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from llmcost.analysis.ask.evaluation import Evaluation, notes_of, shortest_gap, why_missing
from llmcost.analysis.ask.selfhost import (
    BILLS,
    FLEET,
    OWN,
    SAVINGS,
    TRAFFIC,
    TURNS,
    UTILIZATION,
    Decision,
    Offer,
)
from llmcost.engine.trace import Node
from llmcost.formulas import MODEL
from llmcost.formulas.price import MIX_OF_TRAFFIC
from llmcost.render import words
from llmcost.render.report import Cell, Column, Document, Report, Rows, Table, Views, columns_of, drawing
from llmcost.render.results.caveats import caveats_document
from llmcost.render.results.shared import (
    NONE,
    WEAK,
    any_weak,
    fields,
    grouped,
    header,
    heading,
    marked,
    reason_fields,
    tone,
    traffic_line,
    unit_shown,
    united,
)
from llmcost.render.results.ways import cautious
from llmcost.scenario.workload import OWN as OWN_MIX

if TYPE_CHECKING:
    from llmcost.analysis.whatif.uncertainty import Likelihood

Sure = Sequence["Likelihood | None"]
"""For each offer, how likely self-hosting is cheaper; None if no input is uncertain."""
METRICS: Final = (*OWN, *BILLS, *TURNS)
OWN_BILL, API_BILL = "serving.cost_per_month", "alternative.cost_per_month"
VOLUME, ALWAYS = "alternative.breakeven_tokens_per_day", "alternative.always_cheaper_tokens_per_day"
CAPACITY, PEAK = "serving.capacity_tokens_per_day", "serving.peak_to_average"
NEEDED, MIX = "serving.gpus_required", "workload.output_share"
MEASURED, WEIGHT = "serving.measured_output_share", "serving.output_cost_weight"
OF_WORKLOAD: Final = (MIX, "workload.cached_input_share")
_LENGTHS: Final = ("traffic.input_tokens_per_request", "traffic.output_tokens_per_request")


def views(result: Decision, sure: Sure = ()) -> Views:
    """Return the ways to show a decision, with its likelihood."""
    likely = sure or [None] * len(result.offers)
    told = [None if offer.savings is None else one for offer, one in zip(result.offers, likely, strict=True)]
    return Views(
        # The report itself says what the traffic decided.
        lambda: cautious(report(result, told), [result.own.caveats(METRICS)]),
        lambda: document(result, told),
        lambda: rows(result, told),
        chart=drawing("selfhost", result),
    )


def report(result: Decision, sure: Sure) -> Report:
    """Show the decision: the monthly bills, and where the answer changes."""
    evaluations = [offer.evaluation for offer in result.offers]
    noted = dict.fromkeys(note for found in evaluations for note in notes_of(found.trace, METRICS))
    facts = [*_gaps(result), traffic_line(result.own), *(f"{name}: {note}" for name, note in noted)]
    if any_weak(found.trace.nodes.get(name) for found in evaluations for name in METRICS):
        facts.append(WEAK)
    title = f"Self-host or buy: {heading(result.scenario)}"
    blocks = [table for table in (_bills(result, sure), _turns(result)) if table.rows]
    return Report(title, lead=list(_lead(result, sure)), blocks=blocks, facts=facts)


def _known(evaluation: Evaluation, *names: str) -> bool:
    return all(name in evaluation and evaluation.value(name) is not None for name in names)


def _said(evaluation: Evaluation, name: str) -> str:
    """Return a value with its unit, marked if it is weak."""
    return united(marked(evaluation[name]), evaluation[name].quantity)


# In words


def _lead(result: Decision, sure: Sure) -> Iterator[str]:
    """Say which is cheaper and by how much, how likely, and whether the fleet can serve the traffic."""
    if result.assumed is not None:
        quantity = MODEL.quantities[UTILIZATION]
        given = words.number(result.assumed.value, quantity)
        known = _known(result.stated, UTILIZATION)
        makes = f": it is {_said(result.stated, UTILIZATION)}" if known else ""
        yield f"The traffic decides {UTILIZATION}, not the assumed {given}{makes}."
    if result.short:
        yield from _fleet(result)
    for offer, likely in zip(result.offers, sure, strict=True):
        yield " ".join([_verdict(offer), *_likely(likely)])
    cheapest = result.cheapest
    if len(result.offers) > 1 and cheapest is not None and cheapest.cheaper is not None:
        best = cheapest.label if cheapest.cheaper == "api" else "self-hosting"
        yield f"Cheapest of all: {best}."
    yield from dict.fromkeys(
        remedy for offer in result.offers if offer.savings is None for remedy in _remedies(offer.evaluation)
    )
    if not result.short:
        yield from _fleet(result)


def _verdict(offer: Offer) -> str:
    found = offer.evaluation
    node = found.trace.nodes.get(SAVINGS)
    if node is not None and node.value is not None:
        if offer.cheaper == "same":
            return f"{offer.label} costs as much as self-hosting."
        bills = [found.value(name) for name in (API_BILL, OWN_BILL) if name in found]
        dearer = max((bill for bill in bills if bill is not None), default=0.0)
        part = f" ({abs(node.value) / dearer:.0%})" if dearer else ""
        weak = "~" if node.is_weak else ""
        amount = f"{weak}{words.number(abs(node.value), node.quantity)} USD a month{part}"
        if offer.cheaper == "own":
            return f"Self-hosting saves {amount} against {offer.label}."
        return f"Buying from {offer.label} saves {amount}."
    if node is None and _known(found, VOLUME):
        return f"Against {offer.label} self-hosting is cheaper from {_said(found, VOLUME)} on."
    why = _why(found, SAVINGS)
    remedy = "; --workload chat would choose a mix" if MIX in why else ""
    return f"Against {offer.label} there is no answer: {why}{remedy}."


def _why(found: Evaluation, name: str) -> str:
    node = found.trace.nodes.get(name)
    return why_missing(found, name) if node is None else str(node.reason)


def _remedies(found: Evaluation) -> Iterator[str]:
    """Say what to type for an answer: an option with an example for everything that is missing."""
    lacking: set[str] = set()
    for name in (SAVINGS, OWN_BILL, API_BILL):
        node = found.trace.nodes.get(name)
        if node is None:
            lacking.update(shortest_gap(found, name))
        elif node.reason is not None:
            lacking.add(node.reason.code)
    given = found.scenario.data
    measured = found.value(MEASURED) if MEASURED in given else None
    if "traffic.input_tokens_per_day" in lacking and measured is not None:
        yield "--set traffic.tokens_per_day=500M would state the traffic, at the mix that was measured."
    if FLEET in lacking:
        yield f"--set {PEAK}=2.5 (the peak over the mean), or --set {UTILIZATION}=40%, would size the fleet."
    if "length_unknown" in lacking:
        shares = [found.value(name) for name in ("traffic.output_share", MIX) if name in found]
        share = next((share for share in shares if share is not None and share < 1), 0.2)
        written = round(1000 * share / (1 - share))
        example = f"{_LENGTHS[0]}=1000 --set {_LENGTHS[1]}={written}"
        yield f"--set {example} would state how long a request is."
    if "not_as_measured" in lacking and measured is not None:
        put = found.scenario.workload != OWN_MIX
        stated = [*MIX_OF_TRAFFIC, "traffic.cached_input_share", *(() if put else OF_WORKLOAD)]
        options = [f"--set {name}=null" for name in stated if name in given]
        if put:
            options.append(f"--workload {OWN_MIX}")
        options.append(f"--set {TRAFFIC}={found.value(TRAFFIC) or 0.0:.15g}")
        yield (
            f"--set {WEIGHT}=4 would say what an output token costs to serve, in input tokens; or "
            f"{' '.join(options)} asks at the mix that was measured, {measured:.1%} output."
        )


def _likely(likely: Likelihood | None) -> Iterator[str]:
    if likely is None:
        return
    between = _between(likely)
    spread = f"; the middle 90% save {between} USD a month" if between else ""
    yield f"Self-hosting is cheaper in {likely.positive:.0%} of draws{spread}."


def _between(likely: Likelihood) -> str:
    """Return the interval of the savings, if its ends look different."""
    ends = [words.ranked(end, MODEL.quantities[SAVINGS]) for end in likely.intervals.get(SAVINGS, ())]
    return " to ".join(ends) if len(set(ends)) > 1 else ""


def _fleet(result: Decision) -> Iterator[str]:
    """Say whether the fleet can serve the traffic, and what the GPUs that the traffic needs would cost."""
    own, fitted = result.stated, result.fitted
    needed = "" if fitted is None else f"{_gpus(fitted, NEEDED)}, which cost {_said(fitted, OWN_BILL)}"
    if result.short:
        told = f"Your {_gpus(own, FLEET)} cannot serve the traffic: {_said(own, TRAFFIC)}, of at most"
        yield f"{told} {_said(own, CAPACITY)}{' with room for its peaks' if _known(own, PEAK) else ''}."
        if needed:
            yield f"The answer below is for as many as it needs: {needed}."
        return
    if _known(own, FLEET, "serving.utilization"):
        most = f", and serve up to {_said(own, CAPACITY)}" if _known(own, CAPACITY) else ""
        verb = "is" if own.value(FLEET) == 1 else "are"
        yield f"Your {_gpus(own, FLEET)} {verb} {_said(own, 'serving.utilization')} busy{most}."
    elif _known(own, NEEDED, OWN_BILL):
        yield f"The traffic needs {_gpus(own, NEEDED)}, which cost {_said(own, OWN_BILL)}."
    if needed:
        yield f"The traffic needs {needed}."


def _gpus(evaluation: Evaluation, name: str) -> str:
    node = evaluation[name]
    number = words.exact(round(node.value or 0.0, 1), node.quantity)
    return f"{'~' if node.is_weak else ''}{words.counted(number, 'GPU')}"


def _gaps(result: Decision) -> list[str]:
    """Say which metrics have no value, and why."""
    labels: list[tuple[tuple[str, str], str]] = []
    for offer in result.offers:
        found = offer.evaluation
        for name in (OWN_BILL, *BILLS, *TURNS):
            node = found.trace.nodes.get(name)
            if node is not None and node.value is not None:
                continue
            if node is None and name == "alternative.payback_months":
                continue  # nothing was bought
            why = _why(found, name)
            if why == _why(found, SAVINGS) and not _known(found, VOLUME):
                continue  # said in the verdict
            labels.append(((name, why), offer.label))
    names = grouped((f"({', '.join(those)}): {why}", name) for (name, why), those in grouped(labels).items())
    return [f"No {', '.join(lacking)} {rest}" for rest, lacking in names.items()]


# In tables


def _bills(result: Decision, sure: Sure) -> Table:
    own = result.own
    lines = [
        _line("bill", OWN_BILL, API_BILL, result),
        _line("USD/Mtok", "serving.cost_per_mtok", "alternative.blended_per_mtok", result),
        _line("own saves", None, SAVINGS, result),
    ]
    theirs = any(cell.text != "–" for line in lines for cell in line[2:])
    lines = [line for line in lines if theirs and any(cell.text not in ("", "–") for cell in line[1:])]
    spreads = ["" if likely is None else _between(likely) for likely in sure]
    if any(spreads):
        lines.append([Cell("90% interval"), Cell(""), *(Cell(between) for between in spreads)])
    if any(likely is not None for likely in sure):
        odds = [Cell("" if likely is None else f"{likely.positive:.0%} of draws") for likely in sure]
        lines.append([Cell("own is cheaper in"), Cell(""), *odds])
    if _known(own, "alternative.payback_months"):
        lines.append(_line("months to pay back", None, "alternative.payback_months", result))
    columns = columns_of("", ">own", *(f">{offer.label}" for offer in result.offers))
    return Table(columns, lines, title="USD a month")


def _line(title: str, own: str | None, theirs: str, result: Decision) -> list[Cell]:
    first = Cell("") if own is None else _cell(result.own, own)
    return [Cell(title), first, *(_cell(offer.evaluation, theirs) for offer in result.offers)]


def _cell(evaluation: Evaluation, name: str) -> Cell:
    node: Node | None = evaluation.trace.nodes.get(name)
    if node is None or node.value is None:
        return NONE
    text = marked(node)
    if name == SAVINGS:
        text = text if node.value < 0 else text.replace("~", "~+") if "~" in text else f"+{text}"
        return Cell(text, tone(node.value, node.quantity))
    return Cell(text)


_SIDES: Final = {
    VOLUME: "from",
    ALWAYS: "from",
    "alternative.breakeven_utilization": "from",
    "alternative.breakeven_gpu_hour_cost": "up to",
    "alternative.breakeven_price_multiplier": "from",
}
"""The side of each threshold on which self-hosting is cheaper."""


def _turns(result: Decision) -> Table:
    labels = (f">{offer.label}" for offer in result.offers)
    columns = columns_of("own is cheaper where", Column("unit", narrow="beneath"), ">today", *labels)
    lines = []
    for name, today in TURNS.items():
        if not any(name in offer.evaluation for offer in result.offers):
            continue
        cells = [_turn(offer.evaluation, name) for offer in result.offers]
        here = Cell("1.00×") if today is None else _cell(result.own, today)
        unit = unit_shown(MODEL.quantities[name].unit)
        if any(cell.text != "–" for cell in cells):
            lines.append([Cell(name, "name"), Cell(unit, "faint"), here, *cells])
    return Table(columns, lines, title="Where the answer changes")


def _turn(evaluation: Evaluation, name: str) -> Cell:
    node = evaluation.trace.nodes.get(name)
    if node is None:
        return NONE
    impossible = name == "alternative.breakeven_utilization" and node.value is not None and node.value > 1
    if node.value is None or impossible:
        return Cell("never" if impossible or (node.reason and node.reason.end) else "–", "bad")
    return Cell(f"{_SIDES[name]} {marked(node)}")


# For programs


def document(result: Decision, sure: Sure) -> Document:
    """The document of `selfhost`."""
    return header("selfhost") | {
        **fields(result.scenario, "scenario:label as_of:in_force_since"),
        "workload": result.own.scenario.workload,
        **caveats_document(result.caveats),
        **fields(result, "short assumed_utilization:assumed.value"),
        "own": _figures(result.stated, OWN, None),
        "fitted": None if result.fitted is None else _figures(result.fitted, OWN, None),
        "offers": [
            {
                **fields(offer, "api:label cheaper"),
                **fields(likely, "own_cheaper_in:positive"),
                "metrics": _figures(offer.evaluation, (*BILLS, *TURNS), likely),
            }
            for offer, likely in zip(result.offers, sure, strict=True)
        ],
    }


def _figures(evaluation: Evaluation, names: Sequence[str], likely: Likelihood | None) -> list[Document]:
    found: list[Document] = []
    for name in names:
        node = evaluation.trace.nodes.get(name)
        if node is None:
            if name in evaluation.trace.missing:
                why = why_missing(evaluation, name)
                found.append(
                    {"metric": name, "unit": MODEL.quantities[name].unit, "value": None, "reason": why}
                )
            continue
        figure: Document = {"metric": name} | fields(node, "unit:quantity.unit value basis")
        if node.reason is not None:
            figure |= reason_fields(node.reason)
        if likely is not None and name in likely.intervals:
            figure["interval"] = words.ends(likely.intervals[name])
        found.append(figure)
    return found


def rows(result: Decision, sure: Sure) -> Rows:
    """A row for each API: what is cheaper, how likely, and each metric."""
    return [
        {
            **fields(offer, "api:label cheaper"),
            **fields(likely, "own_cheaper_in:positive"),
            **{name: offer.evaluation.value(name) if name in offer.evaluation else None for name in METRICS},
        }
        for offer, likely in zip(result.offers, sure, strict=True)
    ]
