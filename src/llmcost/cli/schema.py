"""The command `schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from llmcost.render.report import Views


def run(
    claims: Annotated[bool, typer.Option("--claims", help="The schema of claims ledgers.")] = False,
    tests: Annotated[bool, typer.Option("--tests", help="The schema of test files.")] = False,
) -> Views:
    """Print the JSON Schema of scenario files, claims ledgers or test files, for editors."""
    from llmcost.analysis.ask.catalog import schema
    from llmcost.render.results.schema import views

    return views(schema(claims=claims, tests=tests))
