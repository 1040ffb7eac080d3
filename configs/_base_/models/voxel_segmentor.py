"""The backbone of pretraining with the downstream norm momentum; a linear head for 16 classes."""

_base_ = './superpixel.py'

model = dict(
    _delete_=True,
    type='VoxelSegmentor',
    frozen_backbone=False,
    data_preprocessor=dict(type='VoxelSegDataPreprocessor'),
    backbone={**_base_.model.backbone, 'bn_momentum': 0.02},
    decode_head=dict(
        type='LinearSegHead',
        num_classes=16,
        loss_decode=dict(type='mmdet.CrossEntropyLoss'),
        loss_lovasz=dict(type='LovaszLoss', reduction='none'),
    ),
)
tta_model = dict(type='Seg3DTTAModel')
