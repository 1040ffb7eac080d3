"""The end of a segmentation pipeline: a sweep as tensors, with its voxels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from mmdet3d.datasets.transforms import Pack3DDetInputs

from stslidr.contracts.dataset import LabelledResults

NUM_STORED = 'num_stored_points'
"""How many points the file has, by `CheckSweepFile`: a transform may have dropped some."""

META_KEYS = (
    NUM_STORED,
    'sample_idx',
    'token',
    'sample_data_token',
    'scene_name',
    'lidar_path',
    'num_pts_feats',
    'pcd_horizontal_flip',
    'pcd_vertical_flip',
    'pcd_rotation',
    'pcd_rotation_angle',
    'pcd_scale_factor',
    'transformation_3d_flow',
    'box_mode_3d',
    'box_type_3d',
)
"""What a data sample keeps in its metainfo: whose sweep it is, how it was turned, and what
MMDetection3D's inferencers, whose loader states a kind of box, ask for after the prediction."""


class PackVoxelSegInputs(Pack3DDetInputs):
    """mmdet3d's packing, and the voxels of `VoxelizeSweep` beside the points.

    Adds to ``inputs``, for V voxels: ``voxels`` float32 (V, F), the features of each voxel's first
    point, all columns of the points after x, y, z; ``coors`` int32 (V, 3). Adds to
    ``data_samples``: ``point2voxel_map`` int64 (N,) and, where labels are loaded,
    ``gt_pts_seg.voxel_semantic_mask`` int64 (V,), the label of each voxel's first point, as
    published.
    """

    def __init__(self) -> None:
        super().__init__(keys=('points', 'pts_semantic_mask'), meta_keys=META_KEYS)

    def pack_single_results(self, results: LabelledResults) -> dict[str, Any]:
        """Pack one sample."""
        index = results['voxel_index']
        first_point = torch.from_numpy(index.first_point)
        packed = super().pack_single_results(results)
        inputs, sample = packed['inputs'], packed['data_samples']
        inputs['voxels'] = inputs['points'][first_point, 3:]
        inputs['coors'] = torch.from_numpy(index.coordinates)
        sample.point2voxel_map = torch.from_numpy(index.point2voxel)
        if 'pts_semantic_mask' in sample.gt_pts_seg:
            sample.gt_pts_seg.voxel_semantic_mask = sample.gt_pts_seg.pts_semantic_mask[first_point]
        return packed


def points_of(data_batch: Mapping[str, Any]) -> list[torch.Tensor]:
    """The points (N, F) of each sweep of a collated batch; of augmented copies, the first's."""
    inputs = data_batch['inputs']
    return (inputs[0] if isinstance(inputs, list) else inputs)['points']
