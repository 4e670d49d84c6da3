"""A report as Markdown that can be pasted into an article or a pull request."""

from __future__ import annotations

import re
from html import escape as escape_html

from llmcost.render.report import Cell, Drawing, Page, Report, Table, Tree, Views
from llmcost.render.words import clean, harmless

MARK = "<!-- llmcost -->"
"""The last line, which no reader sees, and by which llmcost knows its own files."""
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#~]|&(?=#?\w+;))")
_START = re.compile(r"^(\s*)([-+](?=[-\s]|$)|=(?=[=\s]*$)|\d+(?=[.)](?:\s|$)))")
_MENTION = re.compile(r"(?<!\w)@(?=\w)|#(?=\d)")
_LINK = re.compile(r"https?://[^\s<>()]+")


def write(views: Views) -> str:
    """Return a result as Markdown."""
    shown = (views.page or views.report)()
    return harmless(f"{page(shown) if isinstance(shown, Page) else render(shown)}\n{MARK}\n")


def line(text: str) -> str:
    """Return untrusted text for a line of its own: it begins no list and underlines no heading."""
    return _begun(escape(text))


def escape(text: str) -> str:
    """Return untrusted text that Markdown shows literally; web addresses stay links."""
    shown = clean(text)
    parts, last = [], 0
    for link in _LINK.finditer(shown):
        address = link.group().rstrip(".,;")
        parts += [_neutral(shown[last : link.start()]), f"<{address.replace('|', '%7C')}>"]
        last = link.start() + len(address)
    return "".join([*parts, _neutral(shown[last:])])


def _neutral(text: str) -> str:
    """Escape marks, mentions of people and references to issues."""
    return _MENTION.sub(r"\g<0>&#8203;", _SPECIAL.sub(r"\\\1", text))


def _begun(text: str) -> str:
    """Markdown that begins a line, and no list, heading or rule."""
    return _START.sub(_block, text)


def _block(found: re.Match[str]) -> str:
    """Escape the start of a line that would begin a list or underline a heading."""
    return found[1] + (f"{found[2]}\\" if found[2].isdigit() else f"\\{found[2]}")


def page(whole: Page) -> str:
    """Return a page as Markdown: its headings are anchors, and each sentence is a paragraph."""
    parts = [f"# {escape(whole.title)}", *map(line, whole.lead)]
    for chapter in whole.chapters:
        parts += [f"## {escape(chapter.title)}", *map(line, chapter.lead), _table(chapter.overview)]
        for heading, report in chapter.sections:
            parts.append(f"### {escape(heading)}")
            parts += map(line, report.lead)
            parts.append(render(report._replace(lead=())).rstrip("\n"))
    return "\n\n".join(parts) + "\n"


def render(report: Report) -> str:
    """Return a report as Markdown."""
    parts: list[str] = []
    if report.title:
        parts.append(f"**{escape(report.title)}**")
    if report.lead:
        parts.append("  \n".join(map(line, report.lead)))
    for block in report.blocks:
        if isinstance(block, Tree):
            parts.append("\n".join(_tree(block, 0)))
            continue
        if isinstance(block, Table) and block.folded:
            # Inside HTML, a Markdown table needs blank lines around it.
            parts.append(f"<details><summary>{escape_html(clean(block.title))}</summary>")
            parts += [_table(block), "</details>"]
            continue
        if block.title:
            parts.append(f"**{escape(block.title)}**")
        if isinstance(block, Drawing):
            parts.append("\n".join(["```text", *map(clean, block.lines), "```"]))
        else:
            parts.append(_table(block))
    lists = [[cell.text for cell in report.lines], report.facts]
    parts += ["\n".join(f"- {line(text)}" for text in texts) for texts in lists if texts]
    return "\n\n".join(parts) + "\n"


def _cell(cell: Cell) -> str:
    text = clean(cell.text)
    if cell.link and text:
        return f"[{escape(text)}](<{cell.link}>)"
    if cell.style == "bar" and text:
        # As code, with no-break spaces, so that the axis of a tornado stays aligned.
        return f"`{text.replace(' ', chr(0xA0))}`"
    if cell.style == "name" and text and "`" not in text and "|" not in text:
        return f"`{text}`"
    shown = escape(text)
    return f"**{shown}**" if cell.style in ("strong", "band") and shown else shown


def _table(table: Table) -> str:
    head = "| " + " | ".join(escape(column.title) for column in table.columns) + " |"
    rule = "|" + "|".join(" ---: " if column.right else " --- " for column in table.columns) + "|"
    rows = ["| " + " | ".join(map(_cell, row)) + " |" for row in table.rows]
    return "\n".join([head, rule, *rows])


def _tree(tree: Tree, depth: int) -> list[str]:
    indent = "  " * depth
    lines = [f"{indent}- {_begun(' '.join(filter(None, map(_cell, tree.line))))}"]
    lines += [f"{indent}  {_begun(_cell(detail))}" for detail in tree.details]
    # A blank detail line would end the list; a hard break keeps each detail on a line of its own.
    lines = [line + "  " if index < len(lines) - 1 else line for index, line in enumerate(lines)]
    return [*lines, *(line for branch in tree.branches for line in _tree(branch, depth + 1))]
