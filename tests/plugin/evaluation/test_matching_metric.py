"""MatchingMetric against a mean over all anchors."""

import math

import numpy as np

from stslidr.evaluation.matching_metric import MatchingMetric


def test_batches_weigh_by_their_anchors():
    rng = np.random.default_rng(0)
    batches = [rng.uniform(size=count) for count in (3, 50, 1, 0, 17)]
    metric = MatchingMetric()
    for losses in batches:
        metric.process(
            {},
            [
                dict(
                    loss=losses.mean() if len(losses) else 0.0,
                    top1_matching=(losses > 0.5).mean() if len(losses) else 0.0,
                    num_anchors=len(losses),
                )
            ],
        )
    scores = metric.evaluate(len(batches))
    every = np.concatenate(batches)
    assert math.isclose(scores['pretrain/loss'], every.mean(), rel_tol=1e-12)
    assert math.isclose(scores['pretrain/top1_matching'], (every > 0.5).mean(), rel_tol=1e-12)


def test_no_anchor_at_all_is_not_a_perfect_score():
    metric = MatchingMetric()
    metric.process({}, [dict(loss=0.0, top1_matching=0.0, num_anchors=0)])
    assert all(math.isnan(value) for value in metric.evaluate(1).values())
