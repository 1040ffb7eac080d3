"""Numbers as the report writes them: shares in per cent, differences with their sign."""

from __future__ import annotations

from functools import partial

from stslidr import text
from stslidr_studies.study.study_results import Interval, MethodScore
from stslidr_studies.study.tables import GAP

DECIMALS = 1
percent = partial(text.percent, decimals=DECIMALS, gap=GAP)
"""A share in per cent; `GAP` for None."""


def spread(score: MethodScore) -> str:
    """The mean of a score over its seeds and, where there are several, its standard deviation."""
    deviation = score['std']
    return percent(score['mean']) + ('' if deviation is None else f' ± {percent(deviation)}')


def interval(difference: Interval) -> str:
    """A difference with its interval, in points."""
    low, high = points(difference['low']), points(difference['high'])
    return f'{points(difference["mean"])} [{low}, {high}]'


def points(difference: float) -> str:
    """A difference of two shares in points, with its sign; the minus is a typographer's."""
    return text.points(difference, DECIMALS).replace('-', '−')
