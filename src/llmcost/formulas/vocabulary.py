"""The inputs that a scenario may state, with their units, and the constants between units.

Money is USD; Mtok is 1,000,000 tokens; shares lie in 0..1. An input has a default only if its description
says "absent"; the default is a formula in the topic's module.
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
MODEL.declare("""
price.input_per_mtok [USD/Mtok] List price of uncached input
price.cached_input_per_mtok [USD/Mtok] List price of cache-hit input; absent: same as input
price.output_per_mtok [USD/Mtok] List price of output

workload.output_share [share] Output / (input + output); absent: the traffic's own
workload.cached_input_share [share] Cache hits / input; absent: the traffic's own, else 0

traffic.input_tokens_per_day [tok/day, adds] All input tokens served, cache hits included
traffic.output_tokens_per_day [tok/day, adds] All output tokens served, reasoning tokens included
traffic.requests_per_day [request/day, adds] Requests (prompts, calls) a day
traffic.cached_input_share [share] Cache hits / input; absent: 0
traffic.billed_share [share, worse down] Share of the traffic that is paid for, at list price; absent: 1, and
    the output says so

serving.gpu_hour_cost [USD/GPU-hour, worse up] Cost of a GPU-hour to whoever serves the model
serving.instance_hour_cost [USD/instance-hour, worse up] Cost of an hour of an instance with several GPUs, as
    clouds state it
serving.gpus_per_instance [GPU/instance, worse down] GPUs of an instance
serving.gpus [GPU, worse up, adds, at least serving.gpus_required serving.busy_gpus] GPUs that are paid for,
    idle ones included
serving.fixed_cost_per_month [USD/month, worse up, adds] Operations staff, licences and other cost besides
    GPUs; absent: left out, and the output says so
serving.prefill_tokens_per_gpu_second [tok/GPU-second, worse down] Input tokens per second of a GPU that only
    prefills
serving.decode_tokens_per_gpu_second [tok/GPU-second, worse down] Output tokens per second of a GPU that only
    decodes
serving.tokens_per_gpu_second [tok/GPU-second, worse down] Input and output tokens of a GPU that does both;
    needs serving.measured_output_share
serving.measured_output_share [share] Output share at which the combined rate was measured
serving.measured_cached_input_share [share, worse up] Cache hits that a measured rate counts as input; absent:
    0, and the output says so
serving.cached_input_cost_ratio [–, to 1.0, worse up] Cost of serving a cache hit, in uncached input tokens;
    absent: 0 or 1, whichever costs more
serving.output_cost_weight [–] Cost of serving an output token, in uncached input tokens
serving.utilization [share, worse down] Busy share of the paid GPU time; absent: from fleet, traffic and rates
serving.peak_to_average [–, from 1.0, worse up] Peak load over mean load
serving.headroom [share] Spare capacity at the peak, as a share of the peak; absent: 0
serving.gpus_per_replica [GPU] GPUs of a replica; a fleet has whole replicas; absent: any number

alternative.input_per_mtok [USD/Mtok] Another seller's price of uncached input
alternative.cached_input_per_mtok [USD/Mtok] Another seller's price of cache-hit input; absent: same as input
alternative.output_per_mtok [USD/Mtok] Another seller's price of output

training.gpus [GPU, worse up] GPUs of the training run
training.days [day, worse up] Length of the training run
training.gpu_hours [GPU-hour, worse up] GPU-hours of the training run
training.gpu_hour_cost [USD/GPU-hour, worse up] Cost of a GPU-hour of training
training.compute_cost [USD, worse up, adds] Compute cost of the training run
training.other_cost [USD, worse up, adds] Failed runs, ablations, data, staff; absent: left out, and the
    output says 'final run only'
training.lifetime_tokens [tok, worse down] Tokens that the model serves over its life
training.amortization_months [month] Months over which the model is in use
""")


class AccountLine(NamedTuple):
    """A line of a company's account.

    Attributes:
        name: the input.
        description: what it includes.
        counted: the quantity that sums use instead, if the line can also be derived.
        compute: whether it depends on the GPU-hour rate.
    """

    name: str
    description: str
    counted: str
    compute: bool = False


def _lines(names: list[str]) -> tuple[AccountLine, ...]:
    counted = {"cost.revenue_share": "company.revenue_share"}
    compute = ("cost.inference", "cost.training", "cost.unsplit_compute")
    return tuple(
        AccountLine(name, MODEL.quantities[name].description, counted.get(name, name), name in compute)
        for name in names
    )


REVENUE_LINES: Final = _lines(
    MODEL.declare("""
revenue.api [USD, worse down, adds] API revenue of the period
revenue.subscription [USD, worse down, adds] Subscription revenue of the period
revenue.other [USD, worse down, adds] Other revenue of the period
""")
)
COST_LINES: Final = _lines(
    MODEL.declare("""
cost.inference [USD, worse up, adds] Compute that serves the models, in the period
cost.revenue_share [USD, worse up, adds] Revenue share paid to partners, in the period; a stated rate takes
    precedence
cost.training [USD, worse up, adds] Compute for training and research, in the period
cost.unsplit_compute [USD, worse up, adds] Compute that accounts do not split into serving and training, in
    the period
cost.research_and_development [USD, worse up, adds] Research and development by the accounts, less its
    compute, data and staff in other lines
