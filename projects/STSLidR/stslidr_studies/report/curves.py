"""Curves of pretraining and probes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.ticker import MaxNLocator

from stslidr_studies.report import page
from stslidr_studies.report.axes import colour, new_axes
from stslidr_studies.report.page import Section
from stslidr_studies.report.pictures import Picture, drawing
from stslidr_studies.report.training_log import TrainingLog

Curve = tuple[Sequence[float], Sequence[float]]


def draw_curves(curves: Mapping[str, Curve], ylabel: str, alt: str) -> Picture:
    """Draw curves over iterations.

    Args:
        curves: title -> iterations and values.
        ylabel: what the values are.
        alt: what the picture shows, in words.
    """
    figure, axes = new_axes()
    for number, (title, (steps, values)) in enumerate(curves.items()):
        axes.plot(
            steps,
            values,
            color=colour(number),
            linewidth=1.6,
            label=title,
            marker='o' if len(steps) < 3 else None,
            markersize=4,
        )
    axes.set(xlabel='iteration', ylabel=ylabel)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
    if len(curves) > 1:
        axes.legend(frameon=False)
    return drawing(figure, alt)


def draw_section(
    pretraining: Mapping[str, TrainingLog], probes: Mapping[str, TrainingLog]
) -> Section:
    """The section on training.

    Args:
        pretraining: title of a method -> log of its pretraining.
        probes: title of a method -> log of its linear probe.
    """
    figures = []
    for name, words in (
        ('loss', 'contrastive loss'),
        ('top1_matching', 'share of superpoints matched first'),
    ):
        curves = _curves(pretraining, name)
        if curves:
            figures.append(
                page.figure(
                    draw_curves(curves, words, f'{words} over the iterations of pretraining'),
                    f'Pretraining: {words}',
                )
            )
    curves = _curves(probes, 'loss')
    if curves:
        figures.append(
            page.figure(
                draw_curves(curves, 'loss', 'loss over the iterations of the linear probes'),
                'Linear probes: cross-entropy and Lovász loss, together',
            )
        )
    return Section(
        'curves',
        'Training',
        [
            page.paragraph(
                'Means over the last iterations, as logged. A share matched first of 1 '
                'would say that every superpoint is closest to its own superpixel.'
            ),
            page.grid(figures, 2),
        ],
    )


def _curves(logs: Mapping[str, TrainingLog], name: str) -> dict[str, Curve]:
    curves = {title: log.curve(name) for title, log in logs.items()}
    return {title: curve for title, curve in curves.items() if curve[0]}
