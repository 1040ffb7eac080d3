"""ST-SLidR from OBoW: SLidR with tolerance to similar negatives, and class balance."""

_base_ = './slidr_obow.py'

model = dict(criterion=dict(tolerance='quantile', min_quantile=0.01, class_balance=True))
