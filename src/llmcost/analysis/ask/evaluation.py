"""Evaluate a scenario: all of it, or some metrics."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from functools import cache, lru_cache
from typing import Final

from llmcost.analysis.ask.caveats import Caveats, caveats
from llmcost.analysis.ask.load import check_totals, load, put_workload
from llmcost.engine.parts import SECTION, Parts, inside, quantities_inside, split
from llmcost.engine.plan import Plan
from llmcost.engine.trace import Node, Trace, of_interest
from llmcost.engine.trace import evaluate as run
from llmcost.engine.writing import readable
from llmcost.errors import LlmcostError, Problem, texts_in
from llmcost.formulas import MODEL
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum
from llmcost.scenario.values.number import shorten
from llmcost.scenario.workload import OWN

OF_A_PROJECTION: Final = "only a projection yields it; run 'llmcost project'"


class Evaluation:
    """A scenario and everything that follows from it.

    `evaluation["unit.gross_margin"]` is the node of that metric: value, unit, basis, formula, inputs.
    """

    __slots__ = ("scenario", "trace")

    def __init__(self, scenario: Scenario, trace: Trace) -> None:
        self.scenario = scenario
        self.trace = trace

    def __getitem__(self, metric: str) -> Node:
        """Return a metric's node.

        Raises:
            LlmcostError: if it is unknown, was not asked for, or cannot be derived (with what it lacks).
        """
        node = self.trace.nodes.get(metric)
        if node is None:
            if metric not in MODEL.quantities:
                raise LlmcostError(MODEL.unknown(metric, "metric"))
            raise LlmcostError(Problem(why_missing(self, metric), where=self.scenario.label, subject=metric))
        return node

    def __contains__(self, metric: object) -> bool:
        return metric in self.trace.nodes

    def value(self, metric: str) -> float | None:
        """Return a metric's value in its unit; None where it is undefined.

        Raises:
            LlmcostError: as `evaluation[metric]` does.
        """
        return self[metric].value

    def caveats(self, metrics: Iterable[str] | None = None) -> Caveats:
        """Return the caveats of some metrics, or all: conflicts, and inputs without effect."""
        return caveats(self.scenario, metrics)

    @property
    def shown(self) -> list[Node]:
        """Every node that a given value leads to, in vocabulary order, except those of parts.

        A workload that was put on the scenario is left out if nothing depends on it, and so are details on
        which nothing rests.
        """
        return [self.trace.nodes[name] for name in shown_names(self.trace.plan, self.scenario)]


def shown_names(plan: Plan, scenario: Scenario) -> list[str]:
    """Return the names of `Evaluation.shown`, given a plan for everything that a scenario states."""
    return _shown(plan, bool(scenario.parts), scenario.workload == OWN)


@lru_cache(maxsize=128)  # files of a folder often state the same quantities
def _shown(plan: Plan, whole: bool, own: bool) -> list[str]:
    names = [name for name in of_interest(MODEL, plan) if not split(name)[0]]
    if not whole:
        names = [name for name in names if not name.startswith(SECTION)]
    others = [name for name in names if MODEL.quantities[name].section != "workload"]
    return names if own or plan.depends_on("workload", *others) else others


def evaluate(scenario: Scenario | str, metrics: Iterable[str] | None = None) -> Evaluation:
    """Derive metrics (all that can be derived, without a list) from a scenario.

    Args:
        scenario: a loaded scenario or whatever `load` takes.
        metrics: names, sections (`unit`) or patterns (`cost.*_at_market`).

    Raises:
        LlmcostError: for an unknown scenario or metric.
    """
    loaded = load(scenario) if isinstance(scenario, str) else put_workload(scenario, None)
    check_totals(loaded)
    targets = None if metrics is None else select_metrics(metrics, [loaded])
    return Evaluation(loaded, run(MODEL, loaded.given, targets))


def value_today(scenario: Scenario, name: str) -> float | None:
    """Return a quantity's value, stated or derived; None if it has none."""
    return value_in(evaluate(scenario, [name]), name)


def value_in(evaluation: Evaluation, metric: str) -> float | None:
    """Return a metric's value; None if it was not derived, or is undefined."""
    return evaluation.value(metric) if metric in evaluation else None


def select_metrics(patterns: Iterable[str], scenarios: Iterable[Scenario] = ()) -> list[str]:
    """Return the metrics that match names, sections and patterns; `parts.*` matches the scenarios' parts.

    Raises:
        LlmcostError: naming each pattern that matches nothing; for a text instead of a list.
    """
    patterns = texts_in(patterns, "metrics")
    chosen: dict[str, None] = {}
    problems: list[Problem] = []
    for pattern in patterns:
        if "*" not in pattern and MODEL.quantities.find(pattern) is not None:
            hits = [pattern]
        elif pattern in MODEL.sections:
            hits = [name for name, quantity in MODEL.quantities.items() if quantity.section == pattern]
        else:
            parts = Parts(name for scenario in scenarios for name in scenario.data)
            known = [*MODEL.quantities, *quantities_inside(MODEL.quantities, parts)]
            hits = [name for name in known if _fits(name, pattern)] if "*" in pattern else []
        if not hits:
            problems.append(Problem(MODEL.unknown(shorten(pattern, 80), "metric")))
        chosen.update(dict.fromkeys(hits))
    if problems:
        raise LlmcostError(*problems)
    return list(chosen)


