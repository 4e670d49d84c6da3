"""The options that commands share, what completes them, and how a result leaves the program."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from llmcost.render.present import Format, GateFormat, Stream

if TYPE_CHECKING:
    from llmcost.render.report import GateViews, Views


def complete_scenario(incomplete: str) -> list[str]:
    """Complete names, and after `name:` its variants."""
    from llmcost.analysis.ask.load import library
    from llmcost.errors import LlmcostError

    name, colon, _ = incomplete.partition(":")
    if not colon:
        return [item for item in library().names() if item.startswith(incomplete)]
    try:
        variants = library().file(name).variants
    except LlmcostError:
        return []
    done, plus, _ = incomplete.rpartition("+")
    stem = f"{done}+" if plus else f"{name}:"
    return [stem + variant for variant in variants if (stem + variant).startswith(incomplete)]


def complete_metric(incomplete: str) -> list[tuple[str, str]]:
    """Complete the names of quantities."""
    from llmcost.formulas import MODEL

    return [(q.name, q.description) for q in MODEL.quantities.values() if q.name.startswith(incomplete)]


def complete_set(incomplete: str) -> list[str]:
    """Complete the name before the `=`."""
    from llmcost.formulas import MODEL

    names = (name for name in MODEL.quantities if name not in MODEL.outcomes)
    return [f"{name}=" for name in names if name.startswith(incomplete)]


def complete_workload(incomplete: str) -> list[str]:
    """Complete the names of workloads."""
    from llmcost.analysis.ask.load import OWN, library

    names = [file.name for file in library().all_files() if file.kind == "workload"]
    return [name for name in [*names, OWN] if name.startswith(incomplete)]


ScenarioArgument = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO",
        help="A name, name@DATE, name:variant+variant, a path, or - for standard input.",
        autocompletion=complete_scenario,
        show_default=False,
    ),
]
ScenariosArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="SCENARIO...",
        help="Two scenarios or more; ratios are against the first.",
        autocompletion=complete_scenario,
        show_default=False,
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Override a quantity; VALUE as in YAML, or *2, +10%, -30% of what is there. Repeatable.",
        autocompletion=complete_set,
        show_default=False,
    ),
]
WorkloadOption = Annotated[
    str | None,
    typer.Option(
        "--workload",
        metavar="NAME",
        help="The mix that is priced: a workload scenario, or 'own' for the traffic's mix.",
        autocompletion=complete_workload,
        show_default=False,
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="Use the values in force that day.", show_default=False),
]
MetricsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--metric",
        metavar="NAME",
        help="Show this metric, section (unit) or pattern ('cost.*') only. Repeatable.",
        autocompletion=complete_metric,
        show_default=False,
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How the result is written.")]
GateFormatOption = Annotated[GateFormat, typer.Option("--format", help="How the result is written.")]
StreamOption = Annotated[Stream, typer.Option("--format", help="How the result is written.")]
MonthsOption = Annotated[
    int | None,
    typer.Option(
        "--months",
        metavar="N",
        help="Months of a projection; else the scenario's own horizon_months, else 60.",
        show_default=False,
    ),
]
TrajectoryOption = Annotated[
    list[str] | None,
    typer.Option(
        "--trajectory",
        metavar="PATH=GROWTH",
        help="Move a quantity in a projection, such as revenue.api=+8%/month. Repeatable.",
        autocompletion=complete_set,
        show_default=False,
    ),
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", metavar="FILE", help="Write to this file.", show_default=False),
]
NoColorOption = Annotated[bool, typer.Option("--no-color", help="No colours; NO_COLOR does the same.")]


class Destination(NamedTuple):
    """Where a result goes, and in which form."""

    form: Format
    output: Path | None = None
    no_color: bool = False

    def send(self, views: Views) -> None:
        """Write a result there.

        Raises:
            LlmcostError: if the file cannot be written.
        """
        from llmcost.render.output import write_file, write_stdout
        from llmcost.render.present import FILE_WIDTH, present

        if self.output is not None:
            write_file(self.output, present(views, self.form, width=FILE_WIDTH))
            return
        text = present(views, self.form, color=not self.no_color and wants_color())
        write_stdout(text, machine=self.form is not Format.table)


def send_gate(shown: GateViews, form: GateFormat, output: Path | None, no_color: bool) -> None:
    """Write the result of a gate.

    Raises:
        LlmcostError: if the file cannot be written.
    """
    from llmcost.render.output import write_file, write_stdout
    from llmcost.render.present import FILE_WIDTH, present_gate

    if output is not None:
        write_file(output, present_gate(shown, form, width=FILE_WIDTH))
        return
    text = present_gate(shown, form, color=not no_color and wants_color())
    write_stdout(text, machine=form is not GateFormat.table)


def wants_color() -> bool:
    """Whether standard output is a terminal that is meant to show colours."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (sys.stdout is not None and sys.stdout.isatty())
