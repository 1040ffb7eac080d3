"""Numbers as the report writes them: shares in per cent, differences with their sign."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

GAP = '–'
"""Stands for what is not defined."""


def percent(share: float | None) -> str:
    """A share in per cent, to one decimal."""
    return GAP if share is None else f'{100 * share:.1f}'


def spread(score: Mapping[str, Any]) -> str:
    """The mean of a score over its seeds and, where there are several, its standard deviation."""
    deviation = score['std']
    return percent(score['mean']) + ('' if deviation is None else f' ± {percent(deviation)}')


def interval(difference: Mapping[str, Any]) -> str:
    """A difference with its interval, in points."""
    low, high = (points(difference[end]) for end in ('low', 'high'))
    return f'{points(difference["mean"])} [{low}, {high}]'


def points(difference: float) -> str:
    """A difference of two shares in points, with its sign."""
    return f'{100 * difference:+.1f}'.replace('-', '−')
