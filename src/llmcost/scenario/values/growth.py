"""Trajectories in words: `+8%/month`, `x1.5 to x3/year`, `follows revenue.api`, `40% of revenue.total`.

Their rates and shares are quantities with names: `trajectory.revenue.api`, `follows.cost.inference`; later
steps of a trajectory add their month.
"""

from __future__ import annotations

import math
import re
from collections.abc import Container
from typing import Final, Literal

from llmcost.engine.registry import Quantity
from llmcost.errors import did_you_mean
from llmcost.records import NamedTuple
from llmcost.scenario.values.number import Amount, NotANumber, parse_amount, parse_number, shorten

MONTHS: Final = {"month": 1, "quarter": 3, "year": 12}
"""The periods of growths and of rows of a projection, in months."""

_TIMES: Final = ("x", "×", "*")
_RATE: Final = Quantity("", "share", "", low=None)


class GrowthText(NamedTuple):
    """A growth as written: its rate, perhaps a range, and its period in months."""

    rate: Amount
    months: int


class FollowsText(NamedTuple):
    """The quantity to follow, and the share of it, if one is written."""

    driver: str
    share: Amount | None


def looks_like_growth(text: str, *, is_share: bool) -> bool:
    """Whether a step is a growth; for a share, 5% without a period is a value."""
    first = text.partition(" to ")[0].partition("/")[0].strip()
    if first.startswith(_TIMES):
        return True
    plain = first[1:].strip() if first.startswith(("+", "-")) else first
    percent = plain.endswith("%") and plain[:1].isdigit() and set(plain[:-1].strip()) <= set("0123456789.,_")
    return percent and (not is_share or "/" in text)


def meant(text: str, *, is_share: bool) -> Literal["trajectory", "follows"] | None:
    """Return what a step is: a growth, something to follow, or (None) a value."""
    if looks_like_growth(text, is_share=is_share):
        return "trajectory"
    named = text.startswith("follows ") or " of " in text or re.search(r"[a-z]\.[a-z_]\w*$", text)
    return "follows" if named else None


def parse_growth(text: str) -> GrowthText:
    """Read a growth, such as `+8%/month`, `-30%/year`, `x3/year`, or a range of them.

    The value of a range is the geometric mean of its ends if both grow, else their arithmetic mean.

    Raises:
        NotANumber: saying what is wrong with it, and what was meant.
    """
    stripped = text.strip()
    first, to, last = stripped.partition(" to ")
    rate, period = _rate(first.strip(), stripped)
    if not to:
        return GrowthText(Amount(rate, text=stripped), _months(period, stripped))
    high, last_period = _rate(last.strip(), stripped)
    if period not in (None, last_period):
        raise NotANumber(f"both ends of a range have the same period, got '{shorten(stripped)}'")
    months = _months(last_period, stripped)
    if not rate < high:
        raise NotANumber(f"a range goes from low to high, got '{shorten(stripped)}'")
    centre = math.sqrt(rate) * math.sqrt(high) if rate > 0 else (rate + high) / 2
    return GrowthText(Amount(centre, rate, high, stripped), months)


def _rate(text: str, whole: str) -> tuple[float, str | None]:
    """Return the rate of `+8%/month` or `x3`, and its period if it has one."""
    body, slash, period = text.partition("/")
    body, shown = body.strip(), shorten(whole)
    if body.startswith(_TIMES):
        rate = parse_number(body[1:], _RATE) - 1
        if rate <= -1:
            raise NotANumber(f"the factor must be above 0, got '{shown}'")
    else:
        sign = body[:1] if body.startswith(("+", "-")) else ""
        rate = parse_number(body[len(sign) :], _RATE)
        rate = -rate if sign == "-" else rate
        if rate <= -1:
            raise NotANumber(f"cannot shrink by 100% or more, got '{shown}'")
        if not sign:
            ends = " to ".join(_signed(end.strip()) for end in whole.split(" to "))
            period = "" if "/" in whole else "/month"
            raise NotANumber(f"a growth needs a sign; did you mean '{shorten(ends + period)}'?")
    return rate, period.strip() if slash else None


def _signed(end: str) -> str:
    return end if end.startswith(("+", "-", *_TIMES)) else f"+{end}"


def _months(period: str | None, text: str) -> int:
    if period is None:
        shown = shorten(text)
        raise NotANumber(f"a growth needs its period; did you mean '{shown}/month' or '{shown}/year'?")
    if period not in MONTHS:
        hint = did_you_mean(period, MONTHS) or f"; allowed are {', '.join(MONTHS)}"
        raise NotANumber(f"unknown period '{shorten(period)}'{hint}")
    return MONTHS[period]


def parse_follows(text: str) -> FollowsText | None:
    """Read `follows revenue.api`, `40% of revenue.total` or `follows 40% of revenue.total`; else None.

    Raises:
        NotANumber: if the share cannot be read.
    """
    words = text.split()
    if len(words) == 2 and words[0] == "follows":
        return FollowsText(words[1], None)
    words = words[1:] if words[:1] == ["follows"] else words
    if len(words) >= 3 and words[-2] == "of":
        share = parse_amount(" ".join(words[:-2]), _RATE)
        if min(share.value if share.low is None else share.low, share.value) < 0:
            raise NotANumber(f"a share must not be negative, got '{shorten(text)}'")
        return FollowsText(words[-1], share._replace(text=" ".join(words)))
    return None


def likely(text: str, quantities: Container[str]) -> str:
    """Suggest a growth or `follows NAME` for a text that is neither; return nothing if none fits."""
    last = text.split()[-1:]
    if last and last[0] in quantities:
        share = re.search(r"\d[\d.]*%", text)
        return f"{share[0]} of {last[0]}" if share else f"follows {last[0]}"
    growth = re.sub(r" ?\b(?:per|an?) ", "/", text.strip())
    growth = re.sub(r"^(\d[\d.]*) ?([x×])", r"\2\1", growth)
    growth = re.sub(r"^(?=\d[\d.]*%)", "+", growth)
    try:
        parse_growth(growth)
    except NotANumber:
        return ""
    return growth


def in_months(rate: float, months: int, other: int) -> float:
    """Convert a growth from one period to another, both in months."""
    return rate if months == other else float((1 + rate) ** (other / months) - 1)
