"""The quantities that a projection uses by name."""

from __future__ import annotations

from typing import Final

from llmcost.formulas import vocabulary

PERIOD: Final = "company.period_months"
BALANCE, COMMITTED, CREDITS = "cash.balance", "cash.committed_funding", "cash.credits"
STOCKS: Final = (BALANCE, COMMITTED, CREDITS)
CREDITS_USED: Final = "cash.credits_used_per_month"
CREDITS_PAYABLE: Final = "cash.credits_payable_per_month"
NONCASH: Final = "cost.noncash"
STOCK_COMPENSATION: Final = "cost.stock_compensation"
BURN: Final = "company.net_burn_per_month"
BURN_WITHOUT_CREDITS: Final = "company.burn_without_credits_per_month"
PROFIT: Final = "company.operating_profit"
REVENUE: Final = "revenue.total"
COST: Final = "cost.total"
INFERENCE: Final = "cost.inference"
MARGINS: Final = frozenset(("company.gross_margin", "company.gross_profit", "company.cogs"))
"""What the inference cost follows from if it is not stated; a new price does not change that cost."""
RATE: Final = "compute.paid_gpu_hour"
COMPUTE_LINES: Final = tuple(line.counted for line in vocabulary.COST_LINES if line.compute)
REVENUE_LINES: Final = tuple(line.counted for line in vocabulary.REVENUE_LINES)
COST_LINES: Final = (*(line.counted for line in vocabulary.COST_LINES), "cost.unallocated")
LINES: Final = (*REVENUE_LINES, "revenue.unallocated", *COST_LINES)
CORE: Final = (REVENUE, COST, PROFIT, BURN)
PRODUCT_FLOWS: Final = {REVENUE: "product.revenue_per_month", COST: "product.cost_per_month"}
"""The flows of a company that consists of a product."""
INFERENCE_SHARE: Final = "company.api_inference_share"
FREE: Final = "company.free_inference_share"
ELASTICITY: Final = "market.price_elasticity"
ANSWER: Final = (ELASTICITY, INFERENCE_SHARE, FREE)
"""What determines the demand and the cost at a new price."""
SPEND: Final = "capex.spend"
LIFE: Final = "capex.useful_life_years"
CHARGES: Final = ("capex.charge_per_year", "capex.depreciation_per_year")
"""The cost of a purchase of capital in a year of its life."""
AGE: Final = "capex.age_years"
AGED: Final = ("capex.book_value", "capex.book_value_by_digits", "capex.depreciation_by_digits_per_year")
"""Figures of a purchase of capital that depend on its age."""
UNITS: Final = ("product.units_per_month", "product.paying_units_per_month")
CHURN, NEW_UNITS = "product.churn_per_month", "product.new_units_per_month"

RUNWAY: Final = "project.runway_months"
NEEDS: Final = {
    "project.breakeven_month": PROFIT,
    "project.cash_end": BALANCE,
    "project.cash_low": BALANCE,
    "project.funding_gap": BALANCE,
    "project.funding_needed": BURN,
    "project.operating_profit": PROFIT,
    RUNWAY: BALANCE,
}
"""The quantity that each outcome needs."""
