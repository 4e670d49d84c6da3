"""A company's cash: what a month burns, credits that pay for compute before cash does, and the runway."""

from __future__ import annotations

from typing import Any

from llmcost.engine.arithmetic import add, least, require, where
from llmcost.formulas.company import OF_THE_PRODUCT, STATED_LINES
from llmcost.formulas.vocabulary import NO_COMPUTE, ONE_MONTH, formula


def months_of_cash(cash: Any, credits_at_hand: Any, payable_per_month: Any, burn_without_credits: Any) -> Any:
    """Return the months until the cash is gone, for any kind of number.

    Credits C pay for c a month while they last, so a month burns b − c at first and later b, the burn
    without credits. The credits are used up after C/c months. If the cash K is gone earlier, it is gone
    after K/(b − c) months and the remaining credits do not help; otherwise after (K + C)/b months.
    """
    first = cash * payable_per_month < credits_at_hand * (burn_without_credits - payable_per_month)
    paying = where(first, 0.0, 1.0)
    return (cash + credits_at_hand * paying) / (burn_without_credits - payable_per_month * (1 - paying))


@formula("cost.stock_compensation", if_given=("cost.noncash", "cost.credits_used"))
def stock_compensation(cost_noncash, cost_credits_used):
    """The part of the lines that is paid in shares: cost that takes no cash, less the credits used."""
    return cost_noncash - cost_credits_used


@formula("cost.noncash")
def noncash(cost_stock_compensation=None, cost_credits_used=None):
    """The part of the cost that takes no cash: stock compensation and the credits used."""
    return add(cost_stock_compensation, cost_credits_used)


@formula("cost.noncash")
def all_cash():
    """The part of the cost that takes no cash; 0 unless stated."""
    return 0.0


@formula(
    "company.burn_without_credits_per_month",
    unit="USD/month",
    bounds=(None, None),
    if_given=("cash.credits",),
    worse="up",
)
def burn_without_credits(cost_total, cost_stock_compensation, revenue_total, company_period_months):
    """Cash consumed in a month once credits are used up; negative if cash is earned."""
    return (cost_total - cost_stock_compensation - revenue_total) / company_period_months


@formula(
    "company.burn_without_credits_per_month",
    if_given=("cash.credits", "cost.noncash"),
    note="all of cost.noncash counts as credits used: cost.stock_compensation is not stated",
    stand_in="guess",
)
def burn_without_credits_used_up(cost_total, revenue_total, company_period_months):
    """Cash consumed in a month once credits are used up, if all cost that took no cash was credits."""
    return (cost_total - revenue_total) / company_period_months


@formula("company.burn_without_credits_per_month", if_given=("cash.credits",), stand_in="guess")
def burn_all_cash(cost_total, revenue_total, company_period_months):
    """Cash consumed in a month once credits are used up, if everything else is paid in cash."""
    return (cost_total - revenue_total) / company_period_months


@formula("cash.credits_payable_per_month", unit="USD/month", if_given=("cash.credits",), worse="up")
def payable_with_credits(cost_compute, company_period_months):
    """Monthly compute cost that credits pay for, while they last."""
    return cost_compute / company_period_months


@formula(
    "cash.credits_payable_per_month",
    if_given=("cash.credits", "cost.credits_used"),
    note=f"as much as in the period: {NO_COMPUTE}",
    stand_in="guess",
)
def payable_as_before(cost_credits_used, company_period_months):
    """Monthly cost that credits pay for, as in the period."""
    return cost_credits_used / company_period_months


@formula(
    "cash.credits_payable_per_month",
    if_given=("cash.credits",),
    note=f"the credits pay for nothing: {NO_COMPUTE}",
)
def nothing_payable():
    """Credits pay for compute, but none is stated."""
    return 0.0


@formula(
    "cash.credits_used_per_month",
    unit="USD/month",
    if_given=("cash.credits",),
    text="the least of cash.credits / 1 month and cash.credits_payable_per_month",
    worse="up",
)
def credits_used(cash_credits, cash_credits_payable_per_month):
    """Credits used in the coming month: all that they can pay for, or what is left."""
    return least(cash_credits / ONE_MONTH, cash_credits_payable_per_month)


@formula("company.net_burn_per_month", unit="USD/month", bounds=(None, None), worse="up")
def net_burn_after_credits(company_burn_without_credits_per_month, cash_credits_used_per_month):
    """Cash consumed in a month; negative if the company earns cash. Credits pay for compute first."""
    return company_burn_without_credits_per_month - cash_credits_used_per_month


@formula("company.net_burn_per_month")
def net_burn(cost_total, cost_noncash, revenue_total, company_period_months):
    """Cash consumed in a month; negative if the company earns cash."""
    return (cost_total - cost_noncash - revenue_total) / company_period_months


@formula("company.net_burn_per_month", unless_given=STATED_LINES, note=OF_THE_PRODUCT, stand_in="guess")
def net_burn_of_product(product_profit_per_month):
    """Cash consumed in a month by a company that is its product."""
    return -product_profit_per_month


@formula("cash.available", unit="USD", worse="down")
def available(cash_balance, cash_committed_funding):
    """Cash at hand and committed funding."""
    return cash_balance + cash_committed_funding


@formula("cash.available", note="no committed funding counted: none is stated", stand_in="guess")
def balance_alone(cash_balance):
    """Cash at hand."""
    return cash_balance


@formula("cash.available", note="committed funding only: the cash at hand is not stated", stand_in="guess")
def funding_alone(cash_committed_funding):
    """Committed funding."""
    return cash_committed_funding


@formula(
    "company.runway_months",
    unit="month",
    if_given=("cash.credits",),
    unless_given=("company.net_burn_per_month",),
    text="the months after which cash.available is gone, with cash.credits paying for compute until they are "
    "used up",
    worse="down",
)
def runway_with_credits(
    cash_available, cash_credits, cash_credits_payable_per_month, company_burn_without_credits_per_month
):
    """Months until cash and committed funding are gone; credits pay for compute first."""
    require(company_burn_without_credits_per_month > 0, "earns_cash")
    return months_of_cash(
        cash_available, cash_credits, cash_credits_payable_per_month, company_burn_without_credits_per_month
    )


@formula("company.runway_months")
def runway(cash_available, company_net_burn_per_month):
    """Months until the cash, committed funding included, is gone."""
    require(company_net_burn_per_month > 0, "earns_cash")
    return cash_available / company_net_burn_per_month


@formula("cash.credits_months", unit="month", worse="down")
def credits_months(cash_credits, cost_compute, company_period_months):
    """Months of compute that the credits pay for."""
    return cash_credits / (cost_compute / company_period_months)
