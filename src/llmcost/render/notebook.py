"""Results in Python: a short line where one is named, the whole in a notebook, a chart, a table."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from llmcost.errors import LlmcostError, missing_extra

WIDTH = 100
"""Width of a table in a notebook."""
LONGEST = 60
"""Characters of names in a line that says what a result is of."""
VEGA_LITE: Final = "application/vnd.vegalite.v5+json"
"""The media type of a chart as notebooks draw it."""


class Chart(dict[str, Any]):
    """A Vega-Lite specification, which a notebook draws; `altair.Chart.from_dict` takes it too."""

    def __repr__(self) -> str:
        return f"<Chart: {' '.join(self['title']['text'])}>"

    def svg(self) -> str:
        """Return it drawn as SVG.

        Raises:
            LlmcostError: where the extra `charts` is not installed.
        """
        from llmcost.render.drawn import svg_of

        return svg_of(self)

    def png(self) -> bytes:
        """Return it drawn as PNG.

        Raises:
            LlmcostError: where the extra `charts` is not installed.
        """
        from llmcost.render.drawn import png_of

        return png_of(self)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        from llmcost.render.drawn import can_draw

        drawn = {"image/svg+xml": self.svg()} if can_draw() else {}
        return {"text/plain": repr(self), VEGA_LITE: dict(self), **drawn}


def equip(kind: Any, verb: str | None) -> None:
    """Give a class a `repr` of one line and, where it is the result of a verb, what notebooks show of it.

    The result of a verb also has `to_dicts` and `to_arrow`, and is read as a table by whatever knows Arrow
    streams; what can be drawn has `plot`.
    """
    from llmcost.verbs import VERBS

    kind.__repr__ = line
    if verb is None:
        return
    kind._repr_mimebundle_ = lambda result, include=None, exclude=None: bundle(result, verb)
    if not hasattr(kind, "to_dicts"):
        kind.to_dicts = lambda result: _views(result, verb).rows()
    kind.to_arrow = arrow
    kind.__arrow_c_stream__ = lambda result, requested_schema=None: arrow(result).__arrow_c_stream__(
        requested_schema
    )
    if "vega" in VERBS[verb].forms:
        kind.plot = lambda result: plot(result, verb)


def plot(result: Any, verb: str) -> Chart:
    """Return the chart of a result.

    Raises:
        LlmcostError: where there is nothing to draw.
    """
    from llmcost.render.drawn import specification

    return Chart(specification(_views(result, verb)))


def bundle(result: Any, verb: str) -> dict[str, Any]:
    """Return the result of a verb by media type: text, Markdown, HTML and, where there is one, its chart."""
    from llmcost.render import html, markdown, terminal
    from llmcost.render.drawn import can_draw

    views = _views(result, verb)
    shown = {
        "text/plain": terminal.write(views, width=WIDTH),
        "text/markdown": markdown.write(views),
        "text/html": html.fragment(views.report(), level=3),
    }
    if views.chart is None:
        return shown
    try:
        chart = plot(result, verb)
    except LlmcostError:  # nothing to see in this one
        return shown
    if can_draw():
        drawn = html.figure(chart.svg(), " ".join(chart["title"]["text"]))
        shown["text/html"] = f"{drawn}\n{shown['text/html']}"
    return shown | {VEGA_LITE: dict(chart)}


def arrow(result: Any) -> Any:
    """Return the rows of a result as an Arrow table.

    Raises:
        LlmcostError: where the extra `data` is not installed.
    """
    try:
        import pyarrow as pa
    except ImportError:
        raise LlmcostError(missing_extra("data", "an Arrow table")) from None
    rows = result.to_dicts()
    columns = {}
    for name in dict.fromkeys(key for row in rows for key in row):
        values = [row.get(name) for row in rows]
        try:
            columns[name] = pa.array(values)
        except (pa.ArrowInvalid, pa.ArrowTypeError):  # a word among numbers, such as never
            columns[name] = pa.array([None if value is None else str(value) for value in values])
    return pa.table(columns)


def _views(result: Any, verb: str) -> Any:
    return import_module(f"llmcost.render.results.{verb}").views(result)


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
