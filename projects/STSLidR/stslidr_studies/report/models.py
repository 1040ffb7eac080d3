"""Trained models of a study's cells, and what they make of a sweep or keyframe."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from mmdet3d.registry import MODELS
from mmengine.config import Config
from mmengine.registry import init_default_scope
from torch import nn

from stslidr.checkpoints.checkpoint import Checkpoint
from stslidr.core.batch import PairedBatch
from stslidr.prediction.predictor import Predictor
from stslidr.pretrainer import Pretrainer
from stslidr_studies.report.shown_keyframe import Keyframe


class SweepOutput(NamedTuple):
    """What a segmentor makes of a sweep of N points."""

    points: np.ndarray
    """float32 (N, F), x, y, z in metres first."""
    classes: np.ndarray
    """int64 (N,), predicted."""
    features: np.ndarray
    """float32 (N, C), the backbone's, of each point's voxel."""


def load_pretrainer(config: Config, checkpoint: str, device: str) -> Pretrainer:
    """Build a pretraining's model with the weights of a checkpoint, in eval mode.

    Raises:
        MissingFileError: there is no such checkpoint.
        InputError: it is damaged or does not fit the model.
    """
    init_default_scope('mmdet3d')
    model = MODELS.build(config.model)
    Checkpoint.read(checkpoint).load_into(model)
    return model.to(device).eval()


def batch_of(model: Pretrainer, keyframe: Keyframe) -> PairedBatch:
    """The keyframe as the model's data preprocessor hands it on."""
    return model.get_submodule('data_preprocessor')(keyframe.batch)['inputs']


class SegmentorOutputs:
    """Labels sweeps by `Predictor`, and keeps what the segmentor's backbone gives.

    Args:
        config: of the segmentor.
        checkpoint: its weights.
        device: such as 'cpu' or 'cuda:0'.

    Raises:
        MissingFileError: there is no such checkpoint.
        InputError: as of `Predictor`.
    """

    def __init__(self, config: Config, checkpoint: str, device: str) -> None:
        self._predict = Predictor(config, checkpoint, device)
        self._kept: dict[str, torch.Tensor] = {}
        model = self._predict.model
        model.get_submodule('backbone').register_forward_hook(self._keep_features)
        model.get_submodule('data_preprocessor').register_forward_hook(self._keep_places)

    def _keep_features(self, module: nn.Module, inputs: tuple, features: torch.Tensor) -> None:
        self._kept['features'] = features.float().cpu()

    def _keep_places(self, module: nn.Module, inputs: tuple, batch: dict) -> None:
        self._kept['point2voxel'] = batch['data_samples'][0].point2voxel_map.cpu()

    @torch.no_grad()
    def __call__(self, sweep: str | Path) -> SweepOutput:
        """Label a sweep.

        Raises:
            MissingFileError: there is no such file.
            InputError: it is no sweep of this data set; names the file.
        """
        classes, points = self._predict(Path(sweep))
        features = self._kept['features'][self._kept['point2voxel']]
        return SweepOutput(points, classes, features.numpy())
