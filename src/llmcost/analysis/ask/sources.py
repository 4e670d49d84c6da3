"""The sources of a scenario's numbers, each once, with what it states and what rests on that."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from llmcost.analysis.ask.evaluation import Evaluation, evaluate
from llmcost.engine.registry import Basis
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario


class Source(NamedTuple):
    """One source of a scenario's numbers.

    Attributes:
        source: its name; None for numbers without a source.
        url: where to read it.
        stated: the quantities that it states, each with its basis.
        dates: the dates of these quantities, oldest first.
        behind: the derived quantities that rest on any of them.
    """

    source: str | None
    url: str | None
    stated: dict[str, Basis]
    dates: tuple[str, ...]
    behind: tuple[str, ...] = ()


class Sources(NamedTuple):
    """The result of `sources`.

    Attributes:
        evaluation: the scenario and all that follows from it.
        sources: each once, in the order of the scenario; values without a source come last.
    """

    evaluation: Evaluation
    sources: tuple[Source, ...]

    @property
    def scenario(self) -> Scenario:
        """The scenario."""
        return self.evaluation.scenario

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return one row per source, for pandas and polars; lists are one text, separated by spaces."""
        return [
            {
                "source": item.source,
                "url": item.url,
                "basis": " ".join(dict.fromkeys(item.stated.values())),
                "dates": " ".join(item.dates),
                "states": " ".join(item.stated),
                "behind": " ".join(item.behind),
            }
            for item in self.sources
        ]


def sources(scenario: Scenario | str) -> Sources:
    """List every source of a scenario once.

    Raises:
        LlmcostError: for an unknown scenario.
    """
    found = evaluate(scenario)
    trace = found.trace
    leads: dict[str, set[str]] = {}
    for node in found.shown:
        if node.given is None:
            for used in trace.ancestry(node.name):
                if used.given is not None:
                    leads.setdefault(used.name, set()).add(node.name)
    listed = []
    for item in sources_of(found.scenario, found.scenario.data):
        behind = {name for stated in item.stated for name in leads.get(stated, ())}
        listed.append(item._replace(behind=tuple(n.name for n in found.shown if n.name in behind)))
    return Sources(found, tuple(listed))


def sources_of(scenario: Scenario, names: Iterable[str]) -> list[Source]:
    """Return the sources of some stated quantities, each once; those without any come last."""
    found: dict[tuple[str | None, str | None], list[str]] = {}
    for name in names:
        datum = scenario.data.get(name)
        if datum is not None:
            found.setdefault((datum.source, datum.url), []).append(name)
    listed = []
    for (source, url), stated in sorted(found.items(), key=lambda item: item[0] == (None, None)):
        data = [scenario.data[name] for name in stated]
        dates = {str(datum.since or datum.as_of) for datum in data if datum.since or datum.as_of}
        bases = {name: datum.basis for name, datum in zip(stated, data, strict=True)}
        listed.append(Source(source, url, bases, tuple(sorted(dates))))
    return listed
