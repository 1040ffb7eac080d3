"""ST-SLidR from SwAV: SLidR with tolerance to similar negatives, and class balance."""

_base_ = './slidr_swav.py'

model = dict(criterion=dict(tolerance='quantile', min_quantile=0.01, class_balance=True))
