"""Res16UNet34C with the downstream norm momentum, and a linear head for 16 classes."""

model = dict(
    type='VoxelSegmentor',
    frozen_backbone=False,
    data_preprocessor=dict(type='VoxelSegDataPreprocessor'),
    backbone=dict(
        type='Res16UNet',
        in_channels=1,
        stem_channels=32,
        planes=(32, 64, 128, 256, 256, 128, 96, 96),
        blocks=(2, 3, 4, 6, 2, 2, 2, 2),
        bn_momentum=0.02,
        block_bn_momentum=0.1,
    ),
    decode_head=dict(
        type='LinearSegHead',
        num_classes=16,
        loss_decode=dict(type='mmdet.CrossEntropyLoss'),
        loss_lovasz=dict(type='LovaszLoss', reduction='none'),
    ),
)
tta_model = dict(type='Seg3DTTAModel')
