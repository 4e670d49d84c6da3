"""The command `claims`."""

from __future__ import annotations

from llmcost.cli.options import argument, flag
from llmcost.render.report import Views


def complete_claim(incomplete: str) -> list[str]:
    """Complete `show` and the ids of the bundled claims."""
    from llmcost.analysis.claims.ledgers import read_ledgers
    from llmcost.errors import LlmcostError

    try:
        ids = [claim.id for ledger in read_ledgers() for claim in ledger.claims]
    except LlmcostError:
        ids = []
    return [word for word in ("show", *ids) if word.startswith(incomplete)]


def run(
    words: list[str] | None = argument(
        "[show ID] [PATH]...",
        "All claims, or one in full; from these ledgers and folders, or the bundled ones.",
        complete_claim,
        default=None,
    ),
    if_any: bool = flag("--if-any", "Do not fail if a folder has no ledger."),
) -> Views:
    """Show which claims hold, and in which reading. The exit code is 1 if a verdict has changed."""
    from llmcost.analysis.claims.judge import claims
    from llmcost.errors import LlmcostError
    from llmcost.render.results.claims import views

    given = words or []
    if given[:1] != ["show"]:
        return views(claims(*given, if_any=if_any))
    if len(given) < 2:
        raise LlmcostError("'claims show' takes the id of a claim; 'llmcost claims' lists them")
    return views(claims(*given[2:], only=[given[1]], if_any=if_any), full=True)
