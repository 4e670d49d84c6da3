"""Each model as a company: what it earns on its own training, while the whole company may lose money."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from llmcost.formulas.model_account import earnings, irr, payback, yearly_rate
from llmcost.reasons import Reason, reason_of
from llmcost.records import NamedTuple
from llmcost.scenario.timeline import Cohort, month_name


class Rate(NamedTuple):
    """A number, or why there is none."""

    value: float | None
    reason: Reason | None = None


class ModelAccount(NamedTuple):
    """One model over its life, USD.

    Attributes:
        cohort: the model as stated.
        trained: the date of its training, as written.
        training, revenue, serving: sums over its life.
        profit: its earnings after training, not discounted.
        payback: years until its training has paid back.
        irr: internal rate of return a year.
    """

    cohort: Cohort
    trained: str
    training: float
    revenue: float
    serving: float
    profit: float
    payback: Rate
    irr: Rate


class YearAccount(NamedTuple):
    """All models in one year, USD: what the company sees."""

    year: str
    training: float
    revenue: float
    serving: float
    profit: float


class Cohorts(NamedTuple):
    """Models as companies, and the company by year."""

    models: tuple[ModelAccount, ...]
    years: tuple[YearAccount, ...]


def cohorts(models: Sequence[Cohort]) -> Cohorts:
    """Return each model's account, and the company's by year."""
    return Cohorts(tuple(map(_account, models)), tuple(_years(models)))


def _account(cohort: Cohort) -> ModelAccount:
    flows = earnings(cohort.training, cohort.revenue, cohort.serving)

    def back() -> float:
        return payback(flows) / (1 if cohort.yearly else 12)

    def rate() -> float:
        return irr(flows) if cohort.yearly else yearly_rate(irr(flows))

    return ModelAccount(
        cohort,
        cohort.at.text if cohort.at.calendar is None else month_name(cohort.at.calendar),
        math.fsum(cohort.training),
        math.fsum(cohort.revenue),
        math.fsum(cohort.serving),
        math.fsum(flows),
        _rate(back),
        _rate(rate),
    )


def _rate(work_out: Callable[[], float]) -> Rate:
    try:
        return Rate(work_out())
    except ArithmeticError as why:
        return Rate(None, reason_of(why))


def _years(models: Sequence[Cohort]) -> list[YearAccount]:
    """Return the years in which any model spends or earns."""
    sums: dict[int, list[list[float]]] = {}
    for cohort in models:
        for line, amounts in enumerate((cohort.training, cohort.revenue, cohort.serving)):
            for period, amount in enumerate(amounts):
                sums.setdefault(_year(cohort, period), [[], [], []])[line].append(amount)
    found = []
    for year in sorted(sums):
        training, revenue, serving = map(math.fsum, sums[year])
        (profit,) = earnings([training], [revenue], [serving])
        found.append(YearAccount(str(year), training, revenue, serving, profit))
    return found


def _year(cohort: Cohort, period: int) -> int:
    """Return the year of a period: of the calendar, as counted, or of twelve months from month 1."""
    if cohort.at.calendar is not None:
        return (cohort.at.calendar + period) // 12
    assert cohort.at.number is not None
    return cohort.at.number + period if cohort.yearly else (cohort.at.number + period - 1) // 12 + 1
