"""Mean, deviation and bootstrap intervals of mIoU over seeds and held-out scenes.

Letters of array axes: s seeds, n scenes, b resamples, k labelled and l predicted classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stslidr.evaluation.confusion import mean_iou

RESAMPLES = 2000
SEED = 0
LEVEL = 0.95


@dataclass(frozen=True)
class Estimate:
    """A number with its interval; `low` and `high` bound the central 95 % of the resamples."""

    mean: float
    low: float
    high: float


class Resampling:
    """The resamples that all methods of one test set share.

    Seeds and scenes are crossed: every seed is scored on the same scenes. So a resample draws
    seeds with replacement, and scenes with replacement once for all seeds.

    Args:
        num_seeds: S.
        num_scenes: N.
        resamples: B.
        seed: of the generator.
    """

    def __init__(
        self, num_seeds: int, num_scenes: int, resamples: int = RESAMPLES, seed: int = SEED
    ) -> None:
        rng = np.random.default_rng(seed)
        scenes = rng.integers(num_scenes, size=(resamples, num_scenes))
        seeds = rng.integers(num_seeds, size=(resamples, num_seeds))
        self.scene_counts = _counts(scenes, num_scenes)
        """int64 (B, N), how often each scene is drawn."""
        self.seed_counts = _counts(seeds, num_seeds)
        """int64 (B, S), how often each seed is drawn."""

    def scores(self, confusion: np.ndarray) -> np.ndarray:
        """Mean over drawn seeds of the mIoU of the drawn scenes' summed confusion: (B,).

        Args:
            confusion: counts (S, N, K, K).
        """
        per_seed = [
            mean_iou(np.einsum('bn,nkl->bkl', self.scene_counts, counts, optimize=True))
            for counts in confusion.astype(np.float64)
        ]
        weights = self.seed_counts / self.seed_counts.sum(axis=1, keepdims=True)
        return (np.stack(per_seed, axis=1) * weights).sum(axis=1)


def _counts(draws: np.ndarray, size: int) -> np.ndarray:
    """How often each of 0 ... size - 1 stands in each row."""
    rows = np.arange(len(draws))[:, None] * size
    return np.bincount((rows + draws).ravel(), minlength=len(draws) * size).reshape(-1, size)


def estimate(confusion: np.ndarray) -> Estimate:
    """Mean over seeds of mIoU with its interval, of counts (S, N, K, K)."""
    return _estimate(confusion, None)


def estimate_difference(confusion: np.ndarray, baseline: np.ndarray) -> Estimate:
    """Mean difference of mIoU, method minus baseline, with its paired interval.

    Args:
        confusion: counts of the method (S, N, K, K).
        baseline: counts of the baseline, with the same seeds and scenes in the same order.
    """
    return _estimate(confusion, baseline)


def _estimate(confusion: np.ndarray, baseline: np.ndarray | None) -> Estimate:
    resampling = Resampling(*confusion.shape[:2])
    means, scores = mean_iou(confusion.sum(axis=1)), resampling.scores(confusion)
    if baseline is not None:
        means = means - mean_iou(baseline.sum(axis=1))
        scores = scores - resampling.scores(baseline)
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(scores, (tail, 1 - tail))
    return Estimate(float(means.mean()), float(low), float(high))


def deviation(values: Sequence[float]) -> float | None:
    """Standard deviation with n - 1; None for a single value."""
    return float(np.std(values, ddof=1)) if len(values) > 1 else None
