"""Numbers, lists of names and tables as people read them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence


def percent(share: float | None, decimals: int = 2, gap: str = '-') -> str:
    """A share in per cent; `gap` for None and NaN.

    Args:
        share: 1 is 100 %.
        decimals: places behind the point.
        gap: what stands for a share that is not defined.
    """
    return gap if share is None or math.isnan(share) else f'{100 * share:.{decimals}f}'


def brief_percent(share: float) -> str:
    """A share in per cent with three digits and the sign behind it, as '0.1 %' and '33.3 %'."""
    return f'{100 * share:.3g} %'


def points(difference: float, decimals: int = 2) -> str:
    """A difference of two shares in percentage points, always with its sign."""
    return f'{100 * difference:+.{decimals}f}'


def shorten(names: Iterable[object], shown: int = 3) -> str:
    """The first few names with commas between them, and ``...`` where there are more."""
    texts = [str(name) for name in names]
    return ', '.join(texts[:shown]) + ', ...' * (len(texts) > shown)


def markdown_table(
    heading: Sequence[str], rows: Iterable[Sequence[str]], numbers: bool = False
) -> str:
    """A table in Markdown.

    Args:
        heading: title of each column.
        rows: cells; a ``|`` in one is escaped, a line break becomes a space.
        numbers: align all columns but the first right.
    """
    others = '--:' if numbers else '--'
    lines = [heading, ['--', *[others] * (len(heading) - 1)], *rows]
    return '\n'.join(f'| {" | ".join(map(_escape, line))} |' for line in lines)


def _escape(cell: str) -> str:
    return cell.replace('|', '\\|').replace('\n', ' ')
