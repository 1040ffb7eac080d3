"""SLidR from SwAV: superpixel contrast, no tolerance, no class balance."""

_base_ = [
    './_base_/models/superpixel.py',
    './_base_/datasets/nuscenes_pretrain.py',
    './_base_/schedules/sgd_50e.py',
    './_base_/default_runtime.py',
]

model = dict(image_encoder=dict(weights='swav'))
