"""SemanticKITTI: 19 classes, trained on a label split of 00-07, 09 and 10, scored on 08."""

_base_ = './nuscenes_lidarseg.py'

data_root = 'data/semantickitti'

load_sweep = [
    dict(type='CheckSweepFile', load_dim=4, intensity_range=(0, 1)),
    dict(type='LoadPointsFromFile', coord_type='LIDAR', load_dim=4, use_dim=4),
    dict(type='IntensityFeature', scale=1.0, offset=1.0),  # as released
    dict(type='LoadPointLabels'),
]
train_pipeline = [*load_sweep, *_base_.augment_sweep, *_base_.pack_sweep]
test_pipeline = [*load_sweep, *_base_.pack_sweep]
tta_pipeline = [
    *load_sweep,
    *(step for step in _base_.tta_pipeline if step['type'] == 'TestTimeAug'),
]

train_dataloader = dict(
    dataset=dict(
        type='LidarSegKittiDataset',
        data_root=data_root,
        ann_file='semantickitti_infos_train.pkl',
        pipeline=train_pipeline,
    )
)
val_dataloader = dict(
    dataset=dict(
        type='LidarSegKittiDataset',
        data_root=data_root,
        ann_file='semantickitti_infos_val.pkl',
        pipeline=test_pipeline,
    )
)
test_dataloader = val_dataloader
