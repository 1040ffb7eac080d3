"""Predicted classes as label files, one label for each point of the sweep, in its order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stslidr.errors import InputError
from stslidr.files.atomic import write_bytes
from stslidr.files.point_labels import LabelFormat


def encode_predictions(
    classes: NDArray[np.integer[Any]], label_format: LabelFormat
) -> NDArray[np.unsignedinteger[Any]]:
    """Return the ids that a prediction file holds, of the type that it holds them in.

    Args:
        classes: integers (N,), counted from 0.
        label_format: of the data set.

    Raises:
        InputError: if a value is no class.
    """
    ids = np.array(label_format.written_ids, dtype=label_format.dtype)
    if len(classes) and not 0 <= classes.min() <= classes.max() < len(ids):
        raise InputError(
            f'predictions run from {classes.min()} to {classes.max()}, classes of '
            f'{label_format.name} from 0 to {len(ids) - 1}'
        )
    written: NDArray[np.unsignedinteger[Any]] = ids[classes]
    return written


def write_predictions(
    path: str | Path, classes: NDArray[np.integer[Any]], label_format: LabelFormat
) -> None:
    """Write the prediction file of a sweep atomically; arguments as in `encode_predictions`."""
    write_bytes(path, encode_predictions(classes, label_format).tobytes())


def check_one_for_each(predictions: int, points: int, sweep: str) -> None:
    """Refuse other than one prediction for each point of a sweep's file.

    Raises:
        InputError: there are more or fewer; says what may have dropped points.
    """
    if predictions != points:
        raise InputError(
            f'{sweep}: {predictions} predictions for {points} points: a transform of the test '
            'pipeline drops points, as PointsRangeFilter and PointSample do; leave it out'
        )
