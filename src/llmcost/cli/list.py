"""The command `list`."""

from __future__ import annotations

from typing import Final

from llmcost.cli.options import argument, option
from llmcost.render.report import Views

WHAT: Final = ("scenarios", "metrics", "inputs")


def run(
    what: str = argument("[scenarios|metrics|inputs]", "What to list.", default="scenarios"),
    text: str | None = argument("[TEXT]", "Only what contains this text.", default=None),
    kind: str | None = option("--kind", None, "Only scenarios of this kind."),
) -> Views:
    """List the available scenarios, metrics or inputs."""
    from llmcost.analysis.ask import catalog
    from llmcost.errors import LlmcostError
    from llmcost.render.results.list import quantity_views, scenario_views

    if what not in WHAT:
        raise LlmcostError(_meant(what))
    if kind is not None and what != "scenarios":
        raise LlmcostError(f"--kind is for scenarios; {what} have none")
    if what == "scenarios":
        return scenario_views(catalog.list_scenarios(text or "", kind=kind))
    if what == "metrics":
        return quantity_views(catalog.list_metrics(text or ""), what)
    return quantity_views(catalog.list_inputs(text or ""), what)


def _meant(what: str) -> str:
    """Suggest the command that lists it."""
    from llmcost.analysis.ask import catalog
    from llmcost.errors import did_you_mean
    from llmcost.scenario.files.scenario_file import KINDS

    said = f"'{what}' is not one of {', '.join(WHAT)}"
    word = what.casefold()
    for kind in KINDS:
        if word in (kind, f"{kind}s", f"{kind[:-1]}ies"):
            return f"{said} but a kind of scenario; run 'llmcost list scenarios --kind {kind}'"
    if word in ("claim", "claims", "ledger", "ledgers"):
        return f"{said}; run 'llmcost claims'"
    close = did_you_mean(word, WHAT)
    if close:
        return f"{said}{close}"
    holding = [name for name in WHAT if getattr(catalog, f"list_{name}")(what)]
    return f"{said}; run 'llmcost list {holding[0] if holding else WHAT[0]} {what}'"
