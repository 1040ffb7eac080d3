"""The published schedule: 50 epochs of 16 keyframes, cosine to 0, stepped each epoch."""

optim_wrapper = dict(
    type='OptimWrapper',
    optimizer=dict(type='SGD', lr=0.5, momentum=0.9, dampening=0.1, weight_decay=1e-4),
)
param_scheduler = [dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=True)]  # over max_epochs
train_cfg = dict(type='ResumableTrainLoop', max_epochs=50, val_interval=10)
auto_scale_lr = dict(enable=False, base_batch_size=16)
