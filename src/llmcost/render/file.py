"""Writes results to files: completely or not at all, and never over files that llmcost did not write."""

from __future__ import annotations

import os
import re
import signal
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from typing import IO, Any, Final

from llmcost.errors import LlmcostError, Problem
from llmcost.render.forms import FORMS
from llmcost.render.output import tell
from llmcost.scenario.files.tree import files_read

_STREAM = re.compile(r"/dev/(?:stdout|stderr|fd/(\d+))|/proc/self/fd/(\d+)")
_SPLIT = re.compile("[,:]")
_HEAD = 65_536
"""How many bytes at the beginning of a file are checked for who wrote it."""
_TAIL = 1024
"""How many bytes at the end of a long file are checked too."""
_TEMPORARY = ".llmcost-"
"""The prefix of the names of temporary files."""


def write_file(
    path: Path, content: str | bytes | Iterable[str | bytes], form: str, *, force: bool = False
) -> None:
    """Write a result to a file atomically, text in UTF-8, and say so; or to a device or pipe.

    Raises:
        LlmcostError: if it cannot be written, is an input, or exists and was not written by llmcost; `force`
            allows the last.
    """
    pieces = map(encoded, [content] if isinstance(content, str | bytes) else content)
    try:
        stream = _STREAM.fullmatch(str(path))
        there = None if stream else _status(path)
        if there is not None and stat.S_ISDIR(there.st_mode):
            raise LlmcostError(Problem("is a folder, not a file", where=str(path)))
        if stream or (there is not None and not stat.S_ISREG(there.st_mode)):
            target = os.dup(_descriptor(stream)) if stream else path
            with suppress(BrokenPipeError), open(target, "wb") as file:  # noqa: PTH123
                file.writelines(pieces)
            return
        start = next(pieces, b"")
        if there is not None:
            _refuse(path, there, start, form, force=force)
        # A symbolic link stays a link.
        _write_whole(Path(os.path.realpath(path)), chain([FORMS[form].head.encode(), start], pieces))
        tell(f"wrote {path}")
    except OSError as error:
        raise LlmcostError(Problem(f"cannot be written: {error.strerror or error}", str(path))) from None


def is_device(path: Path) -> bool:
    """Whether a path is a device, a pipe or a standard stream, which needs no ending."""
    return bool(_STREAM.fullmatch(str(path))) or (path.exists() and not path.is_file())


def _status(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _descriptor(stream: re.Match[str]) -> int:
    number = stream[1] or stream[2]
    return int(number) if number else {"/dev/stdout": 1, "/dev/stderr": 2}[stream[0]]


def encoded(piece: str | bytes) -> bytes:
    """Return a piece of a result as bytes: text in UTF-8, with invalid characters spelled out."""
    return piece if isinstance(piece, bytes) else piece.encode(errors="backslashreplace")


def _refuse(path: Path, there: os.stat_result, start: bytes, form: str, *, force: bool) -> None:
    """Refuse to replace an input, or a file that llmcost did not write."""
    if (there.st_dev, there.st_ino) in {*files_read, *_standard_input()}:
        raise LlmcostError(Problem("is an input of this command; write to another file", where=str(path)))
    if not force and not _is_ours(path, start, form):
        message = "exists already, and llmcost did not write it; --force replaces it"
        raise LlmcostError(Problem(message, where=str(path)))


def _standard_input() -> list[tuple[int, int]]:
    with suppress(OSError):
        status = os.fstat(0)
        return [(status.st_dev, status.st_ino)]
    return []


def _is_ours(path: Path, begin: bytes, form: str) -> bool:
    """Whether a file is empty, has a mark of llmcost, or begins like the new content."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
        file.seek(max(len(head), path.stat().st_size - _TAIL))
        data = (head + file.read()).decode(errors="replace")
    start = begin.decode(errors="replace")
    if not data or (FORMS[form].mark and re.search(FORMS[form].mark, data, re.MULTILINE)):
        return True
    if FORMS[form].mark and form != "table":  # forms with a mark always have it; their beginnings are common
        return False
    first, new = (text.partition("\n")[0] for text in (data, FORMS[form].head + start))
    # The columns of a table may have changed, except for the first.
    return first == new if form not in ("csv", "jsonl") else _SPLIT.split(first)[0] == _SPLIT.split(new)[0]


def _write_whole(target: Path, pieces: Iterable[bytes]) -> None:
    """Write a temporary file beside the target, and rename it."""
    _clear(target.parent)
    temporary = target.with_name(f"{_TEMPORARY}{os.urandom(6).hex()}")
    with _removed(temporary):
        with _held(temporary) as file:
            file.writelines(pieces)
        if target.exists():
            temporary.chmod(target.stat().st_mode & 0o777)
        temporary.replace(target)


@contextmanager
def _removed(temporary: Path) -> Iterator[None]:
    """Remove a temporary file if an error, an interrupt or a signal prevents its renaming."""

    def end(number: int, _frame: object) -> None:
        temporary.unlink(missing_ok=True)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    heard = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, end) for number in heard}
    try:
        yield
    finally:
        temporary.unlink(missing_ok=True)
        for number, handler in before.items():
            signal.signal(number, handler)


_ENDING: Final = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


def _held(path: Path) -> IO[bytes]:
    """Create a file that is locked while it is open; try again if another process has removed it."""
    while True:
        file = path.open("xb")
        with suppress(OSError):  # not every file system has locks
            _lock(file, wait=True)
        if path.exists():
            return file
        file.close()


def _clear(folder: Path) -> None:
    """Remove temporary files of killed processes: those that nobody has locked."""
    for left in folder.glob(f"{_TEMPORARY}*"):
        with suppress(OSError), left.open("rb") as file:
            _lock(file, wait=False)
            left.unlink()


def _lock(file: IO[Any], *, wait: bool) -> None:
    """Lock a file. A system without such locks does not remove open files."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
