"""ST-SLidR from MoCoV2: SLidR with tolerance to similar negatives, and class balance."""

_base_ = './slidr_moco.py'

model = dict(criterion=dict(tolerance='quantile', min_quantile=0.01, class_balance=True))
