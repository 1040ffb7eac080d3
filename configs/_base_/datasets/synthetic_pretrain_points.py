"""Synthetic keyframes for PPKT, which contrasts single pixels and reads no superpixels."""

_base_ = './synthetic_pretrain.py'

train_pipeline = [step for step in _base_.train_pipeline if step['type'] != 'LoadSuperpixels']
val_pipeline = [step for step in _base_.val_pipeline if step['type'] != 'LoadSuperpixels']
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=val_pipeline))
test_dataloader = dict(dataset=dict(pipeline=val_pipeline))
