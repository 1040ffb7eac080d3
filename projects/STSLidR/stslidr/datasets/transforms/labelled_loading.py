"""Checks, intensity and labels of a sweep that MMDetection3D's own transforms load.

Its inferencers want `LoadPointsFromFile` in the test pipeline and put another loader in its place.
The transforms here stand beside it, and hold in inference as well: without a file there is nothing
to check, without a label file nothing to load.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from stslidr.contracts.dataset import LabelledResults, StatedSweep
from stslidr.dataset_records.registry import find_label_format
from stslidr.datasets.transforms.intensity import (
    INTENSITY,
    check_columns,
    check_intensity,
    check_range,
    check_scaling,
)
from stslidr.errors import InputError
from stslidr.files.point_labels import read_point_labels
from stslidr.files.sweeps import read_sweep


@dataclass
class CheckSweepFile:
    """Before `LoadPointsFromFile`: refuse a sweep that it would read wrongly, naming the file.

    That loader takes an empty file, one cut at the end of a row, NaN, and one with another number
    of columns whose size happens to divide. Points that are handed over as an array pass.

    Args:
        load_dim: float32 columns of the file, as `LoadPointsFromFile` has it.
        intensity_range: lowest and highest value that the fourth column may have, such as (0, 255)
            in nuScenes and (0, 1) in SemanticKITTI; in a file with another number of columns,
            coordinates stand there. None: any value.

    Raises:
        InputError: for fewer than four columns or a range that is none; when called, for a sweep
            that is no such file or has another number of points than the info file states.
        MissingFileError: when called, if there is no such file.
    """

    load_dim: int
    intensity_range: Sequence[float] | None = None

    def __post_init__(self) -> None:
        """Check the settings."""
        if self.load_dim < 4:
            raise InputError(
                f'CheckSweepFile: load_dim {self.load_dim} leaves no room for x, y, z, intensity'
            )
        check_range(self.intensity_range, type(self).__name__)

    def __call__(self, results: LabelledResults) -> LabelledResults:
        """Check the file, if there is one, and note how many points it has."""
        lidar = results.get('lidar_points', {})
        path = lidar.get('lidar_path', results.get('points'))
        if isinstance(path, str):  # the inferencer's `points` may be an array
            results['num_stored_points'] = self._check(path, lidar)
        return results

    def _check(self, path: str, lidar: StatedSweep) -> int:
        """Check the sweep at `path`, about which the info file says `lidar`; count its points."""
        check_columns(path, lidar.get('num_pts_feats'), self.load_dim, type(self).__name__)
        intensity = read_sweep(path, self.load_dim, lidar.get('num_points'))[:, INTENSITY]
        check_intensity(intensity, self.intensity_range, path, self.load_dim)
        return len(intensity)


@dataclass
class IntensityFeature:
    """After the points: make the intensity, their fourth column, the feature of the model.

    Pretraining and whatever uses its weights must agree on the scale.

    Args:
        scale: factor on the intensity.
        offset: added to the scaled intensity; the ST-SLidR release adds 1 on SemanticKITTI.

    Raises:
        InputError: if the scale is 0 or a number is not finite; when called, for points without a
            fourth column.
    """

    scale: float = 1.0
    offset: float = 0.0

    def __post_init__(self) -> None:
        """Check the settings."""
        check_scaling(self.scale, self.offset, type(self).__name__)

    def __call__(self, results: LabelledResults) -> LabelledResults:
        """Replace ``points``; an array that was handed over keeps its values."""
        points = results['points'].clone()
        if points.tensor.shape[1] < 4:
            raise InputError(
                f'the points have {points.tensor.shape[1]} columns and no intensity: set use_dim '
                'of LoadPointsFromFile to x, y, z and it'
            )
        points.tensor[:, INTENSITY] = points.tensor[:, INTENSITY] * self.scale + self.offset
        results['points'] = points
        return results


class LoadPointLabels:
    """After the points, before any are lost or moved: load their classes, if the sample has labels.

    Does the work of `LoadAnnotations3D` and `PointSegClassMapping`, with checks:
    ``pts_semantic_mask`` is int64 (N,), the class of each point as the dataset counts them, the
    last for those ignored. Where the dataset asks for scores, ``eval_ann_info`` has it too. A
    sample without ``pts_semantic_mask_path`` stays as it is: the dataset has seen to it that labels
    are there where they are needed.
    """

    def __call__(self, results: LabelledResults) -> LabelledResults:
        """Add ``pts_semantic_mask``.

        Raises:
            MissingFileError: if the label file is not there.
            InputError: if it has another number of labels than there are points, or unknown ids.
        """
        path = results.get('pts_semantic_mask_path')
        if path is None:
            return results
        label_format = find_label_format(results['label_format'])
        raw = read_point_labels(path, label_format, len(results['points']))
        results['pts_semantic_mask'] = label_format.class_table[raw]
        if 'eval_ann_info' in results:
            results['eval_ann_info']['pts_semantic_mask'] = results['pts_semantic_mask'].copy()
        return results

    def __repr__(self) -> str:
        """Return the call that makes it."""
        return f'{type(self).__name__}()'
