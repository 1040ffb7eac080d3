"""The linear probe as ST-SLidR was released and its published numbers were made: learning rate 2.0.

The release trains the head at its `lr_head`, so that the 0.05 meant for the probe is never read.
"""

_base_ = './linear_probe_nuscenes.py'

optim_wrapper = dict(optimizer=dict(lr=2.0))
