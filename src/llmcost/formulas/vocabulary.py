"""What a scenario may state: every given quantity with its unit, and the constants between units.

Money is USD; Mtok is 1,000,000 tokens; shares lie in 0..1. A quantity has a default only where this
page says "absent", and that default is a formula of its own in the topic's module.
"""

from __future__ import annotations

from typing import Final

from llmcost.engine.registry import Registry
from llmcost.engine.units import Constant
from llmcost.records import NamedTuple

MODEL: Final = Registry()
formula = MODEL.formula

TOKENS_PER_MTOK: Final = Constant(1e6, "tok/Mtok")
SECONDS_PER_HOUR: Final = Constant(3600, "second/hour")
SECONDS_PER_DAY: Final = Constant(86_400, "second/day")
HOURS_PER_DAY: Final = Constant(24, "hour/day")
DAYS_PER_MONTH: Final = Constant(365 / 12, "day/month")
DAYS_PER_YEAR: Final = Constant(365, "day/year")
HOURS_PER_YEAR: Final = Constant(8760, "hour/year")
MONTHS_PER_YEAR: Final = Constant(12, "month/year")
ONE_YEAR: Final = Constant(1, "year")
ONE_MONTH: Final = Constant(1, "month")
A_YEAR_IN_MONTHS: Final = Constant(12, "month")
NONE: Final = Constant(0, "×")
SAME: Final = Constant(1, "×")

for _name, _title in {
    "price": "Price",
    "workload": "Workload: the mix to price",
    "traffic": "Traffic: what the fleet serves",
    "serving": "Serving cost",
    "alternative": "The alternative: the same traffic, bought from another seller",
    "unit": "Unit economics",
    "training": "Training",
    "revenue": "Revenue",
    "cost": "Cost",
    "company": "Company",
    "cash": "Cash",
    "compute": "Compute rates",
    "market": "Market",
    "breakeven": "Break-even",
    "product": "Product built on tokens",
    "capex": "Capital",
    "parts": "Parts: the cost of a month, by part and in total",
    "project": "Projection: outcomes of `llmcost project`",
}.items():
    MODEL.section(_name, _title)

given = MODEL.given

given("price.input_per_mtok", "USD/Mtok", "List price of uncached input")
given("price.cached_input_per_mtok", "USD/Mtok", "List price of cache-hit input; absent: same as input")
given("price.output_per_mtok", "USD/Mtok", "List price of output")

given("workload.output_share", "share", "Output / (input + output); absent: the traffic's own")
given("workload.cached_input_share", "share", "Cache hits / input; absent: the traffic's own, else 0")

given("traffic.input_tokens_per_day", "tok/day", "All input tokens served, cache hits included", adds=True)
given(
    "traffic.output_tokens_per_day",
    "tok/day",
    "All output tokens served, reasoning tokens included",
    adds=True,
)
given("traffic.requests_per_day", "request/day", "Requests (prompts, calls) a day", adds=True)
given("traffic.cached_input_share", "share", "Cache hits / input; absent: 0")
given(
    "traffic.billed_share",
    "share",
    "Share of the traffic that is paid for, at list price; absent: 1, and the output says so",
    worse="down",
)

given("serving.gpu_hour_cost", "USD/GPU-hour", "Cost of a GPU-hour to whoever serves the model", worse="up")
given(
    "serving.instance_hour_cost",
    "USD/instance-hour",
    "Cost of an hour of an instance with several GPUs, as clouds state it",
    worse="up",
)
given("serving.gpus_per_instance", "GPU/instance", "GPUs of an instance", worse="down")
given(
    "serving.gpus",
    "GPU",
    "GPUs that are paid for, idle ones included",
    worse="up",
    adds=True,
    least=("serving.gpus_required", "serving.busy_gpus"),
)
given(
    "serving.fixed_cost_per_month",
    "USD/month",
    "Operations staff, licences and other cost besides GPUs; absent: left out, and the output says so",
    worse="up",
    adds=True,
)
given(
    "serving.prefill_tokens_per_gpu_second",
    "tok/GPU-second",
    "Input tokens per second of a GPU that only prefills",
    worse="down",
)
given(
    "serving.decode_tokens_per_gpu_second",
    "tok/GPU-second",
    "Output tokens per second of a GPU that only decodes",
    worse="down",
)
given(
    "serving.tokens_per_gpu_second",
    "tok/GPU-second",
    "Input and output tokens of a GPU that does both; needs serving.measured_output_share",
    worse="down",
)
given("serving.measured_output_share", "share", "Output share at which the combined rate was measured")
given(
    "serving.measured_cached_input_share",
    "share",
    "Cache hits that a measured rate counts as input; absent: 0, and the output says so",
    worse="up",
)
given(
    "serving.cached_input_cost_ratio",
    "–",
    "Cost of serving a cache hit, in uncached input tokens; absent: 0 or 1, whichever costs more",
    high=1.0,
    worse="up",
)
given(
    "serving.output_cost_weight",
    "–",
    "Cost of serving an output token, in uncached input tokens",
)
given(
    "serving.utilization",
    "share",
    "Busy share of the paid GPU time; absent: from fleet, traffic and rates",
    worse="down",
)
given("serving.peak_to_average", "–", "Peak load over mean load", low=1.0, worse="up")
given("serving.headroom", "share", "Spare capacity at the peak, as a share of the peak; absent: 0")
given("serving.gpus_per_replica", "GPU", "GPUs of a replica; a fleet has whole replicas; absent: any number")

