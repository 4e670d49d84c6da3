"""Shows the result of `size`."""

from __future__ import annotations

from functools import partial
from typing import Final

from llmcost.analysis.ask.deployment_file import scenario_text
from llmcost.analysis.ask.size import Configuration, CurvePoint, Fleet, Sizing, at_levels
from llmcost.analysis.ask.trust import FAST
from llmcost.errors import LlmcostError, Problem
from llmcost.formulas import MODEL
from llmcost.render import words
from llmcost.render.report import Cell, Column, Document, Report, Rows, Table, Views, columns_of
from llmcost.render.results.explain import phase_document
from llmcost.render.results.shared import fields, header, heading, reason_fields
from llmcost.render.results.size_notes import notes_of
from llmcost.render.results.ways import ways

USD: Final = MODEL.quantities["serving.cost_per_month"]
PER_MTOK: Final = MODEL.quantities["serving.cost_per_mtok"]
RATE: Final = MODEL.quantities["deployment.output_tokens_per_gpu_second"]


def views(result: Sizing, *, everything: bool = False, choice: int | None = None) -> Views:
    """Return the ways to show a sizing; with `everything`, each deployment.

    As YAML, the deployment number `choice` becomes a scenario.
    """
    return ways(result, partial(report, everything=everything), document, rows, drawn="size")._replace(
        files={"yaml": lambda: _scenario(result, 1 if choice is None else choice)}
    )


def _scenario(result: Sizing, choice: int) -> str:
    meeting = result.meeting
    if result.target is None:
        raise LlmcostError("a deployment needs a target: add --users and --min-tokens-per-second")
    if not meeting:
        raise LlmcostError("nothing meets the target, so there is no deployment to write")
    if not 1 <= choice <= len(meeting):
        raise LlmcostError(Problem(f"{len(meeting)} meet the target, got {choice}", where="--choice"))
    return scenario_text(result, meeting[choice - 1], choice)


def report(result: Sizing, *, everything: bool) -> Report:
    """Show the deployments that meet the target, the closest of the others, and the curve."""
    blocks: list[Table] = []
    lead: list[str] = []
    if result.target is not None:
        lead = [_answer(result)]
        meeting = result.meeting
        if meeting:
            blocks.append(_meeting(result, meeting if everything else _cheapest_of_each(meeting)))
        others = [item for item in result.configurations if not item.meets]
        if not everything:
            reached = {item.shape.accelerator for item in meeting}
            others = _closest_of_each([item for item in others if item.shape.accelerator not in reached])
        if others:
            blocks.append(_others(others))
    if result.curve:
        blocks.append(_curve(result))
    return Report(_title(result), lead=lead, blocks=blocks, facts=_facts(result, everything=everything))


def _title(result: Sizing) -> str:
    title = heading(result.architecture)
    if result.target is None:
        return f"{title}, throughput against speed"
    users = "one user" if result.users == 1 else f"{_count(result.users)} users"
    each = "" if result.users == 1 else " each"
    return f"{title}, for {users} at {_count(result.target)} tokens a second{each}"


def _answer(result: Sizing) -> str:
    """Say which deployment is cheapest, or closest to the target."""
    if result.meeting:
        best = result.meeting[0]
        assert best.fleet is not None
        cost = ""
        if best.fleet.usd_per_month is not None:
            cost = f", {words.scaled(best.fleet.usd_per_month, 3)} USD a month"
            cost += f" ({_range(best)})" if _range(best) else ""
        what = "The cheapest" if cost else "The smallest"
        replicas = "one replica" if best.fleet.replicas == 1 else f"{best.fleet.replicas:,} replicas"
        return (
            f"{what}: {replicas} of {best.shape.text}: {words.counted(f'{best.fleet.gpus:,}', 'GPU')}{cost}."
        )
    fitting = [item for item in result.configurations if item.load is not None]
    target = f"{_count(result.target or 0)} tokens a second"
    if not fitting:
        reasons = dict.fromkeys(str(item.reason) for item in result.configurations)
        return f"No deployment that was tried can run it: {'; '.join(reasons)}."
    best = fitting[0]
    assert best.load is not None
    return (
        f"No deployment gives a user {target}. The closest is {best.shape.text} with "
        f"{words.significant(best.load.speed)} for a single user, limited by {best.limit}."
    )


