"""Prices, the mix that they are applied to, and the revenue of a fleet's traffic."""

from __future__ import annotations

from llmcost.engine.arithmetic import add
from llmcost.formulas.price_list import PRICE, TRAFFIC, UNKNOWN, USE, WORKLOAD
from llmcost.formulas.price_parts import (
    A_MILLION_REQUESTS,
    TOKEN_PARTS,
    cost_of_tokens,
    declare_blended,
    declare_defaults,
    declare_parts,
    declare_standard_share,
    route,
    tokens_of_requests,
)
from llmcost.formulas.vocabulary import SAME, TOKENS_PER_MTOK, formula

AS_MEASURED = "no mix is stated: that of the measured rate is used"
MIX_OF_TRAFFIC = (
    "traffic.input_tokens_per_day",
    "traffic.output_tokens_per_day",
    "traffic.output_share",
    "traffic.output_tokens_per_request",
)
"""Inputs that state a mix of the traffic, which a volume alone does not."""


def mixed(output_share, cached_share, uncached, cached, output):
    """Return the value of a token of a mix, given those of uncached input, cache hits and output."""
    of_input = (1 - cached_share) * uncached + cached_share * cached
    return (1 - output_share) * of_input + output_share * output


def share_of_output(input_tokens, output_tokens):
    """Return output tokens as a share of all tokens."""
    return output_tokens / (input_tokens + output_tokens)


declare_defaults(PRICE)
declare_parts("price", PRICE, WORKLOAD)
declare_parts("traffic", PRICE, TRAFFIC)


@formula("traffic.cached_input_share")
def no_cache_hits():
    """Share of input that hits the cache; 0 unless stated."""
    return 0.0


for _which in ("input", "output"):
    _length = f"traffic.{_which}_tokens_per_request"
    formula(
        f"traffic.{_which}_tokens_per_day",
        inputs=("traffic.requests_per_day", _length),
        about=f"All {_which} tokens of a day, by its requests.",
        if_given=("traffic.requests_per_day", _length),
    )(tokens_of_requests)


@formula("traffic.tokens_per_day", unit="tok/day", adds=True)
def tokens_per_day(traffic_input_tokens_per_day, traffic_output_tokens_per_day):
    """All tokens served in a day, input and output."""
    return traffic_input_tokens_per_day + traffic_output_tokens_per_day


@formula("traffic.requests_per_day", adds=True)
def requests_of_tokens(
    traffic_tokens_per_day, traffic_input_tokens_per_request, traffic_output_tokens_per_request
):
    """Requests a day, each as long as the traffic's requests."""
    return traffic_tokens_per_day / (traffic_input_tokens_per_request + traffic_output_tokens_per_request)


_LENGTHS = TRAFFIC.of(*UNKNOWN)
_SERVED = "Output tokens as a share of all tokens served"
formula("traffic.output_share", unit="share", inputs=MIX_OF_TRAFFIC[:2], about=f"{_SERVED}.")(share_of_output)
formula(
    "traffic.output_share", inputs=_LENGTHS, about=f"{_SERVED}, from what a request takes.", if_given=_LENGTHS
)(route(share_of_output, "request"))
formula(
    "workload.output_share",
    inputs=WORKLOAD.of(*UNKNOWN),
    about="Output share of the mix that is priced, from what a request takes.",
)(share_of_output)


@formula(
    "traffic.output_share",
    if_given=("traffic.tokens_per_day", "workload.output_share"),
    note="the traffic is assumed to have the workload's mix",
    stand_in="rule",
)
def output_share_of_workload(workload_output_share):
    """Output tokens as a share of all tokens served, if only the workload states a mix."""
    return workload_output_share


@formula("traffic.billed_share", note="none is stated, so all traffic counts as billed")
def all_billed():
    """Share of the traffic that is billed; 1 unless stated."""
    return SAME


declare_blended(
    "traffic.list_price_per_mtok",
    PRICE,
    TRAFFIC,
    "All-in list price of a million tokens of the traffic, at its own mix.",
)


@formula("traffic.revenue_per_mtok", unit="USD/Mtok", worse="down")
def revenue_per_mtok(traffic_billed_share, traffic_list_price_per_mtok):
    """Revenue from a million tokens of the traffic at its own mix, unpaid tokens included."""
    return traffic_billed_share * traffic_list_price_per_mtok


