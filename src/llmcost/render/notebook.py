"""Results in Python: a short line where one is named, and the whole where a notebook shows it."""

from __future__ import annotations

from importlib import import_module
from typing import Any

WIDTH = 100
"""Width of a table in a notebook."""
LONGEST = 60
"""Characters of names in a line that says what a result is of."""


def equip(kind: Any, verb: str | None) -> None:
    """Give a class a `repr` of one line and, where it is the result of a verb, what notebooks show of it."""
    kind.__repr__ = line
    if verb is not None:
        kind._repr_mimebundle_ = lambda result, include=None, exclude=None: bundle(result, verb)


def bundle(result: Any, verb: str) -> dict[str, str]:
    """Return the result of a verb as text and as Markdown, by media type."""
    from llmcost.render import markdown, terminal

    views = import_module(f"llmcost.render.results.{verb}").views(result)
    return {"text/plain": terminal.write(views, width=WIDTH), "text/markdown": markdown.write(views)}


def line(result: Any) -> str:
    """Return what a result is of, or how much there is of it, in a line."""
    name = type(result).__name__
    for holder in (result, getattr(result, "evaluation", None)):
        scenarios = getattr(holder, "scenarios", None) or [getattr(holder, "scenario", holder)]
        labels = [getattr(scenario, "label", None) for scenario in scenarios]
        if all(isinstance(label, str) for label in labels):
            return f"<{name} of {', '.join(map(str, labels))}>"
    first, held = result._fields[0], result[0]
    if isinstance(held, str):
        return f"<{name}: {held}>"
    if held and all(isinstance(item, str) for item in held) and len(", ".join(held)) <= LONGEST:
        return f"<{name} of {', '.join(held)}>"
    return f"<{name}: {len(held)} {first if len(held) != 1 else first.removesuffix('s')}>"
