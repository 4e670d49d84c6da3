"""Words and fields that several results share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, reduce
from pathlib import Path
from typing import Final, TypeVar

from llmcost.analysis.ask.evaluation import Evaluation, of_parts
from llmcost.engine.parts import split
from llmcost.engine.registry import Quantity
from llmcost.engine.trace import Node, Trace
from llmcost.errors import Place
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.render import words
from llmcost.render.report import Cell, Document, Style
from llmcost.scenario.finding import bundled_folder
from llmcost.scenario.settled import Scenario

K = TypeVar("K")
V = TypeVar("V")
NONE: Final = Cell("–", "faint")
"""Stands in a table where there is no value."""
WEAK: Final = "~ rests on an estimate or assumption"
COUNTED: Final = frozenset(("month", "year", "day", "GPU", "GPU-hour", "request", "unit", "user"))
"""Units that are words, with a plural."""
USD: Final = MODEL.quantities["cost.total"]


def marked(node: Node) -> str:
    """Return the value of a node, with `~` if it is weak."""
    if node.value is None:
        return "undefined"
    return ("~" if node.is_weak else "") + words.number(node.value, node.quantity)


def tone(value: float | None, quantity: Quantity) -> Style:
    """Return whether a value is on the good or the bad side of zero, if zero has two sides."""
    if value is None:
        return "faint"
    one_sided = quantity.low is not None and quantity.low >= 0 and value > 0
    if not value or one_sided or quantity.worse is None:
        return ""
    return "good" if (value > 0) == (quantity.worse == "down") else "bad"


def node_cell(node: Node | None) -> Cell:
    """Return the value of a node, marked if it is weak, and good or bad; a dash without a node."""
    return NONE if node is None else Cell(marked(node), tone(node.value, node.quantity))


def unit_shown(unit: str) -> str:
    """Return the unit for a column; signs such as % and × are part of the number."""
    if unit.startswith("share/"):
        return unit.replace("share/", "per ")
    return "" if unit in ("share", "×", "–") else unit


def titled(quantity: Quantity) -> str:
    """Return the name of a quantity with its unit, for an axis or a heading."""
    unit = unit_shown(quantity.unit)
    return f"{quantity.name}, {unit}" if unit else quantity.name


def workload_line(evaluation: Evaluation) -> str:
    """Name the workload and its mix."""
    mix = _mix(evaluation, "workload")
    return f"Workload: {evaluation.scenario.workload}{f' ({mix})' if mix else ''}"


def traffic_line(evaluation: Evaluation) -> str:
    """Name the mix of the traffic, or else the workload that stands for it."""
    mix = _mix(evaluation, "traffic") if "traffic.output_share" in evaluation.trace.nodes else ""
    return f"Traffic: {mix}" if mix else workload_line(evaluation)


def _mix(evaluation: Evaluation, section: str) -> str:
    parts = []
    for name, what in (
        ("output_share", "output"),
        ("cached_input_share", "of input cached"),
        ("cache_write_share", "written to a cache"),
        ("cache_write_1h_share", "written to a cache for an hour"),
        ("reasoning_share", "of output reasoning"),
        ("batch_share", "in batches"),
        ("flex_share", "at flex prices"),
        ("priority_share", "at priority prices"),
        ("off_peak_share", "off-peak"),
    ):
        node = evaluation.trace.nodes.get(f"{section}.{name}")
        if node is not None and node.value is not None:
            parts.append(f"{words.number(node.value, node.quantity)} {what}")
    return ", ".join(parts)


def any_weak(nodes: Iterable[Node | None]) -> bool:
    return any(node is not None and node.value is not None and node.is_weak for node in nodes)


def default_lines(trace: Trace, names: Iterable[str]) -> list[str]:
    """Say which defaults were used, except for those with a note."""
    found: dict[str, Node] = {}
    for name in names:
        defaults = [node for node in trace.ancestry(name) if node.is_default]
        found |= {node.name: node for node in defaults if node.formula and not node.formula.note}
    values = ((_once(name, found), node.value, node.quantity) for name, node in found.items())
    told = [f"{name} {with_unit(value, quantity)}" for name, value, quantity in values if value is not None]
    told = list(dict.fromkeys(told))
    return [f"Defaults used: {', '.join(told)}"] if told else []


def _once(name: str, names: Iterable[str]) -> str:
    """Return the name of a quantity, a common one if several parts share it."""
    own = split(name)[1]
    return of_parts(own) if sum(split(other)[1] == own for other in names) > 1 else name


def heading(scenario: Scenario) -> str:
    named = scenario.title not in (None, scenario.label)
    return f"{scenario.label}: {scenario.title}" if named else scenario.label


def with_unit(value: float, quantity: Quantity) -> str:
    """Return a value for a sentence, with its unit."""
    return united(words.exact(value, quantity), quantity)


def rounded(value: float, quantity: Quantity) -> str:
    """Return a value in three digits, with its unit."""
    return united(words.number(value, quantity), quantity)


def span(low: float, high: float, quantity: Quantity) -> str:
    """Return the ends of a range in three digits, with their unit; if they are equal, only one."""
    first = f"{words.number(low, quantity)} to " if low != high else ""
    return first + rounded(high, quantity)


def united(text: str, quantity: Quantity) -> str:
    """Return a formatted value with its unit: 1 month, 36 months."""
    unit = unit_shown(quantity.unit)
    plural = "s" if unit in COUNTED and text not in ("1", "1.00") else ""
    return f"{text} {unit}{plural}".rstrip()


def grouped(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """Group pairs by their keys, in the order of first appearance."""
    found: dict[K, list[V]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found


def horizon_lines(scenario: Scenario, metrics: Iterable[str]) -> list[str]:
    """State the length of the projection, if a metric needs one."""
    if MODEL.outcomes.isdisjoint(metrics):
        return []
    months = scenario.timeline.length
    return [f"Projected over {months} months; a runway of {months} means {months} or more"]


def distinct(labels: Sequence[str]) -> list[str]:
    """Number duplicate labels, so that each is unique."""
    return [
        f"{label} #{labels[: place + 1].count(label)}" if labels.count(label) > 1 else label
        for place, label in enumerate(labels)
    ]


def header(kind: str) -> Document:
    return {"format": f"llmcost/{kind}", "version": 1}


ABOUT: Final = "scenario:label as_of:in_force_since workload"
"""The fields of a scenario in a document about it."""


def date_of(scenario: Scenario) -> str | None:
    return str(scenario.in_force_since) if scenario.in_force_since else None


def reason_fields(reason: Reason | str | None, key: str = "reason") -> Document:
    """Return a reason for a document: its sentence, and its code if it has one."""
    code = reason.code if isinstance(reason, Reason) else None
    return {key: None if reason is None else str(reason), f"{key}_code": code}


def reasons_by_metric(reasons: Mapping[str, Reason]) -> Document:
    """Return why metrics have no value, for a document: sentences and codes."""
    return {
        "reasons": {metric: str(reason) for metric, reason in reasons.items()},
        "reason_codes": {metric: reason.code for metric, reason in reasons.items()},
    }


def change(share: float) -> str:
    """Return a relative change with its sign, in percent."""
    return f"{'+' if share > 0 else '-'}{words.significant(abs(share) * 100)}%"


def seen(place: Place) -> Place:
    """Return a place with its file relative to the working directory."""
    return place._replace(file=relative(place.file) or None)


def relative(where: str | None) -> str:
    """Return a path relative to the working directory, or to the bundled scenarios."""
    if where is None:
        return ""
    path = Path(where)
    if not path.is_absolute():
        return where
    for folder, name in ((Path.cwd(), ""), (bundled_folder(), "bundled")):
        if path.is_relative_to(folder):
            return str(Path(name) / path.relative_to(folder))
    return where


def typed(scenario: Scenario) -> str:
    """Return the name of a scenario on the command line: its label, with the path of the user's own file."""
    import shlex

    where = scenario.where
    if not where or Path(where).is_relative_to(bundled_folder()):
        name = scenario.name
    else:
        name = "-" if where == "<stdin>" else relative(where)
    return shlex.quote(name + scenario.label.removeprefix(scenario.name))


