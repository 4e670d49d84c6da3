"""What a model costs to train, and how long it takes to earn that back."""

from __future__ import annotations

from llmcost.engine.arithmetic import require
from llmcost.formulas.vocabulary import DAYS_PER_MONTH, HOURS_PER_DAY, TOKENS_PER_MTOK, formula


@formula("training.gpu_hours")
def gpu_hours(training_gpus, training_days):
    """GPU-hours of the run, from its size and length."""
    return training_gpus * training_days * HOURS_PER_DAY


@formula("training.compute_cost", reference="DeepSeek-V3 Technical Report, arXiv 2412.19437, table 1")
def compute_cost(training_gpu_hours, training_gpu_hour_cost):
    """Compute cost of the run."""
    return training_gpu_hours * training_gpu_hour_cost


@formula("training.cost", unit="USD", worse="up")
def cost(training_compute_cost, training_other_cost):
    """Cost of making the model."""
    return training_compute_cost + training_other_cost


@formula("training.cost", note="final run only: no failed runs, ablations, data or staff", stand_in="least")
def final_run_cost(training_compute_cost):
    """Compute cost of the final run, if nothing else is stated."""
    return training_compute_cost


@formula("training.lifetime_tokens", stand_in="guess")
def lifetime_tokens(traffic_tokens_per_day, training_amortization_months):
    """Tokens served over the model's life at today's traffic."""
    return traffic_tokens_per_day * DAYS_PER_MONTH * training_amortization_months


@formula("training.cost_per_mtok", unit="USD/Mtok", worse="up")
def cost_per_mtok(training_cost, training_lifetime_tokens):
    """Training cost, spread over the tokens that the model serves."""
    return training_cost / training_lifetime_tokens * TOKENS_PER_MTOK


@formula("training.payback_days", unit="day", worse="up")
def payback_days(training_cost, traffic_revenue_per_day, serving_bill_per_day):
    """Days of traffic whose profit pays for training."""
    require(traffic_revenue_per_day > serving_bill_per_day, "loses_per_token")
    return training_cost / (traffic_revenue_per_day - serving_bill_per_day)
