"""For runs of minutes: AdamW, which learns within hundreds of iterations, and a cosine."""

optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='AdamW', lr=0.004, weight_decay=0.01))
param_scheduler = [
    dict(type='CosineAnnealingLR', eta_min=0.0, by_epoch=True, convert_to_iter_based=True)
]
train_cfg = dict(type='ResumableTrainLoop', max_epochs=3, val_interval=3)
