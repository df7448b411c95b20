"""How surprising it is that so many events came: against how often they came before.

The surprise of n events where a rate lets expect m is S = -ln P(N >= n), N being Poisson with mean
m: the "Poisson surprise" of C. R. Legendy and M. Salcman, "Bursts and recurrences of bursts in the
spike trains of spontaneously active striate cortex neurons", J. Neurophysiol. 53 (1985) 926-939.
What happens all the time scores near 0, what has hardly ever happened scores high.

The rate comes from a baseline and is smoothed by adding one event to it (Laplace), so that what
never happened before is improbable but not impossible, and less so the longer the baseline is.
"""

from __future__ import annotations

from math import exp, lgamma, log, log1p
from typing import Final

_PRECISION: Final = 1e-16


def expected_count(before: int, baseline_us: int, window_us: int) -> float:
    """How many events a window lets expect: (before + 1) * window / baseline.

    Args:
        before: how many came in the baseline.
        baseline_us: its length; not shorter than the window is meaningful.
        window_us: length of the window.
    """
    return (before + 1) * window_us / baseline_us


def surprise(observed: int, expected: float) -> float:
    """-ln P(N >= observed) for a Poisson number with this mean, in nats; 0 for no event.

    Args:
        observed: how many came, at least 0.
        expected: how many were to be expected, above 0.
    """
    if observed <= 0:
        return 0.0
    if observed > expected:
        return -_log_tail_above(observed, expected)
    below = exp(_log_tail_below(observed - 1, expected))
    return -log1p(-below)


def _log_tail_above(least: int, mean: float) -> float:
    """ln P(N >= least) where least > mean: the first term, times a series that shrinks."""
    total, term, n = 1.0, 1.0, least
    while term > _PRECISION * total:
        n += 1
        term *= mean / n
        total += term
    return _log_probability(least, mean) + log(total)


def _log_tail_below(most: int, mean: float) -> float:
    """ln P(N <= most) where most < mean, from its greatest term down."""
    total, term, n = 1.0, 1.0, most
    while n and term > _PRECISION * total:
        term *= n / mean
        n -= 1
        total += term
    return _log_probability(most, mean) + log(total)


def _log_probability(n: int, mean: float) -> float:
    return n * log(mean) - mean - lgamma(n + 1)
