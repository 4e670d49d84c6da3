"""The verbs that look after files: list, validate, schema, init."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from llmcost.cli.options import Destination, FormatOption, NoColorOption, OutputOption
from llmcost.render.present import Format


class What(StrEnum):
    """What there is to list."""

    scenarios = "scenarios"
    metrics = "metrics"
    inputs = "inputs"


def list_(
    what: Annotated[What, typer.Argument(help="What to list.")] = What.scenarios,
    text: Annotated[
        str, typer.Argument(metavar="[TEXT]", help="Only what contains this text.", show_default=False)
    ] = "",
    kind: Annotated[
        str | None, typer.Option("--kind", help="Only scenarios of this kind.", show_default=False)
    ] = None,
    form: FormatOption = Format.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """List the scenarios, metrics or inputs there are."""
    from llmcost.analysis.ask import catalog
    from llmcost.errors import LlmcostError
    from llmcost.render.results.catalog import quantity_views, scenario_views

    if kind is not None and what is not What.scenarios:
        raise LlmcostError(f"--kind is for scenarios; {what.value} have none")
    if what is What.scenarios:
        shown = scenario_views(catalog.list_scenarios(text, kind=kind))
    elif what is What.metrics:
        shown = quantity_views(catalog.list_metrics(text), what.value)
    else:
        shown = quantity_views(catalog.list_inputs(text), what.value)
    Destination(form, output, no_color).send(shown)


def validate(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders, or - .", show_default=False)
    ],
    form: FormatOption = Format.table,
    output: OutputOption = None,
    no_color: NoColorOption = False,
) -> None:
    """Check scenario files and claims ledgers: every error of every file, a line each."""
    from llmcost.analysis.gates.validate import validate as run
    from llmcost.render.results.validate import views

    result = run(*paths)
    Destination(form, output, no_color).send(views(result))
    if not result.ok:
        raise typer.Exit(2)


def schema(
    claims: Annotated[bool, typer.Option("--claims", help="That of claims ledgers.")] = False,
    tests: Annotated[bool, typer.Option("--tests", help="That of test files.")] = False,
    output: OutputOption = None,
) -> None:
    """Write the JSON Schema of scenario files, claims ledgers or test files, for editors."""
    from llmcost.analysis.ask.catalog import schema as run
    from llmcost.render.machine import to_json
    from llmcost.render.output import write_file, write_stdout

    text = to_json(run(claims=claims, tests=tests))
    if output is not None:
        write_file(output, text)
    else:
        write_stdout(text, machine=True)


def init(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The file to write.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Overwrite what is there.")] = False,
) -> None:
    """Write a commented starter scenario, and beside it the schema that lets an editor check it."""
    from llmcost.analysis.ask.catalog import schema as run
    from llmcost.errors import LlmcostError, Problem
    from llmcost.render.machine import to_json
    from llmcost.render.output import write_file
    from llmcost.scenario.files.schema import SCHEMA_FILE
    from llmcost.scenario.files.starter import starter

    if path.suffix.lower() not in (".yaml", ".yml"):
        raise LlmcostError(Problem("a scenario file ends in .yaml", where=str(path)))
    if path.exists() and not force:
        raise LlmcostError(Problem("is there already; --force overwrites it", where=str(path)))
    if not path.parent.is_dir():
        raise LlmcostError(Problem(f"there is no folder {path.parent}", where=str(path)))
    beside = path.parent / SCHEMA_FILE
    write_file(path, starter(path.stem), over_yaml=True)
    typer.echo(f"wrote {path}", err=True)
    if not beside.exists():
        write_file(beside, to_json(run()))
        typer.echo(f"wrote {beside}", err=True)
    typer.echo(f"next: llmcost show {path if '/' in str(path) else './' + str(path)}", err=True)
