"""Ways to deploy a model, evaluated by the formulas of the supply side, with one plan for many of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from llmcost.analysis.ask.limits import DECODE, PREFILL, Limit, Phase, decode_phase, prefill_phase
from llmcost.analysis.ask.modelled import FACTOR, RATES
from llmcost.engine.compiled import CompiledPlan
from llmcost.engine.plan import resolve
from llmcost.formulas import MODEL
from llmcost.reasons import Reason
from llmcost.records import NamedTuple

IN_A_NODE: Final = 8
"""GPUs of a server, which communicate at their stated speed, fast or not."""
MOST_GPUS: Final = 64
"""The most GPUs of a replica, unless more are asked for."""
WIDTHS: Final = {"bf16": 16.0, "fp8": 8.0, "fp4": 4.0, "int4": 4.0}
"""Precisions with the bits of a weight; int4 is for weights only, and computes in 16 bits."""
FEWEST_BITS: Final = 5.0
"""Formats of 4 bits also store scales: weights take 4.25 bits (MXFP4) or 4.5 (NVFP4)."""
TARGET: Final = "deployment.min_tokens_per_second_per_user"
USERS: Final = "deployment.concurrency"
_AT_TARGET: Final = ("decode.users_at_target", "deployment.max_concurrency", USERS)
_AT_USERS: Final = (*DECODE, *PREFILL, *RATES)


class Precision(NamedTuple):
    """Bits of dense weights, of experts, of keys and values, and of products."""

    name: str
    weight_bits: float
    expert_weight_bits: float
    kv_bits: float
    math_bits: float


class Shape(NamedTuple):
    """One way to lay out a replica.

    Attributes:
        accelerator: the name of its scenario.
        precision: the bits of weights and products.
        gpus: GPUs of the replica.
        data_parallel: whether each GPU handles attention for its own users, with experts spread over all.
    """

    accelerator: str
    precision: Precision
    gpus: int
    data_parallel: bool

    @property
    def text(self) -> str:
        """The layout in a few words."""
        apart = " DP" if self.data_parallel else ""
        return f"{self.gpus} × {self.accelerator} {self.precision.name}{apart}"

    @property
    def given(self) -> dict[str, float]:
        """The inputs that describe it in a scenario."""
        return {
            "deployment.gpus_per_replica": float(self.gpus),
            "deployment.weight_bits": self.precision.weight_bits,
            "deployment.expert_weight_bits": self.precision.expert_weight_bits,
            "deployment.kv_bits": self.precision.kv_bits,
            "deployment.math_bits": self.precision.math_bits,
            "deployment.attention_data_parallel": float(self.data_parallel),
        }


class Load(NamedTuple):
    """A replica with a number of users.

    Attributes:
        users: users of the replica.
        speed: output that each of them sees, in tokens per second.
        output: output tokens per GPU-second, including the prefill of their requests on the same GPUs.
        prefill_rate, decode_rate: tokens per GPU-second of a GPU that does nothing else.
        decode, prefill: the parts of both phases.
    """

    users: float
    speed: float
    output: float
    prefill_rate: float
    decode_rate: float
    decode: Phase
    prefill: Phase

    def slowest(self, output_tokens: float) -> Limit:
        """Return what takes most of the time of an output token, including other users' prefill."""
        others = (self.users - 1) / output_tokens
        spent: dict[Limit, float] = {}
        for phase, times in ((self.decode, 1.0), (self.prefill, others)):
            for part in phase.parts:
                spent[part.limit] = spent.get(part.limit, 0.0) + part.seconds * times
        return max(spent, key=lambda limit: spent[limit])


class MostUsers(NamedTuple):
    """The most users of a replica at a target speed.

    Attributes:
        users: their number; None if the target is not met.
        max_users: the most that memory holds; None if the weights do not fit.
        at_target: the most at the target speed, ignoring memory; None if one user is already too slow.
        reason: why there are none.
    """

    users: float | None
    max_users: float | None
    at_target: float | None
    reason: Reason | None


def precisions_of(stated: Mapping[str, float]) -> list[Precision]:
    """Return the default precisions of a model on an accelerator.

    They are at most as wide as the published weights; the accelerator multiplies in each, or it is that of
    the published weights.
    """
    native = stated.get("model.native_weight_bits", 16.0)
    multiplied = {16.0: "gpu.flops_16bit", 8.0: "gpu.flops_8bit", 4.0: "gpu.flops_4bit"}
    published = 4.0 if native < FEWEST_BITS else native
    names = [
        name
        for name, width in WIDTHS.items()
        if name != "int4" and width <= published and (multiplied[width] in stated or width == published)
    ]
    return [precision(name, stated) for name in names or ["bf16"]]


def precision(name: str, stated: Mapping[str, float]) -> Precision:
    """Return the bits of a precision, one of `WIDTHS`, on an accelerator.

    A mixture of experts in 4 bits keeps its attention and shared experts in more bits.
    """
    mixture = "model.num_experts" in stated
    published_in_4 = stated.get("model.native_weight_bits", 16.0) < FEWEST_BITS
    in_8, in_4 = "gpu.flops_8bit" in stated, "gpu.flops_4bit" in stated
    if name == "bf16":
        return Precision(name, 16.0, 16.0, 16.0, 16.0)
    if name == "fp8":
        return Precision(name, 8.0, 8.0, 8.0 if in_8 else 16.0, 8.0 if in_8 else 16.0)
    if name == "int4" or not in_4:
        return Precision(name, 16.0 if mixture else 4.25, 4.25, 16.0, 16.0)
    if published_in_4:
        return Precision(name, 16.0, 4.25, 8.0, 8.0)
    return Precision(name, 12.0 if mixture else 4.5, 4.5, 8.0, 4.0)


