"""Statistics of one data set, or of two side by side, as a Markdown table and for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping

from stslidr.text import markdown_table

LOWEST_RATIO, HIGHEST_RATIO = 0.7, 1.3
"""Ratios outside are marked."""
NO_VALUE = '-'
MARK = '!'


def ratio(value: float, other: float) -> float:
    """The quotient; 1 if both are 0, NaN if one is not known or only `other` is 0."""
    if value == other == 0:
        return 1.0
    return value / other if other else math.nan


def is_unlike(value: float, other: float) -> bool:
    """Whether two known values are not within 30 % of each other."""
    if math.isnan(value) or math.isnan(other):
        return False
    return not LOWEST_RATIO <= ratio(value, other) <= HIGHEST_RATIO


def statistics_table(
    measures: Mapping[str, float],
    against: Mapping[str, float] | None = None,
    names: tuple[str, str] = ('this', 'against'),
) -> str:
    """One row a quantity; with `against`, its values, the ratio, and `!` where it is unlike.

    Args:
        measures: name of a quantity -> value.
        against: the same of another data set.
        names: headings of the two columns.
    """
    if against is None:
        single = [(name, _number(value)) for name, value in measures.items()]
        return markdown_table(('quantity', names[0]), single, numbers=True)
    rows = []
    for name in dict.fromkeys((*measures, *against)):
        value, other = measures.get(name, math.nan), against.get(name, math.nan)
        mark = MARK if is_unlike(value, other) else ''
        quotient = ratio(value, other)
        shown = NO_VALUE if math.isnan(quotient) else f'{quotient:.2f}'
        rows.append((name, _number(value), _number(other), shown, mark))
    return markdown_table(('quantity', *names, 'ratio', ''), rows, numbers=True)


def statistics_as_json(
    measures: Mapping[str, float], against: Mapping[str, float] | None = None
) -> dict[str, dict[str, float | None]]:
    """`measures`, and with `against` also that and `ratios`, with None for what is not known."""
    tables = {'measures': dict(measures)}
    if against is not None:
        tables['against'] = dict(against)
        tables['ratios'] = {
            name: ratio(measures[name], against[name]) for name in measures if name in against
        }
    return {
        title: {name: None if math.isnan(value) else value for name, value in table.items()}
        for title, table in tables.items()
    }


def _number(value: float) -> str:
    """A value with as many digits as it deserves."""
    if math.isnan(value):
        return NO_VALUE
    return f'{value:,.0f}' if abs(value) >= 100 else f'{value:.3g}'
