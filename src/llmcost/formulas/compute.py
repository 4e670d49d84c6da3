"""The same compute at the price that others pay for it."""

from __future__ import annotations

from llmcost.formulas.vocabulary import formula

WHOLE_BILL = "the whole line is taken to move with the GPU-hour rate"


@formula("compute.market_ratio", unit="×")
def market_ratio(compute_market_gpu_hour, compute_paid_gpu_hour):
    """What others pay for a GPU-hour, over what the company pays."""
    return compute_market_gpu_hour / compute_paid_gpu_hour


@formula("compute.discount", unit="share", bounds=(None, 1), worse="down")
def discount(compute_paid_gpu_hour, compute_market_gpu_hour):
    """How far the company's GPU-hour rate lies below the market's."""
    return 1 - compute_paid_gpu_hour / compute_market_gpu_hour


@formula("cost.inference_at_market", unit="USD", worse="up", note=WHOLE_BILL, stand_in="guess")
def inference_at_market(cost_inference, compute_market_ratio):
    """The inference line at the market's GPU-hour rate."""
    return cost_inference * compute_market_ratio


@formula("cost.training_at_market", unit="USD", worse="up", note=WHOLE_BILL, stand_in="guess")
def training_at_market(cost_training, compute_market_ratio):
    """The training line at the market's GPU-hour rate."""
    return cost_training * compute_market_ratio


@formula("cost.total_at_market", unit="USD", worse="up", stand_in="guess")
def total_at_market(cost_total, cost_compute, compute_market_ratio):
    """All cost, its compute lines at the market's GPU-hour rate."""
    return cost_total + cost_compute * (compute_market_ratio - 1)
