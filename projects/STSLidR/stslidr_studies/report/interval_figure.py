"""Methods and pairs of methods beside each other: means with their intervals."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import numpy as np

from stslidr_studies.report import page
from stslidr_studies.report.axes import COLOURS, NEUTRAL, new_axes
from stslidr_studies.report.finished_study import FinishedStudy
from stslidr_studies.report.numbers import GAP, interval
from stslidr_studies.report.page import Section
from stslidr_studies.report.pictures import Picture, drawing
from stslidr_studies.study.study_results import Interval

WIDTH, HEIGHT, HEIGHT_OF_LINE = 4.6, 0.7, 0.21  # inches
LONGEST_LINE = 22  # characters of a title
Row = tuple[str, Interval]
"""A title, and what is drawn, in shares of mIoU."""
IntervalRows = Mapping[str, Mapping[str, Interval | None]]
"""Title -> task -> what is drawn."""


def draw_intervals(rows: Sequence[Row], xlabel: str, alt: str, zero: bool = False) -> Picture:
    """Draw a point with its interval for each row, the first on top.

    Args:
        rows: see `Row`.
        xlabel: what is drawn, in words.
        alt: what the picture shows, in words.
        zero: mark zero.
    """
    titles = [textwrap.fill(title, LONGEST_LINE) for title, _ in rows]
    lines = np.array([title.count('\n') + 2 for title in titles])  # one between two titles
    places = np.cumsum(lines) - lines / 2
    figure, axes = new_axes((WIDTH, HEIGHT + HEIGHT_OF_LINE * lines.sum()))
    if zero:
        axes.axvline(0.0, color=NEUTRAL, linewidth=1.0)
    for place, (_, score) in zip(places, rows, strict=True):
        low, mean, high = (100 * end for end in (score['low'], score['mean'], score['high']))
        axes.plot([low, high], [place, place], color=COLOURS[0], linewidth=2.0)
        axes.plot([mean], [place], color=COLOURS[0], marker='o', markersize=5)
    axes.set(xlabel=xlabel, ylim=(lines.sum(), 0))
    axes.set_yticks(places, titles)
    axes.grid(False, axis='y')
    axes.tick_params(axis='y', length=0)
    return drawing(figure, alt)


def draw_section(results: FinishedStudy) -> Section | None:
    """The section on how methods differ; None where the study compares no pair.

    Graphs are of the linear probe, tables of all tasks.
    """
    if not results.comparisons:
        return None
    study, probe = results.study, results.probe
    title = study.tasks[probe].title
    pairs = {
        f'{study.methods[pair["method"]].title} − {study.methods[pair["other"]].title}': pair[
            'tasks'
        ]
        for pair in results.comparisons
    }
    methods = {
        method.title: {task: results.score(method.name, task) for task in method.tasks}
        for method in study.methods.values()
    }
    to_baseline = {
        name: {task: score['difference'] for task, score in scores.items()}
        for name, scores in methods.items()
        if name != study.methods[study.baseline].title
    }
    graphs = [
        page.figure(
            draw_intervals(
                _of_task(methods, probe), 'mIoU in %', 'mIoU of each method, with interval'
            ),
            f'{title}: mIoU',
        )
    ]
    if drawn := _of_task(pairs, probe):
        graphs.append(
            page.figure(
                draw_intervals(
                    drawn,
                    'points of mIoU',
                    'difference of each pair of methods, with interval',
                    zero=True,
                ),
                f'{title}: differences',
            )
        )
    return Section(
        'comparisons',
        'Methods compared',
        [
            page.paragraph(_explain(len(study.seeds))),
            page.grid(graphs, 2),
            page.heading(f'Points of mIoU above {study.methods[study.baseline].title}'),
            _tabulate(results, to_baseline),
            page.heading('Points of mIoU between methods, the first minus the second'),
            _tabulate(results, pairs),
        ],
    )


def _of_task(rows: IntervalRows, task: str) -> list[Row]:
    return [(title, score) for title, scores in rows.items() if (score := scores.get(task))]


def _tabulate(results: FinishedStudy, rows: IntervalRows) -> str:
    tasks = results.study.tasks
    return page.table(
        ['', *(task.title for task in tasks.values())],
        [
            [title, *(interval(score) if (score := scores.get(task)) else GAP for task in tasks)]
            for title, scores in rows.items()
        ],
    )


def _explain(num_seeds: int) -> str:
    """What the lines and brackets stand for."""
    if num_seeds > 1:
        words = (
            'Means over seeds, with 95 % intervals of resampled seeds and held-out scenes. '
            'A difference whose interval holds 0 may be chance.'
        )
    else:
        words = (
            'One run of each, with 95 % intervals of resampled held-out scenes. A difference '
            'whose interval holds 0 may be chance; so may others: another seed would give '
            'other numbers.'
        )
    return (
        f'{words} What makes a scene hard for one method makes it hard for the others too: so '
        'look at the differences, which are paired, not at whether the intervals of two '
        'methods overlap.'
    )
