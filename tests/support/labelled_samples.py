"""What tests of labelled datasets share: their pipeline, and whether two samples are the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

AUGMENTATION = (
    dict(type='GlobalRotScaleTrans', rot_range=[0, 2 * np.pi], scale_ratio_range=[1.0, 1.0]),
    dict(
        type='RandomFlip3D',
        sync_2d=False,
        flip_ratio_bev_horizontal=0.5,
        flip_ratio_bev_vertical=0.5,
    ),
)
PACK = dict(type='Pack3DDetInputs', keys=['points', 'pts_semantic_mask'])


def loading_pipeline(load_dim: int, augmentation: Sequence[dict] = ()) -> list[dict]:
    """Our pipeline: the loaders that the configs have, and MMDetection3D's packing."""
    return [
        dict(
            type='CheckSweepFile',
            load_dim=load_dim,
            intensity_range=(0, 255 if load_dim == 5 else 1),
        ),
        dict(type='LoadPointsFromFile', coord_type='LIDAR', load_dim=load_dim, use_dim=4),
        dict(type='IntensityFeature', offset=5 - load_dim),
        dict(type='LoadPointLabels'),
        *augmentation,
        PACK,
    ]


def same_sample(left: dict, right: dict) -> bool:
    """Whether two packed samples have the same points and classes."""
    return torch.equal(left['inputs']['points'], right['inputs']['points']) and torch.equal(
        left['data_samples'].gt_pts_seg.pts_semantic_mask,
        right['data_samples'].gt_pts_seg.pts_semantic_mask,
    )
