"""A made-up data set in the layout that the pretraining dataset reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from stslidr.files.infos import write_infos
from stslidr.files.label_png import summarise_labels
from stslidr.files.superpixel_manifest import SuperpixelManifest

SIZES = {'LEFT': (48, 80), 'RIGHT': (64, 96)}
"""Camera name -> (height, width)."""
NUM_SUPERPIXELS = 12


@dataclass(frozen=True)
class TinyData:
    """Where the data lie and what they are."""

    root: Path
    num_keyframes: int
    num_points: int
    ann_file: str = 'tiny_infos.pkl'
    superpixels: str = 'superpixels/grid'

    @property
    def data_prefix(self) -> dict[str, str]:
        """Sensor -> folder, as in a config."""
        return {'pts': 'sweeps', **{name: name for name in SIZES}}


def make_tiny_data(root: Path, num_keyframes: int = 6, num_points: int = 900) -> TinyData:
    """Write sweeps, images, superpixels and the info file of ``num_keyframes`` under ``root``."""
    rng = np.random.default_rng(7)
    data = TinyData(root, num_keyframes, num_points)
    for folder in (*data.data_prefix.values(), data.superpixels):
        (root / folder).mkdir(parents=True)
    infos = [_keyframe(data, index, rng) for index in range(num_keyframes)]
    write_infos(root / data.ann_file, dict(dataset='tiny', info_version='1.1'), infos)
    _write_manifest(data)
    return data


def _keyframe(data: TinyData, index: int, rng: np.random.Generator) -> dict:
    points = np.concatenate(
        [
            rng.uniform((-15, -15, -2), (15, 15, 2), (data.num_points, 3)),
            rng.uniform(0, 255, (data.num_points, 1)),
        ],
        axis=1,
    ).astype(np.float32)
    points.tofile(data.root / 'sweeps' / f'{index}.bin')
    images = {}
    for heading, (name, size) in zip((1, -1), SIZES.items(), strict=True):
        token = f'{name.lower()}{index}'
        pixels = rng.integers(0, 256, (*size, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(data.root / name / f'{index}.png')
        labels = np.arange(size[0])[:, None] * 3 // size[0] * 4 + np.arange(size[1]) * 4 // size[1]
        Image.fromarray(labels.astype(np.uint8)).save(data.root / data.superpixels / f'{token}.png')
        images[name] = dict(
            img_path=f'{index}.png',
            cam2img=[[size[1] / 2, 0, size[1] / 2], [0, size[1] / 2, size[0] / 2], [0, 0, 1]],
            # x right, y down, z ahead; ahead is the sweep's +x or -x axis
            lidar2cam=[[0, -heading, 0, 0], [0, 0, -1, 0], [heading, 0, 0, 0], [0, 0, 0, 1]],
            height=size[0],
            width=size[1],
            sample_data_token=token,
        )
    return dict(
        sample_idx=index,
        token=f'sample{index}',
        lidar_points=dict(lidar_path=f'{index}.bin', num_pts_feats=4, num_points=data.num_points),
        images=images,
        pts_semantic_mask_path=f'{index}_labels.bin',
    )


def _write_manifest(data: TinyData) -> None:
    """Write the manifest that SuperpixelMaps expects beside the maps."""
    folder = data.root / data.superpixels
    maps = {path.name: summarise_labels(path) for path in folder.glob('*.png')}
    SuperpixelManifest('adopted', {}, 'unknown', 'unknown').describing(maps).write(folder)
