"""A report as a self-contained page: no server, no network, nothing to install."""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from html import escape
from typing import Final

from llmcost.render.drawn import scripts, specification
from llmcost.render.report import Block, Cell, Drawing, Report, Table, Tree, Views
from llmcost.render.words import clean
from llmcost.scenario.files.json_text import json_text

MARK: Final = '<meta name="generator" content="llmcost">'
_LINK: Final = re.compile(r"https?://[^\s<>()\"']+")
_CLASSES: Final = {"name": "n", "good": "g", "bad": "b", "strong": "s", "faint": "f"}

STYLE: Final = """\
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", Arial, sans-serif;
  color: #222; background: #fff; max-width: 68rem; margin: 2rem auto; padding: 0 1.25rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid #ddd; padding-bottom: .2rem; }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
a { color: #005a91; }
.scroll { overflow-x: auto; margin: .6rem 0 1rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .92rem; }
th, td { text-align: left; padding: .2rem .7rem .2rem 0; vertical-align: top; border-bottom: 1px solid #eee; }
th { border-bottom: 1px solid #888; font-weight: 600; }
th.r, td.r { text-align: right; white-space: nowrap; }
td:last-child:not(.r) { min-width: 9rem; }
td.head { font-weight: 600; padding-top: .8rem; }
.n { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: .92em; }
.g { color: #00694d; } .b { color: #a83e00; } .f { color: #666; } .s { font-weight: 600; }
.bar { font-family: monospace; white-space: pre; }
.band { font-weight: 600; background: #f0e6d2; }
ul.tree, ul.tree ul { list-style: none; padding-left: 1.1rem; border-left: 1px solid #ddd; }
ul.facts { color: #555; font-size: .92rem; padding-left: 1.2rem; overflow-wrap: anywhere; }
pre { font-size: .8rem; overflow-x: auto; background: #f6f6f6; padding: .6rem; }
figure { margin: 1rem 0; } figure svg, figure img { max-width: 100%; height: auto; }
@media screen and (max-width: 40rem) { figure { overflow-x: auto; }
  figure svg, figure img { max-width: none; width: 42rem; } }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr));
  gap: .7rem; margin: 1rem 0; }
.card { border: 1px solid #ddd; border-radius: 6px; padding: .6rem .8rem; font-size: .85rem;
  break-inside: avoid; overflow-wrap: anywhere; }
.big { font-size: 1.5rem; font-weight: 600; } .big small { font-size: .8rem; font-weight: 400; color: #666; }
.warn { border-left: 4px solid #d55e00; padding: .3rem .8rem; background: #fdf3ec; }
@page { margin: 16mm; }
@media print { body { margin: 0; max-width: none; padding: 0; font-size: 10pt; }
  h2, h3 { break-after: avoid; } figure, tr, li { break-inside: avoid; } .scroll { overflow: visible; }
  thead { display: table-header-group; } table { font-size: 8pt; } th, td { padding-right: .45rem; } }
"""


def write(views: Views) -> str:
    """Return a result as a page: its interactive chart, and its report.

    Raises:
        LlmcostError: if there is a chart and the extra `charts` is not installed.
    """
    shown = views.report()
    head = fragment(shown._replace(blocks=(), facts=()))
    body, script = fragment(shown._replace(title="", lead=(), lines=()), 1), ""
    if views.chart is not None:
        # No text may end the script that contains it.
        chart = json_text(specification(views)).replace("<", "\\u003c")
        body = f'<figure id="chart"></figure>\n{body}'
        script = (
            f"<script>\n{scripts()}\n</script>\n<script>\n"
            f'vegaEmbed("#chart", {chart}, {{renderer: "svg", actions: false}});\n</script>'
        )
    return document(shown.title, [head, body], script)


def document(title: str, parts: Sequence[str], script: str = "") -> str:
    """Return a page of some parts, which are HTML."""
    return "\n".join(
        [
            "<!doctype html>",
            '<html lang="en">',
            '<head>\n<meta charset="utf-8">',
            MARK,
            _policy(script),
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{text(title)}</title>",
            f"<style>\n{STYLE}</style>\n</head>",
            "<body>",
            *parts,
            *filter(None, [script]),
            "</body>\n</html>\n",
        ]
    )


