"""The price of a mix of tokens by a price list, part by part: written once, and registered for each list.

With x the output share, g the cache hits, w the cache writes, ρ the reasoning tokens, p the list's prices,
and b, s the multiplier and share of a tier,

    input = (1 − g)·p_in + g·p_hit + w·(p_write − p_in)
    output = p_out + ρ·(p_reasoning − p_out)
    blended = ((1 − x)·input·long_in + x·output·long_out) · (1 − Σs + Σ s·b) + fees per Mtok

Parts that neither the list nor the mix mentions do not appear. There is no price at all if the mix uses a
tier that the list does not price, or if the price depends on a request length that is not stated.
"""

from __future__ import annotations

from functools import cache, partial
from types import FunctionType
from typing import Any, Final

from llmcost.engine.arithmetic import ROUNDING, add, close, require, where
from llmcost.engine.registry import Direction
from llmcost.engine.units import Constant
from llmcost.formulas.price_list import ABOVE, LONGER, TIERS, UNKNOWN, WORKLOAD, Names
from llmcost.formulas.vocabulary import SAME, TOKENS_PER_MTOK, formula

ONE_REQUEST: Final = Constant(1, "request")
ONE_TOKEN_A_REQUEST: Final = Constant(1, "tok/request")
A_MILLION_REQUESTS: Final = Constant(1e6, "request")
FULL: Final = 1 + ROUNDING

TOKEN_PARTS: Final = (
    "cache_write_surcharge_per_mtok",
    "cache_write_1h_surcharge_per_mtok",
    "reasoning_surcharge_per_mtok",
    "tier_multiplier",
    "long_context_input_factor",
    "long_context_output_factor",
)
"""Parts of a token price that exist only if list and mix mention them, in the order of `cost_of_tokens`."""


# Prices that a list does not state


def at_input_price(price):
    return price


def at_cache_write_price(price):
    return price


def at_output_price(price):
    return price


# The parts


def cache_write_surcharge(written, price, uncached, cached_share, otherwise_written):
    require(add(cached_share, written, otherwise_written) <= FULL, "more_than_all_input")
    return written * (price - uncached)


def reasoning_surcharge(share, price, output):
    return share * (price - output)


def standard_share(*shares):
    used = add(*shares)
    require(used <= FULL, "more_than_all_tokens")
    return 1 - used


def tier_multiplier(standard, *shares_and_multipliers):
    total = standard
    pairs = zip(shares_and_multipliers[::2], shares_and_multipliers[1::2], strict=True)
    for tier, (share, times) in zip(TIERS, pairs, strict=True):
        if share is not None and times is None:
            require(share <= 0, "no_such_tier", tier.replace("_", "-"))
        elif share is not None:
            total = total + share * times
    return total


def long_context_factor(above, tokens, multiplier):
    if tokens is None and multiplier is None:
        require(above < 0, "no_long_price")
        return SAME
    if tokens is None:
        require(close(multiplier, 1), "length_unknown")
        return multiplier
    if multiplier is None:
        require(tokens * ONE_REQUEST <= above, "no_long_price")
        return SAME
    return where(tokens * ONE_REQUEST > above, multiplier, SAME)


def fees_per_request(fee, calls, per_call):
    return fee if calls is None or per_call is None else fee + calls * per_call


def fees_of_calls(calls, per_call):
    return calls * per_call


def fees_of_requests(fees, requests, tokens):
    return fees * requests / tokens * TOKENS_PER_MTOK


def fees_per_mtok(fees, input_tokens, output_tokens):
    if input_tokens is None or output_tokens is None:
        require(fees <= 0, "length_unknown")
        return fees / ONE_TOKEN_A_REQUEST * TOKENS_PER_MTOK
    return fees / (input_tokens + output_tokens) * TOKENS_PER_MTOK


# All parts together


def tokens_of_requests(requests, length):
    return requests * length


