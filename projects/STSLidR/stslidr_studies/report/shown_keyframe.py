"""One keyframe as pretraining meets it, and its camera images at the size they are shown in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from mmdet3d.registry import DATASETS
from mmengine.config import Config
from mmengine.dataset import pseudo_collate
from PIL import Image

from stslidr.datasets.pipeline import Phase
from stslidr.datasets.pretraining import CameraLidarDataset
from stslidr.errors import InputError
from stslidr.inspection.camera_sheet import clockwise

SHOWN_WIDTH = 640
"""Pixels across a camera image in the report."""


@dataclass(frozen=True, eq=False)
class View:
    """One camera of a keyframe, scaled to `SHOWN_WIDTH`.

    Args:
        name: of the camera.
        number: its place among the images of the batch.
        image: uint8 (H, W, 3), RGB.
        superpixels: int32 (H, W), ids counted from 0; None where none were loaded.
        points: int64 (P,), rows of the sweep that this camera sees.
        pixels: int64 (P, 2), row and column of each in ``image``.
    """

    name: str
    number: int
    image: np.ndarray
    superpixels: np.ndarray | None
    points: np.ndarray
    pixels: np.ndarray

    @property
    def label_map(self) -> np.ndarray:
        """Its superpixels, where the keyframe has them.

        Raises:
            ValueError: if none were loaded.
        """
        if self.superpixels is None:
            raise ValueError(f'{self.name} was loaded without superpixels')
        return self.superpixels

    @property
    def pair_superpixels(self) -> np.ndarray:
        """The superpixel of each point that this camera sees, int32 (P,); raises as `label_map`."""
        return self.label_map[tuple(self.pixels.T)]


@dataclass(frozen=True, eq=False)
class Keyframe:
    """A sample of the pretraining's validation data.

    Args:
        token: of the sample; None where the info file has none.
        sweep: path of its sweep.
        points: float32 (N, 3), metres, in the LiDAR frame.
        views: its cameras, clockwise.
        batch: a collated batch of this sample alone, for a data preprocessor.
        num_superpixels: slots per image; 0 without superpixels.
    """

    token: str | None
    sweep: str
    points: np.ndarray
    views: list[View]
    batch: dict[str, Any]
    num_superpixels: int


def pretraining_samples(config: Config) -> CameraLidarDataset:
    """The data set that a pretraining is validated on.

    Raises:
        InputError: if the config has none.
    """
    loader = config.get('val_dataloader') or config.get('test_dataloader')
    if not loader:
        raise InputError(
            f'{config.filename} has neither val_dataloader nor test_dataloader, so '
            'there is no unaugmented keyframe to draw'
        )
    return DATASETS.build(loader['dataset'])


def read_keyframe(dataset: CameraLidarDataset, index: int) -> Keyframe:
    """Read a sample twice: as files have it, to be shown, and as the network takes it."""
    sample = dataset.get_data_info(index)
    for step in dataset.pipeline.transforms:
        if getattr(step, 'phase', Phase.LOAD) <= Phase.PAIR:
            sample = step(sample)
    names = [camera['name'] for camera in sample['cameras']]
    return Keyframe(
        token=sample['token'],
        sweep=sample['lidar_path'],
        points=sample['points'].tensor[:, :3].numpy().copy(),
        views=[_view(sample, number, names[number]) for number in clockwise(names)],
        batch=pseudo_collate([dataset[index]]),
        num_superpixels=sample.get('num_superpixels', 0),
    )


def find_token(dataset: CameraLidarDataset, token: str | None) -> int | None:
    """Place of the sample with this token; None if there is none."""
    places = (
        index
        for index in range(len(dataset))
        if token is not None and dataset.get_data_info(index)['token'] == token
    )
    return next(places, None)


def _view(sample: Mapping[str, Any], number: int, name: str) -> View:
    image = sample['images'][number].permute(1, 2, 0).numpy()
    height, width = image.shape[:2]
    size = SHOWN_WIDTH, round(height * SHOWN_WIDTH / width)
    shown = Image.fromarray(image).resize(size, Image.Resampling.LANCZOS)
    labels = sample.get('superpixels')
    pairs = sample['pairs'].select(sample['pairs'].images == number)
    scale = np.array([size[1] / height, size[0] / width])
    return View(
        name=name,
        number=number,
        image=np.asarray(shown),
        superpixels=None if labels is None else _enlarge(labels[number], size),
        points=pairs.points,
        pixels=((pairs.pixels + 0.5) * scale).astype(np.int64),
    )


def _enlarge(labels: torch.Tensor, size: tuple[int, int]) -> np.ndarray:
    """A label map (H, W) at another (width, height), by nearest neighbour."""
    scaled = Image.fromarray(labels.numpy().astype(np.int32))
    return np.asarray(scaled.resize(size, Image.Resampling.NEAREST))
