"""Scenarios side by side, on one workload, with ratios against the first."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Final

from llmcost.analysis.ask.caveats import Caveats
from llmcost.analysis.ask.evaluation import Evaluation, evaluate, notes_of, select_metrics, why_missing
from llmcost.analysis.ask.load import load, put_workload
from llmcost.engine.parts import SECTION, split
from llmcost.engine.registry import Quantity
from llmcost.engine.trace import Node
from llmcost.errors import LlmcostError, texts_in
from llmcost.formulas import MODEL
from llmcost.formulas.projection import FLOWS
from llmcost.records import NamedTuple
from llmcost.scenario.settled import Scenario
from llmcost.scenario.workload import DEFAULT_WORKLOAD

PRICE_ROWS: Final = (
    "price.input_per_mtok",
    "price.cached_input_per_mtok",
    "price.cache_write_per_mtok",
    "price.cache_write_1h_per_mtok",
    "price.output_per_mtok",
    "price.reasoning_per_mtok",
    "price.tier_multiplier",
    "price.long_context_input_factor",
    "price.long_context_output_factor",
    "price.fees_per_request",
    "price.blended_per_mtok",
    "price.per_million_requests",
)
SERVING_ROWS: Final = (
    "serving.cost_per_mtok",
    "unit.gross_margin",
    "unit.breakeven_multiplier",
    "training.cost",
)
ROWS: Final = {
    "portfolio": (
        "parts.cost_per_month",
        "parts.revenue_per_month",
        "parts.profit_per_month",
        "parts.tokens_per_month",
        "parts.requests_per_month",
        "parts.cost_per_mtok",
        "parts.cost_per_request",
        "product.blended_margin",
        "parts.losing_share",
        "parts.largest_cost_share",
    ),
    "model": (*PRICE_ROWS, *SERVING_ROWS),
    "product": (
        "product.price_per_unit",
        "product.tokens_per_unit",
        "product.token_cost_per_unit",
        "product.variable_cost_per_unit",
        "product.contribution_per_unit",
        "product.gross_margin",
        "product.blended_margin",
        "product.revenue_per_month",
        "product.profit_per_month",
        "product.breakeven_units_per_month",
        "product.breakeven_tokens_per_unit",
        "product.breakeven_requests_per_unit",
        "product.survivable_multiplier",
        "product.survivable_multiplier_blended",
        "product.survivable_multiplier_after_fixed",
    ),
    "capital": (
        "capex.spend",
        "capex.charge_per_year",
        "capex.operating_cost_per_year",
        "capex.revenue_required_per_year",
        "capex.revenue_required_over_life",
        "capex.tokens_required_per_day",
        "capex.revenue_per_year",
        "capex.revenue_gap_per_year",
        "capex.revenue_multiple_required",
        "capex.payback_years",
        "capex.cost_per_used_gpu_hour",
        "capex.owned_to_market_ratio",
        "capex.owned_to_paid_ratio",
    ),
    "company": (
        "company.period_months",
        "revenue.total",
        "cost.inference",
        "cost.training",
        "cost.total",
        "company.gross_margin",
        "company.operating_profit",
        "company.operating_margin",
        "company.cost_per_revenue_dollar",
        "company.net_burn_per_month",
        "company.runway_months",
        "breakeven.uniform_multiplier",
        "breakeven.api_only_multiplier",
    ),
    "infrastructure": (
        *PRICE_ROWS,
        "traffic.tokens_per_day",
        "traffic.revenue_per_day",
        "serving.cost_per_day",
        "traffic.gross_margin",
        *SERVING_ROWS,
        "unit.markup",
        "training.payback_days",
    ),
    "workload": ("workload.output_share", "workload.cached_input_share"),
    "architecture": (
        "model.parameters",
        "model.active_parameters",
        "model.num_hidden_layers",
        "model.hidden_size",
        "model.kv_bytes_per_token",
        "model.flops_per_token",
    ),
    "accelerator": (
        "gpu.memory",
        "gpu.memory_bandwidth",
        "gpu.flops_16bit",
        "gpu.flops_8bit",
        "gpu.flops_4bit",
        "gpu.interconnect_bandwidth",
        "gpu.all_in_power",
    ),
}
"""The rows of a comparison, in order, by kind of scenario."""
LINES: Final = {"company": ("revenue.", "cost."), "product": ("product.",), "infrastructure": ("capex.",)}
"""What lines of a kind begin with, by which it is more than its parts."""
IF_KNOWN: Final = "price.per_million_requests"
"""A row that is shown if known, and not missed if nobody states the length of requests."""
PARTIAL: Final = frozenset({"product", "capital", "portfolio", "architecture", "accelerator"})
"""Kinds with rows of several topics: rows about which no scenario states anything are not missed."""

PRICE: Final = "price.blended_per_mtok"
COST: Final = "serving.cost_per_mtok"
YOU_PAY: Final = Quantity("paid_per_mtok", "USD/Mtok", "Its price, or the cost of self-hosting")


class MetricRow(NamedTuple):
    """One metric of every scenario.

    Attributes:
        quantity: its name, unit and description.
        nodes: one for each scenario; None if it cannot be derived.
        comparable: False for each amount whose period differs in length from the first one's.
    """

    quantity: Quantity
    nodes: tuple[Node | None, ...]
    comparable: tuple[bool, ...]

    @property
    def values(self) -> tuple[float | None, ...]:
        """The unrounded values; None if there is none."""
        return tuple(node.value if node else None for node in self.nodes)

    @property
    def ratios(self) -> tuple[float | None, ...]:
        """First ÷ other: 9.1 reads "the other is 9.1 times cheaper".

        None unless both are above zero and, for amounts, of periods of the same length.
        """
        first = self.values[0]
        return tuple(
            first / value if first is not None and value is not None and alike and first > 0 < value else None
            for value, alike in zip(self.values, self.comparable, strict=True)
        )


class MissingMetric(NamedTuple):
    """A metric that a scenario has no value for, and why."""

    label: str
    metric: str
    reason: str


class Comparison(NamedTuple):
    """The result of `compare`.

    Attributes:
        evaluations: one for each scenario, in the order given.
        workload: the mix that was priced.
        rows: the metrics that at least one scenario has.
        gaps: what could not be derived, and why.
        mixed: whether the scenarios are of different kinds; only their common metrics are shown.
    """

    evaluations: tuple[Evaluation, ...]
    workload: str
    rows: tuple[MetricRow, ...]
    gaps: tuple[MissingMetric, ...]
    mixed: bool

    @property
    def scenarios(self) -> tuple[Scenario, ...]:
        """The scenarios compared."""
        return tuple(evaluation.scenario for evaluation in self.evaluations)

    @property
    def labels(self) -> tuple[str, ...]:
        """A name for each scenario, as the user referred to it."""
        return tuple(scenario.label for scenario in self.scenarios)

    @property
    def metrics(self) -> list[str]:
        """The quantities that the rows show."""
        shown = ((PRICE, COST) if row.quantity is YOU_PAY else (row.quantity.name,) for row in self.rows)
        return list(dict.fromkeys(itertools.chain.from_iterable(shown)))

    @property
    def caveats(self) -> list[Caveats]:
        """What a reader must know before the rows, by scenario."""
        return [evaluation.caveats(self.metrics) for evaluation in self.evaluations]

    @property
    def notes(self) -> list[tuple[str, str, str]]:
        """Return (scenario, quantity, note) for what a reader of the rows must know."""
        return [
            (evaluation.scenario.label, name, note)
            for evaluation in self.evaluations
            for name, note in notes_of(evaluation.trace, self.metrics)
        ]

    @property
    def swapped(self) -> bool:
        """Whether a part is a different scenario in one of the others than in the first."""
        first, *others = self.scenarios
        return any(
            prefix in other.of and other.of[prefix].name != part.name
            for prefix, part in first.of.items()
            for other in others
        )

    def row(self, metric: str) -> MetricRow | None:
        """Return the row of a metric, or None if it is not shown."""
        return next((row for row in self.rows if row.quantity.name == metric), None)

    @property
    def uses_workload(self) -> bool:
        """Whether any value shown depends on the mix."""
        return any(
            found.trace.plan.depends_on("workload", *(name for name in self.metrics if name in found))
            for found in self.evaluations
        )


def compare(
    *scenarios: Scenario | str, metrics: Iterable[str] | None = None, workload: str | None = None
) -> Comparison:
    """Put scenarios side by side.

    Args:
        scenarios: two or more, loaded or named as for `load`.
        metrics: what to compare; by default, what suits the kinds of the scenarios.
        workload: the mix to price, for every scenario that has none yet; `chat` by default.

    Raises:
        LlmcostError: for fewer than two scenarios, an unknown one, or an unknown metric.
    """
    metrics = None if metrics is None else texts_in(metrics, "metrics")
    if len(scenarios) < 2:
        raise LlmcostError("compare takes two scenarios or more")
    mix = workload or DEFAULT_WORKLOAD
    loaded = [_with_mix(item, mix) for item in scenarios]
    kinds = {_rows_of(scenario) for scenario in loaded}
    chosen = _default_rows(kinds, loaded) if metrics is None else select_metrics(metrics, loaded)
    evaluations = tuple(evaluate(scenario, chosen) for scenario in loaded)
    shared = metrics is None and len(kinds) > 1
    missed = metrics is not None or not kinds <= PARTIAL
    lengths = [period_of(scenario) for scenario in loaded]
    rows, gaps = [], []
    for metric in _of_interest(chosen, [] if metrics is None else metrics, evaluations):
        nodes = tuple(evaluation.trace.nodes.get(metric) for evaluation in evaluations)
        present = sum(node is not None for node in nodes)
        if present == len(nodes) or (present and not shared):
            quantity = MODEL.quantities[metric]
            alike = tuple(length == lengths[0] or metric not in FLOWS for length in lengths)
            rows.append(MetricRow(quantity, nodes, alike))
            if metric not in MODEL.details or metric in (metrics or ()):
                gaps += _gaps(metric, evaluations)
        elif missed and not shared and (metrics is not None or _is_spoken_of(metric, loaded)):
            gaps += _gaps(metric, evaluations)
    paid = _paid(evaluations) if metrics is None else None
    if paid is not None:
        names = [row.quantity.name for row in rows]
        rows.insert(names.index(PRICE) + 1 if PRICE in names else 0, paid)
    return Comparison(evaluations, mix, tuple(rows), tuple(gaps), len(kinds) > 1)


def _paid(evaluations: Sequence[Evaluation]) -> MetricRow | None:
    """Return what a user pays for the tokens, if only some of the scenarios run their own fleet.

    That is the price, or without one the cost of self-hosting.
    """
    nodes = [evaluation.trace.nodes for evaluation in evaluations]
    paid = tuple(found.get(PRICE) or found.get(COST) for found in nodes)
    own = sum(PRICE not in found and COST in found for found in nodes)
    if not own or own == len(nodes) or None in paid:
        return None
    return MetricRow(YOU_PAY, paid, (True,) * len(paid))


def _of_interest(
    metrics: Sequence[str], asked: Sequence[str], evaluations: Sequence[Evaluation]
) -> list[str]:
    """Leave out details on which no row rests, and inputs that nobody states, unless asked for by name."""
    used: set[str] = set()
    known: set[str] = set()
    for evaluation in evaluations:
        nodes = evaluation.trace.nodes
        known.update(nodes)
        whole = [name for name in metrics if name in nodes and name not in MODEL.details]
        # A multiplier that is 1 changes nothing.
        plain = {
            name
            for name in MODEL.details
            if name in nodes and nodes[name].value == 1 and nodes[name].quantity.unit == "×"
        }
        used.update({node.name for node in evaluation.trace.ancestry(*whole)} - plain)
    aside = {*MODEL.details, IF_KNOWN, *(name for name in MODEL.inputs if name not in MODEL.formulas)}
    return [
        name
        for name in metrics
        if name in used or name in asked or name not in aside or (name in known and name not in MODEL.details)
    ]


def period_of(scenario: Scenario) -> float | None:
    """Return the length in months of the period that a scenario's revenue and cost cover."""
    return evaluate(scenario, ["company.period_months"]).value("company.period_months")


