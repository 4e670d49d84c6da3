"""YAML as a tree of texts with positions. Nothing is converted, so YAML's own ideas of numbers, booleans
and dates do not matter: whoever reads a value knows what it should be.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from llmcost.errors import LlmcostError, Problem
from llmcost.records import NamedTuple, make
from llmcost.scenario.values.number import shorten

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES: Final = 4 * 1024 * 1024
MAX_DEPTH: Final = 16
MAX_SIZE: Final = 200_000
"""The most values in a document, counting aliases each time; a long text counts as several."""
CHARACTERS: Final = 64
"""So many characters of a text count as one more value."""
NULLS: Final = frozenset(("", "~", "null", "Null", "NULL"))


class Scalar(NamedTuple):
    """One text; `plain` is False if it was quoted or a block."""

    text: str
    plain: bool
    line: int
    column: int

    @property
    def is_null(self) -> bool:
        """Whether it is null, written out or left empty."""
        return self.plain and self.text in NULLS


class Sequence(NamedTuple):
    """A list of nodes."""

    items: tuple[Node, ...]
    line: int
    column: int


class Mapping(NamedTuple):
    """Keys with their values, in the order of the file."""

    items: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int


Node = Scalar | Sequence | Mapping

files_read: set[tuple[int, int]] = set()
"""Device and inode of every file read, so that a result never overwrites its own input."""


_drained: dict[tuple[int, int], bytes] = {}
"""The contents of pipes, which can be read only once, by device and inode."""


def read_text(path: Path, most: int = MAX_BYTES, *, glance: bool = False) -> str:
    """Return a file's text; a file read at a `glance` does not count as an input.

    Raises:
        LlmcostError: if it is no regular file, cannot be read, is too large, or not UTF-8 (with the place).
    """
    return decode(read_bytes(path, most, glance=glance), str(path), most)


def read_bytes(path: Path, most: int, *, glance: bool = False) -> bytes:
    """Return a file's bytes; if it is too large, `most` bytes and one more.

    Raises:
        LlmcostError: if it is no regular file, or cannot be read.
    """
    with reading(path):
        status = path.stat()
        regular = stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)
        # A pipe could block for ever, but /dev is allowed: a shell passes streams as files there.
        if not regular and not path.is_relative_to("/dev"):
            raise LlmcostError(Problem("is not a regular file", where=str(path)))
        if (pipe := (status.st_dev, status.st_ino)) in _drained:
            return _drained[pipe]
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if not glance:
                files_read.add((status.st_dev, status.st_ino))
            # Reading allocates as much as it asks for, so ask for the size of the file if it is known.
            there = min(status.st_size, most)
            data = file.read(there + 1)
            data = data if len(data) <= there else data + file.read(most - there)
            if not regular:
                _drained[pipe] = data
            return data


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Say in one line why a file cannot be read.

    Raises:
        LlmcostError: in place of what the system raises.
    """
    try:
        yield
    except (OSError, ValueError) as error:  # a ValueError where the path has a NUL in it
        why = getattr(error, "strerror", None) or error
        raise LlmcostError(Problem(f"cannot be read: {why}", where=str(path))) from None


def decode(data: bytes, where: str, most: int = MAX_BYTES) -> str:
    """Return UTF-8 bytes as text, without a byte order mark.

    Raises:
        LlmcostError: if there are too many bytes, or some are not UTF-8 (with the place).
    """
    if len(data) > most:
        raise LlmcostError(Problem(f"is larger than {most // 1024**2} MiB", where=where))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The codec removes a byte order mark before it counts.
        before = error.object[: error.start].decode()
        message = f"is not UTF-8: byte 0x{error.object[error.start]:02x} here; save the file as UTF-8"
        raise LlmcostError(Problem(message, where, *place_after(before))) from None


