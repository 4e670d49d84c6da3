"""Where results go: standard output, byte for byte the same everywhere, or a file, whole or not at all."""

from __future__ import annotations

import codecs
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from llmcost.errors import LlmcostError, Problem

_PLAIN = {
    "×": "x",
    "–": "-",
    "−": "-",
    "—": "-",
    "·": "*",
    "÷": "/",
    "ε": "e",
    "≥": ">=",
    "≤": "<=",
    "→": "->",
    "₀": "0",
    "…": "...",
    "═": "=",
    "─": "-",
    "━": "-",
    "│": "|",
    "├": "+",
    "└": "+",
    "┼": "+",
    "█": "#",
    "░": "-",
    "±": "+-",
    "∞": "inf",
    "╌": "-",
    "’": "'",
    "“": '"',
    "”": '"',
}


def _transliterate(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: a plain spelling for signs that the output's encoding lacks."""
    assert isinstance(error, UnicodeEncodeError)
    return "".join(_PLAIN.get(sign, "?") for sign in error.object[error.start : error.end]), error.end


codecs.register_error("llmcost", _transliterate)


def write_stdout(text: str | Iterable[str], *, machine: bool) -> None:
    """Write text, or pieces of whole lines as they come, to standard output.

    What machines read is UTF-8 whatever the locale; what people read is in the locale's encoding. An
    interrupt waits for the end of a piece, a second one does not.

    Raises:
        KeyboardInterrupt: between two pieces, or at once on a second interrupt.
        SystemExit: with 0, where the reader has gone, as `head` does.
        LlmcostError: where it cannot be written, as to a full disk.
    """
    interrupted = False

    def later(_signal: int, _frame: object) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt
        interrupted = True

    before = signal.signal(signal.SIGINT, later)
    try:
        for piece in [text] if isinstance(text, str) else text:
            _write_piece(piece, machine=machine)
            if interrupted:
                raise KeyboardInterrupt
    finally:
        signal.signal(signal.SIGINT, before)


def _write_piece(text: str, *, machine: bool) -> None:
    if sys.stdout is None:
        raise LlmcostError(Problem("is closed", where="standard output"))
    encoding = "utf-8" if machine else (sys.stdout.encoding or "utf-8")
    data = text.encode(encoding, errors="backslashreplace" if machine else "llmcost")
    try:
        buffer = getattr(sys.stdout, "buffer", None)
        if buffer is None:
            sys.stdout.write(text)
        else:
            sys.stdout.flush()
            # Unbuffered, as with python -u, a write that a signal interrupts is a short one.
            rest = memoryview(data)
            while rest:
                rest = rest[buffer.write(rest) or 0 :]
        sys.stdout.flush()
    except OSError as error:
        # What is left in the buffer must not complain once more at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise SystemExit(0) from None
        message = f"cannot be written: {error.strerror or error}"
        raise LlmcostError(Problem(message, where="standard output")) from None


def with_progress(pieces: Iterable[str], total: int, step: int) -> Iterator[str]:
    """Pass pieces on; once they take over a second, tell a terminal on standard error how far they are."""
    start, done, shown = time.monotonic(), 0, False
    for piece in pieces:
        yield piece
        done += step
        if sys.stderr.isatty() and time.monotonic() - start > 1:
            shown = True
            part = min(done / total, 1)
            bar = "#" * round(part * 30)
            sys.stderr.write(f"\r[{bar:30}] {part:4.0%} of {total:,} points")
            sys.stderr.flush()
    if shown:
        sys.stderr.write("\r\x1b[K")


def write_file(path: Path, text: str | Iterable[str], *, over_yaml: bool = False) -> None:
    """Write a file atomically in UTF-8: it is there whole, or as it was before.

    No result is YAML, so that a YAML file that is there already is somebody's scenario, and stays.

    Raises:
        LlmcostError: if it cannot be written.
    """
    pieces = [text] if isinstance(text, str) else text
    try:
        # A link keeps pointing where it points, and a device or pipe is written to and not replaced.
        target = path.resolve()
        if not over_yaml and target.suffix.lower() in (".yaml", ".yml") and target.is_file():
            message = "is a YAML file, which no result replaces; name another"
            raise LlmcostError(Problem(message, where=str(path)))
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise LlmcostError(Problem("is a folder, not a file", where=str(path)))
            with target.open("w", encoding="utf-8", errors="backslashreplace", newline="") as file:
                file.writelines(pieces)
            return
        # Named before it is there, so that an interrupt at any moment knows what to remove.
        temporary = target.with_name(f".{target.name}.{os.urandom(6).hex()}")
        try:
            with temporary.open("x", encoding="utf-8", errors="backslashreplace", newline="") as file:
                file.writelines(pieces)
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o777)
            temporary.replace(target)
        except BaseException:  # an interrupt too leaves nothing behind; it goes on from here
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise LlmcostError(
            Problem(f"cannot be written: {error.strerror or error}", where=str(path))
        ) from None
