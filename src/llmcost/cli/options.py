"""Options that commands share, their completion, and the parsing of their numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import typer

if TYPE_CHECKING:
    from llmcost.engine.registry import Quantity


def complete_scenario(incomplete: str) -> list[str]:
    """Complete names, and variants after `name:`."""
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
    from llmcost.analysis.ask.load import library
    from llmcost.scenario.workload import OWN

    names = [item.name for item in library().headings() if item.kind == "workload"]
    return [name for name in [*names, OWN] if name.startswith(incomplete)]


Complete = Callable[[str], Any]
"""Completes the beginning of a value."""


def argument(value: str, about: str, complete: Complete | None = None, *, default: Any = ...) -> Any:
    """Describe an argument: its name and text in the help, and its default, if any.

    The help shows the default, unless it is None.
    """
    shown = default not in (..., None)
    return typer.Argument(default, metavar=value, help=about, autocompletion=complete, show_default=shown)


def option(
    names: str, value: str | None, about: str, complete: Complete | None = None, *, default: Any = None
) -> Any:
    """Describe an option by its names, separated by blanks; otherwise like an argument. `...` is required."""
    shown = default not in (..., None)
    return typer.Option(
        default, *names.split(), metavar=value, help=about, autocompletion=complete, show_default=shown
    )


def flag(names: str, about: str) -> Any:
    """Describe an option without a value by its names, separated by blanks."""
    return typer.Option(False, *names.split(), help=about)


SCENARIO: Final = argument(
    "SCENARIO", "A name, name@DATE, name:variant+variant, a path, or - for standard input.", complete_scenario
)
SET: Final = option(
    "--set",
    "PATH=VALUE",
    "Override a quantity; VALUE as in YAML, or relative: *2, +10%, -30%. Repeatable.",
    complete_set,
)
WORKLOAD: Final = option(
    "--workload",
    "NAME",
    "The mix to price: a workload scenario, or 'own' for the traffic's mix.",
    complete_workload,
)
JOBS: Final = typer.Option(1, "--jobs", "-j", metavar="N", min=1, help="Processes that share the files.")
AS_OF: Final = option("--as-of", "DATE", "Use the values in force that day.")
METRICS: Final = option(
    "--metric",
    "NAME",
    "Show only this metric, section (unit) or pattern ('cost.*'). Repeatable.",
    complete_metric,
)
MONTHS: Final = option(
    "--months", "N", "Months of a projection; else the scenario's own horizon_months, else 60."
)
TRAJECTORY: Final = option(
    "--trajectory",
    "PATH=GROWTH",
    "Move a quantity in a projection, such as revenue.api=+8%/month. Repeatable.",
    complete_set,
)
UNCERTAINTY_DRAWS: Final = option("--draws", "N", "Draws for --uncertainty.", default=10_000)
UNCERTAINTY_SEED: Final = option("--seed", "S", "Seed for --uncertainty.", default=0)


def numbers(text: str, option: str, separator: str = ",") -> list[float]:
    """Return the numbers in an option.

    Raises:
        LlmcostError: if one of them is not a number.
    """
    from llmcost.errors import LlmcostError, Problem
    from llmcost.scenario.values.number import NotANumber, parse_number

    try:
        return [parse_number(word) for word in text.split(separator)]
    except NotANumber as error:
        raise LlmcostError(Problem(str(error), where=f"{option} {text}")) from None


def pair(text: str, option: str, quantities: Sequence[Quantity]) -> tuple[float, float]:
    """Return the ends of a range `LOW to HIGH`, in the unit of some quantities if they share one.

    Raises:
        LlmcostError: if it is not such a range.
    """
    from llmcost.errors import LlmcostError, Problem
    from llmcost.scenario.values.number import PURE, NotANumber, parse_range

    alike = len({quantity.unit for quantity in quantities}) == 1
    where = f"{option} {text}"
    try:
        return parse_range(text, quantities[0] if alike else PURE, where)
    except NotANumber as error:
        raise LlmcostError(Problem(str(error), where)) from None
