"""SemanticKITTI, with the 19 classes of its single-scan benchmark."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path, PurePath, PurePosixPath

import numpy as np

from stslidr.corruptions.profiles import COMMON, WATER_HEIGHTS, Profile, by_severity
from stslidr.dataset_records.record import DatasetRecord
from stslidr.dataset_records.submission import PredictedSweep
from stslidr.errors import InputError
from stslidr.files.info_entries import InfoEntry
from stslidr.files.point_labels import LabelFormat
from stslidr.files.semantickitti_classes import (
    CLASS_NAMES,
    CLASS_OF_RAW,
    IGNORED,
    PALETTE,
    RAW_OF_CLASS,
)
from stslidr.preparation import semantickitti_infos
from stslidr.preparation.label_splits import BY_FRAME, sweep_of

SEMANTIC_KITTI_LABELS = LabelFormat(
    name='semantickitti',
    dtype='<u4',
    semantic_bits=16,
    class_of_raw=CLASS_OF_RAW,
    ignored=IGNORED,
    written_ids=RAW_OF_CLASS,
    ending='.label',
)

# Velodyne HDL-64E: 32 beams 1/2 degree apart below 32 beams 1/3 degree apart
PROFILE = Profile(
    elevations=(*(-24.33 + np.arange(32) / 2), *(-8.33 + np.arange(32) / 3)),
    max_intensity=1.0,
    ignored=IGNORED,
    levels={
        **COMMON,
        'wet_ground': by_severity(water_height=WATER_HEIGHTS, noise_floor=(0.3, 0.3, 0.7)),
        # 4 to 58 in the release, which counts from the top
        'beam_missing': by_severity(beams=(16, 32, 48), constants={'candidates': range(5, 60)}),
        'crosstalk': by_severity(share=(0.006, 0.008, 0.01)),
        # car, bicycle, motorcycle, truck, other vehicle
        'incomplete_echo': by_severity(
            share=(0.75, 0.85, 0.95), constants={'classes': (0, 1, 2, 3, 4)}
        ),
    },
)


def submission_path(sweep: PredictedSweep) -> PurePath:
    """Where SemanticKITTI wants the predictions for `.../08/velodyne/000000.bin`.

    Raises:
        InputError: if the sweep does not lie in such a folder.
    """
    path = PurePath(sweep.lidar_path)
    if path.parent.name != 'velodyne' or not path.parent.parent.name:
        raise InputError(
            f'{sweep.lidar_path} does not lie in <sequence>/velodyne, after which '
            'SemanticKITTI names predictions'
        )
    name = f'{path.stem}{SEMANTIC_KITTI_LABELS.ending}'
    return PurePath('sequences', path.parent.parent.name, 'predictions', name)


def sequence_of(sample: InfoEntry) -> str | None:
    """The sequence, such as '08': the folder above `velodyne`."""
    folders = PurePosixPath(sweep_of(sample)).parts[:-1]
    return folders[-2] if len(folders) > 1 else None


def prepare(root: Path, out: Path, options: argparse.Namespace) -> Iterator[str]:
    """Write info files and label splits, see `create_semantickitti_infos`."""
    yield from semantickitti_infos.create_semantickitti_infos(root, out)


SEMANTIC_KITTI = DatasetRecord(
    name=semantickitti_infos.DATASET,
    labels=SEMANTIC_KITTI_LABELS,
    classes=CLASS_NAMES,
    palette=PALETTE,
    num_pts_feats=semantickitti_infos.NUM_PTS_FEATS,
    info_kinds=tuple(semantickitti_infos.SPLITS),
    split_rule=BY_FRAME,
    prepare=prepare,
    submission_path=submission_path,
    scene_of=sequence_of,
    profile=PROFILE,
    help='write semantickitti_infos_<split>.pkl and semantickitti_label_splits.json',
)
