"""Fine-tuning on all labels of nuScenes-lidarseg: the learning rates are those of 1 %, ours."""

_base_ = './finetune_1pct_nuscenes.py'

train_dataloader = dict(dataset=dict(label_split='100pct'))
