"""Label files of sweeps in one folder, where an interrupted run goes on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from stslidr.dataset_records.record import DatasetRecord
from stslidr.dataset_records.registry import RECORDS
from stslidr.errors import InputError, MissingFileError
from stslidr.files.hashing import hash_file
from stslidr.files.images import is_whole_png
from stslidr.files.json_file import read_json, write_json
from stslidr.files.predicted_labels import write_predictions
from stslidr.prediction.predictor import PredictionOrigin, Predictor

PICTURE_ENDING = '.png'
MANIFEST = 'predictions.json'
SWEEPS: Literal['sweeps_sha256'] = 'sweeps_sha256'
"""Where the manifest holds the hash of the sweep that each label file is for."""


class PredictionSettings(PredictionOrigin):
    """What all labels of a folder have in common."""

    label_format: str
    dtype: str
    classes: dict[str, int]
    """Class -> id that stands for it in the files."""


class PredictionManifest(PredictionSettings):
    """What stands beside the labels."""

    sweeps_sha256: dict[str, str]
    """Name -> hash of the sweep that its labels are for."""


@dataclass(frozen=True)
class SweepFile:
    """A sweep to label.

    Args:
        path: its file.
        name: of its outputs, relative to the output folder and without their endings.
    """

    path: Path
    name: str


def find_sweeps(paths: Sequence[str | Path], record: DatasetRecord) -> list[SweepFile]:
    """Return the sweeps that files and folders name, in order, those of a folder sorted.

    Outputs are named after files; below a folder, they lie as the sweeps do there. Of a folder,
    all files with the ending of the data set's sweeps are sweeps, in linked folders too, but those
    that end as predictions do and hidden ones, whose names begin with a dot. A sweep that comes up
    again under the same name counts once.

    Args:
        paths: the files and folders.
        record: of the data set.

    Raises:
        MissingFileError: if there is no such file or folder.
        InputError: if a folder holds no sweep, or two sweeps would have one name.
    """
    found: dict[str, SweepFile] = {}
    for path in map(Path, paths):
        for sweep in _sweeps_of(path, record.sweep_ending):
            other = found.setdefault(sweep.name, sweep)
            if other is not sweep and other.path.resolve() != sweep.path.resolve():
                raise InputError(
                    f'the labels of {other.path} and {sweep.path} would have one '
                    'name: label them into two folders, or give a folder above both'
                )
    return list(found.values())


def _sweeps_of(path: Path, ending: str) -> Iterator[SweepFile]:
    if not path.exists():
        raise MissingFileError(f'sweep {path} does not exist')
    if not path.is_dir():
        yield SweepFile(path, path.name.removesuffix(ending))
        return
    predictions = tuple(record.labels.ending for record in RECORDS.values())  # beside sweeps
    files = sorted(
        file
        for file in _files_below(path)
        if file.name.endswith(ending) and not file.name.endswith(predictions)
    )
    if not files:
        raise InputError(f'the folder {path} holds no sweep: no file ends with {ending}')
    for file in files:
        yield SweepFile(file, file.relative_to(path).as_posix().removesuffix(ending))


def _files_below(folder: Path) -> Iterator[Path]:
    """All files that are not hidden; a folder that links lead to twice comes up once."""
    seen = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith('.'))
        yield from (Path(place, name) for name in files if not name.startswith('.'))


def check_out(out: str | Path) -> None:
    """Refuse an output folder that is none, before anything long begins.

    Raises:
        InputError: if there is a file of that name.
    """
    if Path(out).exists() and not Path(out).is_dir():
        raise InputError(f'--out {out} is a file: give a folder, which need not exist')


class PredictionFolder:
    """Label files, and pictures where they are asked for, in one folder.

    ``predictions.json`` says which weights and config they come from, what the ids in them mean
    and, by their SHA-256, which sweeps they are for. So labels of different models do not mix, and
    none is taken for that of another sweep of the same name.

    Args:
        out: the folder.
        predictor: labels the sweeps.
        pictures: draw each sweep too.

    Raises:
        InputError: if the folder holds predictions of other weights or another config, or it is a
            file.
    """

    def __init__(self, out: str | Path, predictor: Predictor, pictures: bool) -> None:
        check_out(out)
        self.out, self.predictor = Path(out), predictor
        self.ending = predictor.record.labels.ending
        self.pictures = pictures
        self._manifest = self._read_manifest()

    def label_path(self, sweep: SweepFile) -> Path:
        """The label file of a sweep."""
        return self.out / f'{sweep.name}{self.ending}'

    def picture_path(self, sweep: SweepFile) -> Path:
        """The picture of a sweep."""
        return self.out / f'{sweep.name}{PICTURE_ENDING}'

    def enter(self, sweep: SweepFile) -> bool:
        """Note which sweep its name stands for; return whether all that is wanted of it is there.

        Raises:
            MissingFileError: if there is no such sweep.
            InputError: if the folder holds labels of another sweep under its name.
        """
        known, sha256 = self._manifest[SWEEPS].get(sweep.name), hash_file(sweep.path)
        if self.label_path(sweep).exists() and known not in (None, sha256):
            raise InputError(
                f'{self.label_path(sweep)} holds the labels of another sweep than {sweep.path}, '
                'or that has changed since: give another folder, or delete the labels'
            )
        self._manifest[SWEEPS][sweep.name] = sha256
        drawn = not self.pictures or is_whole_png(self.picture_path(sweep))
        return known is not None and self._is_labelled(sweep) and drawn

    def _is_labelled(self, sweep: SweepFile) -> bool:
        """Whether there is a label file, with a label for each point of the sweep."""
        labels, num_points = self.label_path(sweep), self.predictor.num_points(sweep.path)
        if num_points is None or not labels.exists():
            return labels.exists()
        itemsize = np.dtype(self.predictor.record.labels.dtype).itemsize
        return labels.stat().st_size == num_points * itemsize

    def write_manifest(self) -> None:
        """Write what the folder's labels are, with all sweeps entered: before the first of them."""
        write_json(self.out / MANIFEST, self._manifest)

    def finish(self, sweep: SweepFile) -> None:
        """Label a sweep, and draw it if that is wanted; files are written whole or not at all.

        Raises:
            InputError: if it is no sweep of this data set; names its file.
        """
        classes, points = self.predictor(sweep.path)
        write_predictions(self.label_path(sweep), classes, self.predictor.record.labels)
        if self.pictures:
            self.predictor.draw(self.picture_path(sweep), classes, points, sweep.name)

    def _read_manifest(self) -> PredictionManifest:
        """The manifest of this run, with the sweeps that the folder's has."""
        path, manifest = self.out / MANIFEST, self._describe()
        if not path.exists():
            if any(self.out.rglob(f'*{self.ending}')):
                raise InputError(
                    f'{self.out} holds label files but no {MANIFEST} that says what '
                    'they are: give another folder'
                )
            return {**manifest, 'sweeps_sha256': {}}
        stored = read_json(path)
        wrong = [
            key
            for key, value in manifest.items()
            if not isinstance(stored, dict) or stored.get(key) != value
        ]
        if wrong:
            raise InputError(
                f'{self.out} holds predictions of another run, as {path} has another '
                f'{wrong[0]}: give another folder'
            )
        sweeps = stored.get(SWEEPS)
        return {**manifest, 'sweeps_sha256': sweeps if isinstance(sweeps, dict) else {}}

    def _describe(self) -> PredictionSettings:
        record = self.predictor.record
        return {
            **self.predictor.origin,
            'label_format': record.labels.name,
            'dtype': record.labels.dtype,
            'classes': dict(zip(record.classes, record.labels.written_ids, strict=True)),
        }
