"""Fine-tuning on 1 % of SemanticKITTI as ST-SLidR was released: 0.05, and 2.0 for the head."""

_base_ = './finetune_1pct_semantickitti.py'

optim_wrapper = dict(
    optimizer=dict(lr=0.05), paramwise_cfg=dict(custom_keys=dict(decode_head=dict(lr_mult=40.0)))
)
