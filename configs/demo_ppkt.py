"""PPKT in small, on synthetic keyframes and a CPU."""

_base_ = [
    './_base_/models/demo_point_pixel.py',
    './_base_/datasets/synthetic_pretrain_points.py',
    './_base_/schedules/demo_adamw.py',
    './_base_/default_runtime.py',
]
