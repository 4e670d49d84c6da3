"""Days, months and years as people write them."""

from __future__ import annotations

import datetime as dt


def parse_day(text: str) -> dt.date | None:
    """Return `YYYY-MM-DD` as a date, or None."""
    if (
        len(text) != 10
        or not (text[:4] + text[5:7] + text[8:]).isdecimal()
        or (text[4], text[7]) != ("-", "-")
    ):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def is_as_of(text: str) -> bool:
    """Whether a text is a year, a month or a day, such as 2024, 2024-05 or 2024-05-13."""
    rest = {4: "-01-01", 7: "-01", 10: ""}.get(len(text))
    return rest is not None and parse_day(text + rest) is not None
