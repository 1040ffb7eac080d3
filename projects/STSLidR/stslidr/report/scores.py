"""Scores of a study's methods over its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stslidr.engine.segmentation_metric import ALL, CONFUSION
from stslidr.report.finished_study import FinishedStudy


@dataclass(frozen=True, eq=False)
class MethodScores:
    """Scores of one method on one task, in per cent.

    Args:
        miou: float64 (seeds,).
        iou: class -> float64 (seeds,); NaN where the class never occurs.
    """

    miou: np.ndarray
    iou: dict[str, np.ndarray]


def read_scores(results: FinishedStudy, method: str, task: str) -> MethodScores:
    """The scores of a method on a task, of all seeds.

    Raises:
        ValueError: a result holds no scores.
    """
    seeds = [results.segmentation(results.cell(method, task, seed))[ALL]
             for seed in results.study.seeds]
    iou = {name: np.array([_percent(scores['iou'][name]) for scores in seeds])
           for name in seeds[0]['iou']}
    return MethodScores(np.array([_percent(scores['miou']) for scores in seeds]), iou)


def labelled_points(results: FinishedStudy, method: str, task: str) -> np.ndarray | None:
    """Labelled test points of each class, int64 (K,); None where a result does not say."""
    cell = results.cell(method, task, results.first_seed)
    confusion = results.segmentation(cell).get(CONFUSION)
    if not confusion:
        return None
    return np.sum(list(confusion.values()), axis=0).sum(axis=1)


def spread(values: Sequence[float] | np.ndarray) -> str:
    """The mean of several seeds, and their standard deviation where there are several."""
    values = np.asarray(values, dtype=np.float64)
    known = values[~np.isnan(values)]
    if not len(known):
        return '–'
    mean = f'{known.mean():.1f}'
    return mean if len(known) == 1 else f'{mean} ± {known.std(ddof=1):.1f}'


def _percent(share: float | None) -> float:
    return float('nan') if share is None else 100 * share
