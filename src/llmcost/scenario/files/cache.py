"""A cache of parsed files: in a short command, parsing YAML takes longer than everything else.

Each entry contains the text that it was parsed from and is used only for exactly that text, so it depends on
no clock, size or name. It consists of numbers and texts, which cannot run or break anything, and a checksum:
an entry that is damaged or from another version is parsed again. `LLMCOST_NO_CACHE=1` switches the cache off.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Final, cast
from zlib import crc32

from llmcost.scenario.files import tree
from llmcost.scenario.files.tree import Mapping, Node, Scalar, Sequence, compose

SLOTS: Final = 1024
"""The most files in the cache. Each has two slots, and takes the one that is empty or older."""
LONGEST: Final = 65_536
"""The longest text, in characters, and the largest tree, in values, that is cached."""
NEW: Final = 64
"""Misses after which a process stops using the cache: thousands of files would replace all of it."""


def compose_cached(text: str, where: str) -> Node:
    """Return the document in the text of a file, as `compose` does, from the cache if possible."""
    store = _store()
    if store is None or not store.left or len(text) > LONGEST:
        return compose(text, where)
    slots = store.slots(where)
    before = f"{store.mark} {len(text)}\n{text}\n".encode()
    for slot in slots:
        if (found := _read(slot, before)) is not None:
            return found
    store.left -= 1
    found = compose(text, where)
    _write(min(slots, key=_written), before, found)
    return found


def folder() -> Path | None:
    """Return the cache's folder, below the user's own cache folder; None if there is none."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():
        usual = {"darwin": "~/Library/Caches", "win32": os.environ.get("LOCALAPPDATA", "")}
        try:
            base = Path(usual.get(sys.platform, "~/.cache")).expanduser()
        except RuntimeError:  # no home folder is known
            return None
    return base / "llmcost" / "trees" if base.is_absolute() else None


class _Store:
    """The open cache, and how many more misses this process accepts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.left = NEW
        built = max(Path(module).stat().st_mtime_ns for module in (__file__, str(tree.__file__)))
        version = import_module("llmcost").__version__  # the package itself, which is a layer above
        self.mark = f"llmcost {version} {built}"

    def slots(self, where: str) -> tuple[Path, Path]:
        """Return the two cache files that may hold the tree of a file."""
        name = crc32(str(Path(where).absolute()).encode(errors="replace"))
        return self.folder / f"{name % SLOTS:03x}", self.folder / f"{name // SLOTS % SLOTS:03x}"


@cache
def _store() -> _Store | None:
    """Return the cache; None if it is off, or if other users may write to it."""
    where = None if os.environ.get("LLMCOST_NO_CACHE") else folder()
    if where is None:
        return None
    with suppress(OSError):
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = where.stat()
        if not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o022):
            return _Store(where)
    return None


def _read(slot: Path, before: bytes) -> Node | None:
    """Return the tree in a slot if it was made from this text; None if it was not, or is damaged."""
    try:
        data = slot.read_bytes()
        if not data.startswith(before):
            return None
        check, _, data = data[len(before) :].partition(b"\n")
        if int(check) != crc32(data):
            return None
        numbers, _, texts = data.partition(b"\n")
        return _tree(map(int, numbers.split()), texts.decode())
    except (OSError, ValueError):
        return None


def _written(slot: Path) -> int:
    """Return when a slot was filled; 0 for an empty one."""
    with suppress(OSError):
        return slot.stat().st_mtime_ns
    return 0


def _write(slot: Path, before: bytes, node: Node) -> None:
    """Put a tree in a slot, atomically: a reader finds either the old entry or this one."""
    numbers: list[int] = []
    texts: list[str] = []
    _flatten(node, numbers, texts)
    if len(numbers) > 4 * LONGEST:
        return
    data = f"{' '.join(map(str, numbers))}\n{''.join(texts)}".encode()
    aside = slot.with_suffix(f".{os.getpid()}")
    with suppress(OSError):
        try:
            with aside.open("xb") as file:
                file.write(before + b"%d\n" % crc32(data) + data)
            aside.replace(slot)
        except OSError:
            aside.unlink()


def _flatten(node: Node, numbers: list[int], texts: list[str]) -> None:
    """Write a tree as texts and numbers, four for each node: its type, line, column and length.

    The contents of a node come before it.
    """
    if isinstance(node, Scalar):
        numbers += (int(node.plain), node.line, node.column, len(node.text))
        texts.append(node.text)
        return
    mapping = isinstance(node, Mapping)
    items = (part for pair in node.items for part in pair) if isinstance(node, Mapping) else iter(node.items)
    for item in items:
        _flatten(item, numbers, texts)
    numbers += (3 if mapping else 2, node.line, node.column, len(node.items))


def _tree(numbers: Iterator[int], texts: str) -> Node:
    """Return the tree that `_flatten` wrote."""
    at = 0
    made: list[Node] = []
    for kind, line, column, much in zip(numbers, numbers, numbers, numbers, strict=True):
        if kind < 2:
            made.append(Scalar(texts[at : at + much], kind == 1, line, column))
            at += much
            continue
        start = len(made) - much * (kind - 1)
        inner = tuple(made[start:])
        del made[start:]
        if kind == 2:
            made.append(Sequence(inner, line, column))
        else:
            pairs = cast("tuple[tuple[Scalar, Node], ...]", tuple(zip(inner[::2], inner[1::2], strict=True)))
            made.append(Mapping(pairs, line, column))
    (node,) = made
    return node
