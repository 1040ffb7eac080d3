"""Means and intervals against loops, and against the scores of one confusion matrix."""

import numpy as np
import pytest

from stslidr.evaluation.confusion import SegScores, mean_iou
from stslidr_studies.study.bootstrap import (
    RESAMPLES,
    SEED,
    deviation,
    estimate,
    estimate_difference,
)

SEEDS, SCENES, CLASSES = 3, 5, 4


@pytest.fixture
def counts():
    """int64 (S, N, K, K); class 2 is in one scene alone, class 3 never."""
    rng = np.random.default_rng(4)
    made = rng.integers(0, 50, (SEEDS, SCENES, CLASSES, CLASSES))
    made[:, 1:, 2, :] = made[:, 1:, :, 2] = 0
    made[:, :, 3, :] = made[:, :, :, 3] = 0
    return made


def draws():
    """The documented draws, scenes first, then seeds."""
    rng = np.random.default_rng(SEED)
    scenes = rng.integers(SCENES, size=(RESAMPLES, SCENES))
    return list(zip(scenes, rng.integers(SEEDS, size=(RESAMPLES, SEEDS)), strict=True))


def brute_force(counts, scenes, seeds):
    """Mean over drawn seeds of the mIoU of the drawn scenes together."""
    return np.mean(
        [SegScores.of(sum(counts[seed][scene] for scene in scenes)).miou for seed in seeds]
    )


def test_the_interval_is_that_of_a_loop(counts):
    values = [brute_force(counts, scenes, seeds) for scenes, seeds in draws()]
    found = estimate(counts)
    assert found.mean == pytest.approx(brute_force(counts, range(SCENES), range(SEEDS)))
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(values, (0.025, 0.975))))
    assert found.low < found.mean < found.high


def test_a_difference_uses_the_same_draws_for_both(counts):
    better = counts.copy()
    better[..., 0, 0] += 9
    values = [brute_force(better, *draw) - brute_force(counts, *draw) for draw in draws()]
    found = estimate_difference(better, counts)
    assert (found.low, found.high) == pytest.approx(tuple(np.quantile(values, (0.025, 0.975))))
    assert found.mean == pytest.approx(estimate(better).mean - estimate(counts).mean)
    alone = estimate(better)
    assert found.high - found.low < alone.high - alone.low, 'paired is narrower'
    same = estimate_difference(counts, counts)
    assert (same.mean, same.low, same.high) == (0, 0, 0)


def test_one_scene_and_one_seed_have_no_spread(counts):
    found = estimate(counts[:1, :1])
    assert found.low == found.mean == found.high


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    """Scenes of one population, whose pooled mIoU is known: 95 % is not far from 95 %."""
    rng = np.random.default_rng(0)
    share = np.array([[0.8, 0.2], [0.3, 0.7]])

    def draw(number):
        # scenes differ: each has its own accuracy about the common one
        accuracy = np.clip(share + rng.normal(0, 0.1, (number, 2, 1)) * [1, -1], 0, 1)
        return rng.multinomial(200, accuracy / accuracy.sum(axis=-1, keepdims=True))

    truth = float(mean_iou(draw(20000).sum(axis=0)))
    hits = 0
    for _ in range(100):
        found = estimate(draw(40)[None])
        hits += found.low <= truth <= found.high
    assert 86 <= hits <= 100


def test_deviation():
    assert deviation([1.0, 2.0, 4.0]) == pytest.approx(np.sqrt(7 / 3))
    assert deviation([3.0]) is None
