"""From scratch on 1 % of nuScenes-lidarseg: learning rate 0.05, as SLidR's authors say."""

_base_ = './scratch_100pct_nuscenes.py'

train_dataloader = dict(dataset=dict(label_split='1pct'))