def _fits(name: str, pattern: str) -> bool:
    """Whether a name matches a pattern; the `*` of `parts.*.` stands for one part."""
    of_parts = f"{SECTION}*."
    if not pattern.startswith(of_parts):
        return fnmatch.fnmatchcase(name, pattern)
    inside_part = name.startswith(SECTION) and name.count(".") > 1
    return inside_part and _fits(name.split(".", 2)[2], pattern.removeprefix(of_parts))


def why_missing(evaluation: Evaluation, metric: str) -> str:
    """Say in one line what keeps a metric from being derived."""
    if metric in MODEL.outcomes:
        return OF_A_PROJECTION
    absent = evaluation.scenario.absent
    routes = evaluation.trace.missing[metric].routes
    if metric in absent and not routes:
        return absent[metric]
    gap = shortest_gap(evaluation, metric)
    if stated_itself(metric):
        return "not stated"
    if gap == (metric,) and _lines_of(metric) == metric:
        reasons = [route.reason for route in routes if route.reason]
        return reasons[0] if reasons else "not stated"
    said = (f"{name} ({absent[name]})" if name in absent else _lines_of(name) for name in gap)
    return f"lacks {', '.join(said)}"


def stated_itself(name: str) -> bool:
    """Whether an input follows only from other topics, so that one would rather state it directly."""
    routes = MODEL.formulas.get(name, ())
    sections = {MODEL.quantities[used].section for route in routes for used in route.inputs}
    return name in MODEL.inputs and MODEL.quantities[name].section not in sections


def _lines_of(name: str) -> str:
    """Spell out a sum that needs only one of its lines."""
    for formula in MODEL.formulas.get(name, ()):
        if not formula.required and formula.inputs:
            return f"one of {', '.join(formula.inputs)}"
    return name


def shortest_gap(evaluation: Evaluation, metric: str) -> tuple[str, ...]:
    """Return the smallest set of quantities that, once stated, let a metric be derived.

    Usually these are inputs; a sum without any line stands for itself.
    """
    missing = evaluation.trace.missing

    @cache  # most routes share their inputs
    def gap(name: str, *, itself: bool = True) -> frozenset[str]:
        if name not in missing:
            return frozenset()
        options = [frozenset({name})] if itself and name in MODEL.inputs else []
        routes = [route for route in missing[name].routes if route.lacking]
        # An input that must be given is usually an alternative to the metric itself.
        for route in [route for route in routes if not route.formula.if_given] or routes:
            formula = route.formula
            if formula.required:
                # A quantity that is lacking although it has a value must be given.
                outright = {used for used in route.lacking if used not in missing or used in formula.if_given}
                followed = {*route.lacking, *formula.required} - {*formula.if_given}
                needed = frozenset(outright).union(*map(gap, followed))
                # If a total follows only from its lines, name the total, not the sum of its lines.
                alias = needed == frozenset(formula.inputs) and all(_lines_of(n) != n for n in needed)
                options.append(frozenset({name}) if alias and itself else needed)
        return min(options, key=len, default=frozenset({name}))

    return tuple(MODEL.in_order(gap(metric, itself=False)))


def notes_of(trace: Trace, metrics: Iterable[str]) -> list[tuple[str, str]]:
    """Return (quantity, note) for every note on the paths to some metrics, each once.

    A note on the same quantity of several parts appears once, for `parts.*.`.
    """
    found: dict[tuple[str, str], dict[str, None]] = {}
    for metric in metrics:
        if metric in trace.nodes and trace.nodes[metric].value is not None:
            for node in trace.ancestry(metric):
                if node.formula is not None and node.formula.note:
                    own = split(node.name)[1]
                    found.setdefault((own, node.formula.note), {})[node.name] = None
    return [
        (name, note)
        for (own, note), names in found.items()
        for name in (names if len(names) == 1 else [of_parts(own)])
    ]


def of_parts(name: str) -> str:
    """Return the name that stands for a quantity of several parts."""
    return inside(f"{SECTION}*.", name)


def formula_text(node: Node) -> str:
    """Return a derived node's formula in readable form, without absent inputs."""
    assert node.step is not None
    return readable(node.step.formula, node.step.inputs)


def datum_of(node: Node) -> Datum | None:
    """Return the datum of a value that a scenario states."""
    return node.given.origin if node.given is not None and isinstance(node.given.origin, Datum) else None
