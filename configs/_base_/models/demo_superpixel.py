"""Superpixel distillation in small: for synthetic keyframes and a machine without a GPU."""

_base_ = './superpixel.py'

model = dict(
    backbone=dict(
        stem_channels=16, planes=(16, 32, 64, 128, 128, 64, 64, 96), blocks=(1, 1, 1, 1, 1, 1, 1, 1)
    ),
    point_head=dict(embed_dims=32),
    image_head=dict(embed_dims=32),
    image_encoder=dict(_delete_=True, type='FrozenSmallResNet', weights='synthetic', dilated=True),
)
