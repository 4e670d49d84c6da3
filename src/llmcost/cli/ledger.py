"""The verb that puts claims to the test."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.cli.options import Destination, FormatOption, NoColorOption, OutputOption
from llmcost.render.present import Format


def complete_claim(incomplete: str) -> list[str]:
    """Complete `show` and the ids of the claims that come along."""
    from llmcost.analysis.claims.judge import read_ledgers
    from llmcost.errors import LlmcostError

    try:
        ids = [claim.id for ledger in read_ledgers() for claim in ledger.claims]
    except LlmcostError:
        ids = []
    return [word for word in ("show", *ids) if word.startswith(incomplete)]


def claims(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[show ID] [PATH]...",
            help="All claims or one in full, of these ledgers and folders or of those that come along.",
            autocompletion=complete_claim,
            show_default=False,
        ),
    ] = None,
    form: FormatOption = Format.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Put claims to the test: which holds, and in which reading. Exit code 1 if not as recorded."""
    from llmcost.analysis.claims.judge import claims as run
    from llmcost.errors import LlmcostError
    from llmcost.render.results.claims import claim_views, views

    given = words or []
    to = Destination(form, output, no_color)
    if given[:1] == ["show"]:
        if len(given) < 2:
            raise LlmcostError("'claims show' takes the id of a claim; 'llmcost claims' lists them")
        result = run(*given[2:], only=[given[1]])
        to.send(claim_views(result))
    else:
        result = run(*given)
        to.send(views(result))
    if not result.ok:
        raise typer.Exit(1)
