"""The hook that writes what a test predicts, as a benchmark takes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

from mmdet3d.structures import Det3DDataSample
from mmengine.dist import is_main_process
from mmengine.hooks import Hook
from mmengine.runner import Runner

from stslidr.dataset_records.submission import PredictedSet, PredictedSweep
from stslidr.datasets.labelled_sweeps import LabelledSweeps
from stslidr.datasets.transforms.packing_segmentation import NUM_STORED, points_of
from stslidr.errors import InputError
from stslidr.files.contained_paths import contained
from stslidr.files.json_file import write_json
from stslidr.files.predicted_labels import check_one_for_each, write_predictions


class PredictionWriter(Hook):
    """Write the predictions of each sweep of a test; every process those of its sweeps.

    The layout is that of a submission, as the data set's record has it: nuScenes
    ``OUT/lidarseg/<split>/<token>_lidarseg.bin`` and ``OUT/<split>/submission.json``; SemanticKITTI
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
                does not state what the layout's names need, such as its split.
        """
        dataset = runner.test_dataloader.dataset
        if not isinstance(dataset, LabelledSweeps):
            raise InputError(f'--out: predictions for {type(dataset).__name__} have no format')
        self.record = dataset.record
        self._written: dict[Path, str] = {}
        self.predicted_set = PredictedSet(dataset.ann_file, dataset.metainfo.get('split'))
        files = self.record.submission_files(self.predicted_set)
        if is_main_process():
            for name, content in files.items():
                place = contained(name, f'{dataset.ann_file}: a file of the submission is')
                write_json(self.out / place, content)

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: Any = None,
        outputs: Sequence[Det3DDataSample] | None = None,
    ) -> None:
        """Write the predictions of one batch.

        Raises:
            InputError: if there is not one prediction for each point, the sweep cannot be named as
                the benchmark wants, or two sweeps have one name there.
        """
        for sample, points in zip(outputs or (), points_of(data_batch), strict=True):
            classes = sample.pred_pts_seg.pts_semantic_mask.cpu().numpy()
            stored = sample.metainfo.get(NUM_STORED, len(points))
            check_one_for_each(len(classes), stored, sample.lidar_path)
            sweep = PredictedSweep(
                self.predicted_set, sample.lidar_path, sample.metainfo.get('sample_data_token')
            )
            path = self._path_in_out(self.record.submission_path(sweep), sample.lidar_path)
            other = self._written.setdefault(path, sample.lidar_path)
            if other != sample.lidar_path:
                raise InputError(
                    f'the predictions of {other} and {sample.lidar_path} would both be {path}'
                )
            write_predictions(path, classes, self.record.labels)

    def _path_in_out(self, place: PurePath, lidar_path: str) -> Path:
        """Where the predictions of a sweep go.

        Raises:
            InputError: a place outside the folder, where it could fall on files of the data set.
        """
        if place.is_absolute() or '..' in place.parts:
            raise InputError(
                f'{lidar_path}: its predictions would go to {place}, outside {self.out}: '
                f'submission_path of the record {self.record.name!r} must be relative, without ..'
            )
        return self.out / place
