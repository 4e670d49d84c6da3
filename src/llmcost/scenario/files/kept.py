"""Trees of files that were read before: parsing YAML takes longer than all else that a short command does.

What is kept of a file counts for the very text that it was made of, which stands beside it. So no clock, size
or name has to be trusted: a file that changes twice within one tick of its clock is parsed twice. It is made
of numbers and texts alone, which cannot run or break anything, and holds a checksum: what is damaged, or was
kept by another version, is parsed again. `LLMCOST_NO_CACHE=1` switches it off.
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
"""Files that are kept at most. Each has two slots, and takes the one that is empty or older."""
LONGEST: Final = 65_536
"""Characters of a text, and values of a tree, that are kept."""
NEW: Final = 64
"""Files not kept so far after which a process stops asking: thousands of them would turn all of it over."""


def composed(text: str, where: str) -> Node:
    """Return the document that the text of a file holds, as `compose` does, from what is kept if it can."""
    kept = _shelf()
    if kept is None or not kept.left or len(text) > LONGEST:
        return compose(text, where)
    slots = kept.slots(where)
    before = f"{kept.mark} {len(text)}\n{text}\n".encode()
    for slot in slots:
        if (found := _read(slot, before)) is not None:
            return found
    kept.left -= 1
    found = compose(text, where)
    _write(min(slots, key=_written), before, found)
    return found


def folder() -> Path | None:
    """Return where trees are kept: in the user's folder for such; None where there is none."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if not base.is_absolute():
        usual = {"darwin": "~/Library/Caches", "win32": os.environ.get("LOCALAPPDATA", "")}
        try:
            base = Path(usual.get(sys.platform, "~/.cache")).expanduser()
        except RuntimeError:  # nobody's home is known
            return None
    return base / "llmcost" / "trees" if base.is_absolute() else None


class _Shelf:
    """Where this process finds trees that are kept, and how many more files new to it it asks for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.left = NEW
        built = max(Path(module).stat().st_mtime_ns for module in (__file__, str(tree.__file__)))
        version = import_module("llmcost").__version__  # the package, which stands above its parts
        self.mark = f"llmcost {version} {built}"

    def slots(self, where: str) -> tuple[Path, Path]:
        """Return the files of which one keeps the tree of a file."""
        name = crc32(str(Path(where).absolute()).encode(errors="replace"))
        return self.folder / f"{name % SLOTS:03x}", self.folder / f"{name // SLOTS % SLOTS:03x}"


@cache
def _shelf() -> _Shelf | None:
    """Return where trees are kept; None where they are not, or where others than the user may write."""
    where = None if os.environ.get("LLMCOST_NO_CACHE") else folder()
    if where is None:
        return None
    with suppress(OSError):
        where.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = where.stat()
        if not hasattr(os, "geteuid") or (status.st_uid == os.geteuid() and not status.st_mode & 0o022):
            return _Shelf(where)
    return None


def _read(slot: Path, before: bytes) -> Node | None:
    """Return the tree in a slot that was made of a text; None where there is none, or a damaged one."""
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
    """Put a tree in a slot, in one step: who reads at the same time finds what was there, or this."""
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
    """Write a tree as numbers, four a node, and texts: what it is, its place, and how much of it there is.

    What is in a node comes before it.
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
    """Return the tree that was written so."""
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
