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
    "workload": "Workload: the mix that is priced",
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
    "parts": "Parts: what a month costs, in parts and together",
    "project": "Projection: the outcomes of `llmcost project`",
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
given("traffic.requests_per_day", "request/day", "Requests (prompts, calls) of a day", adds=True)
given("traffic.cached_input_share", "share", "Cache hits / input; absent: 0")
given(
    "traffic.billed_share",
    "share",
    "Share of the traffic that somebody pays list price for; absent: 1, and the output says so",
    worse="down",
)

given("serving.gpu_hour_cost", "USD/GPU-hour", "What one GPU-hour costs the server of the model", worse="up")
given(
    "serving.instance_hour_cost",
    "USD/instance-hour",
    "What an hour of an instance with several GPUs costs, as clouds state it",
    worse="up",
)
given("serving.gpus_per_instance", "GPU/instance", "GPUs of such an instance", worse="down")
given(
    "serving.gpus",
    "GPU",
    "The fleet that is paid for, idle GPUs too",
    worse="up",
    adds=True,
    least=("serving.gpus_required", "serving.busy_gpus"),
)
given(
    "serving.fixed_cost_per_month",
    "USD/month",
    "Operations staff, licences and the like on top of the GPUs; absent: left out, and the output says so",
    worse="up",
    adds=True,
)
given(
    "serving.prefill_tokens_per_gpu_second",
    "tok/GPU-second",
    "Input tokens of a GPU that does nothing else: of a prefill pool, or alone",
    worse="down",
)
given(
    "serving.decode_tokens_per_gpu_second",
    "tok/GPU-second",
    "Output tokens of a GPU that does nothing else",
    worse="down",
)
given(
    "serving.tokens_per_gpu_second",
    "tok/GPU-second",
    "Input and output tokens of a GPU that does both at once; needs serving.measured_output_share",
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
    "What a cache hit costs to serve, in uncached input tokens; absent: 0 or 1, whichever costs more",
    high=1.0,
    worse="up",
)
given(
    "serving.output_cost_weight",
    "–",
    "What an output token costs to serve, in uncached input tokens",
)
given(
    "serving.utilization",
    "share",
    "Busy share of the paid GPU time; absent: what fleet, traffic and rates say",
    worse="down",
)
given("serving.peak_to_average", "–", "Load at the peak over the mean load", low=1.0, worse="up")
given("serving.headroom", "share", "Spare capacity at the peak, as a share of it; absent: 0")
given("serving.gpus_per_replica", "GPU", "GPUs come in whole replicas of this size; absent: not rounded up")

given("alternative.input_per_mtok", "USD/Mtok", "What another seller asks for uncached input")
given(
    "alternative.cached_input_per_mtok",
    "USD/Mtok",
    "What another seller asks for cache-hit input; absent: same as input",
)
given("alternative.output_per_mtok", "USD/Mtok", "What another seller asks for output")

given("training.gpus", "GPU", "GPUs of the training run", worse="up")
given("training.days", "day", "Length of the training run", worse="up")
given("training.gpu_hours", "GPU-hour", "GPU-hours of the training run")
given("training.gpu_hour_cost", "USD/GPU-hour", "What one GPU-hour of training costs", worse="up")
given("training.compute_cost", "USD", "Compute cost of the training run", adds=True)
given(
    "training.other_cost",
    "USD",
    "Failed runs, ablations, data, staff; absent: left out, and the output says 'final run only'",
    worse="up",
    adds=True,
)
given("training.lifetime_tokens", "tok", "Tokens the model will serve over its life")
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
        "Revenue share paid to partners, in the period; a stated rate of it comes first",
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
        "Research and development by the accounts, less what compute, data and staff hold of it",
    ),
    _line("cost.data", "Data bought or made, in the period"),
    _line("cost.staff", "Salaries, in the period"),
    _line("cost.sales_marketing", "Sales and marketing, in the period"),
    _line("cost.general", "General and administrative cost, in the period"),
    _line("cost.other", "Whatever no other line holds, in the period"),
)
_COMPUTE = [line.name for line in COST_LINES if line.compute]
NO_COMPUTE: Final = f"none of {', '.join(_COMPUTE[:-1])} and {_COMPUTE[-1]} is stated"
"""Said where credits have nothing to pay for."""
given(
    "cost.stock_compensation",
    "USD",
    "The part of the lines above that is paid in shares; absent: none is counted",
    adds=True,
)
given(
    "cost.credits_used",
    "USD",
    "The part of the lines above that was paid with credits in the period; absent: none is counted",
    adds=True,
)
given(
    "cost.noncash",
    "USD",
    "The part of the lines above that takes no cash: the sum of the two above; absent: 0",
    adds=True,
)

