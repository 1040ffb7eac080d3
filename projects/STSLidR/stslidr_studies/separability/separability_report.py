"""What a measurement of separability found, as Markdown and for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypedDict

from stslidr.files.lidarseg_classes import CLASS_NAMES
from stslidr.text import brief_percent, markdown_table, percent
from stslidr_studies.separability.class_samples import LabelledRows
from stslidr_studies.separability.separability import Separability

DECIMALS = 1
"""Of an IoU in per cent."""


class SeparabilityNumbers(TypedDict):
    """What a measurement found, in plain types; the lists are by class."""

    classes: list[str]
    training_points: list[int]
    held_out_points: list[int]
    orders_of_magnitude: dict[str, float]
    miou: dict[str, dict[str, float]]
    """What is seen -> classifier -> mIoU."""
    best: dict[str, str]
    iou_of_best: dict[str, list[float | None]]
    """None for a class that is not in both."""


def markdown_report(
    training: LabelledRows, held_out: LabelledRows, found: Mapping[str, Separability]
) -> str:
    """Points of each class, and IoU of the best classifier by what it sees; mIoU of all.

    Args:
        training: points of the training scenes.
        held_out: points of the held-out scenes.
        found: by what a classifier sees, such as 'colour'.
    """
    heading = [
        'class',
        'training points',
        'share',
        'held-out points',
        *(f'IoU from {seen}' for seen in found),
    ]
    rows = [
        [
            name,
            f'{training.counts[index]:,}',
            brief_percent(training.counts[index] / training.counts.sum()),
            f'{held_out.counts[index]:,}',
            *(percent(result.iou[index], DECIMALS) for result in found.values()),
        ]
        for index, name in enumerate(CLASS_NAMES)
    ]
    means = [percent(result.miou, DECIMALS) for result in found.values()]
    rows.append(['mean of those in both', '', '', '', *means])
    lines = [
        markdown_table(heading, rows, numbers=True),
        '',
        'Class frequencies span '
        f'{training.orders_of_magnitude():.1f} orders of magnitude in the training scenes, '
        f'{held_out.orders_of_magnitude():.1f} in the held-out scenes.',
        '',
    ]
    for seen, result in found.items():
        mious = (f'{name} {percent(miou, DECIMALS)}' for name, miou in result.mious.items())
        lines.append(f'mIoU from {seen}: {"; ".join(mious)}')
    return '\n'.join(lines)


def separability_as_json(
    training: LabelledRows, held_out: LabelledRows, found: Mapping[str, Separability]
) -> SeparabilityNumbers:
    """The same numbers in plain types; None for the IoU of a class that is not in both."""
    return {
        'classes': list(CLASS_NAMES),
        'training_points': training.counts.tolist(),
        'held_out_points': held_out.counts.tolist(),
        'orders_of_magnitude': {
            'training': training.orders_of_magnitude(),
            'held_out': held_out.orders_of_magnitude(),
        },
        'miou': {seen: result.mious for seen, result in found.items()},
        'best': {seen: result.best for seen, result in found.items()},
        'iou_of_best': {
            seen: [None if math.isnan(iou) else iou for iou in result.iou.tolist()]
            for seen, result in found.items()
        },
    }
