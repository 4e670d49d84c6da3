"""The command `schema`."""

from __future__ import annotations

from llmcost.cli.options import flag
from llmcost.render.report import Views


def run(
    claims: bool = flag("--claims", "The schema of claims ledgers."),
    tests: bool = flag("--tests", "The schema of test files."),
) -> Views:
    """Print the JSON Schema of scenario files, claims ledgers or test files, for editors."""
    from llmcost.analysis.ask.catalog import schema
    from llmcost.render.results.schema import views

    return views(schema(claims=claims, tests=tests))
