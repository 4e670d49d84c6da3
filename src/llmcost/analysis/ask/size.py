"""Which deployments of a model meet a target, and what they cost: every size, precision and accelerator."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from llmcost.analysis.ask.deployments import Bench, Load, Shape
from llmcost.analysis.ask.limits import Limit
from llmcost.analysis.ask.load import Overrides
from llmcost.analysis.ask.modelled import FACTOR
from llmcost.analysis.ask.size_inputs import (
    Request,
    accelerators_of,
    bench_of,
    checked,
    costs_of,
    layouts_of,
    named,
    request_of,
    together_of,
)
from llmcost.errors import LlmcostError, Option, Problem, attempt
from llmcost.reasons import Reason
from llmcost.records import NamedTuple
from llmcost.scenario.reference import read_date
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum

HOURS_PER_MONTH: Final = 365 / 12 * 24
SECONDS_PER_HOUR: Final = 3600.0
_LIMITS: Final[Mapping[str, Limit]] = {"no_interconnect": "communication", "no_such_math": "compute"}
"""The limit of a layout that cannot run, by reason; otherwise it is memory."""
LEVELS: Final = (10.0, 20.0, 30.0, 50.0, 75.0, 100.0, 150.0, 200.0)
"""Tokens per second and user at which the curve is evaluated."""


class Fleet(NamedTuple):
    """The GPUs that serve all users, and their cost.

    Attributes:
        replicas, gpus: their numbers.
        utilization: busy share of their time.
        usd_per_month: cost of all hours of all GPUs; None if no rent is known.
        usd_per_output_mtok: cost of a million output tokens, including their input.
        usd_per_mtok: cost of a million tokens of input and output, including cache hits.
    """

    replicas: int
    gpus: int
    utilization: float
    usd_per_month: float | None
    usd_per_output_mtok: float | None
    usd_per_mtok: float | None


class Configuration(NamedTuple):
    """One way to deploy the model.

    Attributes:
        shape: accelerator, precision, GPUs of a replica and how attention is laid out.
        max_users: the most users that a replica's memory holds; None if the weights do not fit.
        load: a replica with the most users at the target; with one user if the target is not met.
        fleet: the fleet that serves all users; None if the target is not met.
        worst, best: the same at the ends of the model factor's range; None if the target is not met there,
            or the factor is not a range.
        limit: what prevents more users, or the target.
        reason: why it does not meet the target.
    """

    shape: Shape
    max_users: float | None
    load: Load | None
    fleet: Fleet | None
    worst: Fleet | None
    best: Fleet | None
    limit: Limit
    reason: Reason | None

    @property
    def meets(self) -> bool:
        """Whether the target is met."""
        return self.fleet is not None


class CurvePoint(NamedTuple):
    """A point that no other of its accelerator beats in both throughput and interactivity."""

    shape: Shape
    load: Load
    usd_per_output_mtok: float | None


class Sizing(NamedTuple):
    """The result of `size`.

    Attributes:
        architecture: the model.
        accelerators: what was tried, by name: architecture, accelerator and efficiencies together.
        rents: USD per GPU-hour of each; None if it is not known.
        rent: which rent was asked for: a key of `RENTS`, or `given`.
        unpriced: accelerators that were left out because they have no such rent.
        users: at once, at the peak.
        target: tokens per second that each user must see; None if only the curve was asked for.
        request: what a request is.
        headroom: spare capacity above the peak.
        utilization: busy share of the GPUs that was asked for; None for users who never pause.
        configurations: those that meet the target, cheapest first; then those that do not, closest first.
        curve: for each accelerator the best throughput at each interactivity, if requested.
    """

    architecture: Scenario
    accelerators: Mapping[str, Scenario]
    rents: Mapping[str, Datum | None]
    rent: str
    unpriced: tuple[str, ...]
    users: float
    target: float | None
    request: Request
    headroom: float
    utilization: float | None
    configurations: tuple[Configuration, ...]
    curve: tuple[CurvePoint, ...] = ()

    @property
    def meeting(self) -> tuple[Configuration, ...]:
        """Those that meet the target, cheapest first."""
        return tuple(item for item in self.configurations if item.meets)

    @property
    def band(self) -> tuple[float, float] | None:
        """The range of measured rates over modelled ones."""
        datum = next(iter(self.accelerators.values())).data.get(FACTOR)
        return datum and datum.ends


def size(
    architecture: str,
    *,
    users: float,
    min_tokens_per_second: float | None,
    accelerators: Sequence[str] | None = None,
    precisions: Sequence[str] | None = None,
    gpus: Sequence[int] | None = None,
    input_tokens: float | None = None,
    output_tokens: float | None = None,
    cached_input_share: float | None = None,
    workload: str | None = None,
    headroom: float = 0.0,
    utilization: float | None = None,
    gpu_hour_cost: float | Mapping[str, float] | None = None,
    rent: str = "on-demand",
    set: Overrides = (),  # noqa: A002  (the name of the option it stands for)
    as_of: dt.date | str | None = None,
    curve: bool = False,
) -> Sizing:
    """Return the possible deployments of an architecture, and which of them meet a target.

    Args:
        architecture: name or path of a scenario of that kind.
        users: users at once, at the peak.
        min_tokens_per_second: the least output that each user must see; None for only the curve.
        accelerators: names or paths; by default all bundled ones with such a rent.
        precisions: of `bf16`, `fp8`, `fp4`, `int4`; by default those that model and accelerator have.
        gpus: GPUs per replica; by default powers of two, up to the size of a fast link or a server.
        input_tokens, output_tokens: of a request, 1,024 each unless stated.
        cached_input_share: share of the input that is cached.
        workload: a workload scenario, which states output and cached share, with one of the two counts.
        headroom: spare capacity above the peak, as a share of it.
        utilization: busy share of the GPUs' time, for costs per token; by default users never pause.
        gpu_hour_cost: USD, for all accelerators or by name, in place of the rents on file.
        rent: which of the rents on file: `on-demand`, `contract` or `owned`.
        set: overrides, as `load` takes them.
        as_of: the date of prices.
        curve: whether to compute throughput against speed per user too.

    Raises:
        LlmcostError: for an unknown name, a bad number, or an architecture that lacks something.
    """
    options = users, min_tokens_per_second, headroom, utilization, rent, accelerators, precisions, gpus
    problems: list[Problem] = []
    dated = as_of
    day = attempt(lambda: read_date(dated, Option("--as-of")), problems) if isinstance(dated, str) else dated
    asked = attempt(lambda: checked(*options), problems)
    model = attempt(lambda: named(architecture, "architecture", day), problems)
    mix = input_tokens, output_tokens, cached_input_share, workload
    request = attempt(lambda: request_of(model, *mix), problems)
    tried = attempt(lambda: accelerators_of(accelerators, day), problems)
    costs = None if tried is None else attempt(lambda: costs_of(tried, gpu_hour_cost, rent), problems)
    if model is None or request is None or tried is None or costs is None or problems:
        raise LlmcostError(*problems)
    unpriced = tuple(name for name in tried if costs[name] is None) if accelerators is None else ()
    together = {
        name: together_of(model, accelerator, set)
        for name, accelerator in tried.items()
        if name not in unpriced
    }
    if not together:
        raise LlmcostError(Problem(f"no accelerator has a rent '{rent}' on file", where="--rent"))
    goal = _Goal(users, min_tokens_per_second or 0.0, request, headroom, utilization)
    found: list[Configuration] = []
    points: list[CurvePoint] = []
    for name, scenario in together.items():
        bench = bench_of(scenario, request)
        laid_out = layouts_of(name, scenario, asked, gpus)
        cost = costs[name]
        hourly = None if cost is None else cost.value
        factor = scenario.data.get(FACTOR)
        ends = (None, None) if factor is None else (factor.low, factor.high)
        if min_tokens_per_second is not None:
            found += [_configuration(bench, shape, goal, hourly, ends) for shape in laid_out]
        if curve:
            points += _curve(bench, laid_out, hourly, utilization)
    return Sizing(
        model,
        together,
        {name: costs[name] for name in together},
        "given" if gpu_hour_cost is not None else rent,
        unpriced,
        users,
        min_tokens_per_second,
        request,
        headroom,
        utilization,
        tuple(sorted(found, key=_rank)),
        tuple(points),
    )


class _Goal(NamedTuple):
    users: float
    target: float
    request: Request
    headroom: float
    utilization: float | None

    def fleet(
        self, bench: Bench, shape: Shape, load: Load, hourly: float | None, factor: float | None = None
    ) -> Fleet:
        """Return the fleet of such replicas that serves all users, and its cost.

        Users who share a replica with fewer others are faster: busy is what they get of what it can do.
        """
        replicas = math.ceil(self.users * (1 + self.headroom) / load.users - 1e-9)
        each = min(self.users / replicas, load.users)
        found = bench.rates(shape, each, factor)
        busy = min(1.0, found[1] / load.output) if found else each / load.users
        utilization = busy if self.utilization is None else min(self.utilization, busy)
        all_gpus = replicas * shape.gpus
        if hourly is None:
            return Fleet(replicas, all_gpus, utilization, None, None, None)
        per_output = usd_per_output_mtok(load, hourly, utilization)
        per_token = per_output * self.request.output_share
        return Fleet(
            replicas, all_gpus, utilization, all_gpus * hourly * HOURS_PER_MONTH, per_output, per_token
        )


def usd_per_output_mtok(load: Load, hourly: float, utilization: float) -> float:
    """Return the rent for a million output tokens, of GPUs that are busy for a share of their time."""
    return hourly / (SECONDS_PER_HOUR * load.output * utilization) * 1e6


def _configuration(
    bench: Bench, shape: Shape, goal: _Goal, hourly: float | None, ends: tuple[float | None, float | None]
) -> Configuration:
    found = bench.at_target(shape, goal.target)
    if found.users is None:
        load = None if found.max_users is None else bench.at(shape, 1.0)
        code = "" if found.reason is None else found.reason.code
        limit: Limit = (
            _LIMITS.get(code, "memory") if load is None else load.slowest(goal.request.output_tokens)
        )
        return Configuration(shape, found.max_users, load, None, None, None, limit, found.reason)
    load = bench.at(shape, found.users)
    assert load is not None  # a replica that meets a target has a speed
    full = found.at_target is not None and found.max_users is not None and found.at_target > found.max_users
    limit = "memory" if full else load.slowest(goal.request.output_tokens)
    fleet = goal.fleet(bench, shape, load, hourly)
    worst, best = (_fleet_at(bench, shape, goal, hourly, end) for end in ends)
    return Configuration(shape, found.max_users, load, fleet, worst, best, limit, None)


def _fleet_at(
    bench: Bench, shape: Shape, goal: _Goal, hourly: float | None, factor: float | None
) -> Fleet | None:
    """Return the fleet that serves all users if measured rates are a multiple of the modelled ones."""
    if factor is None:
        return None
    users = bench.users_at(shape, goal.target, factor)
    load = None if users is None else bench.at(shape, users, factor)
    return None if load is None else goal.fleet(bench, shape, load, hourly, factor)


def _rank(item: Configuration) -> tuple[float, ...]:
    if item.fleet is not None:
        cost = math.inf if item.fleet.usd_per_month is None else item.fleet.usd_per_month
        return (0, cost, item.fleet.gpus, -(item.load.output if item.load else 0))
    if item.load is not None:
        return (1, -item.load.speed, item.shape.gpus)
    return (2, -item.shape.gpus, item.shape.precision.expert_weight_bits)


def _curve(
    bench: Bench, laid_out: Iterable[Shape], hourly: float | None, utilization: float | None
) -> list[CurvePoint]:
    """Return the points of an accelerator that no other beats in both, most interactive first."""
    points: list[tuple[float, float, Shape, float]] = []
    for shape in laid_out:
        rates = {users: bench.rates(shape, users) for users in _doubling(bench.users_at(shape, 1e-6))}
        alone = next(iter(rates.values()), None)
        for level in LEVELS if alone is not None else ():
            users = bench.users_at(shape, level)
            if users is None:
                break
            rates[users] = bench.rates(shape, users)
        points += [(*found, shape, users) for users, found in sorted(rates.items()) if found]
    best: list[CurvePoint] = []
    for _, output, shape, users in sorted(points, key=lambda point: (-point[0], -point[1])):
        if best and output <= best[-1].load.output:
            continue
        load = bench.at(shape, users)
        if load is not None:
            cost = None if hourly is None else usd_per_output_mtok(load, hourly, utilization or 1.0)
            best.append(CurvePoint(shape, load, cost))
    return best


def _doubling(most: float | None) -> list[float]:
    if most is None:
        return []
    return [*(2.0**power for power in range(int(most).bit_length()) if 2.0**power < most), most]


def at_levels(curve: Iterable[CurvePoint]) -> list[tuple[str, float, CurvePoint]]:
    """Return the best throughput of each accelerator at each of `LEVELS` that it reaches."""
    by_accelerator: dict[str, list[CurvePoint]] = {}
    for point in curve:
        by_accelerator.setdefault(point.shape.accelerator, []).append(point)
    found = []
    for name, points in by_accelerator.items():
        for level in LEVELS:
            reaching = [point for point in points if point.load.speed >= level]
            if reaching:
                found.append((name, level, max(reaching, key=lambda point: point.load.output)))
    return found
