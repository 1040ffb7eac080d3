"""nuScenes, with the labels of nuScenes-lidarseg and the 16 classes of its challenge."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

import numpy as np

from stslidr.corruptions.profiles import COMMON, WATER_HEIGHTS, Profile, by_severity
from stslidr.dataset_records.record import DatasetRecord, Folders
from stslidr.dataset_records.submission import PredictedSet, PredictedSweep
from stslidr.files.lidarseg_classes import CLASS_NAMES, CLASS_OF_RAW, IGNORED, PALETTE
from stslidr.files.point_labels import LabelFormat
from stslidr.preparation import nuscenes_layout as layout
from stslidr.preparation.label_splits import BY_SCENE

LIDARSEG = LabelFormat(
    name='lidarseg',
    dtype='<u1',
    semantic_bits=8,
    class_of_raw=CLASS_OF_RAW,
    ignored=IGNORED,
    written_ids=range(1, IGNORED + 1),  # the challenge counts classes from 1
    ending='_lidarseg.bin',
)

# Velodyne HDL-32E: 32 beams 4/3 degrees apart
PROFILE = Profile(
    elevations=tuple((np.arange(32) - 23) * 4 / 3),
    max_intensity=255.0,
    ignored=IGNORED,
    levels={
        **COMMON,
        'wet_ground': by_severity(water_height=WATER_HEIGHTS, noise_floor=(0.2, 0.3, 0.7)),
        'beam_missing': by_severity(beams=(8, 16, 24), constants={'candidates': range(2, 29)}),
        'crosstalk': by_severity(share=(0.03, 0.07, 0.12)),
        # bicycle, bus, car, construction vehicle, motorcycle, trailer, truck
        'incomplete_echo': by_severity(
            share=(0.75, 0.85, 0.95), constants={'classes': (1, 2, 3, 4, 5, 8, 9)}
        ),
    },
)

MODALITIES = {
    'use_camera': False,
    'use_lidar': True,
    'use_radar': False,
    'use_map': False,
    'use_external': False,
}
"""What a lidarseg submission must say of the inputs at test time; here, the sweep alone."""


def submission_path(sweep: PredictedSweep) -> PurePath:
    """Where the lidarseg challenge wants the predictions for a sweep, by the sweep's token."""
    name = f'{sweep.stated_token()}{LIDARSEG.ending}'
    return PurePath('lidarseg', sweep.predicted_set.stated_split(), name)


def submission_files(predicted_set: PredictedSet) -> Mapping[str, Any]:
    """`<split>/submission.json`, which goes with the predictions."""
    return {f'{predicted_set.stated_split()}/submission.json': {'meta': MODALITIES}}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add which version to prepare, and what to do about files that are not there."""
    parser.add_argument(
        '--version',
        required=True,
        help='version folder under ROOT: v1.0-trainval, v1.0-mini, v1.0-test, '
        'or any other that carries a splits.json',
    )
    parser.add_argument(
        '--allow-partial',
        action='store_true',
        help='leave out samples that lack a sensor, or whose files are not all on disk',
    )
    parser.add_argument(
        '--lidar',
        metavar='CHANNEL',
        help='the LiDAR whose sweeps to take (default: LIDAR_TOP, or the only one)',
    )


def prepare(root: Path, out: Path, options: argparse.Namespace) -> Iterator[str]:
    """Write info files and label splits, see `create_nuscenes_infos`."""
    from stslidr.preparation.nuscenes_infos import create_nuscenes_infos  # the devkit loads slowly

    yield f'reading the tables of {options.version}'
    yield from create_nuscenes_infos(
        root, options.version, out, options.allow_partial, options.lidar
    )


NUSCENES = DatasetRecord(
    name=layout.DATASET,
    labels=LIDARSEG,
    classes=CLASS_NAMES,
    palette=PALETTE,
    num_pts_feats=layout.NUM_PTS_FEATS,
    info_kinds=('train', 'val', 'pretrain', 'verifying', 'test'),  # and those of splits.json
    split_rule=BY_SCENE,
    prepare=prepare,
    submission_path=submission_path,
    submission_files=submission_files,
    folders=Folders(layout.SWEEP_FOLDER, layout.LABEL_FOLDER, layout.IMAGE_FOLDER),
    profile=PROFILE,
    add_options=add_options,
    help='write nuscenes_infos_<split>.pkl and nuscenes_label_splits.json through nuscenes-devkit',
)
