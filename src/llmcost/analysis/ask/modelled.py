"""Measured rates beside a deployment: how far the model is off, and what would make both agree."""

from __future__ import annotations

from typing import Final

from llmcost.analysis.ask.evaluation import evaluate, value_in
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario

RATES: Final = (
    "serving.prefill_tokens_per_gpu_second",
    "serving.decode_tokens_per_gpu_second",
    "deployment.tokens_per_second_per_user",
    "deployment.output_tokens_per_gpu_second",
)
"""The rates that benchmarks measure and deployments yield."""
FACTOR: Final = "efficiency.model_factor"


class Modelled(NamedTuple):
    """A stated rate, the deployment's own, and the model factor that makes both agree.

    The factor is None if the number of users follows from a target speed, and so changes with it.
    """

    name: str
    stated: float
    follows: float
    factor: float | None

    def __str__(self) -> str:
        ratio = f"{self.follows / self.stated:.3g} times the stated value"
        agree = ""
        if self.factor is not None:
            agree = f"; state {FACTOR} {self.factor:.3g} instead, and other numbers of users follow from it"
        return f"{self.name}: the model gives {self.follows:,.4g}, {ratio}{agree}"


def modelled(scenario: Scenario) -> list[Modelled]:
    """Return each rate that a scenario states although it also follows from its deployment."""
    stated = {name: scenario.data[name].value for name in RATES if name in scenario.data}
    if not stated or "deployment.gpus_per_replica" not in scenario.data:
        return []
    without = evaluate(scenario.with_data(dict.fromkeys(stated)), [*stated, FACTOR])
    factor = value_in(without, FACTOR)
    fixed = factor if "deployment.concurrency" in scenario.data else None
    found = []
    for name, value in stated.items():
        follows = value_in(without, name)
        if follows and value:
            # With a fixed number of users, every rate is proportional to the factor.
            found.append(Modelled(name, value, follows, fixed and fixed * value / follows))
    return found
