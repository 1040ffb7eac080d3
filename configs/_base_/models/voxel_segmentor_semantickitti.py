"""The segmentor for SemanticKITTI's 19 classes."""

_base_ = './voxel_segmentor.py'

model = dict(decode_head=dict(num_classes=19))
