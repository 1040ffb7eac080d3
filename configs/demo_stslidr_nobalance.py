"""ST-SLidR in small without class balance: what the tolerance alone is worth."""

_base_ = './demo_stslidr.py'

model = dict(criterion=dict(class_balance=False))
