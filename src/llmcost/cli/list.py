"""The command `list`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from llmcost.render.report import Views


class What(StrEnum):
    """What there is to list."""

    scenarios = "scenarios"
    metrics = "metrics"
    inputs = "inputs"


def run(
    what: Annotated[What, typer.Argument(help="What to list.")] = What.scenarios,
    text: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="Only what contains this text.", show_default=False)
    ] = "",
    kind: Annotated[
        str | None, typer.Option("--kind", help="Only scenarios of this kind.", show_default=False)
    ] = None,
) -> Views:
    """List the scenarios, metrics or inputs there are."""
    from llmcost.analysis.ask import catalog
    from llmcost.errors import LlmcostError
    from llmcost.render.results.list import quantity_views, scenario_views

    if kind is not None and what is not What.scenarios:
        raise LlmcostError(f"--kind is for scenarios; {what.value} have none")
    if what is What.scenarios:
        return scenario_views(catalog.list_scenarios(text, kind=kind))
    if what is What.metrics:
        return quantity_views(catalog.list_metrics(text), what.value)
    return quantity_views(catalog.list_inputs(text), what.value)
