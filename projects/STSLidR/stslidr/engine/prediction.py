"""Labels for sweeps without any: one file a sweep, where an interrupted run goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from mmdet3d.apis import inference_segmentor, init_model
from mmdet3d.registry import DATASETS
from mmengine.config import Config
from torch import nn

from stslidr.engine.results import hash_file, hash_settings
from stslidr.engine.resuming import check_all_weights
from stslidr.engine.testing import check_voxels
from stslidr.files.atomic import write_bytes
from stslidr.files.point_labels import LabelFormat
from stslidr.files.predicted_labels import ENDINGS, WRITTEN_IDS, write_predictions
from stslidr.visualization.birds_eye import draw_birds_eye, write_birds_eye

SWEEP_ENDING, PICTURE_ENDING = '.bin', '.png'
MANIFEST = 'predictions.json'


@dataclass(frozen=True)
class Sweep:
    """A sweep to label.

    Args:
        path: its file.
        name: of its outputs, relative to the output folder and without their endings.
    """

    path: Path
    name: str


def find_sweeps(paths: Sequence[str | Path]) -> list[Sweep]:
    """Return the sweeps that files and folders name, in order, those of a folder sorted.

    Outputs are named after files; below a folder, they lie as the sweeps do there. Of a folder,
    all ``.bin`` files are sweeps but those that end as predictions do.

    Raises:
        FileNotFoundError: if there is no such file or folder.
        ValueError: if a folder holds no ``.bin`` file, or two sweeps would have one name.
    """
    found: dict[str, Sweep] = {}
    for path in map(Path, paths):
        for sweep in _sweeps_of(path):
            other = found.setdefault(sweep.name, sweep)
            if other is not sweep and other.path.resolve() != sweep.path.resolve():
                raise ValueError(f'the labels of {other.path} and {sweep.path} would have one '
                                 'name: label them into two folders, or give a folder above both')
    return list(found.values())


def _sweeps_of(path: Path) -> Iterator[Sweep]:
    if not path.exists():
        raise FileNotFoundError(f'sweep {path} does not exist')
    if not path.is_dir():
        yield Sweep(path, path.name.removesuffix(SWEEP_ENDING))
        return
    files = sorted(file for file in path.rglob(f'*{SWEEP_ENDING}')
                   if not file.name.endswith(tuple(ENDINGS.values())))  # labels beside sweeps
    if not files:
        raise ValueError(f'the folder {path} holds no sweep: no file ends with {SWEEP_ENDING}')
    for file in files:
        yield Sweep(file, file.relative_to(path).as_posix().removesuffix(SWEEP_ENDING))


class Predictor:
    """Labels sweeps by MMDetection3D's own `inference_segmentor`.

    Args:
        config: of a segmentor.
        checkpoint: its weights.
        device: such as 'cpu' or 'cuda:0'.

    Raises:
        FileNotFoundError: there is no such checkpoint.
        ValueError: the checkpoint is damaged, does not fit the model, or was trained on other
            voxels; the config has no test set, or one that is not this project's.
    """

    def __init__(self, config: Config, checkpoint: str, device: str) -> None:
        check_voxels(config, checkpoint)
        self.label_format = _label_format(config)
        pipeline = config.to_dict()['test_dataloader']['dataset']['pipeline']
        settings = {'model': config.to_dict()['model'], 'pipeline': pipeline}
        self.origin = {
            'checkpoint_sha256': hash_file(checkpoint),
            'config_sha256': hash_settings(settings),
        }
        self.model: nn.Module = init_model(config, checkpoint, device=device)
        check_all_weights(self.model, checkpoint)

    def __call__(self, sweep: Path) -> tuple[np.ndarray, np.ndarray]:
        """Return the classes of a sweep's points, int64 (N,), and the points, float32 (N, F).

        Raises:
            FileNotFoundError: there is no such file.
            ValueError: it is no sweep of this data set; names the file.
        """
        result, data = inference_segmentor(self.model, str(sweep))
        points = data['inputs']['points'].numpy()
        classes = result.pred_pts_seg.pts_semantic_mask.cpu().numpy()
        if len(classes) != len(points):
            raise ValueError(f'{sweep}: {len(classes)} predictions for {len(points)} points')
        return classes, points

    def draw(self, sweep: Sweep, classes: np.ndarray, points: np.ndarray, path: Path) -> None:
        """Write a picture of a labelled sweep from above."""
        meta = self.model.dataset_meta
        figure = draw_birds_eye(points, classes, meta['classes'], meta['palette'], sweep.name)
        write_birds_eye(path, figure)


def _label_format(config: Config) -> LabelFormat:
    kind = config.test_dataloader.dataset.type
    label_format = getattr(DATASETS.get(kind), 'label_format', None)
    if label_format is None:
        raise ValueError(f'{config.filename} tests on {kind}, whose label files are not known here')
    return label_format


class PredictionFolder:
    """Label files, and pictures where they are asked for, in one folder.

    ``predictions.json`` says which weights and config they come from and what the ids in them
    mean, so that labels of different models do not mix.

    Args:
        out: the folder.
        predictor: labels the sweeps.
        pictures: draw each sweep too.

    Raises:
        ValueError: if the folder holds predictions of other weights or another config.
    """

    def __init__(self, out: str | Path, predictor: Predictor, pictures: bool) -> None:
        self.out, self.predictor = Path(out), predictor
        self.ending = ENDINGS[predictor.label_format.name]
        self.pictures = pictures
        self._check_manifest()

    def label_path(self, sweep: Sweep) -> Path:
        """The label file of a sweep."""
        return self.out / f'{sweep.name}{self.ending}'

    def picture_path(self, sweep: Sweep) -> Path:
        """The picture of a sweep."""
        return self.out / f'{sweep.name}{PICTURE_ENDING}'

    def is_finished(self, sweep: Sweep) -> bool:
        """Whether all that is wanted of a sweep is there; files are written whole or not."""
        return self.label_path(sweep).exists() and (
            not self.pictures or self.picture_path(sweep).exists())

    def finish(self, sweep: Sweep) -> None:
        """Label a sweep, and write what is not there yet."""
        classes, points = self.predictor(sweep.path)
        if self.pictures and not self.picture_path(sweep).exists():
            self.predictor.draw(sweep, classes, points, self.picture_path(sweep))
        if not self.label_path(sweep).exists():
            write_predictions(self.label_path(sweep), classes, self.predictor.label_format)

    def _check_manifest(self) -> None:
        path = self.out / MANIFEST
        manifest = self._manifest()
        if not path.exists():
            if any(self.out.rglob(f'*{self.ending}')):
                raise ValueError(f'{self.out} holds label files but no {MANIFEST} that says what '
                                 'they are: give another folder')
            write_bytes(path, (json.dumps(manifest, indent=1) + '\n').encode())
            return
        try:
            stored = json.loads(path.read_text(encoding='utf-8'))
        except ValueError as error:
            raise ValueError(f'{path} is no readable JSON: {error}') from error
        wrong = [key for key, value in manifest.items()
                 if not isinstance(stored, dict) or stored.get(key) != value]
        if wrong:
            raise ValueError(f'{self.out} holds predictions of another run, as {path} has another '
                             f'{wrong[0]}: give another folder')

    def _manifest(self) -> dict[str, Any]:
        label_format = self.predictor.label_format
        ids = WRITTEN_IDS[label_format.name]
        names = self.predictor.model.dataset_meta['classes']
        return {
            **self.predictor.origin,
            'label_format': label_format.name,
            'dtype': label_format.dtype,
            'classes': dict(zip(names, ids, strict=True)),
        }