given("alternative.input_per_mtok", "USD/Mtok", "Another seller's price of uncached input")
given(
    "alternative.cached_input_per_mtok",
    "USD/Mtok",
    "Another seller's price of cache-hit input; absent: same as input",
)
given("alternative.output_per_mtok", "USD/Mtok", "Another seller's price of output")

given("training.gpus", "GPU", "GPUs of the training run", worse="up")
given("training.days", "day", "Length of the training run", worse="up")
given("training.gpu_hours", "GPU-hour", "GPU-hours of the training run")
given("training.gpu_hour_cost", "USD/GPU-hour", "Cost of a GPU-hour of training", worse="up")
given("training.compute_cost", "USD", "Compute cost of the training run", adds=True)
given(
    "training.other_cost",
    "USD",
    "Failed runs, ablations, data, staff; absent: left out, and the output says 'final run only'",
    worse="up",
    adds=True,
)
given("training.lifetime_tokens", "tok", "Tokens that the model serves over its life")
given("training.amortization_months", "month", "Months over which the model is in use")


class AccountLine(NamedTuple):
    """A line of a company's account.

    Attributes:
        name: what is stated.
        description: what it holds.
        counted: the name by which it is counted, where it also follows from something else.
        compute: whether it moves with the GPU-hour rate.
    """

    name: str
    description: str
    counted: str
    compute: bool = False


def _line(name: str, description: str, *, counted: str | None = None, compute: bool = False) -> AccountLine:
    given(name, "USD", description, worse="down" if name.startswith("revenue.") else "up", adds=True)
    return AccountLine(name, description, counted or name, compute)


REVENUE_LINES: Final = (
    _line("revenue.api", "API revenue of the period"),
    _line("revenue.subscription", "Subscription revenue of the period"),
    _line("revenue.other", "Other revenue of the period"),
)
COST_LINES: Final = (
    _line("cost.inference", "Compute that serves the models, in the period", compute=True),
    _line(
        "cost.revenue_share",
        "Revenue share paid to partners, in the period; a stated rate takes precedence",
        counted="company.revenue_share",
    ),
    _line("cost.training", "Compute for training and research, in the period", compute=True),
    _line(
        "cost.unsplit_compute",
        "Compute that accounts do not split into serving and training, in the period",
        compute=True,
    ),
    _line(
        "cost.research_and_development",
        "Research and development by the accounts, less its compute, data and staff in other lines",
    ),
    _line("cost.data", "Data bought or made, in the period"),
    _line("cost.staff", "Salaries, in the period"),
    _line("cost.sales_marketing", "Sales and marketing, in the period"),
    _line("cost.general", "General and administrative cost, in the period"),
    _line("cost.other", "Cost that no other line includes, in the period"),
)
_COMPUTE = [line.name for line in COST_LINES if line.compute]
NO_COMPUTE: Final = f"none of {', '.join(_COMPUTE[:-1])} and {_COMPUTE[-1]} is stated"
"""Said where credits have nothing to pay for."""
given(
    "cost.stock_compensation",
    "USD",
    "Part of the lines above that is paid in shares; absent: none is counted",
    adds=True,
)
given(
    "cost.credits_used",
    "USD",
    "Part of the lines above that was paid with credits in the period; absent: none is counted",
    adds=True,
)
given(
    "cost.noncash",
    "USD",
    "Part of the lines above that takes no cash: the sum of the two above; absent: 0",
    adds=True,
)

given("company.period_months", "month", "Length of the period that revenue and cost cover; absent: 12")
given("company.revenue_share_rate", "share", "Share of revenue owed to partners; absent: none is owed")
given(
    "company.free_inference_share",
    "share",
    "Share of the inference cost that serves free users, who do not respond to price; absent: 0",
    worse="up",
)
given(
    "company.api_inference_share",
    "share",
    "Share of the inference cost that serves the API; absent: the API's share of revenue, of paid inference",
)
given(
    "company.valuation",
    "USD",
    "Value of the company, by investors or on the stock market",
    worse="down",
)

given("cash.balance", "USD", "Cash at hand", worse="down", adds=True)
given("cash.credits", "USD", "Compute credits at hand", worse="down", adds=True)
given("cash.committed_funding", "USD", "Funding committed but not yet received", worse="down", adds=True)

