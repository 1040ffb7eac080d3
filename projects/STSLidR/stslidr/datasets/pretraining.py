"""Keyframes of any camera-LiDAR rig, from info files in MMDetection3D's v1.1 layout."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset
from numpy.typing import ArrayLike

from stslidr.core.seeding import SampleKey, seeded
from stslidr.datasets.pipeline import PairedPipeline
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

    Args:
        ann_file: info file, relative to ``data_root`` unless absolute.
        data_root: folder that relative paths start from.
        data_prefix: folder of each sensor's files, relative to ``data_root`` unless absolute:
            ``pts`` for the sweeps, and each camera under its name in the info file.
        pipeline: transforms, or their configs, see `PairedPipeline`.
        cameras: names of the cameras to use, in this order; None takes all that a sample lists.
        indices: the first so many samples, or the positions of those to use.
        lazy_init: leave the info file unread until the first sample is asked for.

    Raises:
        FileNotFoundError: if the info file is not there.
        ValueError: for an order of transforms that breaks pairs, an info file without samples, and
            a ``data_prefix`` or ``cameras`` that does not fit the info file.
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
        """Read the info file and resolve its paths."""
        infos = read_infos(self.ann_file)
        self._metainfo.update(infos['metainfo'])
        if not infos['data_list']:
            raise ValueError(f'{self.ann_file}: no samples in data_list')
        self._check_prefixes(infos['data_list'])
        return [self.parse_data_info(info) for info in infos['data_list']]

    def parse_data_info(self, raw_data_info: dict[str, Any]) -> dict[str, Any]:
        """Take one sample's sensors from its entry in the info file."""
        try:
            lidar = raw_data_info['lidar_points']
            return {
                'data_root': self.data_root,
                'token': raw_data_info.get('token'),
                'lidar_path': self._resolve(POINTS_PREFIX, lidar['lidar_path']),
                'num_points': lidar.get('num_points'),
                'num_features': lidar.get('num_pts_feats'),
                'cameras': [
                    self._parse_camera(name, raw_data_info['images'][name])
                    for name in self._camera_names(raw_data_info)
                ],
            }
        except KeyError as error:
            raise ValueError(
                f'{self.ann_file}: sample {self._label(raw_data_info)} has no entry {error}'
            ) from error

    def _parse_camera(self, name: str, info: dict[str, Any]) -> dict[str, Any]:
        where = f'{self.ann_file}: {name}'
        cam2img, lidar2cam = _pinhole(info['cam2img'], info['lidar2cam'], where)
        height, width = info.get('height'), info.get('width')
        return {
            'name': name,
            'path': self._resolve(name, info['img_path']),
            'cam2img': cam2img,
            'lidar2cam': lidar2cam,
            'size': None if height is None or width is None else (int(height), int(width)),
            'token': info.get('sample_data_token'),
        }

    def _camera_names(self, info: dict[str, Any]) -> Sequence[str]:
        # KITTI's files list cameras without an image, and a rectification beside the cameras.
        listed = [name for name, camera in info['images'].items()
                  if isinstance(camera, dict) and camera.get('img_path')]
        names = listed if self.cameras is None else self.cameras
        missing = sorted(set(names) - set(listed))
        if missing or not names:
            raise ValueError(
                f'{self.ann_file}: sample {self._label(info)} has no image of '
                f'{", ".join(missing) or "any camera"}; it lists {", ".join(listed) or "none"}'
            )
        return names

    def _check_prefixes(self, data_list: list[dict[str, Any]]) -> None:
        known = {POINTS_PREFIX}.union(*(info.get('images', {}) for info in data_list))
        unknown = sorted(set(self.data_prefix) - known)
        if unknown:
            raise ValueError(
                f'data_prefix has {", ".join(unknown)}, but the sensors in {self.ann_file} are '
                f'{", ".join(sorted(known))}'
            )

    def _resolve(self, sensor: str, path: str) -> str:
        if sensor not in self.data_prefix:
            raise ValueError(
                f'data_prefix has no {sensor!r}, the folder that {path} of {self.ann_file} is in'
            )
        return os.path.join(self.data_prefix[sensor], path)

    @staticmethod
    def _label(info: dict[str, Any]) -> str:
        return str(info.get('token', info.get('sample_idx', '?')))


def _pinhole(
    cam2img: ArrayLike, lidar2cam: ArrayLike, where: str
) -> tuple[np.ndarray, np.ndarray]:
    """Bring (3, 3), (3, 4) and (4, 4) intrinsics to the (3, 3) of a camera at its own origin.

    A fourth column p, as in KITTI's rectified projections K [I | K^-1 p], is an offset of the
    camera, which belongs into lidar2cam.
    """
    projection = np.array(cam2img, dtype=np.float64)
    extrinsic = np.array(lidar2cam, dtype=np.float64)
    if projection.shape not in ((3, 3), (3, 4), (4, 4)) or extrinsic.shape != (4, 4):
        raise ValueError(
            f'{where}: cam2img {projection.shape} and lidar2cam {extrinsic.shape}, expected '
            '(3, 3), (3, 4) or (4, 4) and (4, 4)'
        )
    if not (np.isfinite(projection).all() and np.isfinite(extrinsic).all()):
        raise ValueError(f'{where}: cam2img or lidar2cam is not finite')
    intrinsic = projection[:3, :3]
    if projection.shape[1] == 4:
        extrinsic[:3, 3] += np.linalg.solve(intrinsic, projection[:3, 3])
    return intrinsic, extrinsic
