"""Why a quantity has no value: a code for programs, a sentence for people, its end of the line."""

from __future__ import annotations

import math
from typing import Final

from llmcost.records import NamedTuple


class Meaning(NamedTuple):
    """What a code stands for.

    Attributes:
        sentence: what people read; `{0}`, `{1}` are the reason's parameters.
        end: where it ranks among numbers: +inf where the quantity would grow without end ("never"), -inf
            where it would have to lie below every number; None where it is no place on the line.
        good: whether things are better than the quantity can say.
    """

    sentence: str
    end: float | None = None
    good: bool = False


NEVER: Final = math.inf
BELOW: Final = -math.inf

REASONS: Final[dict[str, Meaning]] = {
    # Arithmetic
    "division_by_zero": Meaning("division by zero"),
    "too_large": Meaning("too large to represent"),
    "negative_power": Meaning("a power of a negative number"),
    "not_above_zero": Meaning("divides by a number that is not above zero"),
    "no_sign_change": Meaning("no sign change between {0:.6g} and {1:.6g}"),
    "root_not_verified": Meaning("the root could not be verified: residual {0:.3g}"),
    "no_value": Meaning("{0} has no value"),
    "lacks": Meaning("lacks {0}"),
    "not_given": Meaning("{0} is not stated"),
    "not_derived": Meaning("{0}: {1}"),
    "rests_on_undefined": Meaning("{0} is undefined: {1}"),
    "not_yet": Meaning("cannot be derived yet"),
    "below_lines": Meaning("{0} is below the sum of its lines"),
    # Price lists
    "no_input_price": Meaning("there is input, but no input price is stated"),
    "no_output_price": Meaning("there is output, but no output price is stated"),
    "no_such_tier": Meaning("some tokens are bought at {0} prices, which the list does not state"),
    "no_long_price": Meaning(
        "requests are longer than the list's threshold, and what they pay is not stated"
    ),
    "length_unknown": Meaning("the price depends on the length of a request, which is not stated"),
    "requests_unknown": Meaning(
        "the price has a fee per request, but product.requests_per_unit is not stated"
    ),
    "more_than_all_input": Meaning("cache hits and cache writes add up to more than all input"),
    "more_than_all_tokens": Meaning(
        "batch, flex, priority and off-peak shares add up to more than all tokens"
    ),
    # Serving and training
    "not_at_own_mix": Meaning("a fleet's bill over all its tokens is valid only at the traffic's own mix"),
    "not_as_measured": Meaning(
        "the rate of input and output together holds only at the mix at which it was measured; "
        "serving.output_cost_weight takes it to others"
    ),
    "fleet_too_small": Meaning("the fleet is too small: {0:,.6g} GPUs are busy, {1:,.6g} are there"),
    "beyond_capacity": Meaning("beyond what the fleet can serve (serving.capacity_tokens_per_day)", NEVER),
    "traffic_earns_nothing": Meaning("the traffic earns nothing", NEVER),
    "fixed_cost_alone": Meaning("the fixed cost alone is more than the amount that has to cover it", BELOW),
    # Self-host or buy
    "given_away": Meaning("the alternative is free", NEVER),
    "never_cheaper": Meaning(
        "even at the planned utilization GPUs cost more than buying their tokens elsewhere", NEVER
    ),
    "saves_nothing": Meaning("self-hosting saves nothing", NEVER),
    "loses_per_token": Meaning("each token loses money", NEVER),
    # Supply
    "too_many_experts": Meaning("a token uses more experts than a layer has"),
    "too_few_parameters": Meaning("the experts or the embedding take more parameters than are stated"),
    "weights_do_not_fit": Meaning("the weights do not fit into the memory of a replica"),
    "context_does_not_fit": Meaning("not even one user's context fits beside the weights"),
    "no_such_math": Meaning("the accelerator does not support so few bits"),
    "no_interconnect": Meaning("a replica has several GPUs, and their interconnect is not stated"),
    "too_slow_for_one_user": Meaning("one user alone is slower than the target"),
    # Company
    "share_above_cogs": Meaning("the revenue share alone is more than the cost of revenue"),
    "more_than_all_inference": Meaning("the API and free users would take more than all inference"),
    "earns_cash": Meaning("earns cash", NEVER, good=True),
    "no_operating_profit": Meaning("earns no operating profit"),
    # Break-even
    "never_breaks_even": Meaning("no price breaks even", NEVER),
    "loss_only_shrinks": Meaning("no price breaks even: the loss only shrinks as prices rise", NEVER),
    "any_price": Meaning("every price covers this", BELOW, good=True),
    "already_covered": Meaning("the revenue that keeps its price already covers this", BELOW, good=True),
    "nothing_repriced": Meaning("there is no revenue to reprice"),
    "too_far_apart": Meaning("revenue and cost are too small, too large or too far apart"),
    "all_shared": Meaning("all revenue is owed to partners", NEVER),
    "no_inference": Meaning("cost.inference is not stated, so it is unknown how cost responds to volume"),
    "multiplier_too_large": Meaning("the break-even multiplier is beyond 1e299", NEVER),
    "multiplier_too_small": Meaning("the break-even multiplier is below 1e-299", BELOW),
    # Products
    "tokens_cost_nothing": Meaning("its tokens cost nothing", NEVER, good=True),
    "loses_without_tokens": Meaning("loses money even if its tokens cost nothing", BELOW),
    "loses_per_unit": Meaning("each paying unit loses money, including its share of the free ones", NEVER),
    "misses_without_tokens": Meaning("misses the target even if its tokens cost nothing", BELOW),
    "any_rise": Meaning("survives any rise: its tokens cost nothing", NEVER, good=True),
    "all_passed_on": Meaning(
        "survives any rise: all of it is passed on, and nothing else depends on it",
        NEVER,
        good=True,
    ),
    "rise_too_large": Meaning("the rise that it survives is beyond 1e299", NEVER),
    "loses_already": Meaning("loses money already, before any rise", BELOW),
    "nothing_sold": Meaning("nothing is sold"),
    "nothing_charged": Meaning("nothing is charged for a unit"),
    "no_price_left": Meaning("passing on the fall leaves no price"),
    "nobody_leaves": Meaning("nobody leaves", NEVER, good=True),
    # Capital
    "nothing_left": Meaning("no revenue is left to pay for capital", NEVER),
    "does_not_pay_operation": Meaning("today's revenue does not even cover the operation", NEVER),
    # Projections
    "outside_horizon": Meaning("it does not break even within {0} months", NEVER),
    "beyond_horizon": Meaning(
        "the cash lasts beyond the horizon; 'horizon_months' sets another", NEVER, good=True
    ),
    "cash_unknown": Meaning("the cash is not known"),
    "profit_unknown": Meaning("revenue or cost is not known in every month"),
    "undefined_in_month": Meaning("{0} is undefined in month {1}"),
    "month_fails": Meaning("{0}: {1}"),
    "no_period": Meaning("the period has no length"),
    # Models as companies
    "not_paid_back": Meaning("the spending does not come back within its life", NEVER),
    "lost_again": Meaning("the spending comes back, and is lost again within its life", NEVER),
    "no_gain": Meaning("it has no IRR: no period earns more than it costs", BELOW),
    "no_outlay": Meaning("it has no IRR: no period costs more than it earns", NEVER, good=True),
    "no_rate": Meaning("it has no IRR: no rate makes its present value zero"),
    "several_rates": Meaning("it has more than one IRR: at {0}% a period its present value is zero"),
    "too_many_periods": Meaning("the cash flows change sign more than once over more than {0} periods"),
}
"""Every reason there is. A new one is a line here; `require` and `Undefined` take its code."""


