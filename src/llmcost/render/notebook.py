"""Results in Python: a one-line repr, rich output in notebooks, charts and tables."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from llmcost.errors import LlmcostError, missing_extra

if TYPE_CHECKING:
    from llmcost.render.report import Views

WIDTH = 100
"""The width of a table in a notebook."""
LONGEST = 60
"""The most characters of names in a repr."""
VEGA_LITE: Final = "application/vnd.vegalite.v5+json"
"""The media type of charts in notebooks."""
STYLE: Final = """\
<style>
div.llmcost.llmcost th, div.llmcost.llmcost td { text-align: left; }
div.llmcost.llmcost th.r, div.llmcost.llmcost td.r { text-align: right; }
div.llmcost pre, div.llmcost .n, div.llmcost .bar { font-family: monospace; }
div.llmcost pre { line-height: 1.2; } div.llmcost .bar { white-space: pre; }
div.llmcost .s, div.llmcost .band { font-weight: 600; } div.llmcost .f { opacity: .7; }
</style>
"""
"""Without this, a notebook sets text on the right, in a proportional font.

Repeating the class name gives these rules precedence over those of notebooks.
"""


class Chart(dict[str, Any]):
    """A Vega-Lite specification, which notebooks draw and `altair.Chart.from_dict` accepts."""

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


OTHERS: Final = {
    "Derivation": ("explain", "tree_views"),
    "PriceCheck": ("prices", "check_views"),
    "Uncertainty": ("compare", "uncertainty_views"),
}
"""For results that no verb returns: the module of `results` and the function that shows them."""


def equip(kind: Any) -> None:
    """Give a class a one-line `repr` and, if it is a result, rich output in notebooks.

    A result also gets `plot`, `to_dicts` and `to_arrow`, and can be read as an Arrow stream.
    """
    from llmcost.verbs import VERBS

    shown = {verb.result: (name, "views") for name, verb in VERBS.items()} | OTHERS
    kind.__repr__ = line
    if kind.__name__ not in shown:
        return
    module, function = shown[kind.__name__]

    def views(result: Any) -> Views:
        found: Views = getattr(import_module(f"llmcost.render.results.{module}"), function)(result)
        return found

    kind._repr_mimebundle_ = lambda result, include=None, exclude=None: bundle(views(result))
    kind.plot = lambda result: plot(views(result))
    if not hasattr(kind, "to_dicts"):
        kind.to_dicts = lambda result: views(result).rows()
    kind.to_arrow = arrow
    kind.__arrow_c_stream__ = lambda result, requested_schema=None: arrow(result).__arrow_c_stream__(
        requested_schema
    )


def plot(views: Views) -> Chart:
    """Return the chart of a result.

    Raises:
        LlmcostError: where there is nothing to draw.
    """
    from llmcost.render.drawn import specification

    return Chart(specification(views))


def bundle(views: Views) -> dict[str, Any]:
    """Return a result by media type: text, Markdown, HTML and, if there is one, its chart."""
    from llmcost.render import html, markdown, terminal
    from llmcost.render.drawn import can_draw

    shown = {
        "text/plain": terminal.write(views, width=WIDTH),
        "text/markdown": markdown.write(views),
        "text/html": f'<div class="llmcost">\n{STYLE}{html.fragment(views.report(), level=3)}\n</div>',
    }
    if views.chart is None:
        return shown
    try:
        chart = plot(views)
    except LlmcostError:  # nothing to draw
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
        except (pa.ArrowInvalid, pa.ArrowTypeError):  # a word among numbers, such as "never"
            columns[name] = pa.array([None if value is None else str(value) for value in values])
    return pa.table(columns)


def line(result: Any) -> str:
    """Describe a result in one line: its scenarios, or its size."""
    name = type(result).__name__
    for holder in (result, getattr(result, "evaluation", None)):
        scenarios = getattr(holder, "scenarios", None) or [getattr(holder, "scenario", holder)]
        labels = [getattr(scenario, "label", None) for scenario in scenarios]
        if all(isinstance(label, str) for label in labels):
            return f"<{name} of {', '.join(map(str, labels))}>"
    first, held = result._fields[0], result[0]
    named = getattr(held, "name", held)
    if isinstance(named, str):
        return f"<{name}: {named}>"
    if held and all(isinstance(item, str) for item in held) and len(", ".join(held)) <= LONGEST:
        return f"<{name} of {', '.join(held)}>"
    return f"<{name}: {len(held)} {first if len(held) != 1 else first.removesuffix('s')}>"
