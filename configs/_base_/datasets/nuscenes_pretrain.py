"""nuScenes keyframes with superpixels, as published: 600 scenes to train, 100 to verify."""

data_root = 'data/nuscenes'
image_size = (224, 416)

load_keyframe = [
    dict(type='LoadSweep', load_dim=5, use_dim=[0, 1, 2, 3], intensity_range=(0, 255)),
    dict(type='LoadCameras'),
    dict(type='LoadSuperpixels', folder='superpixels/slic', num_superpixels=150),
    dict(type='PairPointsWithPixels', min_depth=1.0),
]
pack_keyframe = [
    dict(type='VoxelizeSweep', kind='cylindrical', size=(0.1, 1.0, 0.1)),
    dict(type='PackPairedSample'),
]
train_pipeline = [
    *load_keyframe,
    dict(
        type='GlobalRotScaleTrans', rot_range=[0, 6.283185307179586], scale_ratio_range=[1.0, 1.0]
    ),
    dict(
        type='RandomFlip3D',
        sync_2d=False,
        flip_ratio_bev_horizontal=0.5,
        flip_ratio_bev_vertical=0.5,
    ),
    dict(type='DropCuboids', max_fraction=0.2, min_pairs=1024),
    dict(
        type='RandomResizedCropImages',
        size=image_size,
        area=(0.3, 1.0),
        ratio=(14 / 9, 17 / 9),
        min_pairs=1024,
        min_fraction=0.75,
    ),
    dict(type='RandomFlipImages', prob=0.5),
    *pack_keyframe,
]
val_pipeline = [*load_keyframe, dict(type='ResizeImages', size=image_size), *pack_keyframe]

train_dataloader = dict(
    batch_size=8,  # on each of 2 GPUs
    num_workers=8,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='SeededSampler', shuffle=True),
    dataset=dict(
        type='CameraLidarDataset',
        data_root=data_root,
        ann_file='nuscenes_infos_pretrain.pkl',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=8,
    num_workers=8,
    persistent_workers=True,
    drop_last=False,
    sampler=dict(type='SeededSampler', shuffle=False, round_up=False),
    dataset=dict(
        type='CameraLidarDataset',
        data_root=data_root,
        ann_file='nuscenes_infos_verifying.pkl',
        pipeline=val_pipeline,
    ),
)
val_cfg = dict(type='CheckedValLoop')
val_evaluator = dict(type='MatchingMetric')
test_dataloader = val_dataloader
test_cfg = dict(type='CheckedTestLoop')
test_evaluator = val_evaluator
