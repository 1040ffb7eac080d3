"""ST-SLidR from MoCoV2 without class balance: what the tolerance alone is worth."""

_base_ = './stslidr_moco.py'

model = dict(criterion=dict(class_balance=False))
