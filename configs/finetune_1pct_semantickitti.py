"""Fine-tuning on 1 % of SemanticKITTI, 192 frames, at the intended learning rate of 0.02.

The released config has 0.05: finetune_1pct_released_lr_semantickitti.py. Give the pretraining's
checkpoint with --cfg-options load_from=CHECKPOINT.
"""

_base_ = [
    './_base_/models/voxel_segmentor_semantickitti.py',
    './_base_/datasets/semantickitti_seg.py',
    './_base_/schedules/seg_finetune_50e.py',
    './_base_/pretrained_runtime.py',
]

train_dataloader = dict(dataset=dict(label_split='1pct'))