def fields(item: object, spec: str) -> Document:
    """Return attributes of an object for a document, by a spec such as `name key:path.to.it`.

    If something on a path is None, so is the result. Dates become texts, and tuples lists.
    """
    return {key: _plain(reduce(_inside, path, item)) for key, path in _parsed(spec)}


@cache
def _parsed(spec: str) -> list[tuple[str, list[str]]]:
    named = (word.partition(":") for word in spec.split())
    return [(key, (path or key).split(".")) for key, _, path in named]


def _inside(item: object, name: str) -> object:
    return None if item is None else getattr(item, name)


def _plain(value: object) -> object:
    if isinstance(value, dt.date):
        return str(value)
    return list(value) if type(value) is tuple else value


def doubts_document(doubts: Sequence[str]) -> Document:
    """Return the doubts about modelled rates, if there are any."""
    return {"doubts": list(doubts)} if doubts else {}


def usd(value: float) -> str:
    """Return an amount of USD, without its unit."""
    return words.number(value, USD)


def amount(value: float | None, name: str = "", weak: bool = False) -> Cell:
    """Return an amount of USD, `weak` where it is estimated or assumed; by its `name` it is good or bad."""
    if value is None:
        return NONE
    style = tone(value, MODEL.quantities[name]) if name else ""
    # Nothing was assumed about an amount of zero.
    return Cell(("~" if weak and value else "") + usd(value), style)
