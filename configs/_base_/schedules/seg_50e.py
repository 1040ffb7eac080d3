"""Downstream as published: that of pretraining at a tenth of its learning rate."""

_base_ = './sgd_50e.py'

optim_wrapper = dict(optimizer=dict(lr=0.05))