@formula("traffic.revenue_per_mtok")
def revenue_of_day_per_mtok(traffic_revenue_per_day, traffic_tokens_per_day):
    """Revenue from a million tokens of the traffic."""
    return traffic_revenue_per_day / traffic_tokens_per_day * TOKENS_PER_MTOK


_DAY = (
    "traffic.billed_share",
    "traffic.input_tokens_per_day",
    "traffic.output_tokens_per_day",
    "traffic.cached_input_share",
    "price.input_per_mtok",
    "price.cached_input_per_mtok",
    "price.output_per_mtok",
)
_DAY_PARTS = (*(f"traffic.{part}" for part in TOKEN_PARTS), "traffic.fees_per_mtok")


@formula(
    "traffic.revenue_per_day",
    unit="USD/day",
    worse="down",
    inputs=(*_DAY, *_DAY_PARTS),
    optional=_DAY_PARTS,
    unless_given=("traffic.tokens_per_day",),
    reference="DeepSeek-V3/R1 Inference System Overview, github.com/deepseek-ai/open-infra-index",
    adds=True,
)
def revenue_per_day(billed, input_tokens, output_tokens, *prices):
    """Revenue from a day's traffic: its billed part, at list price."""
    *token_prices, fees = prices
    paid = cost_of_tokens(input_tokens, output_tokens, *token_prices)
    on_top = None if fees is None else (input_tokens + output_tokens) * fees
    return billed * add(paid, on_top) / TOKENS_PER_MTOK


@formula("traffic.revenue_per_day", if_given=("price.blended_per_mtok",), stand_in="guess")
def revenue_per_day_at_one_price(traffic_billed_share, traffic_tokens_per_day, price_blended_per_mtok):
    """Revenue from a day's traffic, if one price is stated for all of its tokens."""
    return traffic_billed_share * traffic_tokens_per_day * price_blended_per_mtok / TOKENS_PER_MTOK


@formula("traffic.revenue_per_day")
def revenue_per_day_of_volume(traffic_billed_share, traffic_tokens_per_day, traffic_list_price_per_mtok):
    """Revenue from a day's traffic at list price, if it is stated as one volume."""
    return traffic_billed_share * traffic_tokens_per_day * traffic_list_price_per_mtok / TOKENS_PER_MTOK


@formula("workload.output_share", stand_in="rule")
def own_output_share(traffic_output_share):
    """Output share of the mix that is priced; the traffic's own unless a workload is put on it."""
    return traffic_output_share


@formula("workload.output_share", note=AS_MEASURED, stand_in="rule")
def measured_output_share(serving_measured_output_share):
    """Output share of the mix that is priced: the one at which the rate was measured."""
    return serving_measured_output_share


@formula(
    "workload.cached_input_share",
    if_given=("serving.measured_output_share",),
    unless_given=(*MIX_OF_TRAFFIC, "traffic.cached_input_share"),
    note=AS_MEASURED,
    stand_in="rule",
)
def measured_cached_input_share(serving_measured_cached_input_share):
    """Cached share of the input that is priced: the one at which the rate was measured."""
    return serving_measured_cached_input_share


@formula("workload.cached_input_share", stand_in="rule")
def own_cached_input_share(traffic_cached_input_share):
    """Cached share of the input that is priced; the traffic's own unless a workload is put on it."""
    return traffic_cached_input_share


def of_traffic(share):
    return share


for _field, (_unit, _description) in USE.items():
    formula(
        WORKLOAD.fields[_field],
        unit=_unit,
        inputs=TRAFFIC.of(_field),
        about=f"{_description}: the traffic's own, unless a workload is put on it.",
        unless_given=("workload.output_share", "workload.input_tokens_per_request"),
        stand_in="rule",
    )(of_traffic)

declare_standard_share(WORKLOAD)
declare_standard_share(TRAFFIC)
declare_blended(
    "price.blended_per_mtok",
    PRICE,
    WORKLOAD,
    "All-in cost of a million tokens of the workload, input and output mixed.",
)


@formula("price.cost_per_request", unit="USD/request")
def cost_per_request(
    price_blended_per_mtok, workload_input_tokens_per_request, workload_output_tokens_per_request
):
    """All-in cost of a request of the workload."""
    return (
        price_blended_per_mtok
        * (workload_input_tokens_per_request + workload_output_tokens_per_request)
        / TOKENS_PER_MTOK
    )


@formula("price.per_million_requests", unit="USD")
def per_million_requests(price_cost_per_request):
    """All-in cost of a million requests of the workload."""
    return price_cost_per_request * A_MILLION_REQUESTS
