"""Self-host or buy: your own deployment against APIs, for your own traffic."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import Final, Literal

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.conflicts import Conflict, conflicts
from llmcost.analysis.ask.evaluation import Evaluation, evaluate, value_in
from llmcost.analysis.ask.load import load, put_workload
from llmcost.engine.parts import SECTION, split
from llmcost.errors import LlmcostError, Problem, each
from llmcost.formulas import MODEL
from llmcost.formulas.fleet import FULL
from llmcost.records import NamedTuple
from llmcost.scenario.fill import FILLS
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum, Provenance

OWN: Final = (
    *("traffic.tokens_per_day", "serving.gpus", "serving.gpus_required", "serving.busy_gpus"),
    *("serving.gpu_hour_cost", "serving.utilization", "serving.capacity_tokens_per_day"),
    *("serving.fixed_cost_per_month", "serving.cost_per_month", "serving.cost_per_mtok"),
)
"""The metrics of the own deployment."""
SAVINGS: Final = "alternative.savings_per_month"
BILLS: Final = (
    *("alternative.blended_per_mtok", "alternative.cost_per_month", SAVINGS, "alternative.payback_months"),
)
"""An API's bill, and the savings by self-hosting."""
TURNS: Final = {
    "alternative.breakeven_tokens_per_day": "traffic.tokens_per_day",
    "alternative.always_cheaper_tokens_per_day": "traffic.tokens_per_day",
    "alternative.breakeven_utilization": "serving.utilization",
    "alternative.breakeven_gpu_hour_cost": "serving.gpu_hour_cost",
    "alternative.breakeven_price_multiplier": None,
}
"""Where the answer changes, each with the quantity that would have to reach this value."""
FLEET, TRAFFIC, UTILIZATION = "serving.gpus", "traffic.tokens_per_day", "serving.utilization"
_ASKED: Final = (*OWN, *BILLS, *TURNS)

_TRAFFIC: Final = tuple(
    name for name in MODEL.quantities if name.startswith("traffic.") and name in MODEL.inputs
)
_FILL: Final = next(fill for fill in FILLS if fill.key == "alternative")

Choice = Literal["own", "api", "same"]


class Offer(NamedTuple):
    """An API that could serve the traffic instead.

    Attributes:
        label: the API.
        evaluation: the own scenario, with this API's list prices as those of the alternative.
    """

    label: str
    evaluation: Evaluation

    @property
    def savings(self) -> float | None:
        """The monthly savings by self-hosting, in USD; None if unknown."""
        return value_in(self.evaluation, SAVINGS)

    @property
    def cheaper(self) -> Choice | None:
        """Which of the two is cheaper for today's traffic; None if unknown."""
        if self.savings is None:
            return None
        return "own" if self.savings > 0 else "api" if self.savings < 0 else "same"


class Decision(NamedTuple):
    """The result of `selfhost`.

    Attributes:
        scenario: your own deployment and traffic.
        offers: the APIs it is compared with, in the order given.
        stated: your own deployment as stated.
        fitted: the same traffic on as many GPUs as it needs, if another number is stated.
        short: whether the stated fleet cannot serve the traffic, or not with room for its peaks. The offers
            are then compared with the fitted one, if there is one.
        assumed: a stated utilization that the traffic replaced, because it was only assumed.
        conflicts: the statements that it disagreed with.
    """

    scenario: Scenario
    offers: tuple[Offer, ...]
    stated: Evaluation
    fitted: Evaluation | None
    short: bool
    assumed: Datum | None = None
    conflicts: tuple[Conflict, ...] = ()

    @property
    def own(self) -> Evaluation:
        """The deployment with which the offers are compared."""
        return self.offers[0].evaluation

    @property
    def caveats(self) -> list[Caveats]:
        """What a reader must know before the figures."""
        found = self.own.caveats((*OWN, *BILLS, *TURNS))
        return [found._replace(conflicts=(*self.conflicts, *found.conflicts))]

    @property
    def cheapest(self) -> Offer | None:
        """The API with the lowest bill; None if no bill is known."""
        name = "alternative.cost_per_month"
        bills = [(value_in(offer.evaluation, name), offer) for offer in self.offers]
        known = [(bill, offer) for bill, offer in bills if bill is not None]
        return min(known, key=lambda pair: pair[0])[1] if known else None