def _policy(script: str) -> str:
    """Return the content policy: no network, and only the page's own script."""
    # Vega compiles expressions, so it needs eval.
    allowed = "; script-src 'unsafe-inline' 'unsafe-eval'" if script else ""
    policy = f"default-src 'none'; style-src 'unsafe-inline'; img-src data:{allowed}"
    return f'<meta http-equiv="Content-Security-Policy" content="{policy}">'


def text(said: str) -> str:
    """Return untrusted text as HTML."""
    return _shown(clean(said))


def _shown(said: str) -> str:
    """Escape a text, including marks that begin a command in a CI log, such as `##[error]`."""
    return escape(said).replace("##", "#&#35;")


def linked(said: str) -> str:
    """Return untrusted text as HTML, with links for web addresses."""
    shown = clean(said)
    parts, last = [], 0
    for found in _LINK.finditer(shown):
        address = found.group().rstrip(".,;")
        parts += [_shown(shown[last : found.start()]), link(address, address)]
        last = found.start() + len(address)
    return "".join([*parts, _shown(shown[last:])])


def link(said: str, address: str) -> str:
    """Return a link to a web address or an anchor; for any other address only the text."""
    if not address.startswith(("https://", "http://", "#")):
        return text(said)
    return f'<a href="{_shown(clean(address))}" rel="noreferrer">{text(said)}</a>'


def figure(svg: str, said: str) -> str:
    """Return a chart as an image with a description; as an image, its texts cannot run scripts."""
    data = base64.b64encode(svg.encode()).decode()
    return f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{_shown(clean(said))}"></figure>'


def fragment(report: Report, level: int = 1) -> str:
    """Return a report as HTML, with its title as a heading of a level."""
    parts = []
    if report.lines:
        parts.append("<p>" + "<br>\n".join(map(_cell, report.lines)) + "</p>")
    if report.title:
        parts.append(f"<h{level}>{text(report.title)}</h{level}>")
    parts += [f"<p{_warns(said)}>{linked(said)}</p>" for said in report.lead]
    parts += [_block(block, level + 1) for block in report.blocks]
    parts.append(facts(report.facts))
    return "\n".join(filter(None, parts))


def facts(said: Sequence[str]) -> str:
    """Return notes as a list."""
    items = "\n".join(f"<li>{linked(one)}</li>" for one in said)
    return f'<ul class="facts">\n{items}\n</ul>' if said else ""


def _warns(said: str) -> str:
    return ' class="warn"' if "onflict:" in said[:200] else ""


def _block(block: Block, level: int) -> str:
    if isinstance(block, Tree):
        return f'<ul class="tree">{_tree(block)}</ul>'
    title = f"<h{level}>{text(block.title)}</h{level}>" if block.title else ""
    if isinstance(block, Drawing):
        return f"{title}\n<pre>{_shown(chr(10).join(map(clean, block.lines)))}</pre>"
    if block.folded:
        return f"<details><summary>{text(block.title)}</summary>\n{table(block)}\n</details>"
    return f"{title}\n{table(block)}"


def table(shown: Table) -> str:
    """Return a table, without its title."""
    sides = [' class="r"' if column.right else "" for column in shown.columns]
    titles = zip(sides, shown.columns, strict=True)
    head = "".join(f"<th{side}>{text(column.title)}</th>" for side, column in titles)
    rows = []
    for row in shown.rows:
        if len(row) == 1:
            rows.append(f'<tr><td class="head" colspan="{len(sides)}">{_cell(row[0])}</td></tr>')
        elif row:
            cells = [*row, *[Cell("")] * (len(sides) - len(row))]
            drawn = "".join(f"<td{side}>{_cell(cell)}</td>" for side, cell in zip(sides, cells, strict=True))
            rows.append(f"<tr>{drawn}</tr>")
    body = "\n".join([f"<thead><tr>{head}</tr></thead>", "<tbody>", *rows, "</tbody>"])
    return f'<div class="scroll"><table>\n{body}\n</table></div>'


def _cell(cell: Cell) -> str:
    said = link(cell.text, cell.link) if cell.link else linked(cell.text)
    return (
        f'<span class="{_CLASSES.get(cell.style, cell.style)}">{said}</span>' if cell.style and said else said
    )


def _tree(tree: Tree) -> str:
    line = " ".join(filter(None, map(_cell, tree.line)))
    details = "".join(f"<br>{_cell(detail)}" for detail in tree.details)
    branches = "".join(map(_tree, tree.branches))
    return f"<li>{line}{details}{f'<ul>{branches}</ul>' if branches else ''}</li>"