given("compute.paid_gpu_hour", "USD/GPU-hour", "The company's cost of a GPU-hour", worse="up")
given("compute.market_gpu_hour", "USD/GPU-hour", "Other buyers' cost of a GPU-hour")

given("market.price_elasticity", "–", "ε ≥ 0: demand changes as price^−ε; absent: 0")

given("product.price_per_unit", "USD/unit", "Price of a paying unit: a seat-month, a conversation")
given(
    "product.revenue_share_rate",
    "share",
    "Share of the price owed to partners, app stores and payment providers; absent: none is owed",
    worse="up",
)
given("product.input_tokens_per_unit", "tok/unit", "All input of a unit, cache hits included", worse="up")
given(
    "product.output_tokens_per_unit",
    "tok/unit",
    "All output of a unit, reasoning tokens included",
    worse="up",
)
given("product.cached_input_share", "share", "Cache hits / input; absent: 0")
given(
    "product.input_tokens_per_request",
    "tok/request",
    "All input of a request, cache hits included",
    worse="up",
)
given(
    "product.output_tokens_per_request",
    "tok/request",
    "All output of a request, reasoning tokens included",
    worse="up",
)
given("product.requests_per_unit", "request/unit", "Requests (prompts, calls) that a unit makes", worse="up")
given("product.input_cost_per_mtok", "USD/Mtok", "The product's cost of uncached input", worse="up")
given(
    "product.cached_input_cost_per_mtok",
    "USD/Mtok",
    "The product's cost of cache-hit input; absent: same as input",
    worse="up",
)
given("product.output_cost_per_mtok", "USD/Mtok", "The product's cost of output", worse="up")
given(
    "product.supplier_price_multiplier",
    "×",
    "Factor on all the supplier's prices; absent: 1",
    worse="up",
)
given(
    "product.other_cost_per_unit",
    "USD/unit",
    "Variable cost of a unit besides its tokens: hosting, support; absent: left out, and the output says so",
    worse="up",
)
given("product.units_per_month", "unit/month", "Units a month, free ones included", adds=True)
given("product.paying_share", "share", "Paying units / all units", worse="down")
given(
    "product.free_usage_share",
    "share",
    "Cost of a free unit, as a share of the cost of a paying one; absent: 1",
    worse="up",
)
given(
    "product.fixed_cost_per_month",
    "USD/month",
    "Monthly cost that does not depend on units: staff, rent",
    worse="up",
    adds=True,
)
given(
    "product.new_units_per_month",
    "unit/month",
    "Units won in a month, free ones included",
    worse="down",
    adds=True,
)
given("product.churn_per_month", "share/month", "Share of units lost in a month", worse="up")
given("product.acquisition_cost_per_unit", "USD/unit", "Cost of winning a paying unit", worse="up")
given("product.target_margin", "share", "Desired gross margin, free units included")
given(
    "product.pass_through_share",
    "share",
    "Share of a rise in token cost that a paying unit's price passes on; needs a stated elasticity",
)

given("capex.spend", "USD", "Price of the purchase", worse="up", adds=True)
given("capex.useful_life_years", "year", "Years of use", worse="down")
given(
    "capex.residual_share",
    "share",
    "Value after that, as a share of the spending; absent: 0",
    worse="down",
)
given("capex.cost_of_capital", "share/year", "Yearly cost of the money", worse="up")
given(
    "capex.operating_cost_share",
    "share/year",
    "Power, space, staff and repair in a year, as a share of the spending",
    worse="up",
)
given(
    "capex.gross_margin",
    "share",
    "Share of revenue left to pay for the capital and its operation",
    worse="down",
)
given("capex.age_years", "year", "Years since the purchase; absent: 0", worse="down")
given("capex.debt_share", "share", "Share of the spending that is borrowed", worse="up")
given("capex.interest_rate", "share/year", "Yearly interest on the borrowed part", worse="up")
given("capex.gpus", "GPU", "GPUs bought", adds=True)
given("capex.utilization", "share", "Share of all hours in which they are used or rented out", worse="down")
outcome = MODEL.outcome

outcome(
    "project.runway_months",
    "month",
    "Months until the cash is gone, interpolated; at most the horizon",
    worse="down",
)
outcome("project.breakeven_month", "month", "First month whose operating profit is not negative", worse="up")
outcome(
    "project.funding_needed",
    "USD",
    "How far cumulative cash flow falls below 0, starting without cash; 0 if it never does",
    worse="up",
)
outcome(
    "project.funding_gap",
    "USD",
    "Part of project.funding_needed not covered by cash at hand or counted funding",
    worse="up",
)
outcome(
    "project.cash_low", "USD", "Lowest cash at the end of a month; below 0 is debt", low=None, worse="down"
)
outcome(
    "project.cash_end", "USD", "Cash at the end of the last month; below 0 is debt", low=None, worse="down"
)
outcome("project.operating_profit", "USD", "Operating profit of all months together", low=None, worse="down")
