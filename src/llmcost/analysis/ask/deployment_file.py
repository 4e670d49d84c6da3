"""A chosen deployment as a scenario file that yields the same figures."""

from __future__ import annotations

import json
from pathlib import Path

from llmcost.analysis.ask.deployments import Load
from llmcost.analysis.ask.size import Configuration, Fleet, Sizing
from llmcost.scenario.files.starter import schema_line
from llmcost.scenario.finding import bundled_folder
from llmcost.scenario.settled import Scenario
from llmcost.scenario.values.datum import Datum

WRITTEN_BY = "# Written by 'llmcost size'"
"""The beginning of such a file."""


def scenario_text(sizing: Sizing, chosen: Configuration, place: int) -> str:
    """Return a scenario that states a deployment which meets the target, the place-th of the list."""
    shape, load, fleet, target = chosen.shape, chosen.load, chosen.fleet, sizing.target
    assert target is not None
    assert load is not None
    assert fleet is not None
    scenario = sizing.accelerators[shape.accelerator]
    request = sizing.request
    which = "the cheapest" if place == 1 else f"number {place}"
    overridden = {name: scenario.data[name].value for name in scenario.ruling if name in scenario.data}
    bits = {name: value for name, value in shape.given.items() if name not in overridden}
    title = f"{sizing.architecture.title or sizing.architecture.name} on {shape.text}"
    lines = [
        f"{WRITTEN_BY}: {which} of {len(sizing.meeting)} deployments",
        f"# that give {sizing.users:,.10g} users {target:,.10g} tokens a second each.",
        schema_line(),
        "llmcost: 1",
        f"title: {json.dumps(title, ensure_ascii=False)}",
        "kind: infrastructure",
        f"architecture: {_reference(sizing.architecture)}",
        f"accelerator: {_reference(scenario, shape.accelerator)}",
        "",
        "deployment:",
        *(_line(name, value, _COMMENTS.get(name, "")) for name, value in bits.items()),
        _line("deployment.input_tokens_per_request", request.input_tokens, "cache hits included"),
        _line("deployment.output_tokens_per_request", request.output_tokens),
        _line("deployment.cached_input_share", request.cached_share),
        _line(
            "deployment.min_tokens_per_second_per_user",
            target,
            f"users of a replica that follow: {load.users:,.10g}",
        ),
        _line(
            "deployment.users",
            sizing.users,
            f"replicas that follow: {fleet.replicas:,}, GPUs: {fleet.gpus:,}",
        ),
        "",
        "serving:",
        *_rent(sizing.rents[shape.accelerator]),
        _line("serving.headroom", sizing.headroom, "spare capacity above the peak"),
        f"  utilization: {{value: {_number(fleet.utilization)}, basis: assumed, note: {_busy(sizing)}}}",
        *(["  cached_input_cost_ratio: 0  # cache hits are not computed"] if request.cached_share else []),
        "",
        "workload:",
        _line("workload.output_share", request.output_share),
        _line("workload.cached_input_share", request.cached_share),
        *([""] if overridden else []),
        *(f"{name}: {_number(value)}  # from --set" for name, value in overridden.items()),
        "",
        "expect:  # what 'llmcost check' tests",
        *(_expected(name, value) for name, value in _figures(load, fleet).items()),
    ]
    return "\n".join(lines) + "\n"


_COMMENTS = {
    "deployment.weight_bits": "of a weight that every token uses",
    "deployment.expert_weight_bits": "of a weight of a routed expert",
    "deployment.math_bits": "of products",
    "deployment.attention_data_parallel": "1 where each GPU has the attention of its own users",
}


def _figures(load: Load, fleet: Fleet) -> dict[str, float | None]:
    return {
        "deployment.concurrency": load.users,
        "deployment.gpus": fleet.gpus,
        "deployment.tokens_per_second_per_user": load.speed,
        "deployment.output_tokens_per_gpu_second": load.output,
        "serving.prefill_tokens_per_gpu_second": load.prefill_rate,
        "serving.decode_tokens_per_gpu_second": load.decode_rate,
        "serving.cost_per_month": fleet.usd_per_month,
        "serving.cost_per_mtok": fleet.usd_per_mtok,
    }


def _expected(name: str, value: float | None) -> str:
    return f"  {name}: missing" if value is None else f"  {name}: {{value: {_number(value)}, within: 1%}}"


def _busy(sizing: Sizing) -> str:
    if sizing.utilization is not None:
        return '"as stated, and at most what all users keep busy"'
    return '"what users who never pause keep busy; real users pause"'


def _rent(rent: Datum | None) -> list[str]:
    if rent is None:
        return ["  # gpu_hour_cost: no rent is on file; state one to get the cost"]
    said = {name: getattr(rent, name) for name in ("value", "low", "high", "basis", "source", "url")}
    said |= {"as_of": rent.as_of or (rent.since and str(rent.since)), "note": rent.note}
    parts = [f"{key}: {_value(value)}" for key, value in said.items() if value is not None]
    return [f"  gpu_hour_cost: {{{', '.join(parts)}}}"]


def _line(name: str, value: float, comment: str = "") -> str:
    key = name.partition(".")[2]
    return f"  {key}: {_number(value)}" + (f"  # {comment}" if comment else "")


def _number(value: float) -> str:
    return f"{value:.10g}"


def _value(value: object) -> str:
    return _number(value) if isinstance(value, float) else json.dumps(value, ensure_ascii=False)


def _reference(scenario: Scenario, name: str | None = None) -> str:
    """Return the name of a bundled scenario, the whole path of any other, with its variants and date."""
    where = Path(scenario.where)
    bundled = not scenario.where or where.resolve().is_relative_to(bundled_folder().resolve())
    variants = f":{'+'.join(scenario.variants)}" if scenario.variants else ""
    dated = f"@{scenario.as_of}" if scenario.as_of else ""
    said = f"{name or scenario.name if bundled else where.resolve()}{variants}{dated}"
    return said if bundled else json.dumps(said, ensure_ascii=False)
