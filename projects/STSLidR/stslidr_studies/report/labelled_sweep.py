"""The held-out sweep that the report shows, and its labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from mmdet3d.registry import DATASETS
from mmengine.config import Config

from stslidr.datasets.labelled_datasets import LidarSegKittiDataset, LidarSegNuScenesDataset
from stslidr.files.point_labels import read_point_labels
from stslidr.files.sweeps import count_points

LabelledDataset = LidarSegNuScenesDataset | LidarSegKittiDataset
CANDIDATES = 50
"""Sweeps, spread evenly over the test set, whose labels are read to choose one."""


@dataclass(frozen=True, eq=False)
class LabelledSweep:
    """A sweep of the test set.

    Args:
        path: its file.
        token: of its sample; None where the info file has none.
        scene: that it is of; None where the info file does not say.
        classes: int64 (N,), counted from 0; others are ignored points.
        names: of the classes.
        palette: their colours, R, G, B from 0 to 255.
    """

    path: str
    token: str | None
    scene: str | None
    classes: np.ndarray
    names: tuple[str, ...]
    palette: np.ndarray

    @property
    def known(self) -> np.ndarray:
        """Points that are labelled with a class, bool (N,)."""
        return (self.classes >= 0) & (self.classes < len(self.names))


def labelled_samples(config: Config) -> LabelledDataset:
    """The data set that a segmentor is tested on."""
    return DATASETS.build(config.test_dataloader['dataset'])


def choose_sweep(dataset: LabelledDataset) -> LabelledSweep:
    """The sweep with the most classes among up to `CANDIDATES` of a test set; the first of equals.

    Raises:
        MissingFileError: a sweep or label file is not there.
        InputError: one is damaged; names it.
    """
    places = np.unique(np.linspace(0, len(dataset) - 1, min(CANDIDATES, len(dataset))).astype(int))
    sweeps = (_read(dataset, dataset.get_data_info(place)) for place in places.tolist())
    return max(sweeps, key=lambda sweep: len(np.unique(sweep.classes[sweep.known])))


def _read(dataset: LabelledDataset, sample: dict[str, Any]) -> LabelledSweep:
    lidar = sample['lidar_points']
    columns = lidar.get('num_pts_feats') or _columns(dataset)
    num_points = lidar.get('num_points') or count_points(lidar['lidar_path'], columns)
    raw = read_point_labels(sample['pts_semantic_mask_path'], dataset.label_format, num_points)
    meta = dataset.metainfo
    return LabelledSweep(
        path=lidar['lidar_path'],
        token=sample['token'],
        scene=sample['scene_name'],
        classes=dataset.label_format.class_table[raw],
        names=tuple(meta['classes']),
        palette=np.array(meta['palette'], dtype=np.uint8),
    )


def _columns(dataset: LabelledDataset) -> int:
    """Columns of a sweep whose info file states none: what the pipeline reads."""
    return next(step.load_dim for step in dataset.pipeline.transforms if hasattr(step, 'load_dim'))
