"""A page that computes: sliders, metrics and a curve in one file, without a server or network."""

from __future__ import annotations

import json
import shlex
import string
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

from llmcost.analysis.ask.evaluation import datum_of, formula_text
from llmcost.analysis.whatif.grid import RESTS
from llmcost.analysis.whatif.sliders import Slider, Sliders
from llmcost.engine.plan import Step
from llmcost.engine.registry import Quantity
from llmcost.engine.symbols import Graph, Root, Symbol, graph_of_formula
from llmcost.engine.writing import ATOM, LEVELS, Infix, Text, write
from llmcost.reasons import REASONS, Reason
from llmcost.render import html
from llmcost.render.results.caveats import acknowledged, warnings
from llmcost.render.results.shared import fields, heading, typed, unit_shown, workload_line
from llmcost.render.words import in_percent
from llmcost.scenario.files.json_text import json_text

TEMPLATE: Final = Path(__file__).with_name("page.html")
SEARCHES: Final = {"multiplier": "price", "largest_rise": "upward", "_most_users": "upward"}
"""How the page searches for a root, by the name of the root here; see `solve` in the template."""


class Script(Infix):
    """Expressions of JavaScript, over the parameters of a function."""

    signs: ClassVar[dict[str, str]] = {
        "and": "&&",
        "or": "||",
        "==": "===",
        "!=": "!==",
        "least": "Math.min",
        "largest": "Math.max",
        "abs": "Math.abs",
    }

    def __init__(self, slots: Mapping[str, str]) -> None:
        self.slots = slots

    def input(self, name: str) -> Text:
        return Text(self.slots[name], ATOM)

    def constant(self, value: float) -> Text:
        return Text(repr(value), LEVELS["neg"] if value < 0 else ATOM)

    def where(self, condition: Text, yes: Text, no: Text) -> Text:
        return Text(f"({condition.text} ? {yes.text} : {no.text})", ATOM)

    def guard(self, value: Text, conditions: Sequence[Text], reasons: Sequence[Reason]) -> Text:
        text = value.text
        for condition, reason in reversed(list(zip(conditions, reasons, strict=True))):
            text = f"({condition.text} ? {text} : none({json.dumps(sentence(reason.code))}))"
        return Text(text, ATOM)

    def root(self, root: Root, parts: Sequence[Text]) -> Text:
        """Write the search for the zero of the residual."""
        graph, names = Graph(), [f"p{index}" for index in range(len(parts))]
        arguments: list[Symbol] = [graph.put("input", name) for name in ("m", *names)]
        slots = {"m": "m", **{name: f"({part.text})" for name, part in zip(names, parts, strict=True)}}
        residual = write(graph, Script(slots), [graph.lift(root.residual(*arguments))])[0].text
        return Text(f"solve({json.dumps(SEARCHES[root.name])}, (m) => {residual})", ATOM)

    def shared(self, written: Text) -> Text:
        return written


def sentence(code: str) -> str:
    """Return the sentence of a reason, without the numbers, which only an evaluation knows."""
    said = REASONS[code].sentence if code in REASONS else code
    return said if "{" not in said else said.partition(":")[0] if "{" not in said.partition(":")[0] else ""


def page(result: Sliders) -> str:
    """Return the page as HTML."""
    found = result.evaluation
    said = [result.caveats]
    data: dict[str, Any] = {
        "title": heading(found.scenario),
        "label": found.scenario.label,
        "warnings": warnings(said),
        "notes": [found.scenario.note] if found.scenario.note else [],
        "facts": [*acknowledged(said), workload_line(found)],
        "sliders": [_slider(slider) for slider in result.sliders],
        "metrics": [_quantity(quantity) | _formula(result, quantity) for quantity in result.metrics],
        "fixed": {
            name: datum.value for name, datum in found.scenario.data.items() if name not in result.grid.varied
        },
        "limits": [
            [result.grid.plan.targets[rest], result.grid.plan.targets[whole], sentence(RESTS[name][1])]
            for rest, whole, name in result.grid.limits
        ],
        "sources": list(_sources(result)),
        "command": _command(result),
    }
    steps = ",\n".join(map(_step, result.grid.plan.steps))
    text = TEMPLATE.read_text("utf-8")
    return string.Template(text).substitute(
        title=html.text(f"{found.scenario.label} - llmcost"),
        data=json_text(data).replace("<", "\\u003c"),
        steps=steps,
    )


def _step(step: Step) -> str:
    """Return a list entry: a quantity, its inputs, and its formula."""
    formula, present = step.formula, step.inputs
    graph = graph_of_formula(formula, [name for name in formula.inputs if name not in present])
    slots = {name: f"q{index}" for index, name in enumerate(present)}
    text = write(graph, Script(slots), [graph.quantities[formula.quantity]])[0].text
    return f"  [{json.dumps(step.name)}, {json.dumps(present)}, ({', '.join(slots.values())}) => {text}]"


def _quantity(quantity: Quantity) -> dict[str, Any]:
    return {
        "name": quantity.name,
        "about": quantity.description,
        "unit": unit_shown(quantity.unit),
        "form": "share" if in_percent(quantity.unit) else "times" if quantity.unit == "×" else "amount",
        "worse": quantity.worse,
    }


def _formula(result: Sliders, quantity: Quantity) -> dict[str, Any]:
    node = result.evaluation[quantity.name]
    return {"formula": formula_text(node) if node.step is not None else "stated", "value": node.value}


def _slider(slider: Slider) -> dict[str, Any]:
    own = fields(slider, "value low high least:quantity.low most:quantity.high log:by_factors stated")
    return _quantity(slider.quantity) | own


def _sources(result: Sliders) -> Iterable[dict[str, Any]]:
    """Yield the inputs of the metrics, with their sources."""
    nodes = result.evaluation.trace.nodes
    for name in result.grid.plan.inputs:
        datum = datum_of(nodes[name]) if name in nodes else None
        if datum is not None:
            yield _quantity(nodes[name].quantity) | {
                **fields(datum, "value low high basis"),
                "source": datum.source or "no source stated",
                "url": datum.url,
                "date": str(datum.since) if datum.since else datum.as_of,
            }


def _command(result: Sliders) -> str:
    """Return the command that shows the same metrics, as stated."""
    scenario = result.scenario
    words = ["llmcost show", typed(scenario)]
    words += [f"--metric {quantity.name}" for quantity in result.metrics]
    if scenario.workload is not None:
        words.append(f"--workload {shlex.quote(scenario.workload)}")
    if scenario.as_of is not None and "@" not in scenario.label:
        words.append(f"--as-of {scenario.as_of}")
    for name, rule in scenario.ruling.items():
        if rule.asked and name not in result.grid.varied:
            words.append(
                f"--set {name}={scenario.data[name].value:.12g}"
                if name in scenario.data
                else f"--set {name}=null"
            )
    return " ".join(words)
