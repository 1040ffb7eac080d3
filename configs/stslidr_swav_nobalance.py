"""ST-SLidR from SwAV without class balance: what the tolerance alone is worth."""

_base_ = './stslidr_swav.py'

model = dict(criterion=dict(class_balance=False))
