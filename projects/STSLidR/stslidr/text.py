"""Numbers, lists of names and tables as people read them."""

from __future__ import annotations

import math


def percent(value: float) -> str:
    """A share in per cent with two decimals; '-' for NaN."""
    return '-' if math.isnan(value) else f'{100 * value:.2f}'
