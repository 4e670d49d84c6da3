"""Prices, the mix they are asked for, and what a fleet's traffic earns at them."""

from __future__ import annotations

from llmcost.formulas.vocabulary import TOKENS_PER_MTOK, formula


@formula(
    "price.cached_input_per_mtok",
    unit="USD/Mtok",
    note="no cache price: cached input at the input price",
    stand_in="rule",
)
def cached_input_price(price_input_per_mtok):
    """Price of cache-hit input; without one of its own, that of uncached input."""
    return price_input_per_mtok


@formula("traffic.cached_input_share", unit="share")
def no_cache_hits():
    """Share of input that hits the cache; none is assumed where none is stated."""
    return 0.0


@formula("traffic.tokens_per_day", unit="tok/day")
def tokens_per_day(traffic_input_tokens_per_day, traffic_output_tokens_per_day):
    """All tokens served in a day, input and output."""
    return traffic_input_tokens_per_day + traffic_output_tokens_per_day


@formula("traffic.output_share", unit="share")
def traffic_output_share(traffic_input_tokens_per_day, traffic_output_tokens_per_day):
    """Output tokens as a share of all tokens served."""
    return traffic_output_tokens_per_day / (traffic_input_tokens_per_day + traffic_output_tokens_per_day)


@formula(
    "traffic.revenue_per_day",
    unit="USD/day",
    worse="down",
    reference="DeepSeek-V3/R1 Inference System Overview, github.com/deepseek-ai/open-infra-index",
)
def revenue_per_day(
    traffic_input_tokens_per_day,
    traffic_output_tokens_per_day,
    traffic_cached_input_share,
    price_input_per_mtok,
    price_cached_input_per_mtok,
    price_output_per_mtok,
):
    """What the day's traffic would bring if every token were billed at list price."""
    return (
        traffic_input_tokens_per_day
        * (
            (1 - traffic_cached_input_share) * price_input_per_mtok
            + traffic_cached_input_share * price_cached_input_per_mtok
        )
        + traffic_output_tokens_per_day * price_output_per_mtok
    ) / TOKENS_PER_MTOK


@formula("workload.output_share", unit="share", stand_in="rule")
def own_output_share(traffic_output_share):
    """Output share of the mix that is priced; the traffic's own where no workload is put on it."""
    return traffic_output_share


@formula("workload.cached_input_share", unit="share", stand_in="rule")
def own_cached_input_share(traffic_cached_input_share):
    """Cached share of the input that is priced; the traffic's own where no workload is put on it."""
    return traffic_cached_input_share


@formula("price.blended_per_mtok", unit="USD/Mtok")
def blended_price(
    price_input_per_mtok,
    price_cached_input_per_mtok,
    price_output_per_mtok,
    workload_output_share,
    workload_cached_input_share,
):
    """Price of a million tokens of the workload, input and output mixed."""
    return (1 - workload_output_share) * (
        (1 - workload_cached_input_share) * price_input_per_mtok
        + workload_cached_input_share * price_cached_input_per_mtok
    ) + workload_output_share * price_output_per_mtok
