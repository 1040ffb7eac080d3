"""Keyframes of any camera-LiDAR rig, from info files in MMDetection3D's v1.1 layout."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from stslidr.contracts.dataset import CameraSample, ListedKeyframe
from stslidr.dataset_records.sensor_folders import SensorFolders
from stslidr.datasets.pipeline import PairedPipeline
from stslidr.datasets.seeded_access import SeededDataset, checked_limit
from stslidr.datasets.transforms.voxelization import voxel_metainfo
from stslidr.errors import InputError
from stslidr.files.camera_calibration import Calibration, read_calibrations
from stslidr.files.garbage_collector import collector_off
from stslidr.files.info_entries import InfoEntry, camera_entries, sample_entries
from stslidr.files.infos import read_infos
from stslidr.files.stated_folders import SWEEPS


class CameraLidarDataset(SeededDataset):
    """Sweeps with the camera images taken at about the same time; no label is read.

    A `PretrainingDataset`. Before its pipeline a sample is a `KeyframeSample`: optional values are
    None where the info file does not state them, the cameras stand in its order.

    `metainfo` has what the info file has, and the ``voxel_grid`` of the pipeline.

    Args:
        ann_file: info file, relative to ``data_root`` unless absolute.
        data_root: folder that relative paths start from.
        data_prefix: folder of each sensor's files, relative to ``data_root`` unless absolute:
            ``pts`` for the sweeps, and each camera under its name in the info file. A sensor
            without one has that of the info file, else of its data set (`SensorFolders`); further
            ones, of another rig, are not used.
        pipeline: transforms, or their configs, see `PairedPipeline`.
        cameras: names of the cameras to use, in this order; None takes all that a sample lists.
        indices: the first so many samples, or the positions of those to use.
        lazy_init: leave the info file unread until the first sample is asked for.
        max_bad_samples: how many different samples a training may skip, as their files are damaged,
            missing or not as the info file says; 0: the first one is an error.

    Raises:
        MissingFileError: if the info file is not there.
        InputError: for an order of transforms that breaks pairs, an info file without samples or
            with a value of a wrong type or a calibration of no pinhole camera, and a sensor in use
            without a folder or not in the info file.
    """

    def __init__(
        self,
        ann_file: str,
        data_root: str,
        pipeline: Sequence[dict | Callable],
        data_prefix: dict[str, str] | None = None,
        cameras: Sequence[str] | None = None,
        indices: int | Sequence[int] | None = None,
        lazy_init: bool = False,
        max_bad_samples: int = 0,
    ) -> None:
        """Build the pipeline and, unless `lazy_init`, read the info file."""
        self.max_bad_samples = checked_limit(max_bad_samples)
        if cameras is not None and (not cameras or len(set(cameras)) < len(cameras)):
            raise InputError(f'cameras names each camera once, or is None for all, not {cameras}')
        self.cameras = cameras
        super().__init__(
            ann_file=ann_file,
            data_root=data_root,
            data_prefix=dict(data_prefix or {}),
            indices=indices,
            lazy_init=True,
        )
        self.pipeline = PairedPipeline(pipeline)
        self._metainfo.update(voxel_metainfo(self.pipeline.transforms))
        if not lazy_init:
            self.full_init()

    def load_data_list(self) -> list[ListedKeyframe]:
        """Read the info file, check what stands there and resolve its paths."""
        with collector_off():
            return self._load_data_list()

    def _load_data_list(self) -> list[ListedKeyframe]:
        infos = read_infos(self.ann_file)
        self._metainfo.update(infos['metainfo'])
        self._folders = SensorFolders(self.ann_file, infos['metainfo'])
        if not infos['data_list']:
            raise InputError(f'{self.ann_file}: no samples in data_list')
        samples = sample_entries(self.ann_file, infos['data_list'])
        used = [self._used_cameras(sample) for sample in samples]
        calibrations = iter(read_calibrations([entry for each in used for _, entry in each]))
        return [
            self._read_sample(
                sample, [self._read_camera(*camera, next(calibrations)) for camera in cameras]
            )
            for sample, cameras in zip(samples, used, strict=True)
        ]

    def _read_sample(self, sample: InfoEntry, cameras: list[CameraSample]) -> ListedKeyframe:
        lidar = sample.child('lidar_points')
        return {
            'data_root': self.data_root,
            'token': sample.optional_name('token'),
            'lidar_path': self._resolve(SWEEPS, lidar.path('lidar_path')),
            'num_points': lidar.optional_number('num_points'),
            'num_pts_feats': lidar.optional_number('num_pts_feats'),
            'cameras': cameras,
        }

    def _read_camera(self, name: str, camera: InfoEntry, calibration: Calibration) -> CameraSample:
        cam2img, lidar2cam = calibration
        return {
            'name': name,
            'path': self._resolve(name, camera.path('img_path')),
            'cam2img': cam2img,
            'lidar2cam': lidar2cam,
            'size': camera.image_size(),
            'token': camera.optional_text('sample_data_token'),
        }

    def _used_cameras(self, sample: InfoEntry) -> list[tuple[str, InfoEntry]]:
        listed = camera_entries(sample)
        names = list(listed) if self.cameras is None else self.cameras
        missing = sorted(set(names) - set(listed))
        if missing or not names:
            raise InputError(
                f'{sample.where} has no image of {", ".join(missing) or "any camera"}; it lists '
                f'{", ".join(listed) or "none"}'
            )
        return [(name, listed[name]) for name in names]

    def _resolve(self, sensor: str, path: str) -> str:
        if sensor in self.data_prefix:
            return os.path.join(self.data_prefix[sensor], path)
        folder = self._folders.find(sensor)
        if folder is None:
            raise InputError(
                f'neither data_prefix nor {self.ann_file} says where the files of {sensor!r} lie, '
                f'such as {path}; data_prefix has {", ".join(self.data_prefix) or "none"}'
            )
        return os.path.join(self.data_root, folder, path)
