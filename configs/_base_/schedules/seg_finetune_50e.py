"""Fine-tuning as published: 0.02 for the backbone, 2.0 for the head, which starts anew."""

_base_ = './sgd_50e.py'

optim_wrapper = dict(
    optimizer=dict(lr=0.02), paramwise_cfg=dict(custom_keys=dict(decode_head=dict(lr_mult=100.0)))
)
