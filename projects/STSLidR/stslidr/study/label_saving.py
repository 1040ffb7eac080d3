"""How many labels pretraining saves: the fraction from scratch that gives the same score."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from stslidr.files.label_split_file import FRACTIONS

LESS = 'less than the smallest'
MORE = 'more than all'


@dataclass(frozen=True)
class Match:
    """The label fraction from scratch that matches a score.

    Args:
        fraction: from 0 to 1; None beyond the ends of the curve.
        beyond: `LESS` or `MORE` beyond the ends, else None.
    """

    fraction: float | None
    beyond: str | None = None


def label_fraction(label_split: str | None) -> float:
    """Share of the labels that a named label split holds.

    Raises:
        ValueError: it is none of the named label splits.
    """
    if label_split not in FRACTIONS:
        raise ValueError(f'label split {label_split!r} has no known fraction; known: '
                         f'{", ".join(FRACTIONS)}')
    return 1 / FRACTIONS[label_split]


def matching_fraction(curve: Sequence[tuple[float, float]], score: float) -> Match:
    """The smallest fraction at which the curve reaches `score`.

    Between its points the curve is linear in the logarithm of the fraction.

    Args:
        curve: (fraction, score) pairs with distinct fractions.
        score: to be reached.
    """
    points = sorted(curve)
    if score < points[0][1]:
        return Match(None, LESS)
    if score == points[0][1]:
        return Match(points[0][0])
    for (fraction, value), (next_fraction, next_value) in zip(points, points[1:], strict=False):
        if next_value >= score:
            share = (score - value) / (next_value - value)
            return Match(math.exp(
                (1 - share) * math.log(fraction) + share * math.log(next_fraction)))
    return Match(None, MORE)
