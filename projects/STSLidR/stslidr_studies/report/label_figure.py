"""How many labels pretraining saves: scores over the share of the labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.ticker import FuncFormatter, NullLocator

from stslidr.text import brief_percent
from stslidr_studies.report import page
from stslidr_studies.report.axes import NEUTRAL, colour, new_axes
from stslidr_studies.report.finished_study import FinishedStudy
from stslidr_studies.report.numbers import GAP, percent
from stslidr_studies.report.page import Section
from stslidr_studies.report.pictures import Picture, drawing
from stslidr_studies.study.label_saving import describe_match
from stslidr_studies.study.study_results import Interval

Point = tuple[float, Interval]
"""Share of the labels, and the score there."""


def draw_label_curves(curves: Mapping[str, Sequence[Point]], baseline: str, alt: str) -> Picture:
    """Draw mIoU over the share of the labels, on a logarithmic axis.

    Args:
        curves: title -> its points, by growing share.
        baseline: the title whose curve is dashed, with its intervals as a band.
        alt: what the picture shows, in words.
    """
    figure, axes = new_axes()
    number = 0
    for title, points in curves.items():
        shares = [100 * share for share, _ in points]
        low = [100 * score['low'] for _, score in points]
        mean = [100 * score['mean'] for _, score in points]
        high = [100 * score['high'] for _, score in points]
        if title == baseline:
            axes.fill_between(shares, low, high, color=NEUTRAL, alpha=0.15, linewidth=0)
            axes.plot(
                shares, mean, color=NEUTRAL, linestyle='--', marker='o', markersize=4, label=title
            )
        else:
            axes.plot(shares, mean, color=colour(number), marker='o', markersize=4, label=title)
            number += 1
    axes.set(xscale='log', xlabel='share of the labels in %', ylabel='mIoU in %')
    axes.set_xticks(sorted({100 * share for points in curves.values() for share, _ in points}))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f'{value:g}'))
    axes.legend(frameon=False)
    return drawing(figure, alt)


def draw_section(results: FinishedStudy) -> Section | None:
    """The section on labels; None where the study does not ask how many are saved."""
    saving = results.label_saving
    if saving is None:
        return None
    study = results.study
    baseline = study.methods[study.baseline].title
    own = next(iter(saving['methods'].values()))['own_fraction']
    shares = {point['task']: point['fraction'] for point in saving['curve']}
    shares.setdefault(saving['pretrained'], own)
    curves = {
        study.methods[name].title: _points(results, name, shares)
        for name in (study.baseline, *saving['methods'])
    }
    rows = [
        [
            study.methods[name].title,
            percent(match['miou']),
            describe_match(match),
            ', '.join(map(describe_match, match['seeds'])) or GAP,
        ]
        for name, match in saving['methods'].items()
    ]
    words = brief_percent(own)
    return Section(
        'labels',
        'How many labels pretraining saves',
        [
            page.paragraph(
                f'Trained on a share of the labels: from random weights ({baseline}, dashed, with '
                'its 95 % interval) and from each pretraining.'
            ),
            page.grid(
                [
                    page.figure(
                        draw_label_curves(
                            curves,
                            baseline,
                            'mIoU over the share of the labels, one curve for each method',
                        )
                    )
                ],
                2,
            ),
            page.paragraph(
                f'With what share {baseline} would reach what a method reaches with {words} of the '
                'labels, read off its curve; in the last column for each seed alone.'
            ),
            page.table(
                [
                    'method',
                    f'mIoU in % with {words} of the labels',
                    f'labels for {baseline}',
                    'by seed',
                ],
                rows,
            ),
        ],
    )


def _points(results: FinishedStudy, name: str, shares: Mapping[str, float]) -> list[Point]:
    """A method's scores over the shares of the tasks that it runs."""
    tasks = results.study.methods[name].tasks
    points = [(share, results.score(name, task)) for task, share in shares.items() if task in tasks]
    return sorted(points, key=lambda point: point[0])