cost.data [USD, worse up, adds] Data bought or made, in the period
cost.staff [USD, worse up, adds] Salaries, in the period
cost.sales_marketing [USD, worse up, adds] Sales and marketing, in the period
cost.general [USD, worse up, adds] General and administrative cost, in the period
cost.other [USD, worse up, adds] Cost that no other line includes, in the period
""")
)
_COMPUTE = [line.name for line in COST_LINES if line.compute]
NO_COMPUTE: Final = f"none of {', '.join(_COMPUTE[:-1])} and {_COMPUTE[-1]} is stated"
"""The note if credits have nothing to pay for."""
MODEL.declare("""
cost.stock_compensation [USD, adds] Part of the lines above that is paid in shares; absent: none is counted
cost.credits_used [USD, adds] Part of the lines above that was paid with credits in the period; absent: none
    is counted
cost.noncash [USD, adds] Part of the lines above that takes no cash: the sum of the two above; absent: 0

company.period_months [month] Length of the period that revenue and cost cover; absent: 12
company.revenue_share_rate [share, worse up] Share of revenue owed to partners; absent: none is owed
company.free_inference_share [share, worse up] Share of the inference cost that serves free users, who do not
    respond to price; absent: 0
company.api_inference_share [share] Share of the inference cost that serves the API; absent: the API's share
    of revenue, of paid inference
company.valuation [USD, worse down] Value of the company, by investors or on the stock market

cash.balance [USD, worse down, adds] Cash at hand
cash.credits [USD, worse down, adds] Compute credits at hand
cash.committed_funding [USD, worse down, adds] Funding committed but not yet received

compute.paid_gpu_hour [USD/GPU-hour, worse up] The company's cost of a GPU-hour
compute.market_gpu_hour [USD/GPU-hour] Other buyers' cost of a GPU-hour

market.price_elasticity [–] ε ≥ 0: demand changes as price^−ε; absent: 0

product.price_per_unit [USD/unit] Price of a paying unit: a seat-month, a conversation
product.revenue_share_rate [share, worse up] Share of the price owed to partners, app stores and payment
    providers; absent: none is owed
product.input_tokens_per_unit [tok/unit, worse up] All input of a unit, cache hits included
product.output_tokens_per_unit [tok/unit, worse up] All output of a unit, reasoning tokens included
product.cached_input_share [share] Cache hits / input; absent: 0
product.input_tokens_per_request [tok/request, worse up] All input of a request, cache hits included
product.output_tokens_per_request [tok/request, worse up] All output of a request, reasoning tokens included
product.requests_per_unit [request/unit, worse up] Requests (prompts, calls) that a unit makes
product.input_cost_per_mtok [USD/Mtok, worse up] The product's cost of uncached input
product.cached_input_cost_per_mtok [USD/Mtok, worse up] The product's cost of cache-hit input; absent: same as
    input
product.output_cost_per_mtok [USD/Mtok, worse up] The product's cost of output
product.supplier_price_multiplier [×, worse up] Factor on all the supplier's prices; absent: 1
product.other_cost_per_unit [USD/unit, worse up] Variable cost of a unit besides its tokens: hosting, support;
    absent: left out, and the output says so
product.units_per_month [unit/month, adds] Units a month, free ones included
product.paying_share [share, worse down] Paying units / all units
product.free_usage_share [share, worse up] Cost of a free unit, as a share of the cost of a paying one;
    absent: 1
product.fixed_cost_per_month [USD/month, worse up, adds] Monthly cost that does not depend on units: staff,
    rent
product.new_units_per_month [unit/month, worse down, adds] Units won in a month, free ones included
product.churn_per_month [share/month, worse up] Share of units lost in a month
product.acquisition_cost_per_unit [USD/unit, worse up] Cost of winning a paying unit
product.target_margin [share] Desired gross margin, free units included
product.pass_through_share [share] Share of a rise in token cost that a paying unit's price passes on; needs a
    stated elasticity

capex.spend [USD, worse up, adds] Price of the purchase
capex.useful_life_years [year, worse down] Years of use
capex.residual_share [share, worse down] Value after that, as a share of the spending; absent: 0
capex.cost_of_capital [share/year, worse up] Yearly cost of the money
capex.operating_cost_share [share/year, worse up] Power, space, staff and repair in a year, as a share of the
    spending
capex.gross_margin [share, worse down] Share of revenue left to pay for the capital and its operation
capex.age_years [year, worse down] Years since the purchase; absent: 0
capex.debt_share [share, worse up] Share of the spending that is borrowed
capex.interest_rate [share/year, worse up] Yearly interest on the borrowed part
capex.gpus [GPU, adds] GPUs bought
capex.utilization [share, worse down] Share of all hours in which they are used or rented out

project.runway_months [month, outcome, worse down] Months until the cash is gone, interpolated; at most the
    horizon
project.breakeven_month [month, outcome, worse up] First month whose operating profit is not negative
project.funding_needed [USD, outcome, worse up] How far cumulative cash flow falls below 0, starting without
    cash; 0 if it never does
project.funding_gap [USD, outcome, worse up] Part of project.funding_needed not covered by cash at hand or
    counted funding
project.cash_low [USD, outcome, any sign, worse down] Lowest cash at the end of a month; below 0 is debt
project.cash_end [USD, outcome, any sign, worse down] Cash at the end of the last month; below 0 is debt
project.operating_profit [USD, outcome, any sign, worse down] Operating profit of all months together
""")
