"""A company's period: revenue, cost, margin, burn and runway."""

from __future__ import annotations

from llmcost.engine.arithmetic import add, require
from llmcost.formulas.vocabulary import A_YEAR_IN_MONTHS, COST_LINES, REVENUE_LINES, formula

STATED_LINES = (
    *(name for line in (*REVENUE_LINES, *COST_LINES) for name in dict.fromkeys((line.name, line.counted))),
    *("revenue.unallocated", "revenue.total", "cost.unallocated", "cost.total"),
    *("company.revenue_share_rate", "company.cogs", "company.gross_profit"),
)
"""If any of these is stated, a product is only part of the company, and its profit is not the company's."""
COMPUTE_LINES = tuple(line.counted for line in COST_LINES if line.compute)
ALL_INFERENCE = "all cost of revenue except the revenue share counts as inference"
OF_THE_PRODUCT = "from the product: no revenue or cost of a company is stated"


@formula("company.period_months")
def one_year():
    """Length of the period; a year unless stated."""
    return A_YEAR_IN_MONTHS


def sum_of_lines(*lines):
    """Sum of the stated lines."""
    return add(*lines)


def lines_and_rest(unallocated, lines=None):
    """A total, if the part that no line includes is known."""
    return add(lines, unallocated)


def no_line(total):
    """A total of which no line is stated, in the part that no line includes."""
    return total


def sum_alone(lines):
    """A total that is not stated."""
    return lines


def unallocated(total, lines):
    """Part of a stated total that no line includes."""
    return total - lines


def _add_up(section, lines, worse):
    """Register a section's total from its lines, and the part of a stated total that no line includes."""

    def derive(name, function, about, *inputs, **terms):
        formula(f"{section}.{name}", unit="USD", inputs=inputs, about=about, worse=worse, **terms)(function)

    total, sum_, rest = f"{section}.total", f"{section}.lines", f"{section}.unallocated"
    names = tuple(line.counted for line in lines)
    derive("lines", sum_of_lines, f"Sum of the stated {section} lines.", *names, optional=names)
    derive("total", lines_and_rest, f"All {section} of the period.", rest, sum_, optional=(sum_,))
    about = f"All {section} of the period: the stated lines."
    derive("total", sum_alone, about, sum_, stand_in="least")
    about = f"Part of a stated total that no {section} line includes."
    derive("unallocated", unallocated, about, total, sum_, if_given=(total,), adds=True)
    derive("unallocated", no_line, about, total, if_given=(total,), scope="part", stand_in="rule")


_add_up("revenue", REVENUE_LINES, "down")
_add_up("cost", COST_LINES, "up")


@formula("revenue.api_share", unit="share")
def api_share(revenue_api, revenue_total):
    """The API's share of all revenue."""
    return revenue_api / revenue_total


@formula("company.revenue_share", unit="USD", if_given=("company.revenue_share_rate",), worse="up", adds=True)
def revenue_share_at_rate(company_revenue_share_rate, revenue_total):
    """Revenue share owed to partners in the period; if a rate is stated, that rate on all revenue."""
    return company_revenue_share_rate * revenue_total


@formula("company.revenue_share")
def stated_revenue_share(cost_revenue_share):
    """Revenue share owed to partners in the period."""
    return cost_revenue_share


@formula("company.revenue_share_rate")
def revenue_share_rate(cost_revenue_share, revenue_total):
    """Revenue share owed on each dollar of revenue."""
    return cost_revenue_share / revenue_total


@formula("company.revenue_share_rate", if_given=("company.revenue_share",))
def rate_of_stated_share(company_revenue_share, revenue_total):
    """Revenue share owed on each dollar of revenue, if the amount is stated."""
    return company_revenue_share / revenue_total


@formula("company.revenue_share_rate", note="none is counted: no revenue share is stated")
def no_revenue_share():
    """Revenue share owed on each dollar of revenue; 0 unless stated."""
    return 0.0


@formula("cost.inference", if_given=("company.gross_margin",), note=ALL_INFERENCE, stand_in="guess")
def inference_of_margin(revenue_total, company_gross_margin, company_revenue_share=None):
    """Compute that serves the models: what the gross margin leaves of revenue, less the revenue share."""
    return _less_share(revenue_total * (1 - company_gross_margin), company_revenue_share)


@formula("cost.inference", if_given=("company.gross_profit",), note=ALL_INFERENCE, stand_in="guess")
def inference_of_profit(revenue_total, company_gross_profit, company_revenue_share=None):
    """Compute that serves the models: what the gross profit leaves of revenue, less the revenue share."""
    return _less_share(revenue_total - company_gross_profit, company_revenue_share)


@formula("cost.inference", if_given=("company.cogs",), note=ALL_INFERENCE, stand_in="guess")
def inference_of_cogs(company_cogs, company_revenue_share=None):
    """Compute that serves the models: the cost of goods sold, less the revenue share."""
    return _less_share(company_cogs, company_revenue_share)


def _less_share(cogs, share):
    if share is None:
        return cogs
    require(cogs >= share, "share_above_cogs")
    return cogs - share


@formula("cost.compute", unit="USD", inputs=COMPUTE_LINES, optional=COMPUTE_LINES, worse="up")
def compute_cost(*lines):
    """Compute lines: inference, training, and compute that accounts do not split."""
    return add(*lines)


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


@formula("company.operating_profit", unless_given=STATED_LINES, note=OF_THE_PRODUCT, stand_in="guess")
def operating_profit_of_product(product_profit_per_month, company_period_months):
    """Revenue less all cost of a company that is its product."""
    return product_profit_per_month * company_period_months


@formula("company.operating_margin", unit="share", bounds=(None, 1), worse="down")
def operating_margin(revenue_total, cost_total):
    """Share of revenue left after all cost."""
    return 1 - cost_total / revenue_total


@formula("company.valuation_multiple", unit="×", worse="up")
def valuation_multiple(company_valuation, company_operating_profit, company_period_months):
    """Value of the company over a year's operating profit."""
    require(company_operating_profit > 0, "no_operating_profit")
    return company_valuation / (company_operating_profit / company_period_months * A_YEAR_IN_MONTHS)


@formula("company.cost_per_revenue_dollar", unit="USD/USD", worse="up")
def cost_per_revenue_dollar(cost_total, revenue_total):
    """Dollars spent for each dollar earned."""
    return cost_total / revenue_total


@formula("company.loss_per_revenue_dollar", unit="USD/USD", bounds=(None, None), worse="up")
def loss_per_revenue_dollar(cost_total, revenue_total):
    """Dollars lost for each dollar earned; negative if there is a profit."""
    return (cost_total - revenue_total) / revenue_total


@formula("company.compute_per_revenue_dollar", unit="USD/USD", worse="up")
def compute_per_revenue_dollar(cost_compute, revenue_total):
    """Dollars spent on compute for each dollar earned."""
    return cost_compute / revenue_total
