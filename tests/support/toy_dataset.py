"""A toy data set in a layout of its own, and its record as docs/extending.md has it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
from PIL import Image

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'extending.md'
DRIVES = {'north': ('train', 2), 'south': ('train', 2), 'west': ('train', 1), 'east': ('val', 2)}
RAW_IDS = (0, 7, 300, 301, 512)
CAMERA = {
    'cam2img': [[20.0, 0, 20], [0, 20, 15], [0, 0, 1]],
    'lidar2cam': [[0.0, -1, 0, 0], [0, 0, -1, 0], [1, 0, 0, 0], [0, 0, 0, 1]],
}
BEAMS, COLUMNS = 8, 40


def code_blocks() -> list[str]:
    """The Python blocks of the page's section: the record's module, the config."""
    section = PAGE.read_text().split('## A labelled data set')[1].split('\n## ')[0]
    return re.findall(r'```python\n(.*?)```', section, re.DOTALL)


def write_toy(root: Path) -> None:
    """Write sweeps, labels, images and `drives.json`; the ground is below, cars are bright."""
    rng = np.random.default_rng(4)
    for folder in ('clouds', 'tags', 'eyes/front'):
        (root / folder).mkdir(parents=True)
    for drive, (_, sweeps) in DRIVES.items():
        for number in range(sweeps):
            name = f'{drive}_{number:03d}'
            sweep, raw = draw_toy_sweep(rng)
            sweep.tofile(root / 'clouds' / f'{name}.f32')
            instances = rng.integers(0, 64, len(raw)).astype('<u2') << 10
            (raw + instances).astype('<u2').tofile(root / 'tags' / f'{name}.tag')
            pixels = rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / 'eyes' / 'front' / f'{name}.png')
    parts = {drive: part for drive, (part, _) in DRIVES.items()}
    (root / 'drives.json').write_text(json.dumps({'camera': CAMERA, 'parts': parts}))


def draw_toy_sweep(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Float32 (N, 6) and the raw ids (N,) of a sweep of eight beams, -24 to 4 degrees."""
    elevation = np.radians(np.repeat(np.arange(-24, 8, 4), COLUMNS))
    azimuth = np.tile(np.linspace(-np.pi, np.pi, COLUMNS, endpoint=False), BEAMS)
    azimuth = azimuth + rng.uniform(0, 0.1, len(azimuth))
    ranges = np.where(elevation < -0.1, 1.8 / np.tan(np.maximum(-elevation, 0.05)), 25.0)
    raw = np.where(elevation < -0.1, 7, np.where(azimuth > 1, 300, 301))
    raw[(azimuth > -2) & (azimuth < -1)] = 512
    raw[:3] = 0
    intensity = np.select([raw == 512, raw == 7], [90.0, 20.0], 50.0)
    rows = np.stack(
        [
            ranges * np.cos(azimuth),
            ranges * np.sin(azimuth),
            ranges * np.tan(elevation),
            intensity + rng.uniform(-5, 5, len(raw)),
            np.repeat(np.arange(BEAMS), COLUMNS),
            np.arange(len(raw)) / len(raw),
        ],
        axis=1,
    )
    return rows.astype('<f4'), raw
