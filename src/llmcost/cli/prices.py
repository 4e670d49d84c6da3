"""The command `prices`."""

from __future__ import annotations

from llmcost.cli.options import argument
from llmcost.render.report import Views


def run(
    models: list[str] | None = argument(
        "[check] [MODEL...]", "Names, paths or provider/model.", default=None
    ),
) -> Views:
    """Show list prices over time; with `check`, where price catalogues differ (exit code 1).

    A name such as openai/gpt-5 is looked for among your own files first, and then in the catalogues of the
    extra 'prices'. Without a name, all models are shown or checked.
    """
    from llmcost.analysis.ask.prices import check_prices, prices
    from llmcost.render.results.prices import check_views, views

    first, *others = models or [""]
    if first == "check":
        return check_views(check_prices(*others))
    return views(prices(*(models or ())))
