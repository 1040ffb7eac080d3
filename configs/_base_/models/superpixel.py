"""Superpixel distillation from a frozen dilated ResNet-50 into Res16UNet34C."""

model = dict(
    type='SuperpixelPretrainer',
    data_preprocessor=dict(
        type='PairedDataPreprocessor', mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]
    ),
    backbone=dict(
        type='Res16UNet',
        in_channels=1,
        stem_channels=32,
        planes=(32, 64, 128, 256, 256, 128, 96, 96),
        blocks=(2, 3, 4, 6, 2, 2, 2, 2),
        bn_momentum=0.05,
        block_bn_momentum=0.1,
    ),
    point_head=dict(type='PointHead', embed_dims=64),
    image_encoder=dict(type='FrozenResNet50', weights='dino', dilated=True),
    image_head=dict(type='ImageHead', embed_dims=64),
    criterion=dict(type='TolerantContrastiveLoss', temperature=0.07),
)
