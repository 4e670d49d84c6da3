"""Cash over time, with revenue and cost, and the metrics that were followed."""

from __future__ import annotations

from typing import Any, Final

from llmcost.analysis.projection.names import BALANCE, COST, REVENUE
from llmcost.analysis.projection.project import Projection
from llmcost.engine.registry import Quantity
from llmcost.formulas import MODEL
from llmcost.render.charts import look
from llmcost.render.results.cash_bars import month_label
from llmcost.render.results.shared import heading, usd
from llmcost.scenario.timeline import month_name

MARKED: Final = {"project.runway_months": "cash runs out", "project.breakeven_month": "breaks even"}
"""Outcomes that are marked in their month."""


def chart(result: Projection) -> look.Spec:
    """Return cash by month, revenue and cost by period, each metric by period, and models as companies."""
    panels, datasets = [], {}
    domain = [0.5, max([len(result.cash), *(row.last for row in result.rows)], default=1) + 0.5]
    marks = _marks(result)
    if len(result.cash) > 1:
        datasets["cash"] = [
            {"month": month, "at": month_label(result, month), "cash": cash, "label": usd(cash)}
            for month, cash in enumerate(result.cash, 1)
        ]
        panels.append(_cash(result, domain, marks))
    flows = [name for name in (REVENUE, COST) if any(name in row.flows for row in result.rows)]
    if flows and len(result.rows) > 1:
        datasets["flows"] = [
            {"month": (row.first + row.last) / 2, "at": row.label, "flow": name, "value": row.flows[name]}
            for row in result.rows
            for name in flows
            if name in row.flows
        ]
        panels.append(_lines(result, domain, "flows", _each(result), flows))
    for number, metric in enumerate(result.metrics):
        values = [
            {"month": (row.first + row.last) / 2, "at": row.label, "flow": metric.name, "value": value}
            for row in result.rows
            if (value := row.metrics.get(metric.name)) is not None
        ]
        if len(values) > 1:
            datasets[f"metric{number}"] = values
            panels.append(_lines(result, domain, f"metric{number}", metric, [metric.name]))
    if result.models is not None:
        datasets["models"] = [
            {"model": account.cohort.name, "profit": account.profit, "label": usd(account.profit)}
            for account in result.models.models
        ]
        datasets["years"] = [
            {"model": f"year {year.year}", "profit": year.profit, "label": usd(year.profit)}
            for year in result.models.years
        ]
        panels += [
            _accounts("models", datasets["models"], "what each model earns on its training, USD"),
            _accounts("years", datasets["years"], "what the company earns in each year, USD"),
        ]
    if not panels:
        raise look.nothing("the projection has a single period and no cash")
    metrics = [BALANCE, *flows, *(metric.name for metric in result.metrics), *result.outcomes]
    return look.whole(
        f"Projection of {heading(result.scenario)}",
        panels,
        datasets,
        subtitle=_said(result),
        caption=look.caption([(result.scenario, metrics)], [result.caveats]),
    )


def _said(result: Projection) -> list[str]:
    said = []
    for name, word in MARKED.items():
        found = result.outcomes.get(name)
        if found is not None and found.month is not None:
            said.append(f"{word} in month {month_label(result, found.month)}")
        elif found is not None and found.beyond:
            said.append(f"the cash lasts beyond month {month_label(result, len(result.cash))}")
    low = result.outcomes.get("project.funding_needed")
    if low is not None and low.value:
        said.append(f"{usd(low.value)} USD needed")
    text = "; ".join(said)
    return [f"{text[:1].upper()}{text[1:]}."] if text else []


def _marks(result: Projection) -> list[dict[str, Any]]:
    """Return the marked months, each with what happens."""
    known = {name: result.outcomes[name].month for name in MARKED if name in result.outcomes}
    return [{"month": month, "what": MARKED[name]} for name, month in known.items() if month is not None]


def _x(result: Projection, domain: list[float]) -> look.Spec:
    """Return the axis of months: numbers, or dates if the projection has a start."""
    start = result.schedule.start
    last = int(domain[1])
    step = next(step for step in (1, 2, 3, 6, 12, 24, 60, 120, 240) if last / step <= 14)
    if start is None:
        ticks = [month for month in range(1, last + 1) if month % step == 0 or month == 1]
        label, title = "datum.value", "month"
    else:
        ticks = [month for month in range(1, last + 1) if (start + month - 1) % step == 0]
        names = {month: month_name(start + month - 1) for month in ticks}
        label, title = f"{names}[datum.value]", ""
    axis = {"title": title or None, "values": ticks, "labelExpr": label, "grid": False, "labelOverlap": True}
    scale = {"domain": domain, "nice": False, "zero": False}
    return look.field("month", "quantitative", scale=scale, axis=axis)


def _cash(result: Projection, domain: list[float], marks: list[dict[str, Any]]) -> look.Spec:
    x = _x(result, domain)
    money = look.axis(MODEL.quantities[BALANCE]) | {"title": "cash at the end of the month, USD"}
    color = {"condition": {"test": "datum.cash < 0", "value": look.RED}, "value": look.BLUE}
    bar = {
        "x": x | {"field": "from"},
        "x2": {"field": "to"},
        "y": look.field("cash", "quantitative", axis=money),
        "y2": {"datum": 0},
        "color": color,
        **look.tooltip("at", "label"),
    }
    sides = [
        {"calculate": f"datum.month {sign} 0.42", "as": side} for sign, side in (("-", "from"), ("+", "to"))
    ]
    layers = [look.layer("bar", bar, data="cash") | {"transform": sides}, look.rule(0, "y")]
    for place, mark in enumerate(marks):
        at: look.Spec = {"data": {"values": [mark]}}
        above = {"x": x, "y": {"value": -4 - 14 * place}}
        words = {"align": "left", "baseline": "bottom", "dx": -2, "text": mark["what"]}
        layers += [
            at | look.layer("rule", {"x": x}, color=look.INK, strokeDash=[4, 3]),
            at | look.layer("text", above, **words),
        ]
    return look.panel(layers, 220)


def _each(result: Projection) -> Quantity:
    quantity = MODEL.quantities[COST]
    return quantity._replace(name=f"each {result.by}")


def _lines(
    result: Projection, domain: list[float], data: str, quantity: Quantity, names: list[str]
) -> look.Spec:
    y = look.field("value", "quantitative", axis=look.axis(quantity), scale={"zero": len(names) > 1})
    told = {**look.lines_told_apart(names, by="flow"), **look.tooltip("flow", "at", "value")}
    encoding = {"x": _x(result, domain), "y": y, **told}
    return look.lines(data, encoding, 140, strokeWidth=2, point=len(result.rows) <= 24)


def _accounts(data: str, rows: list[dict[str, Any]], title: str) -> look.Spec:
    scale = {"domain": look.padded([0.0, *(row["profit"] for row in rows)], 0.14), "nice": False}
    axis = look.axis(MODEL.quantities[COST]) | {"title": title}
    at = {
        "y": look.field("model", sort=None, title=None),
        "x": look.field("profit", "quantitative", scale=scale, axis=axis),
    }
    color = {"condition": {"test": "datum.profit < 0", "value": look.RED}, "value": look.BLUE}
    told = at | {"text": {"field": "label"}}
    layers = [
        look.layer("bar", at | {"color": color}, **look.BAR),
        look.layer("text", told, where="datum.profit < 0", align="right", dx=-4),
        look.layer("text", told, where="datum.profit >= 0", align="left", dx=4),
        look.rule(0),
    ]
    return look.panel(layers, {"step": 24}, data=data)
