"""Labels for sweeps without any, one after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TypedDict

import numpy as np
import torch
from mmdet3d.apis import inference_segmentor, init_model
from mmengine.config import Config
from torch import nn

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.dataset_records.record import DatasetRecord
from stslidr.datasets.labelled_datasets import record_of
from stslidr.errors import InputError
from stslidr.files.hashing import hash_settings
from stslidr.files.predicted_labels import check_one_for_each
from stslidr.files.sweeps import count_points
from stslidr.inspection.birds_eye import draw_birds_eye, write_birds_eye
from stslidr.running.safe_loading import load_checkpoints_safely
from stslidr.running.tested_data import check_test_set, check_trained_for


class PredictionOrigin(TypedDict):
    """What labels come from."""

    checkpoint_sha256: str
    config_sha256: str
    """Of model and pipeline."""


class Predictor:
    """Labels sweeps by MMDetection3D's own `inference_segmentor`.

    Args:
        config: of a segmentor.
        checkpoint: its weights.
        device: such as 'cpu' or 'cuda:0', see :func:`choose_device`.

    Attributes:
        model: the segmentor, in eval mode.
        record: of the data set that the config tests on.
        origin: hashes of the weights and of the part of the config that labels follow from.
        load_dim: float32 columns of a sweep, as the pipeline reads them; None if it does not say.

    Raises:
        MissingFileError: there is no such checkpoint.
        InputError: the checkpoint is damaged, does not fit the model, or was trained on other
            voxels or classes; the config has no test set, or one that is not this project's.
    """

    def __init__(self, config: Config, checkpoint: str, device: str) -> None:
        weights = Checkpoint.read(checkpoint)
        check_trained_for(config, weights)
        self.record = tested_record(config)
        plain = config.to_dict()
        settings = {
            'model': plain['model'],
            'pipeline': plain['test_dataloader']['dataset']['pipeline'],
        }
        self.origin: PredictionOrigin = {
            'checkpoint_sha256': weights.sha256,
            'config_sha256': hash_settings(settings),
        }
        self.load_dim = next(
            (step['load_dim'] for step in settings['pipeline'] if 'load_dim' in step), None
        )
        load_checkpoints_safely()
        self.model: nn.Module = init_model(config, device=device)
        weights.load_into(self.model)

    def __call__(self, sweep: Path) -> tuple[np.ndarray, np.ndarray]:
        """Return the classes of a sweep's points, int64 (N,), and the points, float32 (N, F).

        Raises:
            MissingFileError: there is no such file.
            InputError: it is no sweep of this data set; names the file.
        """
        result, data = inference_segmentor(self.model, str(sweep))
        points = data['inputs']['points'].cpu().numpy()
        classes = result.pred_pts_seg.pts_semantic_mask.cpu().numpy()
        for number in (len(points), self.num_points(sweep) or len(points)):
            check_one_for_each(len(classes), number, str(sweep))
        return classes, points

    def num_points(self, sweep: Path) -> int | None:
        """How many points a sweep's file has; None where the pipeline does not say its columns.

        Raises:
            MissingFileError: there is no such file.
            InputError: its size is that of no sweep.
        """
        return None if self.load_dim is None else count_points(sweep, self.load_dim)

    def draw(self, path: Path, classes: np.ndarray, points: np.ndarray, title: str) -> None:
        """Write a picture of a labelled sweep from above."""
        write_birds_eye(
            path, draw_birds_eye(points, classes, self.record.classes, self.record.palette, title)
        )


def tested_record(config: Config) -> DatasetRecord:
    """The record of the data set that a config tests on.

    Raises:
        InputError: the config has no test set, or one that is not this project's.
    """
    check_test_set(config)
    dataset = config.test_dataloader.dataset
    record = record_of(dataset)
    if record is None:
        raise InputError(
            f'{config.filename} tests on {dataset.type}, whose label files are not known here'
        )
    return record


def choose_device(name: str | None) -> str:
    """Return the device to predict on as MMDetection3D wants it: 'cpu', or 'cuda' with a number.

    Args:
        name: 'cpu', 'cuda' or 'cuda:N'; None is the first CUDA device, or the CPU without one.

    Raises:
        InputError: if it is none of these, or this machine has no such device.
    """
    number = torch.cuda.device_count()
    if name is None:
        return 'cuda:0' if number else 'cpu'
    if name == 'cpu':
        return name
    cuda = re.fullmatch(r'cuda(?::(\d+))?', name)
    if cuda is None:
        raise InputError(f'--device {name}: give cpu, cuda or cuda:N')
    index = int(cuda[1] or 0)
    if index >= number:
        there = f'{number} CUDA devices, counted from 0' if number else 'no CUDA device'
        raise InputError(f'--device {name}: this machine has {there}; --device cpu works without')
    return f'cuda:{index}'
