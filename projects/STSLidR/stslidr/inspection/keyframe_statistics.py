"""What pretraining meets in a data set, in numbers: means over its keyframes.

Quantities of one kind are named `<what is counted>: <which>`, such as
`points by range: 10-15 m`. All are means over the samples that have them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from stslidr.core.geometry import project_points
from stslidr.core.pairing import PointPixelPairs
from stslidr.core.voxels import VoxelGrid, voxelize
from stslidr.errors import InputError
from stslidr.files.superpixel_maps import SuperpixelMaps
from stslidr.inspection.keyframe_files import CameraFile, KeyframeFiles, pair_cameras
from stslidr.tooling.progress import show_progress

NEAREST = 1.0
"""Metres: nearer points are the vehicle itself, or missing returns."""
RANGE_EDGES = (0, 1, 3, 5, 8, 10, 15, 20, 30, 40, 60, 80, np.inf)
"""Metres from the sensor."""
INTENSITY_QUANTILES = (0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
INTENSITY_COLUMN = 3
PUBLISHED_GRID = VoxelGrid()

Measures = dict[str, float]
"""Name of a quantity -> its value; NaN where a sample has none."""


def describe_keyframes(
    keyframes: Sequence[KeyframeFiles], superpixels: SuperpixelMaps | None = None
) -> Measures:
    """Means of all quantities over keyframes, with a progress bar; memory does not grow with them.

    Args:
        keyframes: at least one.
        superpixels: the finished maps of their images, None to leave superpixels out.

    Raises:
        MissingFileError: if a file is not there.
        InputError: if a file is damaged or not as the info file says, or an image has no
            sample_data_token to find its superpixels by.
    """
    measured = (measure_keyframe(keyframe, superpixels) for keyframe in keyframes)
    return mean_measures(show_progress(measured, len(keyframes), 0, 'keyframes'))


def mean_measures(measured: Iterable[Measures]) -> Measures:
    """Mean of each quantity over the samples that have it; NaN if none has."""
    sums: dict[str, float] = {}
    counts: dict[str, int] = {}
    for measures in measured:
        for name, value in measures.items():
            known = not np.isnan(value)
            sums[name] = sums.get(name, 0.0) + (value if known else 0.0)
            counts[name] = counts.get(name, 0) + known
    return {
        name: total / counts[name] if counts[name] else float('nan') for name, total in sums.items()
    }


def measure_keyframe(keyframe: KeyframeFiles, superpixels: SuperpixelMaps | None) -> Measures:
    """All quantities of one keyframe; errors as in `describe_keyframes`."""
    sweep = keyframe.read_sweep()
    cameras = keyframe.cameras()
    measures = measure_sweep(sweep)
    if cameras:
        pairs = pair_cameras(sweep, cameras)
        measures |= measure_cameras(sweep, cameras, pairs)
        if superpixels is not None:
            measures |= measure_superpixels(cameras, pairs, superpixels)
    classes = keyframe.read_classes(len(sweep))
    if classes is not None and keyframe.record is not None:
        measures |= measure_classes(classes, keyframe.record.classes)
    return measures


def measure_sweep(sweep: np.ndarray) -> Measures:
    """Points, their ranges and intensities, and voxels of a sweep (N, 3 or more columns)."""
    ranges = np.linalg.norm(sweep[:, :3].astype(np.float64), axis=1)
    index = voxelize(PUBLISHED_GRID.coordinates(sweep[:, :3]))
    measures = {
        'points a sweep': len(sweep),
        'points a sweep beyond 1 m': np.count_nonzero(ranges > NEAREST),
        'voxels a sweep': len(index.coordinates),
    }
    counts = np.histogram(ranges, RANGE_EDGES)[0]
    for low, high, count in zip(RANGE_EDGES, RANGE_EDGES[1:], counts, strict=False):
        band = f'{low}+ m' if np.isinf(high) else f'{low}-{high} m'
        measures[f'points by range: {band}'] = count
    if sweep.shape[1] > INTENSITY_COLUMN:
        quantiles = np.quantile(sweep[:, INTENSITY_COLUMN], INTENSITY_QUANTILES)
        for share, value in zip(INTENSITY_QUANTILES, quantiles, strict=True):
            measures[f'intensity: {100 * share:g} % quantile'] = value
    return _as_floats(measures)


def measure_cameras(
    sweep: np.ndarray, cameras: Sequence[CameraFile], pairs: PointPixelPairs
) -> Measures:
    """Points inside each image, anywhere on a pixel and over 1 m deep, and pairs of each."""
    positions, depths = project_points(
        sweep[:, :3],
        [camera.lidar2cam for camera in cameras],
        [camera.cam2img for camera in cameras],
    )
    borders = np.array([camera.size[::-1] for camera in cameras])[:, None] - 0.5
    inside = ((positions >= -0.5) & (positions < borders)).all(axis=2) & (depths > NEAREST)
    paired = pairs.count_per_image(len(cameras))
    measures = {
        'points a camera': inside.sum() / len(cameras),
        'pairs a camera': paired.mean(),
        'pairs a keyframe': len(pairs),
    }
    names = [camera.name for camera in cameras]
    measures |= {
        f'pairs by camera: {name}': count for name, count in zip(names, paired, strict=True)
    }
    return _as_floats(measures)


def measure_superpixels(
    cameras: Sequence[CameraFile], pairs: PointPixelPairs, superpixels: SuperpixelMaps
) -> Measures:
    """Superpixels that a pair falls into, and pairs of such a one.

    Raises:
        MissingFileError: if there is no map for an image.
        InputError: if an image has no sample_data_token, or its map is not as it should be.
    """
    occupied = sum(len(np.unique(ids)) for ids in _paired_ids(cameras, pairs, superpixels))
    return _as_floats(
        {
            'superpixels occupied an image': occupied / len(cameras),
            'superpixels occupied a keyframe': occupied,
            'points an occupied superpixel': len(pairs) / occupied if occupied else np.nan,
        }
    )


def measure_classes(classes: np.ndarray, names: Sequence[str]) -> Measures:
    """Points of each class a sweep; `classes` (N,) counts from 0, what is above is ignored."""
    counts = np.bincount(classes, minlength=len(names) + 1)
    measures = {
        f'points by class: {name}': count for name, count in zip(names, counts, strict=False)
    }
    return _as_floats({**measures, 'points by class: (ignored)': counts[len(names) :].sum()})


def _paired_ids(
    cameras: Sequence[CameraFile], pairs: PointPixelPairs, superpixels: SuperpixelMaps
) -> Iterator[np.ndarray]:
    """Superpixel ids at the pairs of each camera."""
    for number, camera in enumerate(cameras):
        if camera.token is None:
            raise InputError(
                f'{camera.path}: the info file has no sample_data_token for it, after which its '
                f'superpixel map in {superpixels.folder} is named'
            )
        labels = superpixels.load(camera.token, camera.size, superpixels.manifest.highest_id + 1)
        yield labels[tuple(pairs.pixels[pairs.images == number].T)]


def _as_floats(measures: Mapping[str, float | np.number]) -> Measures:
    return {name: float(value) for name, value in measures.items()}
