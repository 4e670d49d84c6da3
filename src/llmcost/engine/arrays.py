"""Arrays of numbers: a plan over whole columns of points. Needs numpy, which is an optional extra.

The same formulas run here as everywhere. An undefined value is NaN within these columns, and nowhere
else: who reads them turns it into None, and asks the float plan for the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from llmcost.engine.compiled import write
from llmcost.engine.plan import Plan
from llmcost.reasons import Undefined

Column = Any
"""A float array of one dimension, or a float that stands for the same value at every point."""


class ArrayPlan:
    """Runs one plan on columns.

    Attributes:
        inputs: names of the given values, in the order in which they are passed.
        targets: names of the results, in the order in which they come back.
    """

    def __init__(self, plan: Plan, fixed: Mapping[str, float] | None = None) -> None:
        """Compile a plan; what depends on nothing but `fixed` given values is worked out right away."""
        numbers = {name: value for name, value in (fixed or {}).items() if name in plan.inputs}
        self.inputs = tuple(name for name in plan.inputs if name not in numbers)
        self.targets = plan.targets
        source, scope = write(plan, numbers, arrays=True)
        scope |= {"where": np.where, "nan": np.nan, "defined": _defined}
        exec(compile(source, "<array plan>", "exec"), scope)
        self._run: Callable[..., tuple[Column, ...]] = scope["plan"]

    def __call__(self, values: Sequence[Column]) -> tuple[Column, ...]:
        """Return the targets as columns; NaN where one is undefined."""
        with np.errstate(all="ignore"):
            results = self._run(*(np.float64(v) if isinstance(v, float) else v for v in values))
            return tuple(_defined(column) for column in results)


def _defined(column: Column) -> Column:
    """Return a column with NaN in place of what is infinite."""
    if np.isfinite(np.sum(column)):
        return column
    return np.where(np.isfinite(column), column, np.nan)


def lift_root(
    solve: Callable[..., float],
    residual: Callable[..., Any],
    arguments: Sequence[Column],
    possible: Column = True,
) -> Column:
    """Find the roots of a whole column at once, on a log scale.

    Where the residual is negative at 1 the first sign change above is bracketed, elsewhere the first one
    below: the root that `solve` names first. What this leaves open, and every point at which `possible`
    does not hold, `solve` decides point by point.
    """
    columns = np.broadcast_arrays(*(np.asarray(argument, dtype=float) for argument in arguments))
    shape = columns[0].shape
    flat = [np.ravel(column) for column in columns]
    with np.errstate(all="ignore"):
        low, high, found = _brackets(residual, flat)
        found &= np.ravel(np.broadcast_to(np.asarray(possible, dtype=bool), shape))
        roots = np.full(flat[0].shape, np.nan)
        if found.any():
            inside = [column[found] for column in flat]
            roots[found] = np.exp(_refine(residual, inside, low[found], high[found]))
    for index in np.flatnonzero(~found):
        try:
            roots[index] = solve(*(float(column[index]) for column in flat))
        except (Undefined, ArithmeticError):
            roots[index] = np.nan
    return roots.reshape(shape) if shape else roots[0]


def _brackets(residual: Callable[..., Any], columns: list[Any]) -> tuple[Any, Any, Any]:
    """Return low, high (logarithms) and where they bracket a sign change."""
    start = residual(1.0, *columns)
    upward = start < 0
    direction = np.where(upward, 1.0, -1.0)
    near = np.zeros_like(start)
    far = np.zeros_like(start)
    found = np.zeros(start.shape, dtype=bool)
    step = 0.5
    # An elasticity above 1 bends profit back: only the point-by-point solver sees both of its roots.
    open_ = np.isfinite(start) & (start != 0)
    while step < 700 and open_.any():
        position = direction[open_] * step
        value = residual(np.exp(position), *(column[open_] for column in columns))
        crossed = np.isfinite(value) & ((value >= 0) == upward[open_])
        indices = np.flatnonzero(open_)
        far[indices] = position
        found[indices[crossed]] = True
        near[indices[~crossed]] = position[~crossed]
        open_[indices[crossed | ~np.isfinite(value)]] = False
        step *= 2
    return np.minimum(near, far), np.maximum(near, far), found


def _refine(residual: Callable[..., Any], columns: list[Any], low: Any, high: Any) -> Any:
    """Chandrupatla's method on every bracket at once, to the last digits of ln(root)."""
    a, b = low.copy(), high.copy()
    fa, fb = residual(np.exp(a), *columns), residual(np.exp(b), *columns)
    c, fc = a.copy(), fa.copy()
    t = np.full(a.shape, 0.5)
    for _ in range(100):
        x = a + t * (b - a)
        fx = residual(np.exp(x), *columns)
        same = np.sign(fx) == np.sign(fa)
        c, fc = np.where(same, a, b), np.where(same, fa, fb)
        b, fb = np.where(same, b, a), np.where(same, fb, fa)
        a, fa = x, fx
        best = np.where(np.abs(fa) < np.abs(fb), a, b)
        tolerance = 1e-15 + 4e-16 * np.abs(best)
        limit = tolerance / np.abs(b - a)
        if bool(np.all((limit > 0.5) | (fa == 0) | (fb == 0))):
            break
        xi, phi = (a - b) / (c - b), (fa - fb) / (fc - fb)
        quadratic = (phi**2 < xi) & ((1 - phi) ** 2 < 1 - xi)
        inverse = fa / (fb - fa) * fc / (fb - fc) + (c - a) / (b - a) * fa / (fc - fa) * fb / (fc - fb)
        t = np.where(quadratic & np.isfinite(inverse), inverse, 0.5)
        t = np.clip(t, limit, 1 - limit)
        t = np.where(np.isfinite(t), t, 0.5)
    return best
