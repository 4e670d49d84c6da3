"""What an input moves, and what it does not move because a stated quantity lies in between."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from llmcost.engine.parts import SHARE, split
from llmcost.engine.plan import resolve
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario


class NoEffect(NamedTuple):
    """An input that does not move the wanted metrics, or not all of them.

    Attributes:
        name: the input.
        by: the stated quantities that lie in between; none if the metrics do not depend on the input.
        on: the wanted metrics; empty for all.
        partly: whether it does move other wanted metrics.
    """

    name: str
    by: tuple[str, ...]
    on: tuple[str, ...] = ()
    partly: bool = False

    def __str__(self) -> str:
        (sentence,) = sentences([self])
        return sentence


def sentences(gaps: Iterable[NoEffect]) -> list[str]:
    """Say which inputs have no effect and why, those with the same reason together."""
    together: dict[NoEffect, list[str]] = {}
    for gap in gaps:
        together.setdefault(gap._replace(name=""), []).append(gap.name)
    said = []
    for gap, names in together.items():
        none = f"{listed(names)} {'has' if len(names) == 1 else 'have'} no effect"
        verb = "is" if len(gap.by) == 1 else "are"
        if not gap.by:
            depend = "does" if len(gap.on) == 1 else "do"
            said.append(
                f"{none}: {listed(gap.on)} {depend} not depend on {'it' if len(names) == 1 else 'them'}"
            )
        elif gap.partly:
            said.append(f"{none} on {listed(gap.by)}, which {verb} stated")
        else:
            said.append(f"{none}: {listed(gap.by)} {verb} stated")
    return said


def listed(names: Sequence[str], joint: str = "and") -> str:
    """Return `a`, `a and b` or `a, b and c`, with another word in place of `and` if there is one."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {joint} {names[-1]}"


def without_effect(
    stated: Iterable[str], names: Iterable[str], metrics: Iterable[str] | None = None
) -> list[NoEffect]:
    """Return the inputs that do not move some metrics (or nothing at all, without a list).

    Args:
        stated: the names of the stated quantities.
        names: the inputs, stated or about to be.
        metrics: the wanted metrics.
    """
    inputs = tuple(dict.fromkeys(names))
    given = frozenset((*stated, *inputs))
    targets = () if metrics is None else tuple(dict.fromkeys(metrics))
    found = (_without_effect(given, name, targets) for name in inputs)
    return [item for item in found if item is not None]


def asked(scenario: Scenario) -> list[str]:
    """Return the quantities that an option overrides."""
    return [name for name, rule in scenario.ruling.items() if rule.asked and name in scenario.data]


@lru_cache(maxsize=256)
def _without_effect(stated: frozenset[str], name: str, metrics: tuple[str, ...]) -> NoEffect | None:
    everything = tuple(n for n in MODEL.everything(stated) if n != name)
    targets = tuple(target for target in metrics if target != name) or everything
    if metrics == (name,):
        return None  # the only wanted metric is the input itself
    plan = resolve(MODEL, stated, targets)
    partly = not plan.ahead([name]).isdisjoint(targets)
    used = {*plan.inputs, *targets}
    between: list[str] = []
    left = stated
    while nearest := [other for other in _nearest(left, name) if other not in between]:
        between += nearest
        left = left.difference(nearest)
        if not partly and metrics and not moved_by(left, name, targets):
            continue  # quantities that follow from them are stated as well
        break
    if partly or not metrics:
        relevant = tuple(MODEL.in_order(other for other in between if other in used))
        return NoEffect(name, relevant, metrics, partly) if relevant else None
    if between and moved_by(left, name, targets):
        return NoEffect(name, tuple(MODEL.in_order(between)), metrics)
    others = [other for other in stated - {name} if moved_by(stated - {other}, name, targets)]
    if name in metrics and not others:
        return None  # it is one of the wanted metrics, and moves itself
    return NoEffect(name, tuple(MODEL.in_order(others)), metrics)


def moved_by(stated: frozenset[str], name: str, metrics: Iterable[str]) -> bool:
    """Whether any of some metrics depends on a stated quantity."""
    return name in resolve(MODEL, stated, metrics).inputs


def _nearest(stated: frozenset[str], name: str) -> list[str]:
    """Return the stated quantities that would follow from an input, were they not stated themselves."""
    found = []
    for other in stated - {name}:
        if split(other)[1] == SHARE or not MODEL.routes(other, stated):
            continue  # shares of a mix always adapt to each other
        plan = resolve(MODEL, stated - {other}, [other])
        if name in plan.inputs and plan.steps[-1].formula.stand_in not in ("rule", "guess"):
            found.append(other)
    return MODEL.in_order(found)