def cost_of_tokens(input_tokens, output_tokens, cached_share, uncached, cached, output, *parts):
    """Return the cost of some input and output, with all prices in one unit; `parts` are TOKEN_PARTS."""
    writes, writes_1h, reasoning, tier, long_input, long_output = parts
    paid_in = add((1 - cached_share) * uncached + cached_share * cached, writes, writes_1h)
    paid_out = _scaled(add(output, reasoning), long_output)
    return _scaled(input_tokens * _scaled(paid_in, long_input) + output_tokens * paid_out, tier)


def _scaled(price, *factors):
    """Return a price times the factors that exist."""
    for factor in factors:
        price = price if factor is None else price * factor
    return price


def blended(output_share, *prices):
    *token_prices, fees = prices
    return add(cost_of_tokens(1 - output_share, output_share, *token_prices), fees)


def blended_of_output(output_share, output, reasoning, tier, long_output, fees):
    require(close(output_share, 1), "no_input_price")
    return add(_scaled(add(output, reasoning), tier, long_output), fees)


def blended_of_input(output_share, cached_share, uncached, cached, writes, writes_1h, tier, long_input, fees):
    require(close(output_share, 0), "no_output_price")
    price = add((1 - cached_share) * uncached + cached_share * cached, writes, writes_1h)
    return add(_scaled(price, tier, long_input), fees)


_FEES: Final = "Cost of requests on top of their tokens, per million tokens."
for _section, _unless in (
    ("price", None),  # of a part: its requests count, whatever the workload put on it
    ("price", WORKLOAD.of("output_share", *UNKNOWN)),
    ("traffic", ()),
    ("alternative", ()),
):
    formula(
        f"{_section}.fees_per_mtok",
        unit="USD/Mtok",
        inputs=(f"{_section}.fees_per_request", "traffic.requests_per_day", "traffic.tokens_per_day"),
        about=_FEES,
        if_given=("traffic.requests_per_day",),
        unless_given=_unless or (),
        scope="part" if _unless is None else "anywhere",
        detail=True,
    )(fees_of_requests)


# For every list and mix


def declare_defaults(names: Names) -> None:
    """Register the defaults of prices that a list does not state."""
    unstated = "no price of writes kept for an hour: the price of other cache writes is used"
    for field, of, function, note in (
        ("cached_input", "input", at_input_price, "no cache price: the input price is used for cached input"),
        ("cache_write", "input", at_input_price, "no price of cache writes: the input price is used"),
        ("cache_write_1h", "cache_write", at_cache_write_price, unstated),
        ("reasoning", "output", at_output_price, "no price of reasoning tokens: the output price is used"),
    ):
        formula(
            names.fields[f"{field}_per_mtok"],
            unit="USD/Mtok",
            inputs=names.of(f"{of}_per_mtok"),
            about=f"{note[0].upper()}{note[1:]}.",
            note=note,
            stand_in="rule",
            detail=True,
        )(function)


def declare_standard_share(mix: Names) -> None:
    """Register the share of a mix that is bought at the standard tier, if any other tier is stated."""
    shares = mix.of(*(f"{tier}_share" for tier in TIERS))
    formula(
        f"{mix.section}.standard_share",
        unit="share",
        inputs=shares,
        optional=shares,
        about="Share of tokens bought at the standard tier.",
        detail=True,
    )(standard_share)


