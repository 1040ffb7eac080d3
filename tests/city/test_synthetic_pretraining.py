"""Pretraining on the synthetic city, by the README's commands; labels play no part."""

import os
from pathlib import Path

import pytest
import torch

from support.commands import ROOT, run

OPTIONS = (
    'model.image_encoder.weights=random',
    'train_cfg.max_epochs=1',
    'train_cfg.val_interval=1',
    'model.backbone.stem_channels=4',
    'model.backbone.planes=(4,4,8,8,8,8,4,4)',
    'model.backbone.blocks=(1,1,1,1,1,1,1,1)',
    *(
        f'{loader}_dataloader.{option}'
        for loader in ('train', 'val')
        for option in ('batch_size=2', 'num_workers=0', 'persistent_workers=False')
    ),
    'train_dataloader.dataset.ann_file=nuscenes_infos_synthetic_train.pkl',
    'val_dataloader.dataset.ann_file=nuscenes_infos_synthetic_val.pkl',
    'train_dataloader.dataset.pipeline.RandomResizedCropImages.size=(32,64)',
    'val_dataloader.dataset.pipeline.ResizeImages.size=(32,64)',
)


def link_data(source, root):
    """The same data set in a folder of its own, by links, without its labels."""
    root.mkdir()
    for name in os.listdir(source):
        if name != 'lidarseg':
            os.symlink(source / name, root / name)


def pretrain(root, folder):
    """Prepare what is in `root` and train; the checkpoint's weights."""
    folder.mkdir()
    run(
        ROOT / 'tools/create_data.py',
        'nuscenes',
        '--root',
        root,
        '--version',
        'v1.0-synthetic',
        '--out',
        folder,
        cwd=folder,
    )
    for split in ('train', 'val'):
        run(
            ROOT / 'tools/create_superpixels.py',
            folder / f'nuscenes_infos_synthetic_{split}.pkl',
            '--root',
            root,
            '--out',
            folder / 'superpixels/slic',
            '--workers',
            1,
            cwd=folder,
        )
    for name in os.listdir(root):
        os.symlink(root / name, folder / name)
    output = run(
        ROOT / 'tools/train.py',
        ROOT / 'configs/stslidr_dino.py',
        '--data-root',
        folder,
        '--work-dir',
        folder / 'work',
        '--cfg-options',
        *OPTIONS,
        cwd=folder,
    )
    assert 'pretrain/loss' in output
    path = Path((folder / 'work/last_checkpoint').read_text())
    return torch.load(path, weights_only=True)['state_dict'], output


@pytest.mark.slow
def test_the_checkpoint_is_the_same_without_the_lidarseg_folder(synthetic_root, tmp_path):
    link_data(synthetic_root, tmp_path / 'unlabelled')
    assert (synthetic_root / 'lidarseg').is_dir()
    labelled, _ = pretrain(synthetic_root, tmp_path / 'one')
    unlabelled, output = pretrain(tmp_path / 'unlabelled', tmp_path / 'two')
    assert labelled.keys() == unlabelled.keys() and len(labelled) > 100
    for name, value in labelled.items():
        assert torch.equal(value, unlabelled[name]), name
    assert 'nan' not in output.lower().split('pretrain/loss')[-1][:20]