given("company.period_months", "month", "Length of the period that revenue and cost cover; absent: 12")
given("company.revenue_share_rate", "share", "Share of revenue owed to partners; absent: none is owed")
given(
    "company.free_inference_share",
    "share",
    "Share of the inference cost that serves users who pay nothing: it does not respond to price; absent: 0",
    worse="up",
)
given(
    "company.api_inference_share",
    "share",
    "Share of the inference cost that serves the API; absent: of what is paid for, its share of revenue",
)
given(
    "company.valuation",
    "USD",
    "What the company is valued at, by investors or on the stock market",
    worse="down",
)

given("cash.balance", "USD", "Cash at hand", worse="down", adds=True)
given("cash.credits", "USD", "Compute credits at hand", worse="down", adds=True)
given("cash.committed_funding", "USD", "Funding committed and not yet received", worse="down", adds=True)

given("compute.paid_gpu_hour", "USD/GPU-hour", "What the company pays for a GPU-hour", worse="up")
given("compute.market_gpu_hour", "USD/GPU-hour", "What others pay for a GPU-hour")

given("market.price_elasticity", "–", "ε ≥ 0: demand goes as price^−ε; absent: 0")

given("product.price_per_unit", "USD/unit", "What a paying unit is charged: a seat-month, a conversation")
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
given("product.input_cost_per_mtok", "USD/Mtok", "What the product pays for uncached input", worse="up")
given(
    "product.cached_input_cost_per_mtok",
    "USD/Mtok",
    "What the product pays for cache-hit input; absent: same as input",
    worse="up",
)
given("product.output_cost_per_mtok", "USD/Mtok", "What the product pays for output", worse="up")
given(
    "product.supplier_price_multiplier",
    "×",
    "What all the supplier's prices are multiplied by; absent: 1",
    worse="up",
)
given(
    "product.other_cost_per_unit",
    "USD/unit",
    "Variable cost of a unit besides its tokens: hosting, support; absent: left out, and the output says so",
    worse="up",
)
given("product.units_per_month", "unit/month", "All units of a month, free ones included", adds=True)
given("product.paying_share", "share", "Paying units / all units", worse="down")
given(
    "product.free_usage_share",
    "share",
    "What a free unit costs, as a share of what a paying one does; absent: 1",
    worse="up",
)
given(
    "product.fixed_cost_per_month",
    "USD/month",
    "Cost of a month that does not move with units: staff, rent",
    worse="up",
    adds=True,
)
given(
    "product.new_units_per_month",
    "unit/month",
    "Units that are won in a month, free ones included",
    worse="down",
    adds=True,
)
given("product.churn_per_month", "share/month", "Share of the units that leave in a month", worse="up")
given("product.acquisition_cost_per_unit", "USD/unit", "What it costs to win a paying unit", worse="up")
given("product.target_margin", "share", "The gross margin that is wanted, free units included")
given(
    "product.pass_through_share",
    "share",
    "Share of a rise in a paying unit's token cost that is added to its price; needs a stated elasticity",
)

given("capex.spend", "USD", "What was bought", worse="up", adds=True)
given("capex.useful_life_years", "year", "Years for which it is used", worse="down")
given(
    "capex.residual_share",
    "share",
    "What it is worth after that, as a share of the spend; absent: 0",
    worse="down",
)
given("capex.cost_of_capital", "share/year", "What the money costs in a year", worse="up")
given(
    "capex.operating_cost_share",
    "share/year",
    "Power, space, staff and repair of a year, as a share of the spend",
    worse="up",
)
given(
    "capex.gross_margin",
    "share",
    "Share of each dollar of revenue that is left to pay for the capital and its operation",
    worse="down",
)
given("capex.age_years", "year", "Years since it was bought; absent: 0", worse="down")
given("capex.debt_share", "share", "Share of the spend that is borrowed", worse="up")
given("capex.interest_rate", "share/year", "What lenders are paid in a year on what is borrowed", worse="up")
given("capex.gpus", "GPU", "GPUs that were bought", adds=True)
given("capex.utilization", "share", "Share of all hours in which they are used or rented out", worse="down")
outcome = MODEL.outcome

outcome(
    "project.runway_months",
    "month",
    "Months until the cash is gone, interpolated; where it lasts longer than the horizon, the horizon",
    worse="down",
)
outcome("project.breakeven_month", "month", "First month whose operating profit is not negative", worse="up")
outcome(
    "project.funding_needed",
    "USD",
    "How far cumulative cash flow falls below 0, starting without cash; 0 where it never does",
    worse="up",
)
outcome(
    "project.funding_gap",
    "USD",
    "The part of project.funding_needed that neither cash at hand nor the funding counted pays for",
    worse="up",
)
outcome(
    "project.cash_low", "USD", "Lowest cash at the end of a month; below 0 it is owed", low=None, worse="down"
)
outcome(
    "project.cash_end", "USD", "Cash at the end of the last month; below 0 it is owed", low=None, worse="down"
)
outcome("project.operating_profit", "USD", "Operating profit of all months together", low=None, worse="down")
