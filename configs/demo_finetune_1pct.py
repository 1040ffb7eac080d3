"""Fine-tuning of the small backbone on 1 % of a synthetic root's scenes; rates and epochs are ours.

Give the pretraining's checkpoint with --cfg-options load_from=CHECKPOINT.
"""

_base_ = [
    './_base_/models/demo_segmentor.py',
    './_base_/datasets/synthetic_lidarseg.py',
    './_base_/schedules/demo_adamw.py',
    './_base_/pretrained_runtime.py',
]

optim_wrapper = dict(
    optimizer=dict(lr=0.001),
    paramwise_cfg=dict(custom_keys=dict(decode_head=dict(lr_mult=10.0))),  # it starts anew
)
train_dataloader = dict(dataset=dict(label_split='1pct'))
train_cfg = dict(max_epochs=60, val_interval=60)
default_hooks = dict(checkpoint=dict(interval=10))
