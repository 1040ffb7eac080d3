"""nuScenes-lidarseg: 16 classes, trained on a label split of train, scored on val."""

from mmengine import Config

pretraining = Config.fromfile('{{ fileDirname }}/nuscenes_pretrain.py')
data_root = 'data/nuscenes'

load_sweep = [
    dict(type='CheckSweepFile', load_dim=5, intensity_range=(0, 255)),
    dict(type='LoadPointsFromFile', coord_type='LIDAR', load_dim=5, use_dim=4),
    dict(type='IntensityFeature', scale=1.0, offset=0.0),
    dict(type='LoadPointLabels'),
]
augment_sweep = [
    dict(
        type='GlobalRotScaleTrans', rot_range=[0, 6.283185307179586], scale_ratio_range=[1.0, 1.0]
    ),
    dict(
        type='RandomFlip3D',
        sync_2d=False,
        flip_ratio_bev_horizontal=0.5,
        flip_ratio_bev_vertical=0.5,
    ),
]
pack_sweep = [
    *(step for step in pretraining.pack_keyframe if step.type == 'VoxelizeSweep'),
    dict(type='PackVoxelSegInputs'),
]
del pretraining, Config  # else they would be keys of the config
train_pipeline = [*load_sweep, *augment_sweep, *pack_sweep]
test_pipeline = [*load_sweep, *pack_sweep]
flips = [
    dict(
        type='RandomFlip3D',
        sync_2d=False,
        flip_ratio_bev_horizontal=horizontal,
        flip_ratio_bev_vertical=vertical,
    )
    for horizontal in (0.0, 1.0)
    for vertical in (0.0, 1.0)
]
rotations = [  # 0, 30.5 and 60.5 degrees: half a voxel further, for other voxels
    dict(type='GlobalRotScaleTrans', rot_range=[angle, angle], scale_ratio_range=[1.0, 1.0])
    for angle in (0.0, 0.532325421858271, 1.055924197456569)
]
tta_pipeline = [
    *load_sweep,
    dict(
        type='TestTimeAug',
        transforms=[flips, rotations, *([step] for step in pack_sweep)],  # the first: unchanged
    ),
]

train_dataloader = dict(
    batch_size=8,  # on each of 2 GPUs
    num_workers=8,
    persistent_workers=True,
    drop_last=True,
    sampler=dict(type='SeededSampler', shuffle=True),
    dataset=dict(
        type='LidarSegNuScenesDataset',
        data_root=data_root,
        ann_file='nuscenes_infos_train.pkl',
        label_split='100pct',
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
        type='LidarSegNuScenesDataset',
        data_root=data_root,
        ann_file='nuscenes_infos_val.pkl',
        pipeline=test_pipeline,
        test_mode=True,
    ),
)
val_cfg = dict(type='CheckedValLoop')
val_evaluator = dict(type='PointSegMetric', range_edges=(20.0, 40.0))
test_dataloader = val_dataloader
test_cfg = dict(type='CheckedTestLoop')
test_evaluator = val_evaluator
