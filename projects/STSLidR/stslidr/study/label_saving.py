"""How many labels pretraining saves: the fraction from scratch that gives the same score."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from stslidr.files.label_split_file import FRACTIONS
from stslidr.study.cells import Cell
from stslidr.study.provenance import resolve_config
from stslidr.study.study_file import Study

LESS = 'less than the smallest'
MORE = 'more than all'


@dataclass(frozen=True)
class Match:
    """The label fraction from scratch that matches a score.

    Args:
        fraction: from 0 to 1; None beyond the ends of the curve.
        beyond: `LESS` or `MORE` beyond the ends, else None.
    """

    fraction: float | None
    beyond: str | None = None


def label_fraction(label_split: str | None) -> float:
    """Share of the labels that a named label split holds.

    Raises:
        ValueError: it is none of the named label splits.
    """
    if label_split not in FRACTIONS:
        raise ValueError(f'label split {label_split!r} has no known fraction; known: '
                         f'{", ".join(FRACTIONS)}')
    return 1 / FRACTIONS[label_split]


def check_label_splits(study: Study, cells: Iterable[Cell]) -> None:
    """Check that what `label_saving` asks for can be told from the configs.

    Args:
        study: the study.
        cells: all of it.

    Raises:
        ValueError: the config of a task has no label split of known fraction, or two of the curve
            have the same; names the task and the config.
    """
    asked = study.label_saving
    if asked is None:
        return
    known: dict[float, str] = {}
    for cell in cells:
        on_curve = cell.method == study.baseline and cell.step in asked.curve
        if cell.seed != study.seeds[0] or not (on_curve or cell.step == asked.pretrained):
            continue
        where = f'label_saving: task {cell.step}, config {cell.config}'
        split = resolve_config(cell).train_dataloader.dataset.get('label_split')
        try:
            fraction = label_fraction(split)
        except ValueError as error:
            raise ValueError(f'{where}: {error}') from None
        if on_curve and (other := known.setdefault(fraction, cell.step)) != cell.step:
            raise ValueError(f'{where}: it has the same share of the labels as {other}, so the '
                             'curve would have two scores there')


def matching_fraction(curve: Sequence[tuple[float, float]], score: float) -> Match:
    """The smallest fraction at which the curve reaches `score`.

    Between its points the curve is linear in the logarithm of the fraction.

    Args:
        curve: (fraction, score) pairs with distinct fractions.
        score: to be reached.
    """
    points = sorted(curve)
    if score < points[0][1]:
        return Match(None, LESS)
    if score == points[0][1]:
        return Match(points[0][0])
    for (fraction, value), (next_fraction, next_value) in zip(points, points[1:], strict=False):
        if next_value >= score:
            share = (score - value) / (next_value - value)
            return Match(math.exp(
                (1 - share) * math.log(fraction) + share * math.log(next_fraction)))
    return Match(None, MORE)
