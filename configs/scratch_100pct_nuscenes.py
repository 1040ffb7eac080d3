"""From scratch on all labels of nuScenes-lidarseg: learning rate 0.05, as SLidR's authors say."""

_base_ = [
    './_base_/models/voxel_segmentor.py',
    './_base_/datasets/nuscenes_lidarseg.py',
    './_base_/schedules/seg_50e.py',
    './_base_/default_runtime.py',
]
