"""What is wrong with a keyframe: every file of it is read, and its content looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from stslidr.errors import InputError, MissingFileError, UserError
from stslidr.files.camera_calibration import is_rigid
from stslidr.files.hashing import hash_file
from stslidr.files.info_entries import InfoEntry
from stslidr.files.superpixel_maps import SuperpixelMaps, map_path
from stslidr.inspection.content_checks import (
    fits_another_image,
    fits_another_sweep,
    is_one_colour,
    odd_intrinsics,
)
from stslidr.inspection.keyframe_files import CameraFile, KeyframeFiles, pair_cameras


class Finding(NamedTuple):
    """Something that is wrong."""

    kind: str
    """One of `finding_kinds.KINDS`."""
    text: str
    """One line; names the file or the sample."""


@dataclass
class CheckedKeyframe:
    """What a keyframe's check gives, for what only shows beside others.

    Attributes:
        where: info file and sample.
        findings: in the order of the data: sweep, cameras, superpixels, labels.
        hashes: file -> SHA-256 of all that could be read.
        plain: those of the files in which nothing is to be seen, so that copies mean nothing.
        lidar2cam: camera -> float64 (4, 4).
        sweep: the file of the sweep, None if the info file names none.
    """

    where: str
    findings: list[Finding] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    plain: set[str] = field(default_factory=set)
    lidar2cam: dict[str, np.ndarray] = field(default_factory=dict)
    sweep: str | None = None

    def note(self, kind: str, text: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(kind, ' '.join(text.split())))

    @contextmanager
    def noting(self, kind: str) -> Iterator[None]:
        """Turn a user's error into a finding: of a missing file, or of this kind."""
        try:
            yield
        except MissingFileError as error:
            self.note('missing', str(error))
        except (UserError, OSError) as error:
            self.note(kind, str(error))

    def hash(self, path: Path) -> None:
        """Take the hash of a file that was read."""
        with self.noting('damaged'):
            self.hashes[str(path)] = hash_file(path)


def check_keyframe(keyframe: KeyframeFiles, maps: SuperpixelMaps | None) -> CheckedKeyframe:
    """Read all files of a keyframe, and look at what they hold.

    Args:
        keyframe: the sample.
        maps: the superpixel maps of its images, None to leave them out.
    """
    checked = CheckedKeyframe(keyframe.entry.where)
    _check_poses(keyframe, checked)
    sweep = _check_sweep(keyframe, checked)
    cameras = [
        camera
        for name, entry in _listed_cameras(keyframe, checked).items()
        if (camera := _check_camera(keyframe, checked, name, entry, maps)) is not None
    ]
    if sweep is not None:
        for camera, count in zip(
            cameras, pair_cameras(sweep, cameras).count_per_image(len(cameras)), strict=True
        ):
            if not count:
                checked.note(
                    'pairs', f'{checked.where}, {camera.name}: no point of the sweep is in it'
                )
        _check_labels(keyframe, checked, sweep)
    return checked


def _check_poses(keyframe: KeyframeFiles, checked: CheckedKeyframe) -> None:
    entry = keyframe.entry
    _check_transform(checked, entry, 'ego2global')
    with checked.noting('entry'):
        _check_transform(checked, entry.child('lidar_points'), 'lidar2ego')


def _check_transform(checked: CheckedKeyframe, entry: InfoEntry, key: str) -> None:
    """Look at a pose that pretraining does not read, if it is there."""
    if entry.values.get(key) is None:
        return
    with checked.noting('calibration'):
        if not is_rigid(entry.matrix(key, (4, 4))):
            raise InputError(f'{entry.where}: {key} is not rigid, a rotation and a translation')


def _check_sweep(keyframe: KeyframeFiles, checked: CheckedKeyframe) -> np.ndarray | None:
    path = _tried(checked, 'entry', lambda: keyframe.sweep_path)
    if path is None:
        return None
    checked.sweep = str(path)
    sweep: np.ndarray | None = _tried(checked, 'damaged', keyframe.read_sweep)
    if sweep is not None:
        checked.hash(path)
    return sweep


def _listed_cameras(keyframe: KeyframeFiles, checked: CheckedKeyframe) -> dict[str, InfoEntry]:
    return _tried(checked, 'entry', keyframe.camera_entries) or {}


def _check_camera(
    keyframe: KeyframeFiles,
    checked: CheckedKeyframe,
    name: str,
    entry: InfoEntry,
    maps: SuperpixelMaps | None,
) -> CameraFile | None:
    """Look at a camera, its image and its map; returns it if its calibration can be used."""
    _check_transform(checked, entry, 'cam2ego')
    camera: CameraFile | None = _tried(checked, 'calibration', lambda: keyframe.camera(name, entry))
    if camera is None:
        return None
    checked.lidar2cam[name] = camera.lidar2cam
    if odd := odd_intrinsics(camera.cam2img, camera.size):
        checked.note('calibration', f'{entry.where}: {odd}')
    image: np.ndarray | None = _tried(checked, 'damaged', camera.read)
    if image is None:
        return camera
    checked.hash(camera.path)
    one_colour = is_one_colour(image)
    if one_colour:
        checked.plain.add(str(camera.path))
        checked.note('image', f'image {camera.path} is of one colour')
    if maps is not None:
        _check_map(checked, camera, maps, None if one_colour else image)
    return camera


def _check_map(
    checked: CheckedKeyframe, camera: CameraFile, maps: SuperpixelMaps, image: np.ndarray | None
) -> None:
    if camera.token is None:
        checked.note('entry', f'{checked.where}, {camera.name} has no sample_data_token')
        return
    path = map_path(maps.folder, camera.token)
    with checked.noting('damaged'):
        labels = maps.load(camera.token, camera.size, maps.manifest.highest_id + 1)
        checked.hash(path)
        checked.plain.add(str(path))  # superpixels of a grid are the same everywhere
        if image is None:
            return
        if labels.min() == labels.max():
            checked.note('superpixels', f'superpixel map {path} has a single superpixel')
        elif fits_another_image(image, labels):
            checked.note(
                'superpixels',
                f'superpixel map {path} fits {camera.path} no better than it does when mirrored: '
                'is it that of another image?',
            )


def _check_labels(keyframe: KeyframeFiles, checked: CheckedKeyframe, sweep: np.ndarray) -> None:
    path, record = keyframe.label_path, keyframe.record
    if path is None or record is None:
        return
    with checked.noting('labels'):
        classes = keyframe.read_classes(len(sweep))
        checked.hash(path)
        if classes is None:
            return
        if classes.min() == classes.max():
            checked.plain.add(str(path))
        if (classes == record.labels.ignored).all():
            checked.note('labels', f'label file {path} has no label of a class')
        elif fits_another_sweep(sweep, classes):
            checked.note(
                'labels',
                f'label file {path} fits {keyframe.sweep_path} no better than it does in reverse '
                'order: is it that of another sweep?',
            )


def _tried(checked: CheckedKeyframe, kind: str, read: Callable[[], Any]) -> Any:
    """What is read; None, and a finding, if that fails."""
    with checked.noting(kind):
        return read()
    return None
