"""ST-SLidR in small: SLidR with tolerance to similar negatives, and class balance."""

_base_ = './demo_slidr.py'

model = dict(criterion=dict(tolerance='quantile', min_quantile=0.01, class_balance=True))