class Reason(NamedTuple):
    """Why a quantity is undefined. Programs compare `code`; people read `str(reason)`."""

    code: str
    parameters: tuple[str | float, ...] = ()

    @property
    def end(self) -> float | None:
        """Where it ranks among numbers (see `Meaning`)."""
        return REASONS[self.code].end

    @property
    def good(self) -> bool:
        """Whether things are better than the quantity can say."""
        return REASONS[self.code].good

    def __str__(self) -> str:
        sentence = REASONS[self.code].sentence
        if "{" in sentence and not self.parameters:
            return sentence.partition("{")[0].rstrip(" :")
        if self.parameters and "{" not in sentence:
            return f"{sentence}: {', '.join(map(str, self.parameters))}"
        return sentence.format(*self.parameters)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class Undefined(ArithmeticError):
    """A quantity has all its inputs and still no value.

    Attributes:
        reason: why.
    """

    def __init__(self, reason: Reason | str) -> None:
        self.reason = Reason(reason) if isinstance(reason, str) else reason
        super().__init__(str(self.reason))  # which also refuses a code that the table does not have

    def __reduce__(self) -> tuple[type[Undefined], tuple[Reason]]:
        return type(self), (self.reason,)


def reason_of(error: ArithmeticError) -> Reason:
    """Return the reason that an error of arithmetic stands for."""
    if isinstance(error, Undefined):
        return error.reason
    return Reason("division_by_zero" if isinstance(error, ZeroDivisionError) else "too_large")
