"""Claims as documents and rows, for scripts."""

from __future__ import annotations

from typing import Final

from llmcost.analysis.claims.reading import DRAWS, Figure
from llmcost.analysis.claims.threshold import Threshold, ends_of
from llmcost.analysis.claims.verdict import Claims, Finding, Judged
from llmcost.render.report import Document
from llmcost.render.results.caveats import caveats_document
from llmcost.render.results.claims_words import sentence
from llmcost.render.results.shared import fields, header, reason_fields

INPUT: Final = "scenario:scenario.label input:input.name unit:input.unit"
CITED: Final = (
    "scenario:scenario.label quantity:quantity.name value:datum.value low:datum.low high:datum.high "
    "unit:quantity.unit basis:datum.basis source:datum.source url:datum.url"
)


def document(result: Claims) -> Document:
    """The document of `claims`."""
    return header("claims") | {
        "ok": result.ok,
        "draws": DRAWS,
        **caveats_document(dict.fromkeys(item for judged in result.judged for item in judged.caveats)),
        "claims": [_claim(judged) for judged in result.judged],
    }


def _claim(judged: Judged) -> Document:
    claim = judged.claim
    likeliest = judged.likeliest if judged.verdict == "undecided" else None
    return {
        **fields(claim, "id statement who when source url note"),
        **fields(judged, "verdict expected:claim.expected"),
        "sentence": sentence(judged),
        **fields(judged, "direction basis"),
        "probability": likeliest.probability if likeliest else None,
        "holding": [finding.reading.name for finding in judged.holding],
        "readings": [_reading(finding) for finding in judged.findings],
        "inputs": [fields(item, CITED) for item in judged.cited],
    }


def _reading(finding: Finding) -> Document:
    return {
        **fields(finding, "name:reading.name note:reading.note verdict direction basis"),
        **fields(finding, "quotes:reading.quotes probability"),
        "numbers": [_number(figure) for figure in finding.figures],
        "believe": [
            {
                **fields(believed, f"{INPUT} today needed"),
                "holds": [list(stretch) for stretch in believed.holds],
                **fields(believed, "searched sourced inside"),
            }
            for believed in finding.believed
        ],
        "threshold": finding.threshold and _threshold(finding.threshold),
    }


def _threshold(found: Threshold) -> Document:
    believed = found.believed
    return {
        **fields(believed, INPUT),
        "holds": [list(stretch) for stretch in believed.holds],
        "searched": list(believed.searched),
        "varies": found.varies,
        "known": [
            dict(zip(("low", "high"), ends_of(known.datum), strict=True))
            | fields(known, "basis:datum.basis source:datum.source url:datum.url holds values")
            for known in found.known
        ],
    }


def _number(figure: Figure) -> Document:
    return {
        "metric": [term.metric.text for term in figure.terms],
        "scenarios": [term.scenario.label for term in figure.terms],
        "values": [term.value for term in figure.terms],
        **fields(figure, "as:asked.how unit:quantity.unit value"),
        **reason_fields(figure.reason),
        "basis": figure.basis,
        "claimed": fields(figure.asked.claimed, "text low high strict"),
        "holds": figure.holds,
        "off": figure.off and fields(figure.off, "end difference factor direction"),
    }
