"""Fine-tuning on 1 % of nuScenes-lidarseg, 7 scenes, as published.

Give the pretraining's checkpoint with --cfg-options load_from=CHECKPOINT.
"""

_base_ = [
    './_base_/models/voxel_segmentor.py',
    './_base_/datasets/nuscenes_lidarseg.py',
    './_base_/schedules/seg_finetune_50e.py',
    './_base_/pretrained_runtime.py',
]

train_dataloader = dict(dataset=dict(label_split='1pct'))
