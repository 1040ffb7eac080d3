"""Linear probe on all labels of nuScenes-lidarseg, at the intended learning rate of 0.05.

The published ST-SLidR numbers were made at 2.0: linear_probe_released_lr_nuscenes.py. Give the
pretraining's checkpoint with --cfg-options load_from=CHECKPOINT.
"""

_base_ = [
    './_base_/models/voxel_segmentor.py',
    './_base_/datasets/nuscenes_lidarseg.py',
    './_base_/schedules/seg_50e.py',
    './_base_/pretrained_runtime.py',
]

model = dict(frozen_backbone=True)
