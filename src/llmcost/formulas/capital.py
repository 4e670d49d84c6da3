"""What capital has to earn: the yearly charge for what was bought, and the revenue that pays for it."""

from __future__ import annotations

from llmcost.engine.arithmetic import annuity, least, require
from llmcost.formulas.vocabulary import (
    DAYS_PER_YEAR,
    HOURS_PER_YEAR,
    MONTHS_PER_YEAR,
    ONE_YEAR,
    TOKENS_PER_MTOK,
    formula,
)


@formula("capex.residual_share")
def worth_nothing():
    """Value after the useful life, as a share of the spend; 0 unless stated."""
    return 0.0


@formula(
    "capex.recovery_factor",
    unit="share/year",
    text="i / (1 − (1 + i)^−n), 1 / n at i = 0, where i = capex.cost_of_capital, n = capex.useful_life_years",
    reference="capital recovery factor (A/P, i, n), engineering economics",
    worse="up",
)
def recovery_factor(capex_cost_of_capital, capex_useful_life_years):
    """Capital recovery factor: the yearly share of a spend that pays it back with interest."""
    return annuity(capex_cost_of_capital * ONE_YEAR, capex_useful_life_years / ONE_YEAR) / ONE_YEAR


@formula(
    "capex.charge_per_year",
    unit="USD/year",
    worse="up",
    reference="capital recovery with salvage value S, engineering economics: (P − S)·(A/P, i, n) + S·i",
)
def charge(capex_spend, capex_residual_share, capex_recovery_factor, capex_cost_of_capital):
    """Yearly cost of the capital: an annuity on the part used up, interest on the residual value."""
    return capex_spend * (
        (1 - capex_residual_share) * capex_recovery_factor + capex_residual_share * capex_cost_of_capital
    )


@formula("capex.depreciation_per_year", unit="USD/year", worse="up")
def depreciation(capex_spend, capex_residual_share, capex_useful_life_years):
    """Yearly straight-line depreciation, the same in each year of its life."""
    return capex_spend * (1 - capex_residual_share) / capex_useful_life_years


@formula("capex.age_years")
def new():
    """Years since the purchase; 0 unless stated."""
    return 0.0


def _years_left(age, life):
    """Return the remaining years of its life, at least 0."""
    return life - least(age, life)


def _left_for_capital(revenue, margin, operating_cost):
    """Return a year's revenue after its cost and operation."""
    return revenue * margin - operating_cost


@formula("capex.book_value", unit="USD", worse="down")
def book_value(capex_spend, capex_residual_share, capex_useful_life_years, capex_age_years):
    """Book value with straight-line depreciation."""
    used = least(capex_age_years / capex_useful_life_years, 1.0)
    return capex_spend * (1 - (1 - capex_residual_share) * used)


@formula(
    "capex.book_value_by_digits",
    unit="USD",
    reference="sum-of-the-years'-digits depreciation, (n − a)·(n − a + 1) / (n·(n + 1)) left after a years",
    worse="down",
)
def book_value_by_digits(capex_spend, capex_residual_share, capex_useful_life_years, capex_age_years):
    """Book value with sum-of-the-years'-digits depreciation."""
    left = _years_left(capex_age_years, capex_useful_life_years)
    share = left * (left + ONE_YEAR) / (capex_useful_life_years * (capex_useful_life_years + ONE_YEAR))
    return capex_spend * (capex_residual_share + (1 - capex_residual_share) * share)


@formula(
    "capex.depreciation_by_digits_per_year",
    unit="USD/year",
    reference="sum-of-the-years'-digits depreciation, 2·(n − a) / (n·(n + 1)) in the year after a years",
    worse="up",
)
def depreciation_by_digits(capex_spend, capex_residual_share, capex_useful_life_years, capex_age_years):
    """Depreciation of the coming year by the sum of the years' digits."""
    left = _years_left(capex_age_years, capex_useful_life_years)
    share = 2 * left / (capex_useful_life_years * (capex_useful_life_years + ONE_YEAR))
    return capex_spend * (1 - capex_residual_share) * share


@formula("capex.operating_cost_per_year", unit="USD/year", worse="up")
def operating_cost(capex_spend, capex_operating_cost_share):
    """Power, space, staff and repair in a year."""
    return capex_spend * capex_operating_cost_share


@formula("capex.cost_per_year", unit="USD/year", worse="up")
def cost(capex_charge_per_year, capex_operating_cost_per_year):
    """Yearly cost of owning and running it."""
    return capex_charge_per_year + capex_operating_cost_per_year


@formula("capex.revenue_required_per_year", unit="USD/year", worse="up")
def revenue_required(capex_cost_per_year, capex_gross_margin):
    """Yearly revenue that pays for the capital and its operation."""
    require(capex_gross_margin > 0, "nothing_left")
    return capex_cost_per_year / capex_gross_margin


@formula("capex.revenue_required_over_life", unit="USD", worse="up")
def revenue_required_over_life(capex_revenue_required_per_year, capex_useful_life_years):
    """Revenue over the useful life that pays for the capital and its operation."""
    return capex_revenue_required_per_year * capex_useful_life_years


@formula("capex.tokens_required_per_day", unit="tok/day", worse="up")
def tokens_required(capex_revenue_required_per_year, price_blended_per_mtok):
    """Tokens of the workload to sell each day, at the price, to earn the required revenue."""
    return capex_revenue_required_per_year / price_blended_per_mtok * TOKENS_PER_MTOK / DAYS_PER_YEAR


@formula("capex.gpu_hours_per_year", unit="GPU-hour/year", worse="down")
def gpu_hours(capex_gpus, capex_utilization):
    """GPU-hours used or rented out in a year."""
    return capex_gpus * capex_utilization * HOURS_PER_YEAR


