"""What a scenario may state: every given quantity with its unit, and the constants between units.

Money is USD; Mtok is 1,000,000 tokens; shares lie in 0..1. A quantity has a default only where this
page says "absent", and that default is a formula of its own in the topic's module.
"""

from __future__ import annotations

from typing import Final

from llmcost.engine.registry import Registry
from llmcost.engine.units import Constant

MODEL: Final = Registry()
formula = MODEL.formula

TOKENS_PER_MTOK: Final = Constant(1e6, "tok/Mtok")
SECONDS_PER_HOUR: Final = Constant(3600, "second/hour")
SECONDS_PER_DAY: Final = Constant(86_400, "second/day")
HOURS_PER_DAY: Final = Constant(24, "hour/day")
DAYS_PER_MONTH: Final = Constant(365 / 12, "day/month")
MONTHS_PER_YEAR: Final = Constant(12, "month")

for _name, _title in {
    "price": "Price",
    "workload": "Workload: the mix that is priced",
    "traffic": "Traffic: what the fleet serves",
    "serving": "Serving cost",
    "unit": "Unit economics",
    "training": "Training",
    "revenue": "Revenue",
    "cost": "Cost",
    "company": "Company",
    "cash": "Cash",
    "compute": "Compute rates",
    "market": "Market",
    "breakeven": "Break-even",
    "project": "Projection: what `llmcost project` comes to, month by month",
}.items():
    MODEL.section(_name, _title)

given = MODEL.given

given("price.input_per_mtok", "USD/Mtok", "List price of uncached input")
given("price.cached_input_per_mtok", "USD/Mtok", "List price of cache-hit input; absent: same as input")
given("price.output_per_mtok", "USD/Mtok", "List price of output")

given("workload.output_share", "share", "Output / (input + output); absent: the traffic's own")
given("workload.cached_input_share", "share", "Cache hits / input; absent: the traffic's own, else 0")

given("traffic.input_tokens_per_day", "tok/day", "All input tokens served, cache hits included")
given("traffic.output_tokens_per_day", "tok/day", "All output tokens served, reasoning tokens included")
given("traffic.cached_input_share", "share", "Cache hits / input; absent: 0")

given("serving.gpu_hour_cost", "USD/GPU-hour", "What one GPU-hour costs the server of the model", worse="up")
given("serving.gpus", "GPU", "Average GPUs occupied: the whole fleet, idle ones too", worse="up")
given(
    "serving.prefill_tokens_per_gpu_second",
    "tok/GPU-second",
    "Input tokens per GPU of the prefill pool, cache hits included",
    worse="down",
)
given(
    "serving.decode_tokens_per_gpu_second",
    "tok/GPU-second",
    "Output tokens per GPU of the decode pool",
    worse="down",
)
given(
    "serving.utilization",
    "share",
    "Share of paid GPU time that runs at those rates; scales the tokens, never the bill",
    worse="down",
)
given("serving.output_cost_weight", "–", "What an output token costs to serve, in input tokens")

given("training.gpus", "GPU", "GPUs of the training run", worse="up")
given("training.days", "day", "Length of the training run", worse="up")
given("training.gpu_hours", "GPU-hour", "GPU-hours of the training run")
given("training.gpu_hour_cost", "USD/GPU-hour", "What one GPU-hour of training costs", worse="up")
given("training.compute_cost", "USD", "Compute cost of the training run")
given(
    "training.other_cost",
    "USD",
    "Failed runs, ablations, data, staff; absent: left out, and the output says 'final run only'",
    worse="up",
)
given("training.lifetime_tokens", "tok", "Tokens the model will serve over its life")
given("training.amortization_months", "month", "Months over which the model is in use")

given("revenue.api", "USD", "API revenue of the period", worse="down")
given("revenue.subscription", "USD", "Subscription revenue of the period", worse="down")
given("revenue.other", "USD", "Other revenue of the period", worse="down")

given("cost.inference", "USD", "Compute that serves the models, in the period", worse="up")
given("cost.revenue_share", "USD", "Revenue share paid to partners, in the period", worse="up")
given("cost.training", "USD", "Compute for training and research, in the period", worse="up")
given("cost.data", "USD", "Data bought or made, in the period", worse="up")
given("cost.staff", "USD", "Salaries, in the period", worse="up")
given("cost.sales_marketing", "USD", "Sales and marketing, in the period", worse="up")
given("cost.general", "USD", "General and administrative cost, in the period", worse="up")
given("cost.other", "USD", "Whatever no other line holds, in the period", worse="up")
given(
    "cost.noncash",
    "USD",
    "The part of the lines above that is no cash: credits used up, stock compensation; absent: 0",
)

given("company.period_months", "month", "Length of the period that revenue and cost cover; absent: 12")
given(
    "company.revenue_share_rate", "share", "Owed to a partner on each dollar of revenue; absent: none is owed"
)
given(
    "company.api_inference_share",
    "share",
    "Share of the inference cost that serves the API; absent: the API's share of revenue",
)

given("cash.balance", "USD", "Cash at hand", worse="down")
given("cash.credits", "USD", "Compute credits at hand", worse="down")
given("cash.committed_funding", "USD", "Funding committed and not yet received", worse="down")

given("compute.paid_gpu_hour", "USD/GPU-hour", "What the company pays for a GPU-hour", worse="up")
given("compute.market_gpu_hour", "USD/GPU-hour", "What others pay for a GPU-hour")

given("market.price_elasticity", "–", "ε ≥ 0: demand goes as price^−ε; absent: 0")

outcome = MODEL.outcome

outcome(
    "project.runway_months",
    "month",
    "Months until the cash is gone, interpolated; where it lasts longer than the horizon, the horizon",
    worse="down",
)
outcome("project.breakeven_month", "month", "First month whose operating profit is not negative", worse="up")
outcome("project.funding_needed", "USD", "All the cash that is burnt on the way to break-even", worse="up")
outcome(
    "project.funding_gap",
    "USD",
    "The part of project.funding_needed that neither cash at hand nor the funding counted pays for",
    worse="up",
)
outcome(
    "project.cash_low", "USD", "Lowest cash at the end of a month; below 0 it is owed", low=None, worse="down"
)
