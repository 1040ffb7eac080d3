"""Pretraining runs small enough for a test, through mmengine's Runner and the shipped configs."""

from __future__ import annotations

from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.logging import MessageHub, MMLogger
from mmengine.visualization import Visualizer

from stslidr.running.launch import build_runner
from stslidr.running.options import merge_options
from support.tiny_data import NUM_SUPERPIXELS, TinyData

CONFIGS = Path(__file__).resolve().parents[2] / 'configs'
SMALL_BACKBONE = dict(stem_channels=4, planes=(4, 4, 8, 8, 8, 8, 4, 4), blocks=(1,) * 8)
SIZE = (32, 64)


def tiny_options(data: TinyData, work_dir: Path, epochs: int = 2) -> dict[str, object]:
    """Return the ``--cfg-options`` that bring a shipped config down to ``data``."""
    options: dict[str, object] = {
        'work_dir': str(work_dir),
        'model.image_encoder.weights': 'random',
        'train_cfg.max_epochs': epochs,
        'train_cfg.val_interval': 1,
        'default_hooks.logger.interval': 1,
        'default_hooks.checkpoint.max_keep_ckpts': -1,
        'train_dataloader.batch_size': 2,
        'val_dataloader.batch_size': 3,
        **{f'model.backbone.{key}': value for key, value in SMALL_BACKBONE.items()},
    }
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        options |= {
            f'{loader}.num_workers': 0,
            f'{loader}.persistent_workers': False,
            f'{loader}.dataset.data_root': str(data.root),
            f'{loader}.dataset.ann_file': data.ann_file,
        }
    return options


def tiny_config(
    data: TinyData, work_dir: Path, name: str = 'stslidr_dino', epochs: int = 2, **more: object
) -> Config:
    """Return the shipped config ``name`` for ``data``; ``more`` are options, ``__`` for dots."""
    config = Config.fromfile(CONFIGS / f'{name}.py')
    merge_options(config, tiny_options(data, work_dir, epochs))
    merge_options(config, {key.replace('__', '.'): value for key, value in more.items()})
    for loader in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        if config.get(loader):
            fit_to_tiny_data(config[loader].dataset, data)
    return config


def fit_to_tiny_data(dataset: dict, data: TinyData) -> None:
    """Give a dataset config the sensors and sizes of ``data``."""
    dataset.data_prefix = data.data_prefix
    for step in dataset.pipeline:
        if step.type == 'LoadSweep':
            step.load_dim = 4
        elif step.type == 'LoadSuperpixels':
            step.update(folder=data.superpixels, num_superpixels=NUM_SUPERPIXELS)
        elif step.type in ('RandomResizedCropImages', 'ResizeImages'):
            step.size = SIZE
        if 'min_pairs' in step:
            step.min_pairs = 20


def train(config: Config) -> dict:
    """Train ``config`` in this process; return the checkpoint that ``last_checkpoint`` names."""
    forget_runs()
    build_runner(config).train()
    return last_checkpoint(Path(config.work_dir))


def forget_runs() -> None:
    """Drop mmengine's process-wide instances, as a new process would start without them."""
    for kind in (MessageHub, MMLogger, Visualizer):
        kind._instance_dict.clear()


def last_checkpoint(work_dir: Path) -> dict:
    """Load the newest checkpoint, weights only."""
    path = (work_dir / 'last_checkpoint').read_text()
    return torch.load(path, weights_only=True)


def assert_same_weights(one: dict, other: dict) -> None:
    """Compare two checkpoints' models and optimisers bit by bit."""
    assert one['state_dict'].keys() == other['state_dict'].keys()
    for name, value in one['state_dict'].items():
        assert torch.equal(value, other['state_dict'][name]), name
    kept = [checkpoint['optimizer']['state'] for checkpoint in (one, other)]
    assert kept[0].keys() == kept[1].keys() and kept[0]
    for key, state in kept[0].items():
        assert state.keys() == kept[1][key].keys() and state
        for name, value in state.items():
            assert torch.equal(value, kept[1][key][name]), (key, name)
