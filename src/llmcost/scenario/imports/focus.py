"""A bill in FOCUS, the FinOps Open Cost and Usage Specification, as CSV or Parquet.

Reference: https://focus.finops.org/focus-specification/, versions 1.0 to 1.2. Rows of token usage are those
whose unit is tokens and whose category is usage; the SKU's words say which model and what kind of token, as
Azure, AWS and Google spell them. `BilledCost` is in `BillingCurrency`. Of a correction the quantity may lack,
and of what was committed and not used it is none. Other rows are not read, and their amount is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from llmcost.scenario.imports.content import Content, Record
from llmcost.scenario.imports.format import Format, RawTable, having
from llmcost.scenario.imports.usage import CLASSES, Row, days_of, dollars, reader

SKU: Final = ("x_SkuMeterName", "SkuMeter", "x_SkuDescription", "ChargeDescription", "SkuId", "ResourceName")
"""Columns with words for the model and the kind of token, the most specific first."""
UNIT: Final = ("ConsumedUnit", "PricingUnit")
OTHER: Final = "other services"
"""The name used for rows that are not read."""
BY: Final = {
    "account": ("SubAccountName", "SubAccountId"),
    "service": ("ServiceName",),
    "region": ("RegionName",),
}
_THOUSAND: Final = re.compile(r"(\d+(?:\.\d+)?)\s*([km]?)\b|\b([km])(?=\s*tok)", re.IGNORECASE)
_LARGE: Final = {"": 1.0, "k": 1e3, "m": 1e6}


def rows(content: Content) -> Iterator[Row]:
    """Yield each row of token usage."""
    for record in content.records:
        billed = dollars(record, "BilledCost", ("BillingCurrency",))
        if not _is_usage(record):
            yield Row(record, OTHER, {}, tier=None, billed=billed)
            continue
        corrects = "correction" in (record.text("ChargeClass") or "").lower()
        unit, name = _quantity(record) or (0.0, "ConsumedQuantity")
        quantity = record.number(name, least=-1e18) if corrects else record.needed(name)
        words = record.text(*SKU) or ""
        kind, model, tier = meaning(words)
        if kind is None:
            record.refuse(f"cannot tell what kind of token '{words[:60]}' is", record.name(*SKU))
            continue
        tokens = {kind: (quantity or 0.0) * unit}
        days = days_of(record, ("ChargePeriodStart",), ("ChargePeriodEnd",))
        yield Row(record, model, tokens, None, days, tier, None, billed, kind)


def _is_usage(record: Record) -> bool:
    """Whether a row is about used tokens: not other units, nor commitments, nor what was left unused."""
    category = (record.text("ChargeCategory") or "usage").lower()
    unused = (record.text("CommitmentDiscountStatus") or "").lower() == "unused"
    tokens = any("token" in (record.text(unit) or "").lower() for unit in UNIT)
    return tokens and category == "usage" and not unused


def _quantity(record: Record) -> tuple[float, str] | None:
    """Return the number of tokens in a unit, and the column of the quantity; None if there is no quantity."""
    for unit, quantity in (("ConsumedUnit", "ConsumedQuantity"), ("PricingUnit", "PricingQuantity")):
        words = record.text(unit) or ""
        if "token" in words.lower() and record.get(quantity) is not None:
            return _size(words), quantity
    return None


def _size(words: str) -> float:
    """Return the number of tokens in '1K tokens', '1M', 'Tokens' or '1000 tokens'."""
    found = _THOUSAND.search(words)
    if found is None:
        return 1.0
    large = _LARGE[(found[2] or found[3] or "").lower()]
    return float(found[1]) * large if found[1] else large


_KINDS: Final = (
    (r"cache[\s_-]*(?:d|read|hit)\w*|cached[\s_-]*inp\w*|cchd\w*", "cached"),
    (r"(?:cache[\s_-]*(?:write|creation)\w*)(?=.*1[\s_-]?h)", "written_1h"),
    (r"cache[\s_-]*(?:write|creation)\w*", "written"),
    (r"reasoning\w*", "reasoning"),
    (r"out(?:put|pt?)?(?![a-z])", "output"),
    (r"inp?(?:ut)?(?![a-z])", "input"),
)
"""Spellings of the kinds of tokens in SKUs; the first match counts."""
_NO_MODEL: Final = re.compile(
    r"\b(?:tokens?|count|units?|batch|flex|priority|cached?|read|write|creation|hit|input|output|inp|outp?|opt"
    r"|glbl|global|regnl|regional|dz|data\s?zone|1h|5m|1k|1m|on[- ]demand|standard|amazon|aws|bedrock|azure"
    r"|openai|usage|text|us[ew]\d|eu[cwn]\d|ap\w\d|invoke|cross[- ]region|prompt)\b",
    re.IGNORECASE,
)


def meaning(words: str) -> tuple[str | None, str, str]:
    """Return the kind of token, the model and the tier in the words of a SKU."""
    text = words.lower()
    kind = next((name for pattern, name in _KINDS if re.search(rf"(?<![a-z]){pattern}", text)), None)
    tier = "batch" if "batch" in text else "priority" if "priority" in text else "standard"
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", words)
    rest = re.sub(r"[_/:,()-]+", " ", spaced)
    rest = re.sub(r"\s+", " ", _NO_MODEL.sub(" ", rest)).strip().lower()
    return kind, rest.replace(" ", "-"), tier


FORMAT = Format(
    "focus",
    "a bill in FOCUS",
    having(("BilledCost", "BillingCurrency", "ServiceName")),
    reader(
        "FOCUS",
        rows,
        {},
        {**dict.fromkeys(CLASSES, "ConsumedQuantity"), "tier": SKU[0], "billed": "BilledCost"},
        ["Only rows whose unit is tokens are read.", "Requests are not in the bill."],
        BY,
    ),
    RawTable(
        (*SKU, *UNIT, "BillingCurrency", "ChargeCategory", "ChargeClass", "CommitmentDiscountStatus"),
        ("ChargePeriodStart",),
        (("ConsumedQuantity",), ("PricingQuantity",)),
        BY,
        amounts=("BilledCost",),
        ends=("ChargePeriodEnd",),
    ),
)
