"""A company's period: revenue, cost, margin, burn and runway."""

from __future__ import annotations

from llmcost.engine.arithmetic import add, require
from llmcost.formulas.vocabulary import A_YEAR_IN_MONTHS, formula

STATED_LINES = (
    *("revenue.api", "revenue.subscription", "revenue.other", "revenue.unallocated", "revenue.total"),
    *("cost.inference", "cost.revenue_share", "company.revenue_share", "cost.training", "cost.data"),
    *("cost.staff", "cost.sales_marketing", "cost.general", "cost.other", "cost.unallocated", "cost.total"),
    *("company.revenue_share_rate", "company.cogs", "company.gross_profit"),
)
"""Beside any of these a product is a part of the company at most, and its profit is not the company's."""
OF_THE_PRODUCT = "that of the product: no revenue or cost of a company is stated"


@formula("company.period_months", unit="month")
def one_year():
    """Length of the period; a year where none is stated."""
    return A_YEAR_IN_MONTHS


@formula("revenue.lines", unit="USD", worse="down")
def revenue_lines(revenue_api=None, revenue_subscription=None, revenue_other=None):
    """Sum of the revenue lines that are given."""
    return add(revenue_api, revenue_subscription, revenue_other)


@formula("revenue.total", unit="USD", if_given=("revenue.unallocated",), worse="down")
def revenue_with_remainder(revenue_lines, revenue_unallocated):
    """All revenue of the period, where the part that no line holds is stated."""
    return revenue_lines + revenue_unallocated


@formula("revenue.total", unit="USD", stand_in="least")
def revenue_total(revenue_lines):
    """All revenue of the period; where no total is stated, the sum of the lines that are given."""
    return revenue_lines


@formula("revenue.unallocated", unit="USD", if_given=("revenue.total",), worse="down")
def revenue_unallocated(revenue_total, revenue_lines):
    """The part of a stated total that no revenue line holds."""
    return revenue_total - revenue_lines


@formula("revenue.api_share", unit="share")
def api_share(revenue_api, revenue_total):
    """The API's part of all revenue."""
    return revenue_api / revenue_total


@formula("company.revenue_share", unit="USD", if_given=("company.revenue_share_rate",), worse="up")
def revenue_share_at_rate(company_revenue_share_rate, revenue_total):
    """Revenue share owed to partners: its rate on all revenue; it rules over a stated amount."""
    return company_revenue_share_rate * revenue_total


@formula("company.revenue_share", unit="USD")
def stated_revenue_share(cost_revenue_share):
    """Revenue share owed to partners in the period."""
    return cost_revenue_share


@formula("company.revenue_share_rate", unit="share", worse="up")
def revenue_share_rate(cost_revenue_share, revenue_total):
    """Revenue share owed on each dollar of revenue."""
    return cost_revenue_share / revenue_total


@formula("company.revenue_share_rate", unit="share", if_given=("company.revenue_share",))
def rate_of_stated_share(company_revenue_share, revenue_total):
    """Revenue share owed on each dollar of revenue, where the share is stated outright."""
    return company_revenue_share / revenue_total


@formula(
    "company.revenue_share_rate",
    unit="share",
    note="none is counted: no revenue share is stated",
)
def no_revenue_share():
    """Revenue share owed on each dollar of revenue; none, where none is stated."""
    return 0.0


@formula("cost.lines", unit="USD", worse="up")
def cost_lines(
    cost_inference=None,
    company_revenue_share=None,
    cost_training=None,
    cost_data=None,
    cost_staff=None,
    cost_sales_marketing=None,
    cost_general=None,
    cost_other=None,
):
    """Sum of the cost lines that are given."""
    return add(
        cost_inference,
        company_revenue_share,
        cost_training,
        cost_data,
        cost_staff,
        cost_sales_marketing,
        cost_general,
        cost_other,
    )


@formula("cost.total", unit="USD", if_given=("cost.unallocated",), worse="up")
def cost_with_remainder(cost_lines, cost_unallocated):
    """All cost of the period, where the part that no line holds is stated."""
    return cost_lines + cost_unallocated


@formula("cost.total", unit="USD", stand_in="least")
def cost_total(cost_lines):
    """All cost of the period; where no total is stated, the sum of the lines that are given."""
    return cost_lines


@formula("cost.unallocated", unit="USD", if_given=("cost.total",), worse="up")
def cost_unallocated(cost_total, cost_lines):
    """The part of a stated total that no cost line holds."""
    return cost_total - cost_lines


@formula("cost.compute", unit="USD", worse="up")
def compute_cost(cost_inference=None, cost_training=None):
    """The compute lines: inference and training."""
    return add(cost_inference, cost_training)


@formula("company.cogs", unit="USD", worse="up")
def cogs(cost_inference, company_revenue_share=None):
    """Cost of goods sold: inference and revenue share."""
    return add(cost_inference, company_revenue_share)


@formula("company.gross_profit", unit="USD", bounds=(None, None), worse="down")
def gross_profit(revenue_total, company_cogs):
    """Revenue less the cost of goods sold."""
    return revenue_total - company_cogs


@formula("company.gross_margin", unit="share", bounds=(None, 1), worse="down")
def gross_margin(revenue_total, company_cogs):
    """Share of revenue left after the cost of goods sold."""
    return 1 - company_cogs / revenue_total


@formula("company.operating_profit", unit="USD", bounds=(None, None), worse="down")
def operating_profit(revenue_total, cost_total):
    """Revenue less all cost."""
    return revenue_total - cost_total


@formula(
    "company.operating_profit", unit="USD", unless_given=STATED_LINES, note=OF_THE_PRODUCT, stand_in="guess"
)
def operating_profit_of_product(product_profit_per_month, company_period_months):
    """Revenue less all cost of a company that is its product."""
    return product_profit_per_month * company_period_months


@formula("company.operating_margin", unit="share", bounds=(None, 1), worse="down")
def operating_margin(revenue_total, cost_total):
    """Share of revenue left after all cost."""
    return 1 - cost_total / revenue_total


@formula("company.valuation_multiple", unit="×", worse="up")
def valuation_multiple(company_valuation, company_operating_profit, company_period_months):
    """What the company is valued at, over the operating profit of a year."""
    require(company_operating_profit > 0, "no_operating_profit")
    return company_valuation / (company_operating_profit / company_period_months * A_YEAR_IN_MONTHS)


@formula("company.cost_per_revenue_dollar", unit="USD/USD", worse="up")
def cost_per_revenue_dollar(cost_total, revenue_total):
    """Dollars spent for each dollar earned."""
    return cost_total / revenue_total