def selfhost(mine: Scenario | str, *apis: Scenario | str, as_of: dt.date | str | None = None) -> Decision:
    """Compare your own deployment with APIs that serve the same traffic.

    Args:
        mine: your deployment, loaded or whatever `load` takes: what GPUs cost, how fast they are (stated,
            measured, or derived from an architecture and an accelerator), and the traffic.
        apis: scenarios with list prices; by default, the alternative that `mine` names or states.
        as_of: the date of the APIs' prices, and of a scenario given by name; by default, the newest.

    Raises:
        LlmcostError: for an unknown scenario, an API without list prices, or no API at all.
    """
    whole = _together(load(mine, as_of=as_of) if isinstance(mine, str) else put_workload(mine, None))
    own = _served(whole)
    assumed = None if own is whole else whole.data[UTILIZATION]
    disagree = () if assumed is None else tuple(c for c in conflicts(whole) if c.name == UTILIZATION)
    others = each(partial(_api, as_of or own.as_of), apis)
    prices = {name: None for name in own.data if split(name)[1].startswith("alternative.")}
    if others:
        bare = own.with_data(prices)
        filled = [(other.label, _FILL.fill(bare, other)) for other in others]
    elif prices:
        named = own.links.get(_FILL.key)
        filled = [(named.text if named else "the alternative", own)]
    else:
        raise LlmcostError(
            Problem("names no alternative: name an API, or write 'alternative: NAME' in the file", own.label)
        )
    stated = evaluate(filled[0][1], _ASKED)
    fitted, short = _fitted(stated), _is_short(stated)
    if short and fitted is not None:
        filled = [(label, scenario.with_data({FLEET: None})) for label, scenario in filled]
    offers = tuple(Offer(label, evaluate(scenario, _ASKED)) for label, scenario in filled)
    return Decision(own, offers, stated, fitted, short, assumed, disagree)


def _api(as_of: dt.date | str | None, api: Scenario | str) -> Scenario:
    """Return an API with list prices, loaded on a day unless it already is."""
    found = load(api, as_of=as_of) if isinstance(api, str) else api
    if found.data.keys().isdisjoint(_FILL.takes.values()):
        message = "states no list price; your own deployment comes first, then the APIs"
        raise LlmcostError(Problem(message, where=found.label))
    return found


def _served(own: Scenario) -> Scenario:
    """Return the deployment with the utilization that follows from the traffic.

    That replaces a utilization that was only assumed, as `size` does for users who never pause.
    """
    busy = own.data.get(UTILIZATION)
    if busy is None or busy.basis != "assumed" or TRAFFIC not in evaluate(own, [TRAFFIC]):
        return own
    free = own.with_data({UTILIZATION: None})
    return free if UTILIZATION in evaluate(free, [UTILIZATION]) else own


def _together(own: Scenario) -> Scenario:
    """Return a deployment with parts, such as a bill, as one that serves the traffic of all parts."""
    parts = [name for name in own.data if name.startswith(SECTION)]
    if not parts or not any(name.startswith(("serving.", "deployment.")) for name in own.data):
        return own
    names = [name for name in _TRAFFIC if name not in own.data]
    found = evaluate(own, names)
    together: dict[str, Datum | None] = dict.fromkeys(parts)
    for name in names:
        node = found.trace.nodes.get(name)
        if node is not None and node.value is not None:
            together[name] = Datum(node.value, provenance=Provenance(node.basis, "all parts together"))
    return own.with_data(together)


def _is_short(stated: Evaluation) -> bool:
    """Whether the traffic exceeds the fleet's capacity, with room for peaks if these are stated."""
    traffic, capacity = (value_in(stated, name) for name in (TRAFFIC, "serving.capacity_tokens_per_day"))
    return traffic is not None and capacity is not None and traffic > capacity * FULL


def _fitted(stated: Evaluation) -> Evaluation | None:
    """Return the traffic on as many GPUs as it needs, if the stated fleet has another number."""
    gpus, needed = stated.scenario.data.get(FLEET), value_in(stated, "serving.gpus_required")
    if gpus is None or needed is None or abs(needed - gpus.value) <= 1e-9 * gpus.value:
        return None
    found = evaluate(stated.scenario.with_data({FLEET: None}), _ASKED)
    return found if value_in(found, "serving.cost_per_month") is not None else None
