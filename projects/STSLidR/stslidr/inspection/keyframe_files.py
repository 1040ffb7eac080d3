"""Where the files of an info file's samples lie, and what they hold, as plain arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stslidr.core.pairing import PointPixelPairs, pair_points
from stslidr.dataset_records.nuscenes import NUSCENES
from stslidr.dataset_records.record import DatasetRecord, Folders
from stslidr.dataset_records.registry import RECORDS
from stslidr.errors import InputError, MissingFileError
from stslidr.files.camera_calibration import read_calibration
from stslidr.files.folder_patterns import find_file
from stslidr.files.images import image_size, read_image
from stslidr.files.info_entries import InfoEntry, camera_entries, sample_entries
from stslidr.files.infos import read_infos
from stslidr.files.point_labels import read_point_labels
from stslidr.files.sweeps import read_sweep

XYZI = 4
"""Columns of a sweep that neither the info file nor a record states a number for."""


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
        record: of the data set that the info file states, None if there is none of this name.
        label_path: the label file, None if there is none.
    """

    entry: InfoEntry
    root: Path
    record: DatasetRecord | None
    label_path: Path | None

    def read_sweep(self) -> np.ndarray:
        """The sweep, float32 (N, columns): x, y, z in metres, then features.

        Raises:
            MissingFileError: if it is not there.
            InputError: if it is damaged, or not as the info file says; names the file.
        """
        lidar = self.entry.child('lidar_points')
        path = find_file(self.root, lidar.path('lidar_path'), self._folders.sweeps)
        columns = XYZI if self.record is None else self.record.num_pts_feats
        try:
            return read_sweep(
                path,
                lidar.optional_number('num_pts_feats') or columns,
                lidar.optional_number('num_points'),
            )
        except MissingFileError as error:
            if self.record is not None:
                raise
            raise MissingFileError(
                f'{error}; no record says where files of its data set lie: is --record missing?'
            ) from None

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
        return [self._camera(name, entry) for name, entry in _cameras(self.entry).items()]

    @property
    def _folders(self) -> Folders:
        return folders_of(self.record)

    def _camera(self, name: str, entry: InfoEntry) -> CameraFile:
        path = find_file(self.root, entry.path('img_path'), self._folders.images_of(name))
        cam2img, lidar2cam = read_calibration(entry)
        return CameraFile(
            name,
            path,
            entry.image_size() or image_size(path),
            entry.optional_text('sample_data_token'),
            lidar2cam,
            cam2img,
        )


def list_keyframes(infos: str | Path, root: str | Path) -> list[KeyframeFiles]:
    """The samples of an info file.

    A file lies at its path under `root`, or in the folder that the data set's record has for it;
    without a record, in that of nuScenes.

    Raises:
        MissingFileError: if the info file is not there.
        InputError: if it is damaged or has no samples; names the file.
    """
    content = read_infos(infos)
    if not content['data_list']:
        raise InputError(f'{infos}: no samples in data_list')
    metainfo = content['metainfo']
    record = RECORDS.get(str(metainfo.get('dataset')))
    keyframes = []
    for entry in sample_entries(infos, content['data_list']):
        labelled = entry.optional_text('pts_semantic_mask_path')
        name = entry.path('pts_semantic_mask_path') if labelled else None
        path = Path(root, name) if name else None
        if name and record is not None and not Path(root, name).is_file():
            labels = record.folders.labels_of(metainfo.get('version'), infos)
            path = Path(root, labels, name)
        keyframes.append(KeyframeFiles(entry, Path(root), record, path))
    return keyframes


def folders_of(record: DatasetRecord | None) -> Folders:
    """Where files lie; without a record, as in nuScenes."""
    return (record or NUSCENES).folders


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


def _cameras(entry: InfoEntry) -> dict[str, InfoEntry]:
    """The cameras of a sample; {} if it has no `images` at all."""
    return camera_entries(entry) if 'images' in entry.values else {}
