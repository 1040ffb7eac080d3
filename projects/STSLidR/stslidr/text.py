"""Numbers, lists of names and tables as people read them."""

from __future__ import annotations

import math
from collections.abc import Iterable


def percent(value: float) -> str:
    """A share in per cent with two decimals; '-' for NaN."""
    return '-' if math.isnan(value) else f'{100 * value:.2f}'


def shorten(names: Iterable[object], shown: int = 3) -> str:
    """The first few names with commas between them, and ``...`` where there are more."""
    texts = [str(name) for name in names]
    return ', '.join(texts[:shown]) + ', ...' * (len(texts) > shown)
