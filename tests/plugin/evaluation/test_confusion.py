"""Scores against brute-force loops and scikit-learn, with ignored points and absent classes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, jaccard_score, recall_score

from stslidr.evaluation.confusion import SegScores, class_iou, confusion_matrix, mean_iou

CLASSES = 5


@st.composite
def labelled_points(draw):
    """Labels with ignored ones (-1, and 5 as datasets count them), predictions, few classes."""
    present = draw(st.lists(st.integers(0, CLASSES - 1), min_size=1, max_size=CLASSES))
    size = draw(st.integers(1, 60))
    labels = draw(st.lists(st.sampled_from([*present, -1, CLASSES]), min_size=size, max_size=size))
    predictions = draw(st.lists(st.sampled_from(present), min_size=size, max_size=size))
    return np.array(labels), np.array(predictions)


def brute_force(labels, predictions):
    """IoU of each class (None: never occurs), accuracy, by counting point after point."""
    scored = [(a, b) for a, b in zip(labels, predictions, strict=True) if 0 <= a < CLASSES]
    iou = []
    for number in range(CLASSES):
        both = sum(1 for a, b in scored if a == number and b == number)
        either = sum(1 for a, b in scored if a == number or b == number)
        iou.append(both / either if either else None)
    return iou, sum(1 for a, b in scored if a == b) / len(scored) if scored else None


@settings(max_examples=200, deadline=None)
@given(labelled_points())
def test_scores_are_those_of_brute_force_loops(points):
    labels, predictions = points
    scores = SegScores.of(confusion_matrix(labels, predictions, CLASSES))
    iou, accuracy = brute_force(labels.tolist(), predictions.tolist())
    for number in range(CLASSES):
        assert math.isnan(scores.iou[number]) == (iou[number] is None)
        assert iou[number] is None or scores.iou[number] == pytest.approx(iou[number], rel=1e-12)
    known = [value for value in iou if value is not None]
    if accuracy is None:
        assert scores.num_points == 0 and not known
        assert all(math.isnan(x) for x in (scores.miou, scores.accuracy, scores.class_accuracy))
    else:
        assert scores.miou == pytest.approx(sum(known) / len(known), rel=1e-12)
        assert scores.accuracy == pytest.approx(accuracy, rel=1e-12)


@settings(max_examples=100, deadline=None)
@given(labelled_points())
def test_scores_are_those_of_scikit_learn(points):
    labels, predictions = points
    scores = SegScores.of(confusion_matrix(labels, predictions, CLASSES))
    scored = (labels >= 0) & (labels < CLASSES)
    truth, guess = labels[scored], predictions[scored]
    if not len(truth):
        return
    occurring = np.union1d(truth, guess)
    expected = jaccard_score(truth, guess, labels=occurring, average=None, zero_division=0)
    np.testing.assert_allclose(scores.iou[occurring], expected, rtol=1e-12)
    assert np.isnan(np.delete(scores.iou, occurring)).all()
    mean = jaccard_score(truth, guess, labels=occurring, average='macro', zero_division=0)
    assert scores.miou == pytest.approx(mean, rel=1e-12)
    assert scores.accuracy == pytest.approx(accuracy_score(truth, guess), rel=1e-12)
    recall = recall_score(truth, guess, labels=np.unique(truth), average='macro')
    assert scores.class_accuracy == pytest.approx(recall, rel=1e-12)


def test_a_class_that_never_occurs_is_not_a_perfect_one():
    """Two classes of three occur with IoU 1/2 and 0; the published code says (1/2 + 0 + 1) / 3."""
    scores = SegScores.of(confusion_matrix(np.array([0, 0]), np.array([0, 1]), 3))
    np.testing.assert_equal(scores.iou, [0.5, 0.0, np.nan])
    assert scores.miou == 0.25


def test_a_prediction_at_an_ignored_point_counts_nowhere():
    matrix = confusion_matrix(np.array([0, 2, -1, 255]), np.array([0, 1, 1, 1]), 2)
    np.testing.assert_array_equal(matrix, [[1, 0], [0, 0]])


@pytest.mark.parametrize(
    ('labels', 'predictions', 'said'),
    [
        ([0, 1], [0], r'shape \(1,\) for labels of shape \(2,\)'),
        ([0, 1], [0, 2], 'from 0 to 2, classes from 0 to 1'),
        ([0, 5], [0, -1], 'from -1 to 0'),
    ],
)
def test_each_point_needs_a_prediction_that_is_a_class(labels, predictions, said):
    with pytest.raises(ValueError, match=said):
        confusion_matrix(np.array(labels), np.array(predictions), 2)


def test_scores_of_many_matrices_are_those_of_each():
    counts = np.random.default_rng(4).integers(0, 50, (3, 5, 4, 4))
    counts[:, 1:, 2, :] = counts[:, 1:, :, 2] = 0
    counts[:, :, 3, :] = counts[:, :, :, 3] = 0
    iou, miou = class_iou(counts), mean_iou(counts)
    for index in np.ndindex(3, 5):
        single = SegScores.of(counts[index])
        np.testing.assert_array_equal(iou[index], single.iou)
        assert miou[index] == pytest.approx(single.miou, rel=1e-15)
    assert np.isnan(iou[:, 1:, 2:]).all() and not np.isnan(iou[:, 0, :3]).any()
    assert np.isnan(mean_iou(np.zeros((2, 2), dtype=int)))
