"""PPKT in small, with the encoders of the small superpixel distillation."""

_base_ = './demo_superpixel.py'

model = dict(
    _delete_=True,
    type='PointPixelPretrainer',
    num_pairs=4096,
    data_preprocessor=_base_.model.data_preprocessor,
    backbone=_base_.model.backbone,
    point_head=_base_.model.point_head,
    image_encoder=dict(type='FrozenSmallResNet', weights='synthetic', dilated=False),
    image_head=_base_.model.image_head,
    criterion=_base_.model.criterion,
)
