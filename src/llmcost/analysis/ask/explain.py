"""The derivation of a figure as a tree, down to the stated values and their sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from llmcost.analysis.ask.evaluation import (
    OF_A_PROJECTION,
    Evaluation,
    datum_of,
    evaluate,
    formula_text,
    select_metrics,
    stated_itself,
)
from llmcost.analysis.ask.limits import Phase, phases
from llmcost.engine.dual import contributions
from llmcost.engine.registry import Basis, Quantity
from llmcost.engine.trace import Node
from llmcost.engine.writing import readable
from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum

EXACT: Final = 1e-9
"""How far terms may be from their sum, as a share of the largest term."""


class Route(NamedTuple):
    """A formula that was not used: in readable form, what it lacks, and why else it was passed over."""

    formula: str
    lacking: tuple[str, ...]
    reason: str | None


class Derivation(NamedTuple):
    """One quantity of an explanation, with the derivations of its inputs.

    Attributes:
        quantity: the quantity.
        value: the number; None if it is undefined or missing.
        reason: why there is none.
        basis: how firm it is; None if there is no value.
        datum: the stated value, if it is stated.
        formula: in readable form, if it is derived.
        description: the description of the formula.
        reference: the published source of the formula.
        default: whether it is a documented default, used because nothing is stated.
        notes: what a reader must know.
        inputs: the derivations of the formula's inputs.
        passed: the routes before the one taken; if it is missing, all routes.
        missing: whether it cannot be derived.
    """

    quantity: Quantity
    value: float | None
    reason: Reason | str | None = None
    basis: Basis | None = None
    datum: Datum | None = None
    formula: str | None = None
    description: str = ""
    reference: str | None = None
    default: bool = False
    notes: tuple[str, ...] = ()
    inputs: tuple[Derivation, ...] = ()
    passed: tuple[Route, ...] = ()
    missing: bool = False

    @property
    def name(self) -> str:
        """The quantity's name."""
        return self.quantity.name

    def walk(self) -> Iterator[Derivation]:
        """Yield this derivation and all below it, depth first."""
        yield self
        for item in self.inputs:
            yield from item.walk()


class Addition(NamedTuple):
    """A value that is the sum of others in its unit; below 0, a term is subtracted."""

    whole: Node
    terms: tuple[tuple[Node, float], ...]


class Explanation(NamedTuple):
    """The result of `explain`: the scenario and the tree of one metric."""

    evaluation: Evaluation
    tree: Derivation

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The parts of the modelled phases behind the metric."""
        return phases(self.evaluation, self.tree.name)

    @property
    def sums(self) -> Iterator[Addition]:
        """The sums among the metric and everything that leads to it, nearest first."""
        nodes = self.evaluation.trace.nodes
        for node in self.evaluation.trace.ancestry(self.tree.name) if self.tree.name in nodes else ():
            found = _sum(node, nodes)
            if found is not None:
                yield found

    @property
    def scenario(self) -> Scenario:
        """The scenario that was evaluated."""
        return self.evaluation.scenario


def _sum(node: Node, nodes: Mapping[str, Node]) -> Addition | None:
    if node.step is None or node.value is None:
        return None
    terms = [nodes[name] for name in node.step.inputs if nodes[name].quantity.unit == node.quantity.unit]
    values = {name: nodes[name].value for name in node.step.inputs}
    try:
        added = contributions(node.step.formula, values, [term.name for term in terms])
    except ArithmeticError:
        return None
    told = tuple((term, added[term.name]) for term in terms if added[term.name])
    largest = max((abs(amount) for _, amount in told), default=0.0)
    if len(told) < 2 or abs(sum(amount for _, amount in told) - node.value) > EXACT * largest:
        return None
    return Addition(node, told)


def explain(scenario: Scenario | str, metric: str) -> Explanation:
    """Return the derivation of one metric; if it cannot be derived, what each route lacks.

    Raises:
        LlmcostError: for an unknown scenario or metric, or a pattern that stands for several.
    """
    chosen = select_metrics([metric])
    if len(chosen) != 1:
        raise LlmcostError(f"explain takes one metric; '{metric}' matches {len(chosen)}")
    evaluation = evaluate(scenario, chosen)
    return Explanation(evaluation, derivation(evaluation, chosen[0]))


def derivation(evaluation: Evaluation, name: str, depth: int = -1) -> Derivation:
    """Return the derivation of an evaluated metric, `depth` levels deep; by default, all of it."""

    def below(names: Iterable[str]) -> tuple[Derivation, ...]:
        return tuple(derivation(evaluation, item, depth - 1) for item in names) if depth else ()

    node = evaluation.trace.nodes.get(name)
    quantity = MODEL.quantities[name]
    if node is None:
        routes = evaluation.trace.missing[name].routes
        reason = evaluation.scenario.absent.get(name, "cannot be derived" if routes else "not stated")
        return Derivation(
            quantity,
            None,
            reason=OF_A_PROJECTION if name in MODEL.outcomes else reason,
            description=quantity.description,
            missing=True,
            passed=tuple(Route(readable(r.formula), r.lacking, r.reason) for r in routes),
            inputs=below(_gaps_below(evaluation, name)),
        )
    if node.step is None:
        datum = datum_of(node)
        said = (datum.note,) if datum is not None and datum.note else ()
        return Derivation(
            quantity, node.value, basis=node.basis, datum=datum, description=quantity.description, notes=said
        )
    step = node.step
    notes: tuple[str, ...] = (step.formula.note,) if step.formula.note else ()
    left_out = [item for item in step.left_out if item not in MODEL.details]
    if left_out and len(step.formula.optional) > 1:
        notes += (f"nothing is stated for {', '.join(left_out)}",)
    return Derivation(
        quantity,
        node.value,
        reason=node.reason,
        basis=node.basis,
        formula=None if node.is_default else formula_text(node),
        description=step.formula.description,
        reference=step.formula.reference,
        default=node.is_default,
        notes=notes,
        inputs=below(step.inputs),
        passed=tuple(Route(readable(p.formula), p.lacking, p.reason) for p in step.passed),
    )


def _gaps_below(evaluation: Evaluation, name: str) -> tuple[str, ...]:
    """Return the derivable quantities that a missing one lacks, unless one would rather state them."""
    missing = evaluation.trace.missing
    lacking = {item: None for route in missing[name].routes for item in route.lacking}
    return tuple(
        item for item in lacking if item in missing and missing[item].routes and not stated_itself(item)
    )
