"""Checkpoints of segmentors that nobody trained, as training writes them."""

from __future__ import annotations

from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope


def save_segmentor(config: Config, path: Path, seed: int = 0) -> None:
    """Write random weights of the config's model, whose predictions are of several classes.

    Args:
        config: of a segmentor, with its test set.
        path: the checkpoint.
        seed: of the weights.
    """
    from mmdet3d.registry import DATASETS, MODELS

    init_default_scope('mmdet3d')
    torch.manual_seed(seed)
    model = MODELS.build(config.model)
    torch.nn.init.normal_(model.decode_head.conv_seg.weight, std=5.0)
    meta = DATASETS.get(config.test_dataloader.dataset.type).METAINFO
    torch.save(
        {
            'meta': {
                'dataset_meta': {
                    'classes': meta['classes'],
                    'palette': meta['palette'],
                    'label_split': '100pct',
                    'label_split_sha256': 'ab' * 32,
                }
            },
            'state_dict': model.state_dict(),
        },
        path,
    )
