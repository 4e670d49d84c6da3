"""JSON text that is safe to display: no character in it can affect a terminal."""

from __future__ import annotations

import json
from typing import Final

_LINE: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
"""Made once: making an encoder takes longer than writing a row."""


def json_text(value: object, indent: int | None = None) -> str:
    """Return a value as JSON, on one line without an `indent`; control and format characters are spelled out.

    Raises:
        ValueError: for NaN and infinity, which JSON does not have.
    """
    write = _LINE
    if indent is not None:
        write = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=indent).encode
    text = write(value)
    if "-0.0" in text:
        text = write(_unsigned(value))
    if "##" in text:  # it begins a command in the log of a CI service
        text = text.replace("##", "#\\u0023")
    if text.isprintable():
        return text
    return text.translate(
        {ord(sign): json.dumps(sign)[1:-1] for sign in set(text) - {"\n"} if not sign.isprintable()}
    )


def _unsigned(value: object) -> object:
    """Return the value with no negative zero in it."""
    if isinstance(value, dict):
        return {key: _unsigned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_unsigned(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value
