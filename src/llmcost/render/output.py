"""Where results go: standard output, byte for byte the same everywhere, or a file, whole or not at all."""

from __future__ import annotations

import codecs
import os
import sys
import tempfile
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


def write_stdout(text: str, *, machine: bool) -> None:
    """Write to standard output; a reader that stops early, as `head` does, is no error.

    What machines read is UTF-8 whatever the locale; what people read is in the locale's encoding.

    Raises:
        SystemExit: with 0, where the reader has gone.
    """
    encoding = "utf-8" if machine else (sys.stdout.encoding or "utf-8")
    data = text.encode(encoding, errors="strict" if machine else "llmcost")
    try:
        buffer = getattr(sys.stdout, "buffer", None)
        if buffer is None:
            sys.stdout.write(text)
        else:
            sys.stdout.flush()
            buffer.write(data)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def write_file(path: Path, text: str) -> None:
    """Write a file atomically in UTF-8: it is there whole, or as it was before.

    Raises:
        LlmcostError: if it cannot be written.
    """
    try:
        # A link keeps pointing where it points, and a device or pipe is written to and not replaced.
        target = path.resolve()
        if target.exists() and not target.is_file():
            if target.is_dir():
                raise LlmcostError(Problem("is a folder, not a file", where=str(path)))
            target.write_text(text, encoding="utf-8")
            return
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            temporary.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise LlmcostError(
            Problem(f"cannot be written: {error.strerror or error}", where=str(path))
        ) from None


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current
