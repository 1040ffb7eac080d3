"""The segmentor with the backbone of the small pretraining."""

from mmengine import Config

_base_ = './voxel_segmentor.py'

pretraining = Config.fromfile('{{ fileDirname }}/demo_superpixel.py')
model = dict(backbone={**pretraining.model.backbone, 'bn_momentum': 0.1})
del pretraining, Config  # else they would be keys of the config
