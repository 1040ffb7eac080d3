"""Downstream runs small enough for a test, through mmengine's Runner and the shipped configs."""

from __future__ import annotations

from pathlib import Path

import torch
from mmengine.config import Config

from stslidr.running.options import merge_options
from support.tiny_run import CONFIGS, SMALL_BACKBONE

SCENES = {'scene-c': 2, 'scene-a': 3, 'scene-d': 1, 'scene-b': 2}
SEQUENCES = {'00': 5, '08': 3, '10': 3}


def tiny_options(root: Path, work_dir: Path, name: str, epochs: int) -> dict[str, object]:
    """Return the ``--cfg-options`` that bring a shipped config down to a labelled tiny ``root``."""
    options: dict[str, object] = {
        'work_dir': str(work_dir),
        'train_cfg.max_epochs': epochs,
        'train_cfg.val_interval': 1,
        'default_hooks.logger.interval': 1,
        'default_hooks.checkpoint.max_keep_ckpts': -1,
        'train_dataloader.batch_size': 2,
        'train_dataloader.dataset.label_split': '100pct',
        **{f'model.backbone.{key}': value for key, value in SMALL_BACKBONE.items()},
    }
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        options |= {
            f'{loader}.num_workers': 0,
            f'{loader}.persistent_workers': False,
            f'{loader}.dataset.data_root': str(root),
        }
        if name.endswith('nuscenes'):  # which has one split here, train
            options[f'{loader}.dataset.ann_file'] = 'nuscenes_infos_train.pkl'
    return options


def tiny_segmentor(
    root: Path,
    work_dir: Path,
    name: str = 'finetune_1pct_nuscenes',
    epochs: int = 2,
    **more: object,
) -> Config:
    """Return the shipped config ``name`` for ``root``; ``more`` are options, ``__`` for dots."""
    config = Config.fromfile(CONFIGS / f'{name}.py')
    merge_options(config, tiny_options(root, work_dir, name, epochs))
    merge_options(config, {key.replace('__', '.'): value for key, value in more.items()})
    return config


def save_pretraining(
    config: Config, path: Path, grid: dict | None = None, seed: int = 5
) -> dict[str, torch.Tensor]:
    """Write a checkpoint as a pretraining of the config's backbone would; return its weights.

    Args:
        config: of a segmentor.
        path: the checkpoint.
        grid: description of its voxels; None: it says nothing.
        seed: of the weights, norms and their statistics among them.
    """
    from mmdet3d.registry import MODELS

    generator = torch.Generator().manual_seed(seed)
    backbone = MODELS.build(config.model.backbone)
    weights = {
        f'backbone.{name}': torch.rand(value.shape, generator=generator).to(value.dtype) * 0.2 + 0.1
        if value.is_floating_point()
        else value + 7
        for name, value in backbone.state_dict().items()
    }
    weights['point_head.projection.weight'] = torch.zeros(64, backbone.out_channels)
    weights['image_encoder.conv1.weight'] = torch.zeros(64, 3, 7, 7)
    meta = {'dataset_meta': {'voxel_grid': grid}} if grid else {}
    torch.save({'meta': meta, 'state_dict': weights}, path)
    return weights
