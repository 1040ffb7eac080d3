"""Labels and predictions of a held-out sweep, side by side from above."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from stslidr.inspection.birds_eye import draw_panel
from stslidr_studies.report import page
from stslidr_studies.report.feature_figure import EXTENT
from stslidr_studies.report.labelled_sweep import LabelledSweep
from stslidr_studies.report.models import SweepOutput
from stslidr_studies.report.page import Section
from stslidr_studies.report.pictures import drawing

IGNORED = (190, 190, 190)


def draw_section(labelled: LabelledSweep, outputs: Mapping[str, SweepOutput]) -> Section:
    """The section on predictions.

    Args:
        labelled: the sweep.
        outputs: title of a method -> what its probe makes of the sweep.
    """
    points = next(iter(outputs.values())).points
    counts = np.bincount(labelled.classes[labelled.known], minlength=len(labelled.names))
    panels = [
        _panel(
            points,
            labelled.classes,
            labelled,
            'labels',
            f'Labels: {int(counts.sum()):,} labelled points',
        )
    ]
    for title, output in outputs.items():
        panels.append(
            _panel(
                points,
                output.classes,
                labelled,
                f'predictions of {title}',
                f'{title}: {_describe_share(output.classes, labelled)}',
            )
        )
    predicted = np.stack(
        [np.bincount(output.classes, minlength=len(counts)) for output in outputs.values()]
    ).any(axis=0)
    shown = np.flatnonzero((counts > 0) | predicted)
    entries = [
        (f'{labelled.names[number]} ({counts[number]:,})', labelled.palette[number].tolist())
        for number in shown
    ]
    scene = f' of {labelled.scene}' if labelled.scene else ''
    return Section(
        'predictions',
        'Predictions beside labels',
        [
            page.paragraph(
                f'A keyframe{scene}, which no training has seen: what its points are '
                'labelled as, and what the linear probes say. It has the most classes of '
                'those looked through.'
            ),
            page.grid(panels, 3),
            page.legend([*entries, ('not labelled', IGNORED)]),
            page.paragraph(
                'In brackets the labelled points of each class in this sweep. '
                f'{2 * EXTENT:g} m across; rings every 20 m.',
                soft=True,
            ),
        ],
    )


def _panel(
    points: np.ndarray, classes: np.ndarray, labelled: LabelledSweep, shows: str, caption: str
) -> str:
    colours = np.concatenate([labelled.palette, [IGNORED]]).astype(np.uint8)
    known = (classes >= 0) & (classes < len(labelled.names))
    drawn = draw_panel(points, colours[np.where(known, classes, len(labelled.names))], EXTENT)
    return page.figure(drawing(drawn, f'{shows}, from above'), caption)


def _describe_share(classes: np.ndarray, labelled: LabelledSweep) -> str:
    """How much of the labelled points is predicted right."""
    if not labelled.known.any():
        return 'no labelled point to compare'
    return (
        f'{(classes == labelled.classes)[labelled.known].mean():.1%} of the labelled points right'
    )
