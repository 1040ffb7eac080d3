"""Scores of a semantic segmentation from its confusion matrix, in plain numpy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stslidr.errors import InputError


def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, num_classes: int) -> np.ndarray:
    """Count points by label (rows) and prediction (columns); unlabelled points count in neither.

    Args:
        labels: integers (N,); those outside 0 ... num_classes - 1 are ignored points.
        predictions: integers (N,), each a class, those of ignored points too.
        num_classes: K.

    Returns:
        int64 (K, K).

    Raises:
        InputError: if there is not one prediction for each label, or one is no class.
    """
    if labels.shape != predictions.shape or labels.ndim != 1:
        raise InputError(
            f'predictions of shape {predictions.shape} for labels of shape '
            f'{labels.shape}: one for every point is needed'
        )
    if len(predictions) and not 0 <= predictions.min() <= predictions.max() < num_classes:
        raise InputError(
            f'predictions run from {predictions.min()} to {predictions.max()}, '
            f'classes from 0 to {num_classes - 1}'
        )
    labelled = (labels >= 0) & (labels < num_classes)
    pairs = labels[labelled].astype(np.int64) * num_classes + predictions[labelled]
    return np.bincount(pairs, minlength=num_classes**2).reshape(num_classes, num_classes)


def class_iou(confusion: np.ndarray) -> np.ndarray:
    """IoU of each class of confusion matrices (..., K, K), labels in rows: float64 (..., K).

    NaN for a class that never occurs, neither as a label nor as the prediction of a labelled point.
    (The published code counts it as 1.)
    """
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    return _ratio(right, confusion.sum(axis=-1) + confusion.sum(axis=-2) - right)


def mean_iou(confusion: np.ndarray) -> np.ndarray:
    """Mean over the classes that occur, of confusion matrices (..., K, K): float64 (...).

    NaN where none does.
    """
    return _mean(class_iou(confusion))


@dataclass(frozen=True)
class SegScores:
    """What a confusion matrix says; shares from 0 to 1.

    Args:
        iou: float64 (K,), see :func:`class_iou`.
        miou: see :func:`mean_iou`.
        accuracy: share of the labelled points that are predicted right; NaN without any.
        class_accuracy: mean recall of the classes that have a labelled point; NaN without any.
        num_points: labelled points.
    """

    iou: np.ndarray
    miou: float
    accuracy: float
    class_accuracy: float
    num_points: int

    @classmethod
    def of(cls, confusion: np.ndarray) -> SegScores:
        """Scores of a confusion matrix (K, K), labels in rows."""
        right = np.diag(confusion).astype(np.float64)
        labelled = confusion.sum(axis=1)
        return cls(
            iou=class_iou(confusion),
            miou=float(mean_iou(confusion)),
            accuracy=float(_ratio(right.sum(), labelled.sum())),
            class_accuracy=float(_mean(_ratio(right, labelled))),
            num_points=int(labelled.sum()),
        )


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Quotient, NaN where the whole is 0."""
    part, whole = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over the last axis of what is not NaN; NaN if everything is."""
    known = ~np.isnan(values)
    return _ratio(np.where(known, values, 0.0).sum(axis=-1), known.sum(axis=-1))
