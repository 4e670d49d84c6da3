"""A scenario ready to be evaluated: found, dated, overridden, and with a workload."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from llmcost.engine.trace import evaluate
from llmcost.errors import LlmcostError, Option, Place, Problem, each, texts_in
from llmcost.formulas import MODEL
from llmcost.scenario.files.override import read_override
from llmcost.scenario.files.timeline import read_trajectory
from llmcost.scenario.library import Library
from llmcost.scenario.override import Override
from llmcost.scenario.reference import Link, read_date
from llmcost.scenario.settled import Scenario
from llmcost.scenario.timeline import MOST_MONTHS
from llmcost.scenario.workload import put_workload as put

Overrides = Iterable[str] | Mapping[str, object]


@cache
def library() -> Library:
    """Return the library of this process: ./scenarios, LLMCOST_PATH, and the bundled scenarios."""
    return Library()


def load(
    scenario: str | Path,
    *,
    as_of: dt.date | str | None = None,
    set: Overrides = (),  # noqa: A002  (the name of the option it stands for)
    workload: str | None = None,
) -> Scenario:
    """Return the scenario for a name, path or reference, ready to be evaluated.

    Args:
        scenario: `name`, `name@DATE`, `name:variant+variant`, a path, or `-` for standard input.
        as_of: the date whose values to use; by default, the newest.
        set: overrides as `["serving.utilization=0.5", "price.input_per_mtok=*2"]` or as a mapping
            from names to values.
        workload: the mix to price: the name of a workload scenario, or `own` for the traffic's mix. By
            default `own`, or `chat` if there is no traffic.

    Raises:
        LlmcostError: with everything that is wrong with the reference, the file or an override.
    """
    day = read_date(as_of, Option("--as-of")) if isinstance(as_of, str) else as_of
    found = library().fresh().load(str(scenario), day)
    return prepare(found, set=set, workload=workload)


def prepare(
    scenario: Scenario,
    *,
    set: Overrides = (),  # noqa: A002
    overrides: Iterable[Override] = (),
    workload: str | Link | None = None,
) -> Scenario:
    """Return a scenario with a workload and overrides, after checking its totals against their lines.

    Overrides are texts or a mapping (`set`), or have been read already (`overrides`).

    Raises:
        LlmcostError: for an unknown workload, a bad override, or a total below its lines.
    """
    texts = [f"{k}={'null' if v is None else v}" for k, v in set.items()] if isinstance(set, Mapping) else set
    read = each(read_override, texts_in(texts, "set"))
    ready = put_workload(scenario, workload)
    for override in (*overrides, *read):
        ready = ready.overridden(override)
    check_totals(ready)
    return ready


def put_workload(scenario: Scenario, workload: str | Link | None) -> Scenario:
    """Put a workload on a scenario: by default `own`, or `chat` if it has no mix of its own.

    Raises:
        LlmcostError: if there is no such workload.
    """
    return put(scenario, workload, library())


def over_months(scenario: Scenario, months: int | None, trajectory: Sequence[str] = ()) -> Scenario:
    """Return a scenario with another number of months and further trajectories.

    Raises:
        LlmcostError: for an invalid number of months, and for a trajectory that cannot be read.
    """
    if months is not None and not 1 <= months <= MOST_MONTHS:
        raise LlmcostError(Problem(f"must lie between 1 and {MOST_MONTHS:,}, got {months}", "--months"))
    asked = each(read_trajectory, trajectory)
    trajectories = {**scenario.timeline.trajectories, **{read.name: read for read in asked}}
    timeline = scenario.timeline._replace(
        trajectories=trajectories, months=months or scenario.timeline.months
    )
    # An overridden rate stays, unless its trajectory is replaced.
    before = [scenario.timeline.trajectories.get(read.name) for read in asked]
    gone = {rate for earlier in before if earlier is not None for rate in earlier.rates}
    data = {name: datum for name, datum in scenario.data.items() if name not in gone}
    return scenario._replace(data={**timeline.rates, **data}, timeline=timeline)


def check_totals(scenario: Scenario) -> None:
    """Refuse a stated total that is below the sum of its lines.

    Raises:
        LlmcostError: naming the total, the sum, and where the total was written.
    """
    problems: list[Problem] = []
    for section in ("revenue", "cost"):
        total = scenario.data.get(f"{section}.total")
        if total is None:
            continue
        lines = evaluate(MODEL, scenario.given, [f"{section}.lines"]).nodes.get(f"{section}.lines")
        if lines is not None and lines.value is not None and total.value < lines.value * (1 - 1e-9):
            message = f"{total.value:.12g} is below the sum of its lines, {lines.value:.12g}"
            if scenario.variants:
                message += f" (in {scenario.label})"
            place = total.place if total.place.file else Place(scenario.where or None)
            problems.append(Problem(message, *place, f"{section}.total"))
    if problems:
        raise LlmcostError(*problems)
