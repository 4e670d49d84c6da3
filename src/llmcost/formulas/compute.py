"""A company's compute at the price that others pay."""

from __future__ import annotations

from llmcost.formulas.vocabulary import COST_LINES, formula

WHOLE_BILL = "the whole line is assumed to move with the GPU-hour rate"


@formula("compute.market_ratio", unit="×")
def market_ratio(compute_market_gpu_hour, compute_paid_gpu_hour):
    """Other buyers' cost of a GPU-hour over the company's."""
    return compute_market_gpu_hour / compute_paid_gpu_hour


@formula("compute.discount", unit="share", bounds=(None, 1), worse="down")
def discount(compute_paid_gpu_hour, compute_market_gpu_hour):
    """Discount of the company's GPU-hour rate from the market's."""
    return 1 - compute_paid_gpu_hour / compute_market_gpu_hour


def at_market(line, ratio):
    """A compute line at the market's GPU-hour rate."""
    return line * ratio


for _line in COST_LINES:
    if _line.compute:
        formula(
            f"{_line.counted}_at_market",
            unit="USD",
            inputs=(_line.counted, "compute.market_ratio"),
            about=f"{_line.description}, at the market's GPU-hour rate.",
            note=WHOLE_BILL,
            stand_in="guess",
            worse="up",
        )(at_market)


@formula("cost.total_at_market", unit="USD", worse="up", stand_in="guess")
def total_at_market(cost_total, cost_compute, compute_market_ratio):
    """All cost, with compute lines at the market's GPU-hour rate."""
    return cost_total + cost_compute * (compute_market_ratio - 1)
