"""PPKT from MoCoV2: 4096 point-pixel pairs a GPU."""

_base_ = [
    './_base_/models/point_pixel.py',
    './_base_/datasets/nuscenes_pretrain_points.py',
    './_base_/schedules/sgd_50e.py',
    './_base_/default_runtime.py',
]
