"""The runtime of a segmentor with a pretrained backbone: load_from is watched."""

_base_ = './default_runtime.py'

custom_hooks = [dict(type='TransferHook')]
