"""A made-up nuScenes root that the devkit itself loads: random poses, small images and sweeps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

CAMERAS = (
    'CAM_FRONT',
    'CAM_FRONT_RIGHT',
    'CAM_FRONT_LEFT',
    'CAM_BACK',
    'CAM_BACK_LEFT',
    'CAM_BACK_RIGHT',
)
EMPTY_TABLES = ('attribute', 'visibility', 'instance', 'sample_annotation')


def edit_table(folder: Path, table: str, edit: Callable[[list], Any]) -> None:
    """Let `edit` change a table's list of records in place."""
    file = folder / f'{table}.json'
    records = json.loads(file.read_text())
    edit(records)
    file.write_text(json.dumps(records))


def make_tiny_nuscenes(
    root: Path,
    scenes: dict[str, int],
    version: str = 'v1.0-mini',
    cameras: tuple[str, ...] = CAMERAS,
    lidarseg: bool = False,
) -> Path:
    """Write a root with `scenes` (name -> number of samples) and return its version folder.

    Samples lie in the sample table in another order than scenes do; images differ in size from
    camera to camera, sweeps in their number of points. Files between keyframes are not on disk.
    """
    return _Builder(root, version, cameras, lidarseg).build(scenes)


class _Builder:
    def __init__(self, root: Path, version: str, cameras: tuple[str, ...], lidarseg: bool) -> None:
        self.root, self.version, self.lidarseg = root, version, lidarseg
        self.channels = ('LIDAR_TOP', *cameras)
        self.rng = np.random.default_rng(3)
        self.tables: dict[str, list] = {
            name: []
            for name in (
                'category',
                'sensor',
                'calibrated_sensor',
                'ego_pose',
                'log',
                'scene',
                'sample',
                'sample_data',
                'map',
                *EMPTY_TABLES,
            )
        }

    def build(self, scenes: dict[str, int]) -> Path:
        self._add('category', name='noise', index=0, description='')
        log = self._add('log', logfile='log', vehicle='', date_captured='', location='here')
        self._add('map', log_tokens=[log], category='semantic_prior', filename='maps/blank.png')
        (self.root / 'maps').mkdir(parents=True)
        Image.new('L', (4, 4)).save(self.root / 'maps' / 'blank.png')
        for channel in self.channels:
            self._add(
                'sensor', channel=channel, modality='camera' if 'LIDAR' not in channel else 'lidar'
            )
        for name, num_samples in scenes.items():
            self._add_scene(name, num_samples, log)
        self.tables['sample'].reverse()
        if self.lidarseg:
            self._add_lidarseg()
        folder = self.root / self.version
        folder.mkdir()
        for name, records in self.tables.items():
            (folder / f'{name}.json').write_text(json.dumps(records))
        return folder

    def _add(self, table: str, **record: Any) -> str:
        token = f'{table}-{len(self.tables[table])}'
        self.tables[table].append({'token': token, **record})
        return token

    def _pose(self, table: str, extent: float, **record: Any) -> str:
        quaternion = self.rng.normal(size=4)
        return self._add(
            table,
            translation=self.rng.uniform(-extent, extent, 3).tolist(),
            rotation=(quaternion / np.linalg.norm(quaternion)).tolist(),
            **record,
        )

    def _add_scene(self, name: str, num_samples: int, log: str) -> None:
        scene = self._add(
            'scene',
            name=name,
            log_token=log,
            nbr_samples=num_samples,
            description='',
            first_sample_token='',
            last_sample_token='',
        )
        calibrated = [
            self._pose(
                'calibrated_sensor',
                2.0,
                sensor_token=sensor['token'],
                camera_intrinsic=self._intrinsic(sensor['channel']),
            )
            for sensor in self.tables['sensor']
        ]
        for index in range(num_samples):
            time = 1532402927_000001 + 500_000 * index
            sample = self._add('sample', timestamp=time, scene_token=scene, prev='', next='')
            for sensor, channel in zip(calibrated, self.channels, strict=True):
                for is_key_frame in (True, False):
                    self._add_sample_data(name, channel, sample, sensor, time, is_key_frame)

    def _intrinsic(self, channel: str) -> list:
        focal, column, row = self.rng.uniform(10, 30, 3).tolist()
        return [] if 'LIDAR' in channel else [[focal, 0, column], [0, focal, row], [0, 0, 1]]

    def _add_sample_data(
        self, scene: str, channel: str, sample: str, sensor: str, time: int, is_key_frame: bool
    ) -> None:
        ending = 'pcd.bin' if 'LIDAR' in channel else 'jpg'
        folder = 'samples' if is_key_frame else 'sweeps'
        name = f'{folder}/{channel}/{scene}__{sample}.{ending}'
        time += int(self.rng.integers(-40_000, 40_000))
        height, width = (0, 0) if 'LIDAR' in channel else (18 + self.channels.index(channel), 32)
        self._add(
            'sample_data',
            sample_token=sample,
            calibrated_sensor_token=sensor,
            ego_pose_token=self._pose('ego_pose', 400.0, timestamp=time),
            timestamp=time,
            fileformat=ending[:3],
            is_key_frame=is_key_frame,
            height=height,
            width=width,
            filename=name,
            prev='',
            next='',
        )
        if is_key_frame:
            self._write(self.root / name, height, width)

    def _write(self, path: Path, height: int, width: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if height:
            pixels = self.rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(path)
        else:
            self.rng.normal(size=(self.rng.integers(5, 40), 5)).astype('<f4').tofile(path)

    def _add_lidarseg(self) -> None:
        folder = self.root / 'lidarseg' / self.version
        folder.mkdir(parents=True)
        self.tables['lidarseg'] = []
        for record in self.tables['sample_data']:
            if record['is_key_frame'] and 'LIDAR_TOP' in record['filename']:
                name = f'{record["token"]}_lidarseg.bin'
                (folder / name).write_bytes(b'\x00' * 5)
                self._add(
                    'lidarseg',
                    sample_data_token=record['token'],
                    filename=f'lidarseg/{self.version}/{name}',
                )
