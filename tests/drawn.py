"""What properties of formulas draw, and what follows from it."""

from __future__ import annotations

from hypothesis import strategies as st

from llmcost.engine.trace import Given, Trace, evaluate
from llmcost.formulas import MODEL

Values = dict[str, float]
Drawn = dict[str, st.SearchStrategy[float]]


def some(*parts: Drawn, optional: Drawn | None = None) -> st.SearchStrategy[Values]:
    """Return scenarios that state every quantity of the parts, and any of the others."""
    fixed = {name: values for part in parts for name, values in part.items()}
    return st.fixed_dictionaries(fixed, optional=optional or {})


def run(values: Values) -> Trace:
    return evaluate(MODEL, {name: Given(number) for name, number in values.items()})


def value(trace: Trace, name: str) -> float:
    found = trace.nodes[name].value
    assert found is not None, f"{name}: {trace.nodes[name].reason}"
    return found
