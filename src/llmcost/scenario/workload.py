"""Applies workloads: the mix to price, for a scenario or for those of its parts that have none."""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from llmcost.engine.parts import Parts, inside, split
from llmcost.errors import LlmcostError, Option, Place, Problem, did_you_mean
from llmcost.formulas import MODEL
from llmcost.formulas.price import MIX_OF_TRAFFIC
from llmcost.scenario.reference import Link, is_path, parse_reference
from llmcost.scenario.values.datum import Datum

if TYPE_CHECKING:
    from llmcost.scenario.library import Library
    from llmcost.scenario.settled import Scenario

OWN: Final = "own"
DEFAULT_WORKLOAD: Final = "chat"
MIXES: Final = frozenset(
    (
        *MIX_OF_TRAFFIC,
        "workload.output_share",
        "workload.input_tokens_per_request",
        "serving.measured_output_share",
    )
)
"""Quantities which show that a part, or its whole, has a mix of its own."""
PRICED: Final = frozenset(("price", "serving"))
"""Sections with prices or costs by the token."""


def put_workload(scenario: Scenario, workload: str | Link | None, shelf: Library) -> Scenario:
    """Apply a workload to a scenario; by default `own`, or `chat` if the scenario has no mix.

    If a scenario has parts, it applies to those without a mix, be it their own or that of the whole.

    Raises:
        LlmcostError: if there is no such workload.
    """
    if workload is None and scenario.workload is not None:
        return scenario
    mixed, bare = _mixes(frozenset(scenario.data))
    if workload is None:
        workload = OWN if (mixed and not bare) or (scenario.parts and not bare) else DEFAULT_WORKLOAD
    if OWN in (workload, isinstance(workload, Link) and workload.text) or (scenario.parts and not bare):
        return scenario._replace(workload=OWN)
    mix = found_workload(workload, shelf)
    if not scenario.parts:
        return scenario.with_data({**NO_WORKLOAD, **mix.data}, workload=mix.name)
    put = {inside(prefix, name): datum for prefix in bare for name, datum in mix.data.items()}
    return scenario.with_data(put, workload=mix.name)


@lru_cache(maxsize=128)  # files in a folder often state the same quantities
def _mixes(stated: frozenset[str]) -> tuple[bool, tuple[str, ...]]:
    """Return whether a scenario states anything about a mix, and which parts have prices but no mix.

    The mix of a whole applies to its parts.
    """
    parts = Parts(stated)
    found: list[str] = []
    pending = [("", False)]
    while pending:
        prefix, mixed = pending.pop()
        mixed = mixed or not MIXES.isdisjoint(parts.own(prefix))
        below = parts.of(prefix)
        pending += [(part, mixed) for part in below]
        sections = {name.partition(".")[0] for name in parts.own(prefix)}
        if prefix and not below and not mixed and not PRICED.isdisjoint(sections):
            found.append(prefix)
    said = any(
        name.startswith(("traffic.", "workload.")) or name == "serving.measured_output_share"
        for name in stated
    )
    return said, tuple(sorted(found))


NO_WORKLOAD: Final[dict[str, Datum | None]] = {
    quantity.name: None for quantity in MODEL.quantities.values() if quantity.section == "workload"
}


@cache
def found_workload(workload: str | Link, shelf: Library) -> Scenario:
    """Find a workload by name or path.

    Raises:
        LlmcostError: if there is none, or it states no mix.
    """
    option = Place(Option("--workload"))
    link = workload if isinstance(workload, Link) else Link(workload, option, parse_reference(workload))
    base = link.reference.base
    if not is_path(base) and shelf.locate(base, link.beside) is None:
        known = [*(item.name for item in shelf.headings() if item.kind == "workload"), OWN]
        hint = did_you_mean(base, known) or f"; there are {', '.join(known)}"
        raise LlmcostError(Problem(f"no workload is called '{base}'{hint}", *link.place))
    found = shelf.load(link)
    mix = {key: datum for key, datum in found.data.items() if key.startswith("workload.")}
    if not mix:
        from llmcost.scenario.finding import bundled_folder

        # The user's own file may have the name of the default workload.
        found_in = "" if Path(found.where).is_relative_to(bundled_folder()) else f" in {found.where}"
        raise LlmcostError(Problem(f"'{base}'{found_in} states no workload.* quantity", *link.place))
    return found._replace(data=mix)


def is_put(scenario: Scenario, name: str) -> bool:
    """Whether a value comes from a workload applied to a scenario or part, and was not stated there."""
    prefix, base = split(name)
    if not base.startswith("workload.") or scenario.workload in (None, OWN):
        return False
    first = ".".join([*name.split(".")[:2], ""])
    return not prefix or name.removeprefix(first) not in scenario.of[first].data
