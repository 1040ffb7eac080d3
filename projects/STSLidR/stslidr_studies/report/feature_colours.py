"""Point features as colours: their first three principal components."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from stslidr.errors import InputError

COMPONENTS = 3
PERCENTILES = (2.0, 98.0)
"""Of each component: what 0 and 255 stand for, so that a few stray points change nothing."""


class FeatureColours(NamedTuple):
    """Colours of N points."""

    colours: np.ndarray
    """uint8 (N, 3)."""
    explained: float
    """Share of the features' variance that the three components hold, from 0 to 1."""


def colour_features(features: np.ndarray) -> FeatureColours:
    """Show the three principal components of features as red, green and blue.

    A component's sign, which the decomposition leaves open, is such that its largest loading is
    positive. Features that do not vary are all of one grey.

    Args:
        features: (N, C), C at least 3.

    Raises:
        InputError: if there are fewer than three features, no points, or a value that is not
            finite.
    """
    if features.ndim != 2 or features.shape[1] < COMPONENTS or not len(features):
        raise InputError(
            f'features of shape {features.shape}: rows of at least {COMPONENTS} are needed'
        )
    if not np.isfinite(features).all():
        raise InputError('features are not finite, so the network that made them has diverged')
    centred = features.astype(np.float64) - features.mean(axis=0, dtype=np.float64)
    variances, axes = np.linalg.eigh(centred.T @ centred / len(centred))  # ascending
    axes = axes[:, : -COMPONENTS - 1 : -1]
    largest = axes[np.abs(axes).argmax(axis=0), np.arange(COMPONENTS)]
    values = centred @ (axes * np.where(largest < 0, -1.0, 1.0))
    low, high = np.percentile(values, PERCENTILES, axis=0)
    span = high - low
    scaled = np.divide(values - low, span, out=np.full_like(values, 0.5), where=span > 0)
    total = variances.clip(0).sum()
    explained = float(variances[-COMPONENTS:].sum() / total) if total > 0 else 1.0
    return FeatureColours((scaled.clip(0, 1) * 255).round().astype(np.uint8), explained)
