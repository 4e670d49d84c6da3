"""Standard output and error: the same bytes everywhere, and no complaint if the reader has gone."""

from __future__ import annotations

import codecs
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from llmcost.errors import LlmcostError, Problem
from llmcost.render.words import clean, harmless

_PLAIN = {
    word[0]: word[1:]
    for word in (
        *("×x", "–-", "−-", "—-", "·*", "÷/", "εe", "≥>=", "≤<=", "→->", "₀0", "…...", "═=", "─-", "━-"),
        *("│|", "├+", "└+", "┼+", "█#", "░-", "±+-", "∞inf", "╌-", "’'", '“"', '”"'),
    )
}
"""Plain spellings of characters that an encoding may lack."""


def _transliterate(error: UnicodeError) -> tuple[str, int]:
    """Codec error handler: a plain spelling for characters that the output's encoding lacks."""
    assert isinstance(error, UnicodeEncodeError)
    missing = error.object[error.start : error.end]
    return "".join(_PLAIN.get(character, "?") for character in missing), error.end


codecs.register_error("llmcost", _transliterate)


def write_stdout(text: str | Iterable[str | bytes], *, utf8: bool) -> None:
    """Write text, or pieces of whole lines as they come, to standard output.

    Forms for machines are UTF-8, those for people in the encoding of the locale. If the reader stops early,
    as `head` does, so does this. An interrupt waits for the end of a piece; a second one does not.

    Raises:
        KeyboardInterrupt: between two pieces, or at once on a second interrupt.
        LlmcostError: if it cannot be written, for example because the disk is full.
    """
    interrupted = False

    def later(_signal: int, _frame: object) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt
        interrupted = True

    # A background process may have to ignore interrupts.
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, later)
    try:
        for piece in [text] if isinstance(text, str) else text:
            _write_piece(piece, utf8=utf8)
            if interrupted:
                raise KeyboardInterrupt
    except BrokenPipeError:
        silence(1)
    except OSError as error:
        silence(1)
        message = f"cannot be written: {error.strerror or error}"
        raise LlmcostError(Problem(message, where="standard output")) from None
    finally:
        signal.signal(signal.SIGINT, before)


def _write_piece(piece: str | bytes, *, utf8: bool) -> None:
    if sys.stdout is None:
        raise LlmcostError(Problem("is closed", where="standard output"))
    buffer = getattr(sys.stdout, "buffer", None)
    if isinstance(piece, bytes):
        data = piece
    else:
        encoding = "utf-8" if utf8 else (sys.stdout.encoding or "utf-8")
        data = piece.encode(encoding, errors="backslashreplace" if utf8 else "llmcost")
    if buffer is None:
        sys.stdout.write(piece if isinstance(piece, str) else data.decode(errors="replace"))
    else:
        sys.stdout.flush()
        # With python -u, a signal may cut a write short.
        rest = memoryview(data)
        while rest:
            rest = rest[buffer.write(rest) or 0 :]
    sys.stdout.flush()


def silence(stream: int) -> None:
    """Redirect a stream that cannot be written to nowhere, so that flushing it does not fail again."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream)


def flush() -> None:
    """Flush standard output; it is no error if the reader has gone.

    Raises:
        LlmcostError: if it cannot be written, for example because the disk is full.
    """
    write_stdout("", utf8=True) if sys.stdout is not None else None


def tell(line: str) -> None:
    """Write a line to standard error, if that is possible."""
    _tell(f"{harmless(clean(line))}\n")


def _tell(text: str) -> None:
    if sys.stderr is None:  # closed, as by 2>&-
        return
    try:
        sys.stderr.write(text)
        sys.stderr.flush()
    except (OSError, ValueError):
        silence(2)


_WIPE = f"\r{' ' * 72}\r"


def _watched() -> bool:
    return sys.stderr is not None and sys.stderr.isatty()


@contextmanager
def working() -> Iterator[None]:
    """If the body takes over a second, show the elapsed time on standard error, if it is a terminal."""
    if not _watched():
        yield
        return
    done = Event()

    def count() -> None:
        seconds = 0
        while not done.wait(1):
            seconds += 1
            _tell(f"\rworking, {seconds} s")
        if seconds:
            _tell(_WIPE)

    counter = Thread(target=count, daemon=True)
    counter.start()
    try:
        yield
    finally:
        done.set()
        counter.join()


def with_progress(
    pieces: Iterable[str | bytes], total: int | Callable[[], int], step: int, what: str = "points"
) -> Iterator[str | bytes]:
    """Pass pieces on; if they take over a second, show progress on standard error, if it is a terminal."""
    import time

    start, done, shown = time.monotonic(), 0, False
    for piece in pieces:
        yield piece
        done += step
        if _watched() and time.monotonic() - start > 1:
            shown = True
            total = total if isinstance(total, int) else total()
            part = min(done / total, 1)
            bar = "#" * round(part * 30)
            _tell(f"\r[{bar:30}] {part:4.0%} of {total:,} {what}")
    if shown:
        _tell(_WIPE)
