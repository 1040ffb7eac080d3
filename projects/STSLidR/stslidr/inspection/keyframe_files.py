"""Where the files of an info file's samples lie, and what they hold, as plain arrays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from stslidr.core.pairing import PointPixelPairs, pair_points
from stslidr.dataset_records.record import DatasetRecord
from stslidr.dataset_records.sensor_folders import SensorFolders
from stslidr.errors import InputError, MissingFileError
from stslidr.files.camera_calibration import read_calibration
from stslidr.files.folder_patterns import find_file
from stslidr.files.images import image_size, read_image
from stslidr.files.info_entries import InfoEntry, camera_entries, sample_entries
from stslidr.files.infos import read_infos
from stslidr.files.point_labels import read_point_labels
from stslidr.files.stated_folders import LABELS, SWEEPS
from stslidr.files.sweeps import read_sweep

XYZ, XYZI = 3, 4
"""Columns without and with intensity; the latter where neither info file nor record states any."""


@dataclass(frozen=True)
class CameraFile:
    """One camera of a sample.

    Args:
        name: as the info file calls it.
        path: the image.
        size: (height, width) in pixels, as stated or read from the image's header.
        token: its sample_data_token, None where the info file has none.
        lidar2cam: float64 (4, 4), metres.
        cam2img: float64 (3, 3), pixels.
    """

    name: str
    path: Path
    size: tuple[int, int]
    token: str | None
    lidar2cam: np.ndarray
    cam2img: np.ndarray

    def read(self) -> np.ndarray:
        """The image, uint8 (H, W, 3) RGB; errors as `read_image` raises them."""
        return read_image(self.path, self.size)


@dataclass(frozen=True)
class KeyframeFiles:
    """One sample: its sweep, cameras and label file. Nothing is read before it is asked for.

    Args:
        entry: what the info file says of it.
        root: folder of the data set.
        folders: of its sensors' files, as info file and data set say.
        label_path: the label file, None if there is none.
        prefixes: folder of each sensor, as a config's ``data_prefix`` has it: ``pts`` and cameras;
            before `folders`.
        intensity_scale: factor on the fourth column of the sweep.
    """

    entry: InfoEntry
    root: Path
    folders: SensorFolders
    label_path: Path | None
    prefixes: Mapping[str, str] = field(default_factory=dict)
    intensity_scale: float = 1.0

    @property
    def record(self) -> DatasetRecord | None:
        """That of the data set which the info file states, None if there is none of this name."""
        return self.folders.record

    @property
    def sweep_path(self) -> Path:
        """The file of the sweep."""
        return self._path(SWEEPS, self.entry.child('lidar_points').path('lidar_path'))

    def _path(self, sensor: str, name: str) -> Path:
        folder = self.prefixes.get(sensor)
        if folder is None:
            folder = self.folders.find(sensor) or ''
        return find_file(self.root, name, folder)

    def read_sweep(self) -> np.ndarray:
        """The sweep, float32 (N, columns): x, y, z in metres, then features, intensity first.

        Raises:
            MissingFileError: if it is not there.
            InputError: if it is damaged, or not as the info file says; names the file.
        """
        lidar = self.entry.child('lidar_points')
        columns = XYZI if self.record is None else self.record.num_pts_feats
        try:
            sweep = read_sweep(
                self.sweep_path,
                lidar.optional_number('num_pts_feats') or columns,
                lidar.optional_number('num_points'),
            )
        except MissingFileError as error:
            if self.record is not None or self.prefixes:
                raise
            raise MissingFileError(
                f'{error}; no record says where files of its data set lie: is --record or '
                '--data-prefix missing?'
            ) from None
        sweep[:, XYZ:XYZI] *= np.float32(self.intensity_scale)
        return sweep

    def read_classes(self, num_points: int) -> np.ndarray | None:
        """Class of each point, int64 (num_points,): 0 and up, `ignored` of the format for others.

        None if the sample has no label file, or its data set's classes are not known.

        Raises:
            MissingFileError: if the label file that the info file names is not there.
            InputError: if it has another number of labels, or unknown ids; names the file.
        """
        if self.label_path is None or self.record is None:
            return None
        label_format = self.record.labels
        return label_format.class_table[
            read_point_labels(self.label_path, label_format, num_points)
        ]

    def cameras(self) -> list[CameraFile]:
        """All cameras with an image, in the info file's order; [] for a data set without.

        Raises:
            MissingFileError: if an image whose size is not stated is not there.
            InputError: if an entry lacks what is needed, holds a value of another type, or a
                calibration of no pinhole camera.
        """
        return [self.camera(name, entry) for name, entry in self.camera_entries().items()]

    def camera_entries(self) -> dict[str, InfoEntry]:
        """Name -> entry of each camera with an image; {} for a sample without `images`."""
        return camera_entries(self.entry) if 'images' in self.entry.values else {}

    def camera(self, name: str, entry: InfoEntry) -> CameraFile:
        """One of the cameras; errors as in :meth:`cameras`."""
        path = self._path(name, entry.path('img_path'))
        cam2img, lidar2cam = read_calibration(entry)
        return CameraFile(
            name,
            path,
            entry.image_size() or image_size(path),
            entry.optional_text('sample_data_token'),
            lidar2cam,
            cam2img,
        )


def list_keyframes(
    infos: str | Path,
    root: str | Path,
    prefixes: Mapping[str, str] | None = None,
    intensity_scale: float = 1.0,
) -> list[KeyframeFiles]:
    """The samples of an info file.

    A file lies at its path under `root`, or in the folder that `prefixes` has for its sensor (`pts`
    for sweeps, `pts_semantic_mask` for labels, cameras by name), else where the info file or its
    data set have it, see `SensorFolders`.

    Raises:
        MissingFileError: if the info file is not there.
        InputError: if it is damaged or has no samples; names the file.
    """
    content = read_infos(infos)
    if not content['data_list']:
        raise InputError(f'{infos}: no samples in data_list')
    folders, prefixes = SensorFolders(infos, content['metainfo']), prefixes or {}
    keyframes = []
    for entry in sample_entries(infos, content['data_list']):
        labelled = entry.optional_text('pts_semantic_mask_path')
        name = entry.path('pts_semantic_mask_path') if labelled else None
        path = Path(root, name) if name else None
        if name and not Path(root, name).is_file():
            if LABELS in prefixes:
                path = Path(root, prefixes[LABELS], name)
            elif folders.record is not None or LABELS in folders.stated:
                path = Path(root, folders.find(LABELS) or '', name)
        keyframes.append(KeyframeFiles(entry, Path(root), folders, path, prefixes, intensity_scale))
    return keyframes


def pair_cameras(sweep: np.ndarray, cameras: list[CameraFile]) -> PointPixelPairs:
    """Pairs of a sweep's points (N, 3 or more columns) with the cameras' pixels, by the one rule.

    See `pair_points`; images are numbered in the order of `cameras`.
    """
    return pair_points(
        sweep[:, :3],
        np.reshape([camera.lidar2cam for camera in cameras], (-1, 4, 4)),
        np.reshape([camera.cam2img for camera in cameras], (-1, 3, 3)),
        np.reshape([camera.size for camera in cameras], (-1, 2)),
    )
