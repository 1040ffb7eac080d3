"""Packed sweeps to the batch of one training or test step."""

from __future__ import annotations

from typing import Any

import torch
from mmdet3d.models.data_preprocessors import Det3DDataPreprocessor
from torch.nn import functional as F


class VoxelSegDataPreprocessor(Det3DDataPreprocessor):
    """Join the voxels that `PackVoxelSegInputs` packed, on the model's device.

    mmdet3d's own preprocessor voxelises itself, on CUDA only and otherwise than in pretraining;
    here the pipeline does, with the voxeliser of pretraining.
    """

    def __init__(self) -> None:
        super().__init__()

    def simple_process(self, data: dict, training: bool = False) -> dict[str, Any]:
        """Join one batch.

        Returns:
            ``inputs``: ``points``, a list of (N, F); ``voxels``, a dict with ``voxels`` float32
            (V, F) and ``coors`` int32 (V, 4), the sample first. ``data_samples``: each with
            ``point2voxel_map`` int64 (N,) into its sample's voxels, and ``batch_idx`` (V_i,).
        """
        data = self.collate_data(data)
        inputs, samples = data['inputs'], data['data_samples']
        coors = [
            F.pad(coordinates, (1, 0), value=number)
            for number, coordinates in enumerate(inputs['coors'])
        ]
        for sample, coordinates in zip(samples, coors, strict=True):
            sample.batch_idx = coordinates[:, 0]
        voxels = {'voxels': torch.cat(inputs['voxels']), 'coors': torch.cat(coors)}
        return {'inputs': {'points': inputs['points'], 'voxels': voxels}, 'data_samples': samples}
