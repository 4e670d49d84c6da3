"""What there is: scenarios, metrics and inputs."""

from __future__ import annotations

from typing import Any

from llmcost.analysis.ask.load import library
from llmcost.engine.registry import Quantity
from llmcost.engine.writing import readable
from llmcost.errors import LlmcostError, did_you_mean
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.files.heading import Heading
from llmcost.scenario.files.scenario_file import KINDS


class QuantityEntry(NamedTuple):
    """A quantity and the readable formulas that derive it, in the order in which they are tried."""

    quantity: Quantity
    formulas: tuple[str, ...]
    is_input: bool


def list_scenarios(text: str = "", *, kind: str | None = None) -> list[Heading]:
    """Return the scenarios whose name, alias, title or variant contains `text`.

    Raises:
        LlmcostError: for an unknown kind.
    """
    if kind is not None and kind not in KINDS:
        hint = did_you_mean(kind, KINDS) or f"; allowed are {', '.join(KINDS)}"
        raise LlmcostError(f"unknown kind '{kind}'{hint}")
    wanted = text.casefold()
    return [
        item
        for item in library().fresh().headings()
        if (kind is None or item.kind == kind)
        and any(
            wanted in word.casefold() for word in (item.name, item.title or "", *item.aliases, *item.variants)
        )
    ]


def list_metrics(text: str = "") -> list[QuantityEntry]:
    """Return derived quantities and outcomes of projections, filtered by name or description."""
    return _quantities(text, [*MODEL.formulas, *MODEL.outcomes])


def list_inputs(text: str = "") -> list[QuantityEntry]:
    """Return the quantities that scenarios are expected to state, filtered by name or description."""
    return _quantities(text, sorted(MODEL.inputs))


def _quantities(text: str, names: list[str]) -> list[QuantityEntry]:
    wanted = text.casefold()
    quantities = [MODEL.quantities[name] for name in MODEL.in_order(names)]
    return [
        QuantityEntry(
            quantity,
            tuple(readable(formula) for formula in MODEL.formulas.get(quantity.name, ())),
            quantity.name in MODEL.inputs,
        )
        for quantity in quantities
        if wanted in quantity.name.casefold() or wanted in quantity.description.casefold()
    ]


def schema(*, claims: bool = False, tests: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of scenario files, or of claims ledgers or test files, for an editor.

    Raises:
        LlmcostError: if claims and tests are both asked for.
    """
    from llmcost.scenario.files.schema import schema as schema_of

    if claims and tests:
        raise LlmcostError("one schema at a time: of claims ledgers, or of test files")
    return schema_of("tests" if tests else "claims" if claims else "scenarios")
