"""Linear probe of the small backbone on all labels of a synthetic root.

Give the pretraining's checkpoint with --cfg-options load_from=CHECKPOINT; without, the probe is of
a backbone with random weights.
"""

_base_ = [
    './_base_/models/demo_segmentor.py',
    './_base_/datasets/synthetic_lidarseg.py',
    './_base_/schedules/demo_adamw.py',
    './_base_/pretrained_runtime.py',
]

model = dict(frozen_backbone=True)
optim_wrapper = dict(optimizer=dict(lr=0.02))
train_cfg = dict(max_epochs=4, val_interval=4)
