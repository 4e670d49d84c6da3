"""The command `breakeven`."""

from __future__ import annotations

from llmcost.cli.options import AS_OF, SCENARIO, SET, WORKLOAD, numbers, option
from llmcost.render.report import Views


def run(
    scenario: str = SCENARIO,
    elasticity: str | None = option(
        "--elasticity",
        "E,E,...",
        "Elasticities of demand; by default the scenario's own, else 0,0.3,0.5,0.7,0.9,1.1.",
    ),
    payer: str | None = option("--payer", "uniform|api-only", "Who pays more."),
    compute: str | None = option("--compute", "paid|market", "At which GPU-hour rate."),
    boundary: str | None = option(
        "--boundary", "NAME,...", "Which cost must be covered: inference, cogs, cogs+training, total."
    ),
    set_: list[str] | None = SET,
    workload: str | None = WORKLOAD,
    as_of: str | None = AS_OF,
) -> Views:
    """Show break-even multipliers of prices: a ladder by cost covered, payer, rate and elasticity."""
    from llmcost.analysis.ask.breakeven import breakeven
    from llmcost.analysis.ask.load import load
    from llmcost.formulas.breakeven import BOUNDARIES, PAYERS, RATES
    from llmcost.render.results.breakeven import views

    result = breakeven(
        load(scenario, as_of=as_of, set=set_ or (), workload=workload),
        elasticities=None if elasticity is None else numbers(elasticity, "--elasticity"),
        boundaries=_words(boundary) or BOUNDARIES,
        payers=_words(payer) or PAYERS,
        computes=_words(compute) or RATES,
    )
    return views(result)


def _words(text: str | None) -> list[str] | None:
    return [word.strip() for word in text.split(",")] if text is not None else None