def place_after(text: str) -> tuple[int, int]:
    """Return the line and column of what follows a text, counted from 1."""
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _control(text: str) -> int | None:
    """Return the index of the first character that YAML does not allow, surrogates and BOMs included."""
    if text.replace("\n", "").isprintable():
        return None
    from yaml.reader import Reader

    found = Reader.NON_PRINTABLE.search(text)  # a slow pattern, already compiled
    places = [text.find("\ufeff"), -1 if found is None else found.start()]
    return min((place for place in places if place >= 0), default=None)


def compose(text: str, where: str) -> Node:
    """Return the one document that `text` holds, which must not be empty."""
    found = compose_any(text, where)
    if found is None:
        raise LlmcostError(Problem("is empty; a scenario starts with 'llmcost: 1'", where, 1, 1))
    return found


def compose_any(text: str, where: str) -> Node | None:
    """Return the one document that `text` holds.

    Raises:
        LlmcostError: with the place, if it is not YAML, more than one document, nested too deep, grown too
            large through aliases, or uses tags or mappings as keys.
    """
    import yaml

    control = _control(text)
    if control is not None:
        message = f"is not YAML: control character U+{ord(text[control]):04X}"
        raise LlmcostError(Problem(message, where, *place_after(text[:control])))

    def refuse(message: str, mark: yaml.Mark | Scalar | Sequence | Mapping | None) -> LlmcostError:
        if isinstance(mark, Scalar | Sequence | Mapping):
            return LlmcostError(Problem(message, where, mark.line, mark.column))
        line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
        return LlmcostError(Problem(message, where=where, line=line, column=column))

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(text)
    try:
        return _build(loader.get_event, refuse, escaped="\\" in text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        if error.problem == "could not find expected ':'":
            mark = error.context_mark or mark  # the place of the key, not of the end of the search
        refuse_conflict(text, where, "YAML")
        raise refuse(_plain_words(error.problem or "cannot be read", text, mark), mark) from None
    except (ValueError, OverflowError):  # an escape sequence beyond Unicode, without libyaml
        raise refuse(f"is not YAML: {_BAD_ESCAPE}", loader.get_mark()) from None


def _build(
    next_event: Callable[[], Any], refuse: Callable[..., LlmcostError], *, escaped: bool
) -> Node | None:
    """Turn the parser's events into nodes; `escaped` says whether there are escape sequences."""
    import yaml

    scalar, mapping, sequence = yaml.ScalarEvent, yaml.MappingStartEvent, yaml.SequenceStartEvent
    ends, alias = (yaml.MappingEndEvent, yaml.SequenceEndEvent), yaml.AliasEvent

    items: list[Any] = []  # the contents of the innermost open list or mapping
    stack: list[tuple[list[Any], Any, int]] = []  # the ones around it: contents, start event and size before
    anchors: dict[str, tuple[Node, int] | None] = {}
    documents = total = 0
    while True:
        event: Any = next_event()
        kind = type(event)
        if kind is scalar:
            text: str = event.value
            mark: Any = event.start_mark
            if event.tag is not None:
                _refuse_tag(event, refuse)
            if escaped and event.style == '"' and _SURROGATE.search(text):  # as libyaml does
                raise refuse(f"is not YAML: {_BAD_ESCAPE}", mark)
            before = total
            total += 1 + len(text) // CHARACTERS
            anchor = event.anchor
            node: Node = make(Scalar, (text, not event.style, mark.line + 1, mark.column + 1))
        elif kind is mapping or kind is sequence:
            _refuse_tag(event, refuse)
            if len(stack) >= MAX_DEPTH:
                raise refuse(f"is nested deeper than {MAX_DEPTH} levels", event.start_mark)
            if event.anchor:
                anchors[event.anchor] = None
            stack.append((items, event, total))
            items = []
            continue
        elif kind in ends:
            inside, (items, start, before) = items, stack.pop()
            total += 1
            anchor, mark = start.anchor, start.start_mark
            made: type[Mapping | Sequence] = Mapping if type(start) is mapping else Sequence
            held = _pairs(inside, refuse) if made is Mapping else tuple(inside)
            node = make(made, (held, mark.line + 1, mark.column + 1))
        elif kind is alias:
            target = anchors.get(str(event.anchor))
            if target is None:
                what = "refers to itself" if event.anchor in anchors else "has no anchor"
                hint = f"; a factor is quoted: '*{event.anchor}'" if str(event.anchor)[:1].isdigit() else ""
                raise refuse(f"the alias '*{event.anchor}' {what}{hint}", event.start_mark)
            anchor, (node, size) = None, target
            total += size
        elif kind is yaml.DocumentStartEvent:
            documents += 1
            if documents > 1:
                raise refuse("contains more than one document; one file is one scenario", event.start_mark)
            continue
        elif kind is yaml.StreamEndEvent:
            found: Node | None = items[0] if items else None
            return None if isinstance(found, Scalar) and found.is_null else found
        else:
            continue
        if total > MAX_SIZE:
            raise refuse(f"grows beyond {MAX_SIZE:,} values, most of them through aliases", event.start_mark)
        if anchor:
            anchors[anchor] = node, total - before
        items.append(node)


def _refuse_tag(event: Any, refuse: Callable[..., LlmcostError]) -> None:
    if event.tag not in (None, "!"):
        tag = shorten(event.tag, 80)
        raise refuse(f"has the YAML tag '{tag}'; tags have no meaning here", event.start_mark)


def _pairs(items: list[Any], refuse: Callable[..., LlmcostError]) -> tuple[tuple[Scalar, Node], ...]:
    """Return the pairs of a mapping, given its keys and values in turn."""
    keys = items[::2]
    for key in keys:
        if type(key) is not Scalar:
            raise refuse("a key must be a name, not a list or a mapping", key)
    return tuple(zip(keys, items[1::2], strict=True))


def refuse_conflict(text: str, where: str, kind: str) -> None:
    """Refuse a text that contains a merge conflict.

    Raises:
        LlmcostError: with the line of the first mark.
    """
    conflict = _CONFLICT.search(text)
    if conflict:
        line = text.count("\n", 0, conflict.start()) + 1
        message = f"is not {kind}: there is a merge conflict here, '{conflict[0]}'"
        raise LlmcostError(Problem(message, where, line, 1))


_CONFLICT: Final = re.compile(r"^<{7}(?=[ \r\n]|$)", re.MULTILINE)
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_BAD_ESCAPE: Final = "found invalid Unicode character escape code"
_SECOND_COLON: Final = "is not YAML: a second ':' in one line, or wrong indentation"
_PLAIN_WORDS: Final = {
    "found character that cannot start any token": "is not YAML: this character is not allowed here",
    "mapping values are not allowed in this context": _SECOND_COLON,
    "mapping values are not allowed here": _SECOND_COLON,
    "could not find expected ':'": "is not YAML: expected ':' after this key",
    "did not find expected key": "is not YAML: expected a key here; check the indentation",
    "did not find expected ',' or '}'": "is not YAML: expected ',' or '}' here",
    "did not find expected ',' or ']'": "is not YAML: expected ',' or ']' here",
    "did not find expected '-' indicator": "is not YAML: expected '-' here; check the indentation",
    "found unexpected end of stream": "is not YAML: the file ends inside a quoted text",
    "did not find expected node content": "is not YAML: a value is missing here",
}


def _plain_words(problem: str, text: str, mark: Any) -> str:
    line = text.split("\n")[mark.line :][:1] if mark is not None else []
    tab = any(found[mark.column :].startswith("\t") for found in line)
    if problem == "found character that cannot start any token" and tab:
        return "is not YAML: this character is not allowed here; indent with spaces, not tabs"
    return _PLAIN_WORDS.get(problem, f"is not YAML: {problem}")
