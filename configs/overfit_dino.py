"""A check of set-up and data: ST-SLidR on one keyframe, without augmentation, must learn."""

_base_ = './stslidr_dino.py'

train_dataloader = dict(
    batch_size=1,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(pipeline=_base_.val_pipeline),
)
optim_wrapper = dict(optimizer=dict(lr=0.003))
param_scheduler = []
train_cfg = dict(max_epochs=40)
default_hooks = dict(logger=dict(interval=1), checkpoint=dict(interval=10))
val_dataloader = None
val_cfg = None
val_evaluator = None
test_dataloader = None
test_cfg = None
test_evaluator = None
