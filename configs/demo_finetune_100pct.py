"""Fine-tuning of the small backbone on all of a synthetic root's scenes."""

_base_ = './demo_finetune_1pct.py'

train_dataloader = dict(dataset=dict(label_split='100pct'))
train_cfg = dict(max_epochs=3, val_interval=3)
default_hooks = dict(checkpoint=dict(interval=1))
