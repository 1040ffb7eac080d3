"""From scratch on all labels of SemanticKITTI: learning rate 0.05, as SLidR's authors say."""

_base_ = [
    './_base_/models/voxel_segmentor_semantickitti.py',
    './_base_/datasets/semantickitti_seg.py',
    './_base_/schedules/seg_50e.py',
    './_base_/default_runtime.py',
]
