"""Made-up labelled sweeps in the layouts of nuScenes-lidarseg and SemanticKITTI."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from stslidr.dataset_records.nuscenes import LIDARSEG
from stslidr.dataset_records.semantickitti import SEMANTIC_KITTI_LABELS
from stslidr.files.point_labels import LabelFormat
from stslidr.preparation.nuscenes_infos import create_nuscenes_infos
from stslidr.preparation.semantickitti_infos import create_semantickitti_infos
from support.tiny_nuscenes import make_tiny_nuscenes


def draw_labels(label_format: LabelFormat, count: int, rng: np.random.Generator) -> np.ndarray:
    """Labels of `count` points: all raw ids in turn, and instances above them, if there is room."""
    raw = np.resize(list(label_format.class_of_raw), count)
    instance_bits = 8 * np.dtype(label_format.dtype).itemsize - label_format.semantic_bits
    instances = rng.integers(0, 2**instance_bits, count)
    return (raw + (instances << label_format.semantic_bits)).astype(label_format.dtype)


def draw_sweep(count: int, columns: int, intensity: float, rng: np.random.Generator) -> np.ndarray:
    """float32 (count, columns): x, y, z within 40 m, intensities from 0 up to `intensity`."""
    sweep = rng.uniform(-40, 40, (count, columns))
    sweep[:, 3] = rng.uniform(0, intensity, count)
    return sweep.astype('<f4')


def make_labelled_nuscenes(root: Path, scenes: dict[str, int], version: str = 'v1.0-tiny') -> Path:
    """Write a version with `scenes` (name -> samples), all of them in `train`, and its infos."""
    folder = make_tiny_nuscenes(root, scenes, version, cameras=('CAM_FRONT',), lidarseg=True)
    (folder / 'splits.json').write_text(json.dumps({'train': sorted(scenes)}))
    rng = np.random.default_rng(1)
    sweeps = {
        record['token']: record['filename']
        for record in json.loads((folder / 'sample_data.json').read_text())
    }
    for record in json.loads((folder / 'lidarseg.json').read_text()):
        count = int(rng.integers(60, 90))
        draw_sweep(count, 5, 255, rng).tofile(root / sweeps[record['sample_data_token']])
        draw_labels(LIDARSEG, count, rng).tofile(root / record['filename'])
    create_nuscenes_infos(root, version)
    return folder


def make_labelled_kitti(root: Path, sequences: dict[str, int]) -> None:
    """Write `sequences` (such as '00' -> number of frames) with labels, and their infos."""
    rng = np.random.default_rng(2)
    for sequence, frames in sequences.items():
        folder = root / 'sequences' / sequence
        for name in ('velodyne', 'labels'):
            (folder / name).mkdir(parents=True)
        for frame in range(frames):
            count = int(rng.integers(60, 90))
            draw_sweep(count, 4, 1, rng).tofile(folder / 'velodyne' / f'{frame:06d}.bin')
            draw_labels(SEMANTIC_KITTI_LABELS, count, rng).tofile(
                folder / 'labels' / f'{frame:06d}.label'
            )
    create_semantickitti_infos(root)
