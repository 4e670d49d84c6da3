"""Columns as lines of CSV or JSON, many rows at once, with the same result as `csv` and `json`."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator, Sequence
from json.encoder import encode_basestring
from typing import Any, Final

from llmcost.render.csv import lines as csv_lines
from llmcost.scenario.files.json_text import json_text

KEPT: Final = 50_000
"""The most cached texts of the values of an input, which recur."""


class Texts:
    """Writes numbers in full, as `repr` does, without negative zeros."""

    def __init__(self) -> None:
        self._known: dict[float, str] = {}

    def again(self, column: Any) -> list[str]:
        """Return a column with recurring values as texts."""
        values: Sequence[float] = column if isinstance(column, list) else column.tolist()
        new = set(values).difference(self._known)
        if len(self._known) + len(new) > KEPT:
            self._known.clear()
            new = set(values)
        self._known.update((value, repr(value + 0.0)) for value in new)
        return list(map(self._known.__getitem__, values))

    @staticmethod
    def once(column: Sequence[float | None], missing: str) -> list[str]:
        """Return a column as texts."""
        found = list(map(repr, column))
        if "-0.0" in found or "None" in found:
            instead = {"-0.0": "0.0", "None": missing}
            return [instead.get(text, text) for text in found]
        return found


def csv_rows(label: str, columns: Sequence[Sequence[str]]) -> str:
    """Return rows of CSV that begin with a label."""
    head = csv_lines([[label, 0]])[:-2]
    rows = f"\n{head}".join(map(",".join, zip(*columns, strict=True)))
    return f"{head}{rows}\n"


def csv_cells(columns: Sequence[Sequence[Any]]) -> str:
    """Return rows of CSV, each cell as `csv.writer` writes it."""
    texts = [_csv_texts(column) for column in columns]
    if len(texts) > 1 and None not in texts:
        return "\n".join([*map(",".join, zip(*texts, strict=True)), ""])
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(zip(*columns, strict=True))
    return file.getvalue()


def _csv_texts(column: Sequence[Any]) -> Sequence[str] | None:
    """Return the cells of a column as CSV; None if any needs quotes."""
    kinds = set(map(type, column))
    if kinds == {str}:
        whole = "".join(column)
        return None if any(sign in whole for sign in '",\r\n') else column
    if kinds <= {float, type(None)}:
        texts = list(map(repr, column))
        return ["" if text == "None" else text for text in texts] if type(None) in kinds else texts
    return None


def json_texts(column: Sequence[Any]) -> list[str]:
    """Return the cells of a column as JSON, as `json_text` writes them."""
    kinds = set(map(type, column))
    if kinds <= {float, type(None)} and math.isfinite(sum(value for value in column if value is not None)):
        return Texts.once(column, "null")
    if kinds == {str}:
        found = list(map(encode_basestring, column))
        whole = "".join(found)
        if whole.isprintable() and "##" not in whole:
            return found
    return list(map(json_text, column))


def json_rows(
    names: Sequence[str], columns: Sequence[Sequence[str]], first: tuple[str, str] | None = None
) -> Iterator[str]:
    """Yield JSON objects with a key for each column, after a common first pair."""
    head = [_literal(json_text(dict([first]))[1:-1])] if first else []
    template = "{" + ", ".join([*head, *(f"{_literal(json_text(name))}: %s" for name in names)]) + "}"
    return map(template.__mod__, zip(*columns, strict=True))


def _literal(text: str) -> str:
    return text.replace("%", "%%")