def declare_parts(
    section: str,
    names: Names,
    mix: Names,
    *,
    of: str = "",
    unless_given: tuple[str, ...] = (),
    worse: Direction | None = None,
) -> None:
    """Register the parts of a mix's price by a list, as quantities of a section.

    Args:
        section: the section.
        names, mix: the list and the mix.
        of: a suffix for the names of this mix's routes, if the section has routes for two mixes.
        unless_given: quantities that make the routes of this mix wrong if they are given.
        worse: the direction in which the parts are worse for whoever pays them.
    """

    def put(
        name: str,
        unit: str,
        function: Any,
        inputs: tuple[str, ...],
        optional: tuple[str, ...],
        about: str,
        *,
        negative: bool = False,
    ) -> None:
        formula(
            f"{section}.{name}",
            unit=unit,
            inputs=(*inputs, *optional),
            optional=optional,
            about=about,
            unless_given=unless_given,
            bounds=(None, None) if negative else (0, None),
            detail=True,
            worse=worse,
        )(route(function, of))

    for kind, other, what in (
        ("cache_write", "cache_write_1h", "cache writes"),
        ("cache_write_1h", "cache_write", "cache writes kept for an hour"),
    ):
        put(
            f"{kind}_surcharge_per_mtok",
            "USD/Mtok",
            cache_write_surcharge,
            (
                *mix.of(f"{kind}_share"),
                *names.of(f"{kind}_per_mtok", "input_per_mtok"),
                *mix.of("cached_input_share"),
            ),
            mix.of(f"{other}_share"),
            f"Amount that {what} add to the price of a million input tokens.",
            negative=True,
        )
    put(
        "reasoning_surcharge_per_mtok",
        "USD/Mtok",
        reasoning_surcharge,
        (*mix.of("reasoning_share"), *names.of("reasoning_per_mtok", "output_per_mtok")),
        (),
        "Amount that reasoning tokens add to the price of a million output tokens.",
        negative=True,
    )
    put(
        "tier_multiplier",
        "×",
        tier_multiplier,
        (f"{mix.section}.standard_share",),
        tuple(name for tier in TIERS for name in (*mix.of(f"{tier}_share"), *names.of(f"{tier}_multiplier"))),
        "Factor on the token prices from the tiers at which the mix is bought.",
    )
    for field, what in LONGER.items():
        put(
            f"long_context_{what}_factor",
            "×",
            long_context_factor,
            names.of(ABOVE),
            (*mix.of("input_tokens_per_request"), *names.of(field)),
            f"Factor on the price of {what} from the length of a request.",
        )
    about = "Cost of a request on top of its tokens."
    calls = (*mix.of("tool_calls_per_request"), *names.of("per_tool_call"))
    put("fees_per_request", "USD/request", fees_per_request, names.of("per_request"), calls, about)
    put("fees_per_request", "USD/request", fees_of_calls, calls, (), about)


def declare_blended(
    name: str,
    names: Names,
    mix: Names,
    about: str,
    *,
    of: str = "",
    unless_given: tuple[str, ...] = (),
    note: str | None = None,
) -> None:
    """Register the all-in price of a million tokens of a mix by a list; see `declare_parts`."""
    section = name.partition(".")[0]
    put = partial(formula, unit="USD/Mtok", unless_given=unless_given, stand_in="rule" if note else None)
    fees = f"{section}.fees_per_mtok"
    lengths = mix.of(*UNKNOWN)
    put(fees, inputs=(f"{section}.fees_per_request", *lengths), optional=lengths, about=_FEES, detail=True)(
        route(fees_per_mtok, of)
    )
    share, hits = mix.of("output_share", "cached_input_share")
    uncached, cached, output = names.of("input_per_mtok", "cached_input_per_mtok", "output_per_mtok")
    write, hour, reasoning, tier, long_input, long_output = (f"{section}.{part}" for part in TOKEN_PARTS)
    for function, inputs, parts in (
        (
            blended,
            (share, hits, uncached, cached, output),
            (write, hour, reasoning, tier, long_input, long_output),
        ),
        (blended_of_output, (share, output), (reasoning, tier, long_output)),
        (blended_of_input, (share, hits, uncached, cached), (write, hour, tier, long_input)),
    ):
        optional = (*parts, fees)
        put(name, inputs=(*inputs, *optional), optional=optional, about=about, note=note)(route(function, of))


@cache
def route(function: Any, of: str) -> Any:
    """Return a function under another name, so that it can be two routes of one quantity."""
    if not of:
        return function
    return FunctionType(function.__code__, function.__globals__, f"{function.__name__}_of_{of}")
