"""SLidR in small, on synthetic keyframes and a CPU: minutes instead of days."""

_base_ = [
    './_base_/models/demo_superpixel.py',
    './_base_/datasets/synthetic_pretrain.py',
    './_base_/schedules/demo_adamw.py',
    './_base_/default_runtime.py',
]
