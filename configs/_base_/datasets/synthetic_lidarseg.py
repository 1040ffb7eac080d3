"""Labelled sweeps of tools/create_synthetic.py: as nuScenes-lidarseg."""

_base_ = './nuscenes_lidarseg.py'

data_root = 'data/synthetic'
train_dataloader = dict(
    batch_size=2,
    num_workers=1,
    dataset=dict(data_root=data_root, ann_file='nuscenes_infos_synthetic_train.pkl'),
)
val_dataloader = dict(
    batch_size=4,
    num_workers=1,
    dataset=dict(data_root=data_root, ann_file='nuscenes_infos_synthetic_val.pkl'),
)
test_dataloader = val_dataloader
