"""From scratch on 10 % of nuScenes-lidarseg: learning rate 0.05, as SLidR's authors say."""

_base_ = './scratch_100pct_nuscenes.py'

train_dataloader = dict(dataset=dict(label_split='10pct'))