def _range(item: Configuration) -> str:
    """Return the bills at both ends of the model factor; at the slow end, the target may be out of reach."""
    if item.best is None and item.worst is None:
        return ""
    return " to ".join(_month(fleet) or "never" for fleet in (item.best, item.worst))


def _month(fleet: Fleet | None) -> str:
    if fleet is None or fleet.usd_per_month is None:
        return ""
    return words.scaled(fleet.usd_per_month, 3)


def _count(value: float) -> str:
    return f"{value:,.10g}"


def _cheapest_of_each(meeting: tuple[Configuration, ...]) -> list[Configuration]:
    """Return the first of each accelerator and precision."""
    return list({(i.shape.accelerator, i.shape.precision.name): i for i in reversed(meeting)}.values())[::-1]


def _closest_of_each(others: list[Configuration]) -> list[Configuration]:
    return list({item.shape.accelerator: item for item in reversed(others)}.values())[::-1]


def _meeting(result: Sizing, shown: list[Configuration] | tuple[Configuration, ...]) -> Table:
    order = {item.shape: place for place, item in enumerate(result.meeting, 1)}
    columns = columns_of(
        *(">", Column("replica", wrap=True), ">users each", ">tok/s/GPU", ">GPUs", ">USD/month"),
        Column("range", right=True, narrow="beneath"),
        *(">USD/Mtok", Column("bound by", narrow="beneath")),
    )
    rows = []
    for item in sorted(shown, key=lambda item: order[item.shape]):
        load, fleet = item.load, item.fleet
        assert load is not None
        assert fleet is not None
        per = fleet.usd_per_output_mtok
        rows.append(
            [
                Cell(str(order[item.shape]), "faint"),
                Cell(item.shape.text, "name"),
                Cell(_count(load.users)),
                Cell(words.number(load.output, RATE)),
                Cell(f"{fleet.gpus:,}"),
                Cell(_month(fleet) or "–", "strong"),
                Cell(_range(item), "faint"),
                Cell("–" if per is None else words.number(per, PER_MTOK)),
                Cell(item.limit, "faint"),
            ]
        )
    return Table(columns, rows)


def _others(shown: list[Configuration]) -> Table:
    why = Column("why", wrap=True, narrow="beneath")
    columns = columns_of(Column("replica", wrap=True), ">tok/s for one user", "bound by", why)
    rows = []
    for item in shown:
        speed = "–" if item.load is None else words.number(item.load.speed, RATE)
        cells = [Cell(item.shape.text, "name"), Cell(speed), Cell(item.limit)]
        rows.append([*cells, Cell(str(item.reason or ""), "faint")])
    return Table(columns, rows, title="Do not meet the target")


def _curve(result: Sizing) -> Table:
    columns = columns_of(
        *("accelerator", ">tok/s/user", ">tok/s/GPU", ">USD/Mtok"),
        Column("replica", wrap=True, narrow="beneath"),
        Column("users each", right=True, narrow="beneath at last"),
    )
    rows: list[list[Cell]] = []
    before = ""
    for name, level, point in at_levels(result.curve):
        if before and name != before:
            rows.append([])
        per = point.usd_per_output_mtok
        rows.append(
            [
                Cell(name if name != before else "", "name"),
                Cell(f"≥ {level:g}", "strong"),
                Cell(words.number(point.load.output, RATE)),
                Cell("–" if per is None else words.number(per, PER_MTOK)),
                Cell(point.shape.text),
                Cell(_count(point.load.users)),
            ]
        )
        before = name
    return Table(columns, rows, title="The best throughput at a speed")


