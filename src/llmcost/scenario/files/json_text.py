"""JSON as text that is safe to look at: no character in it does anything to a screen."""

from __future__ import annotations

import json
from typing import Final

_LINE: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
"""Made once: to make it takes longer than to write a row."""


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
    if "##" in text:  # which begins a command where a CI service reads its log
        text = text.replace("##", "#\\u0023")
    if text.isprintable():
        return text
    return text.translate(
        {ord(sign): json.dumps(sign)[1:-1] for sign in set(text) - {"\n"} if not sign.isprintable()}
    )


def _unsigned(value: object) -> object:
    """A value in which no zero has a sign."""
    if isinstance(value, dict):
        return {key: _unsigned(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_unsigned(item) for item in value]
    return value + 0.0 if isinstance(value, float) else value
