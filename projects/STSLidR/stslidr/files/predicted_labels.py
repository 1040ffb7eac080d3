"""Predicted classes as label files: what the benchmarks take, and how a submission lies on disk.

nuScenes-lidarseg: uint8, the classes of the challenge, 1 to 16. SemanticKITTI: uint32, for each
class the raw id that stands for it. Both have one label for each point of the sweep, in its order.
"""

from __future__ import annotations

import json
from pathlib import Path, PurePath

import numpy as np

from stslidr.errors import InputError
from stslidr.files import semantickitti_classes
from stslidr.files.atomic import write_bytes
from stslidr.files.point_labels import LIDARSEG, SEMANTIC_KITTI, LabelFormat

WRITTEN_IDS = {
    LIDARSEG.name: tuple(range(1, LIDARSEG.ignored + 1)),
    SEMANTIC_KITTI.name: semantickitti_classes.RAW_OF_CLASS,
}
"""Name of a label format -> what its prediction files hold for each class."""
ENDINGS = {LIDARSEG.name: '_lidarseg.bin', SEMANTIC_KITTI.name: '.label'}
"""Name of a label format -> what a prediction file's name ends with, after that of the sweep."""
MODALITIES = {
    'use_camera': False,
    'use_lidar': True,
    'use_radar': False,
    'use_map': False,
    'use_external': False,
}
"""What a lidarseg submission must say of the inputs at test time; here, the sweep alone."""


def encode_predictions(classes: np.ndarray, label_format: LabelFormat) -> np.ndarray:
    """Return the ids that a prediction file holds, of the type that it holds them in.

    Args:
        classes: integers (N,), counted from 0.
        label_format: of the data set.

    Raises:
        InputError: if a value is no class.
    """
    ids = np.array(WRITTEN_IDS[label_format.name], dtype=label_format.dtype)
    if len(classes) and not 0 <= classes.min() <= classes.max() < len(ids):
        raise InputError(
            f'predictions run from {classes.min()} to {classes.max()}, classes of '
            f'{label_format.name} from 0 to {len(ids) - 1}'
        )
    return ids[classes]


def write_predictions(path: str | Path, classes: np.ndarray, label_format: LabelFormat) -> None:
    """Write the prediction file of a sweep atomically; arguments as in `encode_predictions`."""
    write_bytes(path, encode_predictions(classes, label_format).tobytes())


def lidarseg_submission_path(out: str | Path, split: str, sample_data_token: str) -> Path:
    """Where the lidarseg challenge wants the predictions for a sweep, by the sweep's token."""
    return Path(out) / 'lidarseg' / split / f'{sample_data_token}{ENDINGS[LIDARSEG.name]}'


def semantickitti_submission_path(out: str | Path, lidar_path: str) -> Path:
    """Where SemanticKITTI wants the predictions for `.../08/velodyne/000000.bin`.

    Raises:
        InputError: if the sweep does not lie in such a folder.
    """
    path = PurePath(lidar_path)
    if path.parent.name != 'velodyne' or not path.parent.parent.name:
        raise InputError(
            f'{lidar_path} does not lie in <sequence>/velodyne, after which '
            'SemanticKITTI names predictions'
        )
    name = f'{path.stem}{ENDINGS[SEMANTIC_KITTI.name]}'
    return Path(out) / 'sequences' / path.parent.parent.name / 'predictions' / name


def write_lidarseg_submission(out: str | Path, split: str) -> None:
    """Write `OUT/<split>/submission.json`, which goes with the predictions."""
    content = json.dumps({'meta': MODALITIES}, indent=1) + '\n'
    write_bytes(Path(out) / split / 'submission.json', content.encode())
