"""Linear probe on all labels of SemanticKITTI: ours, with the settings of nuScenes.

Nothing is published. Give the pretraining's checkpoint with --cfg-options load_from=CHECKPOINT.
"""

_base_ = [
    './_base_/models/voxel_segmentor_semantickitti.py',
    './_base_/datasets/semantickitti_seg.py',
    './_base_/schedules/seg_50e.py',
    './_base_/pretrained_runtime.py',
]

model = dict(frozen_backbone=True)
