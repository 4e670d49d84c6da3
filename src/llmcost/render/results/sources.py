"""Shows the result of `sources`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from llmcost.analysis.ask.sources import Source, Sources
from llmcost.render.report import Cell, Document, Report, Tree, Views
from llmcost.render.results.shared import fields, grouped, header, heading
from llmcost.render.results.ways import ways
from llmcost.render.words import counted

MOST: Final = 6
"""The most derived quantities that are named for a source."""
NAMELESS: Final = "no source is named"


def views(result: Sources) -> Views:
    """Return the ways to show the sources of a scenario."""
    columns = ("source", "url", "basis", "dates", "states", "behind")
    return ways(result, report, document, Sources.to_dicts)._replace(columns=columns)


def report(result: Sources) -> Report:
    """Show each source with its address, what it states, and what rests on that."""
    named = [item for item in result.sources if item.source or item.url]
    stated = sum(len(item.stated) for item in result.sources)
    lead = [f"{counted(len(named), 'source')} for {stated} stated values"]
    return Report(
        f"Sources of {heading(result.scenario)}", lead=lead, blocks=[_entry(item) for item in result.sources]
    )


def _entry(item: Source) -> Tree:
    name = item.source or item.url or NAMELESS
    details = [Cell(item.url, "faint")] if item.url and item.source else []
    if item.dates:
        details.append(Cell(f"dated {', '.join(item.dates)}", "faint"))
    bases = grouped((basis, quantity) for quantity, basis in item.stated.items())
    details += [Cell(f"{basis}: {', '.join(names)}") for basis, names in bases.items()]
    if item.behind:
        details.append(Cell(f"behind {listed(item.behind)}", "faint"))
    return Tree([Cell(name, "strong")], details)


def listed(names: Sequence[str]) -> str:
    """Return the first of some names, and the number of the others."""
    more = len(names) - MOST
    shown = ", ".join(names[:MOST])
    return f"{shown} and {more} more" if more > 0 else shown


def document(result: Sources) -> Document:
    """The document of `sources`."""
    return header("sources") | {
        **fields(result.scenario, "scenario:label as_of:in_force_since"),
        "sources": [
            fields(item, "source url dates") | {"states": dict(item.stated), "behind": list(item.behind)}
            for item in result.sources
        ],
    }