def sizes(gpu: Mapping[str, float]) -> list[int]:
    """Return the default sizes of a replica: powers of two, up to a fast link's domain or a server."""
    if "gpu.interconnect_bandwidth" not in gpu:
        return [1]
    most = min(MOST_GPUS, max(int(gpu.get("gpu.scale_up_domain", 1)), IN_A_NODE))
    return [2**power for power in range(most.bit_length()) if 2**power <= most]


def shapes(
    name: str, stated: Mapping[str, float], in_bits: Iterable[Precision], of_gpus: Iterable[int]
) -> Iterator[Shape]:
    """Yield the layouts of a model on an accelerator: evenly shared heads, or data-parallel attention."""
    heads, experts = stated.get("model.num_attention_heads", 0.0), stated.get("model.num_experts", 0.0)
    for bits in in_bits:
        for gpus in of_gpus:
            if gpus == 1 or (gpus <= heads and not heads % gpus):
                yield Shape(name, bits, gpus, data_parallel=False)
            if 1 < gpus <= experts:
                yield Shape(name, bits, gpus, data_parallel=True)


def counts_of_gpus(model: Mapping[str, float]) -> tuple[int, list[int]]:
    """Return a number of GPUs up to which any number can hold a replica, and the larger ones that can.

    Heads are shared evenly; in a mixture of experts, attention may be data-parallel on as many GPUs as there
    are experts.
    """
    heads = int(model["model.num_attention_heads"])
    any_up_to = max(1, int(model.get("model.num_experts", 1)))
    return any_up_to, [count for count in range(any_up_to + 1, heads + 1) if not heads % count]


class Bench:
    """Evaluates layouts that share a model, an accelerator, a request and efficiencies.

    Attributes:
        base: all inputs except the layout, the users and their target.
    """

    def __init__(self, base: Mapping[str, float]) -> None:
        self.base = dict(base)
        self._at_target = _plan(frozenset({*base, *_LAYOUT, TARGET}), _AT_TARGET)
        self._at_users = _plan(self.given, _AT_USERS)
        self._rates = _plan(self.given, RATES[2:])

    @property
    def given(self) -> frozenset[str]:
        """The inputs of a replica with some users."""
        return frozenset({*self.base, *_LAYOUT, USERS})

    @property
    def missing(self) -> str | None:
        """A quantity that cannot be derived for any layout; None if all can."""
        return next((name for name in _AT_USERS if name not in self._at_users.targets), None)

    def at_target(self, shape: Shape, target: float) -> MostUsers:
        """Return the most users at a target speed, and why there are none."""
        plan, reasons = self._at_target, dict[str, Reason]()
        values: Mapping[str, float | None] = self._found(plan, shape, {TARGET: target})
        if not values:
            given = self._given(shape, {TARGET: target})
            results, reasons = plan.explained([given[name] for name in plan.inputs])
            values = dict(zip(plan.targets, results, strict=True))
        users, most, at_target = values[USERS], values["deployment.max_concurrency"], values[_AT_TARGET[0]]
        reason = reasons.get("deployment.max_concurrency") or reasons.get(USERS)
        if users is not None and users < 1:
            users = None
        return MostUsers(users, most, at_target, reason)

    def users_at(self, shape: Shape, target: float, factor: float | None = None) -> float | None:
        """Return only the number of `at_target`, in a fraction of the time; None if there is none."""
        users = self._found(self._at_target, shape, {TARGET: target}, factor).get(USERS, 0.0)
        return users if users >= 1 else None

    def rates(self, shape: Shape, users: float, factor: float | None = None) -> tuple[float, float] | None:
        """Return only the speed and the output of `at`, in a fraction of the time."""
        found = self._found(self._rates, shape, {USERS: users}, factor)
        return (found[RATES[2]], found[RATES[3]]) if found else None

    def at(self, shape: Shape, users: float, factor: float | None = None) -> Load | None:
        """Return a replica with some users; None if it lacks memory or an interconnect."""
        values = self._found(self._at_users, shape, {USERS: users}, factor)
        decode, prefill = decode_phase(values), prefill_phase(values)
        if decode is None or prefill is None:
            return None
        prefill_rate, decode_rate, speed, output = (values[name] for name in RATES)
        return Load(users, speed, output, prefill_rate, decode_rate, decode, prefill)

    def _given(self, shape: Shape, stated: Mapping[str, float]) -> dict[str, float]:
        return {**shape.given, **self.base, **stated}

    def _found(
        self, plan: CompiledPlan, shape: Shape, stated: Mapping[str, float], factor: float | None = None
    ) -> dict[str, float]:
        """Return the targets of a plan by name, or nothing if any of them is undefined."""
        given = self._given(shape, stated if factor is None else {**stated, FACTOR: factor})
        try:
            return dict(zip(plan.targets, plan.fast(*map(given.__getitem__, plan.inputs)), strict=True))
        except ArithmeticError:
            return {}


_LAYOUT: Final = tuple(Shape("", Precision("", 1, 1, 1, 1), 1, data_parallel=False).given)


@lru_cache(maxsize=64)
def _plan(given: frozenset[str], targets: tuple[str, ...]) -> CompiledPlan:
    return CompiledPlan(resolve(MODEL, given, targets))