@formula("capex.revenue_per_year", unit="USD/year", if_given=("capex.spend",), worse="down")
def revenue(revenue_total, company_period_months):
    """Actual yearly revenue: that of the period, scaled to a year."""
    return revenue_total / company_period_months * MONTHS_PER_YEAR


@formula(
    "capex.revenue_per_year",
    note="as if every used GPU-hour were rented out at the market's rate",
    stand_in="guess",
)
def rent(capex_gpu_hours_per_year, compute_market_gpu_hour):
    """Yearly revenue if the used GPU-hours were rented out at the market's rate."""
    return capex_gpu_hours_per_year * compute_market_gpu_hour


@formula("capex.revenue_gap_per_year", unit="USD/year", bounds=(None, None), worse="up")
def revenue_gap(capex_revenue_required_per_year, capex_revenue_per_year):
    """Yearly revenue that is missing; negative if more is earned than required."""
    return capex_revenue_required_per_year - capex_revenue_per_year


@formula("capex.revenue_multiple_required", unit="×", worse="up")
def revenue_multiple(capex_revenue_required_per_year, capex_revenue_per_year):
    """Factor on today's revenue that pays for the capital."""
    return capex_revenue_required_per_year / capex_revenue_per_year


@formula("capex.payback_years", unit="year", worse="up")
def payback(capex_spend, capex_revenue_per_year, capex_gross_margin, capex_operating_cost_per_year):
    """Years until today's revenue has paid back the spending, without interest and residual value."""
    left = _left_for_capital(capex_revenue_per_year, capex_gross_margin, capex_operating_cost_per_year)
    require(left > 0, "does_not_pay_operation")
    return capex_spend / left


@formula("capex.npv", unit="USD", bounds=(None, None), worse="down")
def net_present_value(capex_revenue_per_year, capex_gross_margin, capex_cost_per_year, capex_recovery_factor):
    """Net present value of the purchase, if today's revenue lasts its whole life."""
    return (capex_revenue_per_year * capex_gross_margin - capex_cost_per_year) / capex_recovery_factor


@formula("capex.operating_profit_per_year", unit="USD/year", bounds=(None, None), worse="down")
def operating_profit(
    capex_revenue_per_year, capex_gross_margin, capex_operating_cost_per_year, capex_depreciation_per_year
):
    """Yearly profit after operation and straight-line depreciation."""
    left = _left_for_capital(capex_revenue_per_year, capex_gross_margin, capex_operating_cost_per_year)
    return left - capex_depreciation_per_year


@formula("capex.operating_margin", unit="share", bounds=(None, 1), worse="down")
def operating_margin(capex_operating_profit_per_year, capex_revenue_per_year):
    """Share of revenue left after operation and depreciation."""
    return capex_operating_profit_per_year / capex_revenue_per_year


@formula("capex.interest_per_year", unit="USD/year", worse="up")
def interest(capex_spend, capex_debt_share, capex_interest_rate):
    """Interest for a year, before any repayment."""
    return capex_spend * capex_debt_share * capex_interest_rate


@formula("capex.interest_cover", unit="×", bounds=(None, None), worse="down")
def interest_cover(capex_operating_profit_per_year, capex_interest_per_year):
    """Operating profit over interest; below 1, it does not cover it."""
    return capex_operating_profit_per_year / capex_interest_per_year


@formula("capex.profit_after_interest_per_year", unit="USD/year", bounds=(None, None), worse="down")
def profit_after_interest(capex_operating_profit_per_year, capex_interest_per_year):
    """Yearly profit after operation, depreciation and interest."""
    return capex_operating_profit_per_year - capex_interest_per_year


@formula("capex.rent_required_per_gpu_hour", unit="USD/GPU-hour", worse="up")
def rent_required(capex_revenue_required_per_year, capex_gpu_hours_per_year):
    """Rent of a used GPU-hour at which the purchase pays, cost of capital included."""
    return capex_revenue_required_per_year / capex_gpu_hours_per_year


@formula("capex.cost_per_paid_gpu_hour", unit="USD/GPU-hour", worse="up")
def paid_gpu_hour_cost(capex_cost_per_year, capex_gpus):
    """Cost of an owned GPU for each hour of the year, used or not."""
    return capex_cost_per_year / (capex_gpus * HOURS_PER_YEAR)


@formula("capex.cost_per_used_gpu_hour", unit="USD/GPU-hour", worse="up")
def used_gpu_hour_cost(capex_cost_per_year, capex_gpu_hours_per_year):
    """Cost of an owned GPU for each hour of use."""
    return capex_cost_per_year / capex_gpu_hours_per_year


@formula("capex.owned_to_market_ratio", unit="×", worse="up")
def owned_to_market(capex_cost_per_used_gpu_hour, compute_market_gpu_hour):
    """Cost of an owned GPU-hour over other buyers' cost."""
    return capex_cost_per_used_gpu_hour / compute_market_gpu_hour


@formula("capex.owned_to_paid_ratio", unit="×", worse="up")
def owned_to_paid(capex_cost_per_used_gpu_hour, compute_paid_gpu_hour):
    """Cost of an owned GPU-hour over the company's cost."""
    return capex_cost_per_used_gpu_hour / compute_paid_gpu_hour


@formula("capex.breakeven_utilization", unit="share", bounds=(0, None), worse="up")
def breakeven_utilization(capex_cost_per_paid_gpu_hour, compute_market_gpu_hour):
    """Utilization at which an owned GPU-hour costs as much as a rented one; above 1, it never does."""
    return capex_cost_per_paid_gpu_hour / compute_market_gpu_hour
