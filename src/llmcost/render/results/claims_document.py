"""Claims as documents and rows, for scripts."""

from __future__ import annotations

from llmcost.analysis.claims.reading import DRAWS, SEED, Figure
from llmcost.analysis.claims.threshold import Threshold, ends_of
from llmcost.analysis.claims.verdict import Claims, Finding, Judged
from llmcost.render.report import Document, Rows
from llmcost.render.results.caveats import document as caveats_document
from llmcost.render.results.claims_words import sentence
from llmcost.render.results.shared import header, reason_fields


def document(result: Claims) -> Document:
    """The document of `claims`."""
    return header("claims") | {
        "ok": result.ok,
        "draws": DRAWS,
        "seed": SEED,
        **caveats_document(dict.fromkeys(item for judged in result.judged for item in judged.caveats)),
        "claims": [_claim(judged) for judged in result.judged],
    }


def _claim(judged: Judged) -> Document:
    claim = judged.claim
    likeliest = judged.likeliest if judged.verdict == "undecided" else None
    return {
        "id": claim.id,
        "statement": claim.statement,
        "who": claim.who,
        "when": claim.when,
        "source": claim.source,
        "url": claim.url,
        "note": claim.note,
        "verdict": judged.verdict,
        "expected": claim.expected,
        "sentence": sentence(judged),
        "direction": judged.direction,
        "basis": judged.basis,
        "probability": likeliest.probability if likeliest else None,
        "holding": [finding.reading.name for finding in judged.holding],
        "readings": [_reading(finding) for finding in judged.findings],
        "inputs": [
            {
                "scenario": item.scenario.label,
                "quantity": item.quantity.name,
                "value": item.datum.value,
                "low": item.datum.low,
                "high": item.datum.high,
                "unit": item.quantity.unit,
                "basis": item.datum.basis,
                "source": item.datum.source,
                "url": item.datum.url,
            }
            for item in judged.cited
        ],
    }


def _reading(finding: Finding) -> Document:
    return {
        "name": finding.reading.name,
        "note": finding.reading.note,
        "verdict": finding.verdict,
        "direction": finding.direction,
        "basis": finding.basis,
        "quotes": finding.reading.quotes,
        "probability": finding.probability,
        "numbers": [_number(figure) for figure in finding.figures],
        "believe": [
            {
                "scenario": believed.scenario.label,
                "input": believed.input.name,
                "unit": believed.input.unit,
                "today": believed.today,
                "needed": believed.needed,
                "holds": [list(stretch) for stretch in believed.holds],
                "searched": list(believed.searched),
                "sourced": list(believed.sourced) if believed.sourced else None,
                "inside": believed.inside,
            }
            for believed in finding.believed
        ],
        "threshold": finding.threshold and _threshold(finding.threshold),
    }


def _threshold(found: Threshold) -> Document:
    believed = found.believed
    return {
        "scenario": believed.scenario.label,
        "input": believed.input.name,
        "unit": believed.input.unit,
        "holds": [list(stretch) for stretch in believed.holds],
        "searched": list(believed.searched),
        "varies": found.varies,
        "known": [
            {
                "low": ends_of(known.datum)[0],
                "high": ends_of(known.datum)[1],
                "basis": known.datum.basis,
                "source": known.datum.source,
                "url": known.datum.url,
                "holds": known.holds,
                "values": list(known.values),
            }
            for known in found.known
        ],
    }


def _number(figure: Figure) -> Document:
    claimed, off = figure.asked.claimed, figure.off
    return {
        "metric": [term.metric.text for term in figure.terms],
        "scenarios": [term.scenario.label for term in figure.terms],
        "values": [term.value for term in figure.terms],
        "as": figure.asked.how,
        "unit": figure.quantity.unit,
        "value": figure.value,
        **reason_fields(figure.reason),
        "basis": figure.basis,
        "claimed": {
            "text": claimed.text,
            "low": claimed.low,
            "high": claimed.high,
            "strict": claimed.strict,
        },
        "holds": figure.holds,
        "off": {
            "end": off.end,
            "difference": off.difference,
            "factor": off.factor,
            "direction": off.direction,
        }
        if off
        else None,
    }


def rows(result: Claims) -> Rows:
    """A row for each number of each reading."""
    return result.to_dicts()
