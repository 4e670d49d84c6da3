"""What several results say in the same way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from llmcost.analysis.ask.evaluation import Evaluation
from llmcost.engine.trace import Node
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.render import words
from llmcost.render.report import Document, Style
from llmcost.scenario.library import bundled_folder
from llmcost.scenario.settled import Scenario

WEAK: Final = "~ estimated or assumed, itself or something it follows from"


def marked(node: Node) -> str:
    """A node's value with `~` where it is weak."""
    if node.value is None:
        return "undefined"
    return ("~" if words.is_weak(node.basis) else "") + words.number(node.value, node.quantity)


def sign(node: Node | None) -> Style:
    """Whether a profit or margin is one."""
    if node is None or node.value is None or node.quantity.low == 0:
        return "" if node is None or node.value is not None else "faint"
    kind = node.name.rpartition(".")[2]
    if "burn" in kind:
        return "bad" if node.value > 0 else "good"
    if any(word in kind for word in ("profit", "margin", "markup", "contribution")):
        return "good" if node.value > 0 else "bad"
    return ""


def unit_shown(unit: str) -> str:
    """The unit as a column shows it; what a number carries itself is not repeated."""
    if unit.startswith("share/"):
        return unit.replace("share/", "per ")
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


def any_weak(nodes: Iterable[Node | None]) -> bool:
    return any(node is not None and node.value is not None and words.is_weak(node.basis) for node in nodes)


def heading(scenario: Scenario) -> str:
    return f"{scenario.label}: {scenario.title}" if scenario.title else scenario.label


def horizon_lines(scenario: Scenario, metrics: Iterable[str]) -> list[str]:
    """Say how far a projection looks, where a metric comes of one."""
    if MODEL.outcomes.isdisjoint(metrics):
        return []
    months = scenario.timeline.length
    return [f"Projected over {months} months; a runway of {months} is one of {months} or more"]


def header(kind: str) -> Document:
    return {"format": f"llmcost/{kind}", "version": 1}


def date_of(scenario: Scenario) -> str | None:
    return str(scenario.in_force_since) if scenario.in_force_since else None


def reason_fields(reason: Reason | str | None, key: str = "reason") -> Document:
    """Return a reason for a document: its sentence, and its code beside it where it has one."""
    code = reason.code if isinstance(reason, Reason) else None
    return {key: None if reason is None else str(reason), f"{key}_code": code}


def reasons_by_metric(reasons: Mapping[str, Reason]) -> Document:
    """Return why metrics have no value for a document: sentences, and codes beside them."""
    return {
        "reasons": {metric: str(reason) for metric, reason in reasons.items()},
        "reason_codes": {metric: reason.code for metric, reason in reasons.items()},
    }


def change(share: float) -> str:
    """Return a relative change with its sign, in percent."""
    return f"{'+' if share > 0 else '-'}{words.significant(abs(share) * 100)}%"


def relative(where: str | None) -> str:
    """Return a path as seen from the working directory, or from the scenarios that come along."""
    if where is None:
        return ""
    path = Path(where)
    if not path.is_absolute():
        return where
    for folder, name in ((Path.cwd(), ""), (bundled_folder(), "bundled")):
        if path.is_relative_to(folder):
            return str(Path(name) / path.relative_to(folder))
    return where
