"""An info file of keyframes with six cameras: read, checked, indexed."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset

from stslidr.datasets.pretraining import CameraLidarDataset
from stslidr.files.infos import write_infos
from stslidr_studies.benchmark.case import BenchmarkedPart, Case

CAMERAS = tuple(
    f'CAM_{place}'
    for place in ('FRONT', 'FRONT_RIGHT', 'FRONT_LEFT', 'BACK', 'BACK_LEFT', 'BACK_RIGHT')
)
PIPELINE: tuple[dict[str, Any], ...] = (
    dict(type='LoadSweep', load_dim=5, use_dim=[0, 1, 2, 3]),
    dict(type='LoadCameras'),
    dict(type='PairPointsWithPixels'),
    dict(type='VoxelizeSweep', kind='cylindrical', size=(0.1, 1.0, 0.1)),
    dict(type='PackPairedSample'),
)


class PlainDataset(BaseDataset):
    """mmengine's own data set, which checks nothing."""

    def parse_data_info(self, raw_data_info: dict) -> dict:
        """The entry as it is."""
        return raw_data_info


def make_case(size: int, device: str) -> Case:
    """An info file of `size` keyframes."""
    import stslidr.plugin  # noqa: F401

    folder = tempfile.TemporaryDirectory()
    path = Path(folder.name) / 'nuscenes_infos_train.pkl'
    draw = np.random.default_rng(0)
    samples = [_sample(number, draw) for number in range(size)]
    write_infos(path, {'dataset': 'nuscenes', 'info_version': '1.1'}, samples)

    def ours() -> int:
        assert folder.name
        dataset = CameraLidarDataset(str(path), folder.name, _pipeline())
        return len(dataset)

    return Case(ours, lambda: len(PlainDataset(str(path), data_root=folder.name)), compare)


def _pipeline() -> list[dict[str, Any]]:
    return [dict(step) for step in PIPELINE]


def _sample(number: int, draw: np.random.Generator) -> dict[str, Any]:
    images = {}
    for name in CAMERAS:
        angle = draw.uniform(0, 2 * np.pi)
        lidar2cam = np.eye(4)
        lidar2cam[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
        lidar2cam[:3, 3] = draw.normal(size=3)
        images[name] = {
            'img_path': f'n015-2018-07-24-11-22-45+0800__{name}__{number:016d}.jpg',
            'cam2img': [[1266.4, 0.0, 816.2], [0.0, 1266.4, 491.5], [0.0, 0.0, 1.0]],
            'lidar2cam': lidar2cam.tolist(),
            'height': 900,
            'width': 1600,
            'sample_data_token': f'{number:020d}{name:>12}'.replace(' ', '0'),
        }
    return {
        'sample_idx': number,
        'token': f'{number:032d}',
        'images': images,
        'lidar_points': {
            'lidar_path': f'n015-2018-07-24-11-22-45+0800__LIDAR_TOP__{number:016d}.pcd.bin',
            'num_pts_feats': 5,
            'num_points': 34_688,
        },
    }


def compare(ours: int, published: int) -> dict[str, float]:
    """Of the number of samples."""
    return {'samples': abs(ours - published) / published}


INFO_FILE = BenchmarkedPart(
    'info-file',
    'info file: read, checked and indexed; beside it mmengine, which checks nothing',
    'keyframes',
    2813,
    (703, 1406, 2813, 5626),
    make_case,
    devices=('cpu',),
)