def _with_mix(item: Scenario | str, workload: str) -> Scenario:
    if isinstance(item, str):
        return load(item, workload=workload)
    return item if item.workload is not None else put_workload(item, workload)


def _rows_of(scenario: Scenario) -> str:
    """Return the key of a scenario's rows: infrastructure is a serving fleet, or capital.

    A scenario with parts and no lines of its kind is compared by the monthly cost of its parts.
    """
    kind = scenario.kind or "model"
    lines = LINES.get(kind)
    if scenario.parts and lines and not any(split(name)[1].startswith(lines) for name in scenario.data):
        return "portfolio"
    return "capital" if kind == "infrastructure" and "capex.spend" in scenario.data else kind


def _is_spoken_of(metric: str, scenarios: Sequence[Scenario]) -> bool:
    """Whether a row that no scenario has is missed; serving and training only if any scenario states them."""
    if metric not in SERVING_ROWS:
        return True
    section = "training." if metric.startswith("training.") else "serving."
    return any(name.startswith(section) for scenario in scenarios for name in scenario.data)


def _default_rows(kinds: Iterable[str], scenarios: Sequence[Scenario]) -> list[str]:
    """Return the metrics that suit the kinds of some scenarios, and the cost of each part that all have."""
    (kind, *more), (first, *others) = sorted(kinds), scenarios
    rows = MODEL.in_order({metric for item in (kind, *more) for metric in ROWS[item]}) if more else ROWS[kind]
    shared = [name for name in first.parts if all(name in other.parts for other in others)]
    return [*rows, *(f"{SECTION}{name}.cost_per_month" for name in shared)]


def _gaps(metric: str, evaluations: Sequence[Evaluation]) -> list[MissingMetric]:
    found = []
    for evaluation in evaluations:
        node = evaluation.trace.nodes.get(metric)
        if node is None:
            found.append(MissingMetric(evaluation.scenario.label, metric, why_missing(evaluation, metric)))
        elif node.value is None:
            found.append(MissingMetric(evaluation.scenario.label, metric, f"undefined: {node.reason}"))
    return found
