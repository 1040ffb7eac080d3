"""From scratch as demo_finetune_10pct.py fine-tunes: same labels, epochs and batches, one rate."""

_base_ = './demo_finetune_10pct.py'

optim_wrapper = dict(optimizer=dict(lr=0.004), paramwise_cfg=None)
custom_hooks = []
