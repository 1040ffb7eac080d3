"""Keyframes of tools/create_synthetic.py with superpixels, as nuScenes' but smaller images."""

_base_ = './nuscenes_pretrain.py'

data_root = 'data/synthetic'
image_size = (96, 160)
train_pipeline = [
    {**step, 'size': image_size} if step['type'] == 'RandomResizedCropImages' else step
    for step in _base_.train_pipeline
]
val_pipeline = [
    {**step, 'size': image_size} if step['type'] == 'ResizeImages' else step
    for step in _base_.val_pipeline
]

train_dataloader = dict(
    batch_size=2,
    num_workers=1,
    dataset=dict(
        data_root=data_root, ann_file='nuscenes_infos_synthetic_train.pkl', pipeline=train_pipeline
    ),
)
val_dataloader = dict(
    batch_size=2,
    num_workers=1,
    dataset=dict(
        data_root=data_root, ann_file='nuscenes_infos_synthetic_val.pkl', pipeline=val_pipeline
    ),
)
test_dataloader = val_dataloader
