"""The hook that writes what a test predicts, as a benchmark takes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mmdet3d.structures import Det3DDataSample
from mmengine.dataset import BaseDataset
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from stslidr.datasets.labelled_sweeps import LabelledSweeps
from stslidr.datasets.transforms.packing_segmentation import points_of
from stslidr.errors import InputError
from stslidr.files.point_labels import LIDARSEG, LabelFormat
from stslidr.files.predicted_labels import (
    lidarseg_submission_path,
    semantickitti_submission_path,
    write_lidarseg_submission,
    write_predictions,
)


class PredictionWriter(Hook):
    """Write the predictions of each sweep of a test; every process those of its sweeps.

    The layouts are those of submissions: nuScenes ``OUT/lidarseg/<split>/<token>_lidarseg.bin``
    and ``OUT/<split>/submission.json``; SemanticKITTI
    ``OUT/sequences/<sequence>/predictions/<frame>.label``.

    Args:
        out: folder to write to.
    """

    def __init__(self, out: str | Path) -> None:
        self.out = Path(out)

    def before_test(self, runner: Runner) -> None:
        """Write what belongs to the whole submission.

        Raises:
            InputError: if the data set is not one of this project's labelled ones, or the info file
                does not state its split, after which folders are named.
        """
        dataset = runner.test_dataloader.dataset
        described: BaseDataset = dataset
        if not isinstance(dataset, LabelledSweeps):
            raise InputError(f'--out: predictions for {type(dataset).__name__} have no format')
        self.label_format: LabelFormat = dataset.label_format
        self.split = described.metainfo.get('split')
        if self.label_format is LIDARSEG:
            if self.split is None:
                raise InputError(
                    f'{described.ann_file} does not state its split, after which the '
                    'folders of a submission are named: write it with '
                    'tools/create_data.py'
                )
            if is_main_process():
                write_lidarseg_submission(self.out, self.split)

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Sequence[Det3DDataSample] | None = None,
    ) -> None:
        """Write the predictions of one batch.

        Raises:
            InputError: if there is not one prediction for each point, or the sweep cannot be named
                as the benchmark wants.
        """
        for sample, points in zip(outputs or (), points_of(data_batch), strict=True):
            classes = sample.pred_pts_seg.pts_semantic_mask.cpu().numpy()
            if len(classes) != len(points):
                raise InputError(
                    f'{sample.lidar_path}: {len(classes)} predictions for {len(points)} points'
                )
            write_predictions(self._path(sample), classes, self.label_format)

    def _path(self, sample: Det3DDataSample) -> Path:
        if self.label_format is not LIDARSEG:
            return semantickitti_submission_path(self.out, sample.lidar_path)
        token = sample.metainfo.get('sample_data_token')
        if token is None:
            raise InputError(
                f'{sample.lidar_path}: the info file has no sample_data_token for it, '
                'after which its predictions are named: write the info file with '
                'tools/create_data.py'
            )
        return lidarseg_submission_path(self.out, self.split, token)
