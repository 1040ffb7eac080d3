"""ST-SLidR from DINO with the soft tolerance: negatives weighted by 1 - similarity."""

_base_ = './slidr_dino.py'

model = dict(criterion=dict(tolerance='soft', class_balance=True))
