"""Methods and pairs of methods beside each other: means with their intervals."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from stslidr.report import page
from stslidr.report.axes import colour, new_axes
from stslidr.report.finished_study import FinishedStudy
from stslidr.report.page import Section
from stslidr.report.pictures import Picture, drawing

WIDTH, HEIGHT, HEIGHT_OF_ROW = 6.4, 0.6, 0.4  # inches
LONGEST_LINE = 32  # characters of a title


def draw_intervals(
    rows: Sequence[tuple[str, Mapping[str, Any]]], xlabel: str, alt: str,
    zero: bool = False,
) -> Picture:
    """Draw a point with its interval for each row, the first on top.

    Args:
        rows: title, and what is drawn: ``mean``, ``low`` and ``high``, in shares of mIoU.
        xlabel: what is drawn, in words.
        alt: what the picture shows, in words.
        zero: mark zero.
    """
    figure, axes = new_axes((WIDTH, HEIGHT + HEIGHT_OF_ROW * len(rows)))
    if zero:
        axes.axvline(0.0, color=colour(5), linewidth=1.0)
    for place, (_, score) in enumerate(rows):
        low, mean, high = (100 * score[key] for key in ('low', 'mean', 'high'))
        axes.plot([low, high], [place, place], color=colour(0), linewidth=2.0)
        axes.plot([mean], [place], color=colour(0), marker='o', markersize=5)
    axes.set(xlabel=xlabel, ylim=(len(rows) - 0.5, -0.5))
    axes.set_yticks(range(len(rows)), [textwrap.fill(title, LONGEST_LINE) for title, _ in rows])
    axes.grid(False, axis='y')
    axes.tick_params(axis='y', length=0)
    return drawing(figure, alt)


def draw_section(results: FinishedStudy) -> Section | None:
    """The section on how methods differ; None where the study compares no pair on its probe."""
    study, task = results.study, results.probe
    pairs = [
        (f'{study.methods[pair["method"]].title} − {study.methods[pair["other"]].title}',
         pair['tasks'][task])
        for pair in results.comparisons if task in pair['tasks']
    ]
    if not pairs:
        return None
    methods = [(method.title, results.score(method.name, task))
               for method in study.methods.values() if task in method.tasks]
    title = study.tasks[task].title
    return Section('comparisons', f'Methods compared: {title}', [
        page.paragraph(
            'Points are means over seeds; lines, 95 % intervals of resampled seeds and held-out '
            'scenes. What makes a scene hard for one method makes it hard for others too: so look '
            'at the differences, which are paired, not at whether the intervals of two methods '
            'overlap. A difference whose line crosses 0 may be chance.'),
        page.grid([
            page.figure(draw_intervals(methods, 'mIoU in %', 'mIoU of each method, with intervals'),
                        'mIoU'),
            page.figure(draw_intervals(pairs, 'points of mIoU', 'difference of each pair of '
                                       'methods, with intervals', zero=True), 'Differences'),
        ], 2),
    ])
