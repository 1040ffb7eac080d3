"""The segmentor with the backbone of the small pretraining."""

_base_ = './voxel_segmentor.py'

model = dict(
    backbone=dict(
        stem_channels=16,
        planes=(16, 32, 64, 128, 128, 64, 64, 96),
        blocks=(1, 1, 1, 1, 1, 1, 1, 1),
        bn_momentum=0.1,
    )
)