def _facts(result: Sizing, *, everything: bool) -> list[str]:
    request = result.request
    hits = f", {words.significant(request.cached_share * 100)}% of it cached" if request.cached_share else ""
    facts = [
        f"A request: {_count(request.input_tokens)} tokens of input{hits}, "
        f"{_count(request.output_tokens)} of output"
    ]
    priced = {name: rent for name, rent in result.rents.items() if rent is not None}
    if result.rent == "given":
        facts.append("USD per GPU-hour as stated")
    elif priced:
        told = [
            f"{name} {words.significant(rent.value)}"
            + (
                f" ({words.significant(rent.low)} to {words.significant(rent.high)})"
                if rent.low is not None and rent.high is not None
                else ""
            )
            for name, rent in priced.items()
        ]
        facts.append(f"USD per GPU-hour, {result.rent}: {', '.join(told)}")
    if result.meeting and not everything and len(_cheapest_of_each(result.meeting)) < len(result.meeting):
        facts.append(
            f"{len(result.meeting)} deployments meet the target; the cheapest of each accelerator and "
            "precision is shown, --all lists them"
        )
    return facts + [f"{note}" for note in notes_of(result)]


REQUEST: Final = (
    "input_tokens_per_request:input_tokens output_tokens_per_request:output_tokens "
    "cached_input_share:cached_share"
)
RENT: Final = "usd_per_gpu_hour:value low high basis source since"
SHAPE: Final = (
    "accelerator gpus_per_replica:gpus precision:precision.name weight_bits:precision.weight_bits "
    "expert_weight_bits:precision.expert_weight_bits kv_bits:precision.kv_bits math_bits:precision.math_bits "
    "attention_data_parallel:data_parallel"
)
LOAD: Final = (
    "users_per_replica:load.users tokens_per_second_per_user:load.speed "
    "output_tokens_per_gpu_second:load.output"
)
DEPLOYMENT: Final = (
    f"meets max_users_per_replica:max_users {LOAD} prefill_tokens_per_gpu_second:load.prefill_rate "
    "decode_tokens_per_gpu_second:load.decode_rate prefill_seconds:load.prefill.seconds "
    "decode_step_seconds:load.decode.seconds limit replicas:fleet.replicas gpus:fleet.gpus "
    "utilization:fleet.utilization usd_per_month:fleet.usd_per_month "
    "usd_per_month_low:best.usd_per_month usd_per_month_high:worst.usd_per_month "
    "usd_per_output_mtok:fleet.usd_per_output_mtok usd_per_output_mtok_low:best.usd_per_output_mtok "
    "usd_per_output_mtok_high:worst.usd_per_output_mtok usd_per_mtok:fleet.usd_per_mtok"
)
"""Specs of fields for scripts; see `fields`."""


def document(result: Sizing) -> Document:
    """The document of `size`: every deployment, cheapest first, and the curve if it is wanted."""
    found = header("size") | {
        "architecture": result.architecture.label,
        "users": None if result.target is None else result.users,
        "min_tokens_per_second_per_user": result.target,
        **fields(result.request, REQUEST),
        **fields(result, "headroom utilization rent model_factor:band"),
        "accelerators": {name: fields(rent, RENT) for name, rent in result.rents.items()},
        "left_out": list(result.unpriced),
        "meeting": len(result.meeting),
        "deployments": [
            _row(item) | {"bound_by": _phases(item)} for item in result.configurations if result.target
        ],
        "notes": notes_of(result),
    }
    if result.curve:
        found["curve"] = [_curve_row(point) for point in result.curve]
    return found


def _phases(item: Configuration) -> Rows:
    return [] if item.load is None else [phase_document(p) for p in (item.load.decode, item.load.prefill)]


def rows(result: Sizing) -> Rows:
    """A row for each deployment; if there is only a curve, one for each of its points."""
    if result.target is None:
        return [_curve_row(point) for point in result.curve]
    return [_row(item) for item in result.configurations]


def _row(item: Configuration) -> Document:
    return fields(item.shape, SHAPE) | fields(item, DEPLOYMENT) | reason_fields(item.reason)


def _curve_row(point: CurvePoint) -> Document:
    return {
        **fields(point.shape, SHAPE),
        **fields(point, f"{LOAD} usd_per_output_mtok"),
        "trusted": point.load.speed <= FAST,
    }
