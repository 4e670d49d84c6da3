"""Models as companies: earnings, payback and IRR, beside the company by year."""

from __future__ import annotations

from typing import Final

from llmcost.analysis.projection.models import Cohorts, ModelAccount
from llmcost.analysis.projection.names import PROFIT
from llmcost.engine.registry import Basis
from llmcost.render import words
from llmcost.render.report import Block, Cell, Document, Table, columns_of
from llmcost.render.results.shared import amount, fields, grouped, reason_fields

UNSERVED: Final = "no serving_cost is stated, so none is deducted"


def model_tables(models: Cohorts) -> list[Block]:
    """Return a table of the models as companies, and one of the company by year."""
    columns = columns_of(
        "model", "trained", ">training", ">revenue", ">serving", ">profit", ">payback", ">IRR"
    )
    rows = []
    for account in models.models:
        weak = words.is_weak(_basis(account))
        mark = "~" if weak else ""
        payback, irr = account.payback.value, account.irr.value
        rows.append(
            [
                Cell(account.cohort.name),
                Cell(account.trained),
                amount(account.training, weak=weak),
                amount(account.revenue, weak=weak),
                amount(account.serving, weak=weak) if account.cohort.serving else Cell("–"),
                amount(account.profit, PROFIT, weak),
                Cell("–" if payback is None else f"{mark}{words.trimmed(round(payback, 2))} years"),
                Cell("–" if irr is None else f"{mark}{words.significant(100 * irr)}%"),
            ]
        )
    # A year may contain any of the models, so it is as weak as the weakest.
    weak = any(words.is_weak(_basis(account)) for account in models.models)
    yearly = [
        [
            Cell(year.year),
            amount(year.revenue, weak=weak),
            amount(year.serving, weak=weak),
            amount(year.training, weak=weak),
            amount(year.profit, PROFIT, weak),
        ]
        for year in models.years
    ]
    return [
        Table(columns, rows, title="Each model as a company, USD over its life", turns=True),
        Table(
            columns_of("year", ">revenue", ">serving", ">training", ">profit"),
            yearly,
            title="The company that trains them, USD a year",
        ),
    ]


def _basis(account: ModelAccount) -> Basis:
    return account.cohort.provenance.basis


def model_notes(models: Cohorts) -> list[str]:
    """Return why figures of models are missing, and the notes on the models."""
    reasons = grouped(
        (rate.reason, account.cohort.name)
        for account in models.models
        for rate in (account.payback, account.irr)
        if rate.reason is not None
    )
    notes = [f"{', '.join(names)}: {reason}" for reason, names in reasons.items()]
    unserved = [account.cohort.name for account in models.models if not account.cohort.serving]
    if unserved:
        notes.append(f"{', '.join(unserved)}: {UNSERVED}")
    for account in models.models:
        note = account.cohort.provenance.note
        if note:
            notes.append(f"{account.cohort.name}: {note}")
    return notes


def model_document(account: ModelAccount) -> Document:
    """Return one model for scripts."""
    entry = fields(
        account,
        "model:cohort.name trained training revenue serving profit payback_years:payback.value irr:irr.value "
        "basis:cohort.provenance.basis",
    )
    if account.payback.reason is not None:
        entry |= reason_fields(account.payback.reason, "payback_reason")
    if account.irr.reason is not None:
        entry |= reason_fields(account.irr.reason, "irr_reason")
    if not account.cohort.serving:
        entry["serving_reason"] = UNSERVED
    return entry
