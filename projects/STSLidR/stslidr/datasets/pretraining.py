"""Keyframes of any camera-LiDAR rig, from info files in MMDetection3D's v1.1 layout."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset
from numpy.typing import ArrayLike

from stslidr.core.geometry import ORTHONORMAL_TOLERANCE
from stslidr.core.seeding import SampleKey, seeded
from stslidr.datasets.pipeline import PairedPipeline
from stslidr.datasets.transforms.voxelization import voxel_metainfo
from stslidr.files.info_entries import InfoEntry, camera_entries, sample_entries
from stslidr.files.infos import read_infos

POINTS_PREFIX = 'pts'


class CameraLidarDataset(BaseDataset):
    """Sweeps with the camera images taken at about the same time; no label is read.

    A sample is a dict, before its pipeline:

    - ``data_root``, ``sample_idx``, ``token`` (None where the info file has none);
    - ``lidar_path``, ``num_points`` and ``num_features`` (columns) of the sweep, these two as the
      info file states them, else None;
    - ``cameras``, one dict per camera in the order of the info file: ``name``, ``path``,
      ``cam2img`` float64 (3, 3) in pixels, ``lidar2cam`` float64 (4, 4) in metres, ``size`` as
      (height, width) or None, ``token`` or None.

    `metainfo` has what the info file has, and the ``voxel_grid`` of the pipeline.

    Args:
        ann_file: info file, relative to ``data_root`` unless absolute.
        data_root: folder that relative paths start from.
        data_prefix: folder of each sensor's files, relative to ``data_root`` unless absolute:
            ``pts`` for the sweeps, and each camera under its name in the info file. Every sensor in
            use needs one; further ones, of another rig, are not used.
        pipeline: transforms, or their configs, see `PairedPipeline`.
        cameras: names of the cameras to use, in this order; None takes all that a sample lists.
        indices: the first so many samples, or the positions of those to use.
        lazy_init: leave the info file unread until the first sample is asked for.

    Raises:
        FileNotFoundError: if the info file is not there.
        ValueError: for an order of transforms that breaks pairs, an info file without samples or
            with a value of a wrong type or a calibration of no pinhole camera, and a sensor in use
            without a ``data_prefix`` or not in the info file.
    """

    def __init__(
        self,
        ann_file: str,
        data_root: str,
        data_prefix: dict[str, str],
        pipeline: Sequence[dict | Callable],
        cameras: Sequence[str] | None = None,
        indices: int | Sequence[int] | None = None,
        lazy_init: bool = False,
    ) -> None:
        """Build the pipeline and, unless `lazy_init`, read the info file."""
        if cameras is not None and (not cameras or len(set(cameras)) < len(cameras)):
            raise ValueError(f'cameras names each camera once, or is None for all, not {cameras}')
        self.cameras = cameras
        super().__init__(
            ann_file=ann_file,
            data_root=data_root,
            data_prefix=data_prefix,
            indices=indices,
            lazy_init=True,
        )
        self.pipeline = PairedPipeline(pipeline)
        self._metainfo.update(voxel_metainfo(self.pipeline.transforms))
        if not lazy_init:
            self.full_init()

    def __getitem__(self, key: int | SampleKey) -> dict[str, Any]:
        """Return the packed sample of a key; its random draws follow from the key alone.

        A plain index stands for epoch 0 and seed 0.
        """
        index, epoch, seed = key if isinstance(key, SampleKey) else SampleKey(int(key))
        index = range(len(self))[index]  # IndexError beyond the end, -1 is the last
        with seeded(seed, epoch, index):
            return self.pipeline(self.get_data_info(index))

    def load_data_list(self) -> list[dict[str, Any]]:
        """Read the info file, check what stands there and resolve its paths."""
        infos = read_infos(self.ann_file)
        self._metainfo.update(infos['metainfo'])
        if not infos['data_list']:
            raise ValueError(f'{self.ann_file}: no samples in data_list')
        return [self._read_sample(sample)
                for sample in sample_entries(self.ann_file, infos['data_list'])]

    def _read_sample(self, sample: InfoEntry) -> dict[str, Any]:
        lidar = sample.child('lidar_points')
        return {
            'data_root': self.data_root,
            'token': sample.values.get('token'),
            'lidar_path': self._resolve(POINTS_PREFIX, lidar.text('lidar_path')),
            'num_points': lidar.optional_number('num_points'),
            'num_features': lidar.optional_number('num_pts_feats'),
            'cameras': [self._read_camera(*camera) for camera in self._used_cameras(sample)],
        }

    def _read_camera(self, name: str, camera: InfoEntry) -> dict[str, Any]:
        cam2img, lidar2cam = _calibration(camera)
        return {
            'name': name,
            'path': self._resolve(name, camera.text('img_path')),
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
            raise ValueError(
                f'{sample.where} has no image of {", ".join(missing) or "any camera"}; it lists '
                f'{", ".join(listed) or "none"}'
            )
        return [(name, listed[name]) for name in names]

    def _resolve(self, sensor: str, path: str) -> str:
        if sensor not in self.data_prefix:
            raise ValueError(
                f'data_prefix has no {sensor!r}, the folder that {path} of {self.ann_file} is in; '
                f'it has {", ".join(self.data_prefix) or "none"}'
            )
        return os.path.join(self.data_prefix[sensor], path)


def _calibration(camera: InfoEntry) -> tuple[np.ndarray, np.ndarray]:
    """cam2img (3, 3) and lidar2cam (4, 4) of a pinhole camera at its own origin.

    Intrinsics of (3, 4) and (4, 4) have a fourth column p, as in KITTI's rectified projections
    K [I | K^-1 p]: an offset of the camera, which belongs into lidar2cam.

    Raises:
        ValueError: if the intrinsics are none of a pinhole camera, or lidar2cam is not rigid.
    """
    projection = camera.matrix('cam2img', (3, 3), (3, 4), (4, 4))
    lidar2cam = camera.matrix('lidar2cam', (4, 4))
    intrinsic = projection[:3, :3]
    if not _is_pinhole(intrinsic):
        raise ValueError(
            f'{camera.where}: cam2img {intrinsic.tolist()} is not [[fx, s, cx], [0, fy, cy], '
            '[0, 0, 1]] with fx and fy above 0'
        )
    if not _is_rigid(lidar2cam):
        raise ValueError(
            f'{camera.where}: lidar2cam {lidar2cam.tolist()} is not rigid, [[R, t], [0, 0, 0, 1]] '
            'with a rotation R'
        )
    if projection.shape[1] == 4:
        lidar2cam[:3, 3] += np.linalg.solve(intrinsic, projection[:3, 3])
    return intrinsic, lidar2cam


def _is_pinhole(intrinsic: np.ndarray) -> bool:
    """Whether focal lengths are positive, the last row is (0, 0, 1), and an inverse exists."""
    (fx, skew), (shear, fy) = intrinsic[:2, :2]
    with np.errstate(over='ignore', invalid='ignore'):
        invertible = fx * fy - skew * shear > 1e-9 * fx * fy
    return bool(fx > 0 and fy > 0 and invertible and _close(intrinsic[2], (0, 0, 1)))


def _is_rigid(transform: np.ndarray) -> bool:
    """Whether a matrix (4, 4) turns and moves, and does nothing else."""
    rotation = transform[:3, :3]
    with np.errstate(over='ignore', invalid='ignore'):
        orthonormal = _close(rotation @ rotation.T, np.eye(3))
    return bool(
        orthonormal and np.linalg.det(rotation) > 0 and _close(transform[3], (0, 0, 0, 1)))


def _close(array: np.ndarray, expected: ArrayLike) -> bool:
    return np.allclose(array, expected, rtol=0, atol=ORTHONORMAL_TOLERANCE)
