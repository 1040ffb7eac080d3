"""Fine-tuning of the small backbone on 10 % of a synthetic root's scenes."""

_base_ = './demo_finetune_1pct.py'

train_dataloader = dict(dataset=dict(label_split='10pct'))
train_cfg = dict(max_epochs=12, val_interval=12)
default_hooks = dict(checkpoint=dict(interval=2))
