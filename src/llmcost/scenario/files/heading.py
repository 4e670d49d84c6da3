"""The headings of scenarios, for lists: a few keys at the left margin of each file.

Most files can be scanned line by line, without parsing the values, in half the time. Any file that leaves a
doubt (a text over several lines, a flow that continues at the margin, anything wrong) is read as a whole.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from llmcost.errors import LlmcostError
from llmcost.formulas import MODEL
from llmcost.records import NamedTuple
from llmcost.scenario.files.document import read_document
from llmcost.scenario.files.kinds import not_a_name
from llmcost.scenario.files.problems import At, Problems
from llmcost.scenario.files.scenario_file import SCENARIO, ScenarioFile
from llmcost.scenario.files.tree import Mapping, Node, Scalar, compose
from llmcost.scenario.reference import Link


class Heading(NamedTuple):
    """What a list shows of a scenario: its names and kind, not its values."""

    name: str
    where: str
    title: str | None = None
    kind: str | None = None
    aliases: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    extends: Link | None = None


def heading_of(file: ScenarioFile) -> Heading:
    """Return the heading of a file that was read as a whole."""
    return Heading(
        file.name, file.where, file.title, file.kind, file.aliases, tuple(file.variants), file.extends
    )


def read_heading(text: str, name: str, where: str) -> Heading | None:
    """Return the heading of a scenario file; None if it is not a scenario.

    Problems elsewhere in the file go unnoticed: `validate` reads all of it.
    """
    found = _by_lines(text, name, where)
    if found is None:
        try:
            document = read_document(text, name, where)
        except LlmcostError:
            return None
        found = heading_of(document) if isinstance(document, ScenarioFile) else None
    return found


FIELDS: Final = ("llmcost", "title", "kind", "aliases", "extends")


def _by_lines(text: str, name: str, where: str) -> Heading | None:
    """Return the heading of a file whose lines leave no doubt; None for any other."""
    doubtful = "\t" in text or "\r" in text or _OPEN.search(text)
    found = None if doubtful else _keys(text, "")
    if not found or not all(map(_known, found)):
        return None
    problems = Problems(where)
    values = {}
    try:
        for key in FIELDS:
            if key in found:
                node = _simple(found[key]) or _value(key, found[key], where)
                values[key] = SCENARIO.fields[key].kind.read(node, At(problems, None, key))
        variants = _variants(found.get("variants"), where)
    except LlmcostError:
        return None
    if problems.found or variants is None:
        return None
    return Heading(
        name,
        where,
        values.get("title"),
        values.get("kind"),
        tuple(values.get("aliases") or ()),
        variants,
        values.get("extends"),
    )


@cache
def _known(key: str) -> bool:
    return key in SCENARIO.fields or key in MODEL.sections or key in MODEL.quantities


def _keys(text: str, indent: str) -> dict[str, str] | None:
    """Return the text after each key at a margin; None if a line there does not begin with a key."""
    starts = list(re.finditer(_STARTS.format(indent=indent), text))
    keys = [start[1] for start in starts]
    if (
        not keys
        or None in keys
        or len(set(keys)) < len(keys)
        or re.search(_GOES_ON.format(indent=indent), text)
    ):
        return None
    ends = [start.start() for start in starts[1:]] + [len(text)]
    return {start[1]: text[start.end() : end] for start, end in zip(starts, ends, strict=True)}


def _variants(text: str | None, where: str) -> tuple[str, ...] | None:
    """Return the names of the variants in a text; None if there is a doubt."""
    if text is None:
        return ()
    first = _FIRST.match(text)
    names = _keys(text, first[1]) if first is not None else None
    if names is None:
        node = _value("variants", text, where)
        if not isinstance(node, Mapping):
            return () if isinstance(node, Scalar) and node.is_null else None
        listed = [key.text for key, _ in node.items]
        names = dict.fromkeys(listed, "") if len(set(listed)) == len(listed) else {"": ""}
    return None if any(map(not_a_name, names)) else tuple(names)


def _simple(text: str) -> Scalar | None:
    """Return a text that YAML would read as just that, on one line; None for anything else."""
    match = _ONE_TEXT.fullmatch(text)
    if match is None or not (match[1] or match[2]).isprintable():
        return None
    found = Scalar(match[1] or match[2], match[2] is not None, 1, 1)
    return None if found.is_null else found


def _value(key: str, text: str, where: str) -> Node:
    """Return the value of a key as YAML reads it."""
    node = compose(f"{key}:{text}", where)
    if not isinstance(node, Mapping) or len(node.items) != 1:
        raise LlmcostError("")
    return node.items[0][1]


_STARTS: Final = r"(?m)^{indent}(?:([A-Za-z_][\w.-]*):(?=[ \n]|\Z)|(?=[^\s#]))"
"""A line at a margin: it begins with a key, or leaves a doubt."""
_GOES_ON: Final = r"[\[{{,][ \t]*(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*{indent}(?=[^\s#])"
"""A flow that a line leaves open, if the next line is at the margin."""
_OPEN: Final = re.compile(r"""["'](?<![^\s\[{,:]["'])(?:(?<=")(?!(?:[^"\\\n]|\\.)*")|(?<=')(?![^'\n]*'))""")
"""A quoted text that seems to continue on the next line."""
_FIRST: Final = re.compile(r"(?:[ ]*(?:#.*)?\n)+(?=([ ]+)[^ \n#])")
"""Everything before the first key of an indented mapping."""
_ONE_TEXT: Final = re.compile(r"""[ ]+(?:"([^"\\\n]+)"|([^\W_][^\n:#"'\[\]{}]*))\s*""")
