"""The draws of `sampling` as columns, or any part of them, with numpy.

They are the same to the last bit: logarithms and exponentials are those of floats, not of numpy.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from llmcost.engine.arrays import point_by_point
from llmcost.engine.sampling import (
    BELOW_ONE,
    FINE,
    GOLDEN,
    LEAST_RANK,
    MIX,
    NO_TAIL,
    TAIL,
    WORD,
    Distribution,
    Fixed,
    Pert,
    Sampling,
    SplitNormal,
    Stream,
    Triangular,
    Uniform,
    bits_of,
)

Column = Any
"""A float array of one dimension."""


def uniforms(start: int, stop: int, count: int, stream: Stream, sampling: Sampling) -> Column:
    """Return the numbers at places start to stop of `count`, in (0, 1)."""
    words = _words(start, stop, stream.key)
    if sampling == "random":
        return ((words >> _word(12)).astype(float) + 0.5) / 2**52
    within = ((words >> _word(64 - FINE)).astype(float) + 0.5) / 2**FINE
    return (_places(start, stop, count, stream).astype(float) + within) / count


def _word(number: int) -> Any:
    return np.uint64(number & WORD)


def _words(start: int, stop: int, key: int) -> Column:
    word = np.arange(start + 1, stop + 1, dtype=np.uint64)
    word *= _word(GOLDEN)
    word += _word(key)
    for down, factor in zip((30, 27), MIX, strict=True):
        word ^= word >> _word(down)
        word *= _word(factor)
    word ^= word >> _word(31)
    return word


def _places(start: int, stop: int, count: int, stream: Stream) -> Column:
    digits, down = bits_of(count)
    mask, down = _word((1 << digits) - 1), _word(down)

    def mixed(x: Column) -> Column:
        for step, (factor, summand) in enumerate(stream.turns):
            if step:
                x ^= x >> down
            x *= _word(factor)
            x += _word(summand)
            x &= mask
        return x

    found = mixed(np.arange(start, stop, dtype=np.uint64))
    beyond = np.flatnonzero(found >= count)
    while len(beyond):
        again = mixed(found[beyond])
        found[beyond] = again
        beyond = beyond[again >= count]
    return found


def values(found: Distribution, u: Column) -> Column:
    """Return the values of a distribution at some ranks in (0, 1)."""
    match found:
        case Fixed(value):
            return np.full(len(u), value)
        case Uniform(low, high):
            return low + (high - low) * u
        case Triangular(low, mode, high):
            width = high - low
            rising = low + np.sqrt(u * width * (mode - low))
            return np.where(u < (mode - low) / width, rising, high - np.sqrt((1 - u) * width * (high - mode)))
        case Pert(low, high, table):
            sums, wanted = np.array(table), u * table[-1]
            first = np.minimum(np.searchsorted(sums, wanted, side="right"), len(sums) - 1) - 1
            rest = (wanted - sums[first]) / (sums[first + 1] - sums[first])
            return low + (high - low) * (first + rest) / (len(sums) - 1)
        case SplitNormal():
            return _normal(found, u)


def _normal(found: SplitNormal, u: Column) -> Column:
    scale, centre, below, above, under, over, low, high, bottom, top = found
    rank, in_low, in_high = u, u <= TAIL, u >= 1 - TAIL
    if under > NO_TAIL:
        rank = np.where(u < TAIL, under + (1 - under / TAIL) * u, rank)
    if over > NO_TAIL:
        rank = np.where(u > 1 - TAIL, 1 - over - (1 - over / TAIL) * (1 - u), rank)
    z = inverse_normal(np.clip(rank, LEAST_RANK, BELOW_ONE))
    x = z * above if above == below else z * np.where(z > 0, above, below)
    x += centre
    if scale == "log":
        x = point_by_point(math.exp, x)
    elif scale == "logit":
        x = 1 / (1 + point_by_point(math.exp, -x))
    x[in_low] = np.minimum(x[in_low], low)
    x[in_high] = np.maximum(x[in_high], high)
    return np.clip(x, bottom, top)


# Wichura, Algorithm AS 241 (Applied Statistics 37, 1988), PPND16: numerators and denominators for the middle,
# the tails and their ends, highest power first. `statistics.NormalDist` uses the same.
MIDDLE: Final = (
    (
        *(2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457),
        *(13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.3871328727963666080),
    ),
    (
        *(5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867),
        *(5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1.0),
    ),
)
TAILS: Final = (
    (
        *(7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1),
        *(1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550),
        *(4.63033784615654529590, 1.42343711074968357734),
    ),
    (
        *(1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2),
        *(1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940),
        *(2.05319162663775882187, 1.0),
    ),
)
ENDS: Final = (
    (
        *(2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3),
        *(2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580),
        *(5.46378491116411436990, 6.65790464350110377720),
    ),
    (
        *(2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5),
        *(7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1),
        *(5.99832206555887937690e-1, 1.0),
    ),
)


def inverse_normal(rank: Column) -> Column:
    """Return the standard normal deviate of ranks in (0, 1)."""
    q = rank - 0.5
    found = _ratio(0.180625 - q * q, MIDDLE)
    found *= q
    out = np.flatnonzero(np.abs(q) > 0.425)
    if len(out):
        side, tail = q[out] > 0, rank[out]
        r = np.sqrt(-point_by_point(math.log, np.where(side, 1.0 - tail, tail)))
        z = _ratio(r - 1.6, TAILS)
        far = r > 5.0
        if far.any():
            z[far] = _ratio(r[far] - 5.0, ENDS)
        found[out] = np.where(side, z, -z)
    return found


def _ratio(x: Column, powers: tuple[tuple[float, ...], tuple[float, ...]]) -> Column:
    """Return one polynomial over another, by Horner's rule."""
    top, bottom = (np.full_like(x, terms[0]) for terms in powers)
    for one, other in zip(powers[0][1:], powers[1][1:], strict=True):
        top *= x
        top += one
        bottom *= x
        bottom += other
    return top / bottom
